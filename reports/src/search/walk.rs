//! Which rate is tried next.
//!
//! Rates double from the first one until one does not hold (or are halved until one does), then the middle between the highest
//! that holds and the lowest that does not is tried, on a scale of ratios, until they are close. What is found is held for
//! longer; if it does not hold, it counts as one that does not, and the search goes on below it.

use super::answer::Found;
use super::step::{Outcome, Purpose, Step};

/// Rates below this are not tried.
const LOWEST: f64 = 1.0;
/// How often what was found may fail to hold before the search gives up.
const MOST_HOLDS: usize = 4;

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
pub enum Next {
    /// This rate, for this purpose.
    Try(f64, Purpose),
    /// Nothing: the search is over.
    Over(Found),
}

/// What the steps so far leave open.
#[derive(Debug, Default)]
struct Bracket {
    holds: Option<f64>,
    exceeds: Option<f64>,
    confirmed: Option<f64>,
    failed_holds: usize,
}

impl Bracket {
    fn of(steps: &[Step]) -> Self {
        let mut bracket = Self::default();
        for (index, step) in steps.iter().enumerate() {
            match (step.purpose, step.outcome) {
                (Purpose::Hold, Outcome::Holds) => bracket.confirmed = Some(step.rate),
                (Purpose::Climb | Purpose::Narrow, Outcome::Holds) => bracket.holds = Some(step.rate),
                (purpose, Outcome::Exceeds | Outcome::Open) => {
                    bracket.failed_holds += usize::from(purpose == Purpose::Hold);
                    bracket.exceeds = Some(step.rate);
                    // What held for a short time and not for a long one does not hold.
                    let below = steps[..index].iter().filter(|other| other.outcome == Outcome::Holds);
                    let below = below.map(|other| other.rate).filter(|rate| *rate < step.rate);
                    bracket.holds = below.max_by(f64::total_cmp);
                }
            }
        }
        bracket
    }
}

/// What comes after these steps of one walk.
pub fn next(range: Range, steps: &[Step]) -> Next {
    let Bracket { holds, exceeds, confirmed, failed_holds } = Bracket::of(steps);
    let most = range.to.unwrap_or(f64::INFINITY);
    if confirmed.is_some() || failed_holds >= MOST_HOLDS {
        return Next::Over(Found::of(confirmed, exceeds, steps));
    }
    match (holds, exceeds) {
        (None, None) => Next::Try(rounded(range.from.min(most)), Purpose::Climb),
        (Some(holds), None) if holds >= most => Next::Try(holds, Purpose::Hold),
        (Some(holds), None) => Next::Try(rounded((2.0 * holds).min(most)), Purpose::Climb),
        (None, Some(exceeds)) if exceeds / 2.0 < LOWEST => Next::Over(Found::of(None, Some(exceeds), steps)),
        (None, Some(exceeds)) => Next::Try(rounded(exceeds / 2.0), Purpose::Climb),
        (Some(holds), Some(exceeds)) => {
            let middle = rounded((holds * exceeds).sqrt());
            let is_between = holds < middle && middle < exceeds;
            if exceeds <= holds * (1.0 + range.precision) || !is_between {
                Next::Try(holds, Purpose::Hold)
            } else {
                Next::Try(middle, Purpose::Narrow)
            }
        }
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

    fn step(rate: f64, purpose: Purpose, outcome: Outcome) -> Step {
        Step {
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
    fn walk(range: Range, short: f64, long: f64) -> (Vec<Step>, Found) {
        let mut steps = Vec::new();
        loop {
            match next(range, &steps) {
                Next::Over(found) => return (steps, found),
                Next::Try(rate, purpose) => {
                    assert!(steps.len() < 60, "it does not end: {steps:?}");
                    let most = if purpose == Purpose::Hold { long } else { short };
                    steps.push(step(rate, purpose, if rate <= most { Outcome::Holds } else { Outcome::Exceeds }));
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
        assert!(found.confirmed && rate <= 7_000.0 && rate > 6_000.0, "{found:?}");
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
        assert_eq!(steps.iter().filter(|step| step.purpose == Purpose::Hold).count(), MOST_HOLDS);
    }

    #[test]
    fn rates_have_three_digits() {
        assert_eq!([1.0, 1234.5, 98_765.4].map(rounded), [1.0, 1230.0, 98_800.0]);
    }
}
