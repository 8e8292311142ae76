//! Which rate is tried next.
//!
//! Rates double from the first one until one does not hold (or are halved until one does), then the middle between the highest
//! that holds and the lowest that does not is tried, on a scale of ratios, until they are close. What is found is held for
//! longer. If it does not hold for so long, lower ones are tried for as long, until one does, and then the middle again.

use super::answer::FoundRate;
use super::step::{Purpose, SearchStep, StepOutcome};

/// Rates below this are not tried.
const LOWEST: f64 = 1.0;
/// How often what was found may fail to hold before the search gives up.
const MOST_HOLDS: i32 = 6;

/// Where to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The first rate, in messages a second.
    pub from: f64,
    /// No rate is higher. `None`: until one does not hold.
    pub to: Option<f64>,
    /// How close together the rates must be between which the answer lies: 0.05 is 5 %.
    pub precision: f64,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub enum NextRate {
    /// This rate, for this purpose.
    Try(f64, Purpose),
    /// Nothing: the search is over.
    Over(FoundRate),
}

/// Between which rates the answer lies: the highest that holds, and the lowest that does not.
#[derive(Clone, Copy, Debug, Default)]
struct Bracket {
    holds: Option<f64>,
    exceeds: Option<f64>,
    /// Steps that did not hold.
    failed: i32,
}

impl Bracket {
    /// By the steps that were held for long, or by the others.
    fn of(steps: &[SearchStep], long: bool) -> Self {
        let mut bracket = Self::default();
        for step in steps.iter().filter(|step| (step.purpose == Purpose::Hold) == long) {
            if step.outcome == StepOutcome::Holds {
                bracket.holds = Some(step.rate);
            } else {
                bracket.exceeds = Some(step.rate);
                bracket.failed += 1;
            }
        }
        bracket
    }

    /// What lies in the middle. `None`: the two are as close as they need to be.
    fn middle(self, precision: f64) -> Option<f64> {
        let (holds, exceeds) = (self.holds?, self.exceeds?);
        let middle = rounded((holds * exceeds).sqrt());
        let is_wide = exceeds > holds * (1.0 + precision) && holds < middle && middle < exceeds;
        is_wide.then_some(middle)
    }
}

/// What comes after these steps of one walk.
pub fn next(range: Range, steps: &[SearchStep]) -> NextRate {
    let most = range.to.unwrap_or(f64::INFINITY);
    let (short, long) = (Bracket::of(steps, false), Bracket::of(steps, true));
    if let Some(rate) = long.holds {
        return match long.middle(range.precision) {
            Some(middle) => NextRate::Try(middle, Purpose::Hold),
            None => NextRate::Over(FoundRate::of(Some(rate), steps)),
        };
    }
    if let Some(exceeds) = long.exceeds {
        // Further down each time, until one holds.
        let below = 1.0 - (range.precision * 2_f64.powi(long.failed - 1)).min(0.5);
        let lower = rounded(exceeds * below);
        let is_over = long.failed >= MOST_HOLDS || lower < LOWEST || lower >= exceeds;
        return if is_over { NextRate::Over(FoundRate::of(None, steps)) } else { NextRate::Try(lower, Purpose::Hold) };
    }
    match (short.holds, short.exceeds) {
        (None, None) => NextRate::Try(rounded(range.from.min(most)), Purpose::Climb),
        (Some(holds), None) if holds >= most => NextRate::Try(holds, Purpose::Hold),
        (Some(holds), None) => NextRate::Try(rounded((2.0 * holds).min(most)), Purpose::Climb),
        (None, Some(exceeds)) if exceeds / 2.0 < LOWEST => NextRate::Over(FoundRate::of(None, steps)),
        (None, Some(exceeds)) => NextRate::Try(rounded(exceeds / 2.0), Purpose::Climb),
        (Some(holds), Some(_)) => match short.middle(range.precision) {
            Some(middle) => NextRate::Try(middle, Purpose::Narrow),
            None => NextRate::Try(holds, Purpose::Hold),
        },
    }
}

/// Three significant digits: nobody can read more into a rate.
fn rounded(rate: f64) -> f64 {
    let scale = 10_f64.powf(rate.max(LOWEST).log10().floor() - 2.0);
    (rate / scale).round() * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: Range = Range { from: 1000.0, to: None, precision: 0.05 };

    fn step(rate: f64, purpose: Purpose, outcome: StepOutcome) -> SearchStep {
        SearchStep {
            rate,
            purpose,
            outcome,
            why: "so it was".to_owned(),
            limited_by: None,
            figures: None,
            folder: String::new(),
        }
    }

    /// Walks on a system that sustains so much for a short time and so much for a long one.
    fn walk(range: Range, short: f64, long: f64) -> (Vec<SearchStep>, FoundRate) {
        let mut steps = Vec::new();
        loop {
            match next(range, &steps) {
                NextRate::Over(found) => return (steps, found),
                NextRate::Try(rate, purpose) => {
                    assert!(steps.len() < 60, "it does not end: {steps:?}");
                    let most = if purpose == Purpose::Hold { long } else { short };
                    steps.push(step(
                        rate,
                        purpose,
                        if rate <= most { StepOutcome::Holds } else { StepOutcome::Exceeds },
                    ));
                }
            }
        }
    }

    #[test]
    fn the_answer_is_held_and_within_the_precision_below_the_truth() {
        for truth in [3.0, 70.0, 999.0, 1000.0, 1001.0, 4_321.0, 65_536.0, 1_234_567.0] {
            let (steps, found) = walk(RANGE, truth, truth);
            let rate = found.rate.unwrap();
            assert!(found.confirmed && rate <= truth && truth <= rate * 1.06, "{truth}: {found:?}");
            assert_eq!(steps.last().map(|step| step.purpose), Some(Purpose::Hold));
            let beyond = found.beyond.unwrap();
            assert!(truth < beyond && beyond <= rate * 1.06, "{truth}: {found:?}");
            assert!(steps.len() <= 20, "{} steps", steps.len());
        }
    }

    #[test]
    fn what_holds_only_for_a_short_time_is_not_the_answer() {
        let (steps, found) = walk(RANGE, 8_000.0, 7_000.0);
        let rate = found.rate.unwrap();
        assert!(found.confirmed && rate <= 7_000.0 && rate > 6_600.0, "{found:?}");
        assert!(steps.iter().filter(|step| step.purpose == Purpose::Hold).count() > 1);
    }

    #[test]
    fn nothing_is_tried_above_the_highest_rate_that_is_asked_for() {
        let (steps, found) = walk(Range { to: Some(5_000.0), ..RANGE }, 1e9, 1e9);
        assert!(steps.iter().all(|step| step.rate <= 5_000.0));
        assert_eq!((found.rate, found.beyond, found.confirmed), (Some(5_000.0), None, true));
    }

    #[test]
    fn a_system_that_sustains_nothing_has_no_answer() {
        let (_, found) = walk(RANGE, 0.0, 0.0);
        assert_eq!((found.rate, found.confirmed), (None, false));
    }

    #[test]
    fn a_system_that_never_holds_for_long_ends_the_search() {
        let (steps, found) = walk(RANGE, 1e6, 0.0);
        assert_eq!((found.rate, found.confirmed), (None, false));
        let holds = steps.iter().filter(|step| step.purpose == Purpose::Hold).count();
        assert_eq!(i32::try_from(holds), Ok(MOST_HOLDS));
    }

    #[test]
    fn rates_have_three_digits() {
        assert_eq!([1.0, 1234.5, 98_765.4].map(rounded), [1.0, 1230.0, 98_800.0]);
    }
}
