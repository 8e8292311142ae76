//! Which rate is tried next.
//!
//! Rates double from the first one until one does not hold (or are halved until one does), then the middle between the highest
//! that holds and the lowest that does not is tried, on a scale of ratios, until they are close. What is found is held for
//! longer. If it does not hold for so long, lower ones are tried for as long, until one does, and then the middle again. The rate
//! beyond the answer is tried once more for longer, too: one bad moment must not decide. If it holds then, the search goes on
//! from there. One good moment must not decide either: an answer must hold for longer twice, and more often than it fails.

use super::answer::FoundRate;
use super::step::{Purpose, SearchStep, StepOutcome};

/// Rates below this are not tried.
const LOWEST: f64 = 1.0;
/// How many rates may fail to hold for long, one below the other, before the search gives up.
const MOST_HOLDS: usize = 6;
/// How often a rate must fail to hold to be beyond the answer, and more often than it holds for long.
const FAILS: usize = 2;
/// How often a rate must hold for long to be the answer, and more often than it fails.
const HOLDS: usize = 2;

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

/// What steps have shown.
struct Shown<'s>(&'s [SearchStep]);

impl Shown<'_> {
    fn holding(&self) -> impl Iterator<Item = &SearchStep> {
        self.0.iter().filter(|step| step.outcome == StepOutcome::Holds)
    }

    fn failing(&self) -> impl Iterator<Item = &SearchStep> {
        self.0.iter().filter(|step| step.outcome != StepOutcome::Holds)
    }

    /// The highest rate that held for long, and did not fail more often than that.
    fn held(&self) -> Option<f64> {
        let lasting = self.holding().filter(|step| step.purpose == Purpose::Hold);
        highest(lasting.filter(|step| self.long_holds(step.rate) >= self.fails(step.rate, None)))
    }

    /// The lowest rate that did not hold, above what held for long.
    fn beyond(&self) -> Option<f64> {
        let held = self.held().unwrap_or(0.0);
        self.failing().map(|step| step.rate).filter(|rate| *rate > held).min_by(f64::total_cmp)
    }

    /// The highest rate that held, for long or not, below what did not.
    fn below(&self, beyond: f64) -> Option<f64> {
        highest(self.holding().filter(|step| step.rate < beyond))
    }

    fn fails(&self, rate: f64, purpose: Option<Purpose>) -> usize {
        let of = |step: &&SearchStep| step.rate == rate && purpose.is_none_or(|purpose| step.purpose == purpose);
        self.failing().filter(of).count()
    }

    /// How many rates failed to hold for long, of those below all that ever did.
    fn long_fails(&self) -> usize {
        let long = |step: &&SearchStep| step.purpose == Purpose::Hold;
        let lasted = self.holding().filter(long).map(|step| step.rate).min_by(f64::total_cmp);
        let failing = self.failing().filter(long).map(|step| step.rate);
        let mut rates: Vec<f64> = failing.filter(|rate| lasted.is_none_or(|lasted| *rate < lasted)).collect();
        rates.sort_by(f64::total_cmp);
        rates.dedup();
        rates.len()
    }

    fn long_holds(&self, rate: f64) -> usize {
        self.holding().filter(|step| step.rate == rate && step.purpose == Purpose::Hold).count()
    }

    /// Whether a rate held too seldom to be the answer, as yet.
    fn is_undecided(&self, rate: f64) -> bool {
        self.long_holds(rate) < HOLDS || self.long_holds(rate) <= self.fails(rate, None)
    }
}

fn highest<'s>(steps: impl Iterator<Item = &'s SearchStep>) -> Option<f64> {
    steps.map(|step| step.rate).max_by(f64::total_cmp)
}

/// What comes after these steps of one walk.
pub fn next(range: Range, steps: &[SearchStep]) -> NextRate {
    let most = range.to.unwrap_or(f64::INFINITY);
    let shown = Shown(steps);
    // The highest rate that may be tried is tried as it is.
    let within = |rate: f64| if rate < most { rounded(rate).min(most) } else { most };
    let (held, beyond) = (shown.held(), shown.beyond());
    let over = || NextRate::Over(FoundRate::of(held, steps));
    let long_fails = shown.long_fails();
    let is_tried_for_long = steps.iter().any(|step| step.purpose == Purpose::Hold);
    if let (None, Some(beyond), true) = (held, beyond, is_tried_for_long) {
        // Further down each time, until one holds.
        let below = 1.0 - (range.precision * 2_f64.powi(long_fails.saturating_sub(1) as i32)).min(0.5);
        let lower = rounded(beyond * below);
        let is_given_up = long_fails >= MOST_HOLDS || lower < LOWEST || lower >= beyond;
        return if is_given_up { over() } else { NextRate::Try(lower, Purpose::Hold) };
    }
    let holds = shown.below(beyond.unwrap_or(f64::INFINITY));
    match (holds, beyond) {
        (None, None) => NextRate::Try(within(range.from), Purpose::Climb),
        (Some(holds), None) if holds < most => NextRate::Try(within(2.0 * holds), Purpose::Climb),
        (Some(holds), None) if held == Some(holds) && !shown.is_undecided(holds) => over(),
        (Some(holds), None) => NextRate::Try(holds, Purpose::Hold),
        (None, Some(beyond)) if beyond / 2.0 < LOWEST => over(),
        (None, Some(beyond)) => NextRate::Try(rounded(beyond / 2.0), Purpose::Climb),
        (Some(holds), Some(beyond)) => match middle(holds, beyond, range.precision) {
            // A short time shows nothing where a long one is what fails.
            Some(middle) if shown.fails(beyond, Some(Purpose::Hold)) > 0 => NextRate::Try(middle, Purpose::Hold),
            Some(middle) => NextRate::Try(middle, Purpose::Narrow),
            None if held != Some(holds) => NextRate::Try(holds, Purpose::Hold),
            None if shown.fails(beyond, None) < FAILS => NextRate::Try(beyond, Purpose::Hold),
            None if shown.is_undecided(holds) => NextRate::Try(holds, Purpose::Hold),
            None => over(),
        },
    }
}

/// What lies in the middle. `None`: the two are as close as they need to be.
fn middle(holds: f64, beyond: f64, precision: f64) -> Option<f64> {
    let middle = rounded((holds * beyond).sqrt());
    let is_wide = beyond > holds * (1.0 + precision) && holds < middle && middle < beyond;
    is_wide.then_some(middle)
}

/// Three significant digits: nobody can read more into a rate.
fn rounded(rate: f64) -> f64 {
    let scale = 10_f64.powf(rate.max(LOWEST).log10().floor() - 2.0);
    (rate / scale).round() * scale
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::RangeInclusive;

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
        lucky_walk(range, short, long, |_, _| None)
    }

    /// The same, where some steps hold, or do not, by chance.
    fn lucky_walk(
        range: Range,
        short: f64,
        long: f64,
        by_chance: impl Fn(usize, f64) -> Option<bool>,
    ) -> (Vec<SearchStep>, FoundRate) {
        let mut steps = Vec::new();
        loop {
            match next(range, &steps) {
                NextRate::Over(found) => return (steps, found),
                NextRate::Try(rate, purpose) => {
                    assert!(steps.len() < 60, "it does not end: {steps:?}");
                    let most = if purpose == Purpose::Hold { long } else { short };
                    let holds = by_chance(steps.len(), rate).unwrap_or(rate <= most);
                    steps.push(step(rate, purpose, if holds { StepOutcome::Holds } else { StepOutcome::Exceeds }));
                }
            }
        }
    }

    /// Of these rates, each step holds where its bit of the pattern is set.
    fn chance(rates: RangeInclusive<f64>, pattern: u32) -> impl Fn(usize, f64) -> Option<bool> {
        move |step, rate| rates.contains(&rate).then_some(pattern >> (step % 16) & 1 == 1)
    }

    #[test]
    fn the_answer_is_held_and_within_the_precision_below_the_truth() {
        for truth in [3.0, 70.0, 999.0, 1000.0, 1001.0, 4_321.0, 65_536.0, 1_234_567.0] {
            let (steps, found) = walk(RANGE, truth, truth);
            let rate = found.rate.unwrap();
            assert!(found.confirmed && rate <= truth && truth <= rate * 1.06, "{truth}: {found:?}");
            let confirmed = |step: &SearchStep| step.rate == rate && step.purpose == Purpose::Hold;
            assert!(steps.iter().any(confirmed), "{steps:?}");
            let beyond = found.beyond.unwrap();
            assert!(truth < beyond && beyond <= rate * 1.06, "{truth}: {found:?}");
            assert!(steps.len() <= 20, "{} steps", steps.len());
        }
    }

    #[test]
    fn one_bad_moment_does_not_change_the_answer() {
        for (short, long) in [(8_000.0, 8_000.0), (8_000.0, 7_000.0), (300.0, 300.0)] {
            for bad in 0..15 {
                let (steps, found) = lucky_walk(RANGE, short, long, |step, _| (step == bad).then_some(false));
                let rate = found.rate.unwrap_or(0.0);
                assert!(found.confirmed && rate <= long && rate > 0.94 * long, "bad step {bad}: {found:?}: {steps:?}");
            }
        }
    }

    #[test]
    fn one_good_moment_does_not_change_the_answer() {
        for (short, long) in [(8_000.0, 8_000.0), (8_000.0, 7_000.0), (300.0, 300.0)] {
            for good in 0..25 {
                let (steps, found) = lucky_walk(RANGE, short, long, |step, _| (step == good).then_some(true));
                let rate = found.rate.unwrap_or(0.0);
                assert!(
                    found.confirmed && rate <= long && rate > 0.94 * long,
                    "good step {good}: {found:?}: {steps:?}"
                );
            }
        }
    }

    #[test]
    fn an_answer_held_for_long_twice_and_more_often_than_it_failed() {
        // Near the truth each step holds or fails by chance.
        for pattern in 0..1_u32 << 16 {
            let (steps, found) = lucky_walk(RANGE, 8_000.0, 8_000.0, chance(6_900.0..=9_200.0, pattern));
            let rate = found.rate.unwrap_or_else(|| panic!("{pattern:#b}: {steps:?}"));
            let shown = Shown(&steps);
            let (held, failed) = (shown.long_holds(rate), shown.fails(rate, None));
            assert!(held >= HOLDS && held > failed, "{pattern:#b}: {found:?}: {steps:?}");
            assert!((6_500.0..=9_200.0).contains(&rate), "{pattern:#b}: {found:?}");
        }
    }

    #[test]
    fn an_answer_that_is_taken_back_sends_the_search_below_it_and_not_to_its_end() {
        // Above 5,500 chance decides, and nothing above 8,000 holds.
        for pattern in 0..1_u32 << 16 {
            let (steps, found) = lucky_walk(RANGE, 8_000.0, 5_500.0, chance(5_500.0..=8_000.0, pattern));
            assert!(found.rate.is_some(), "{pattern:#b}: {steps:?}");
        }
    }

    #[test]
    fn a_step_that_is_open_counts_as_one_that_does_not_hold() {
        let tried = |outcomes: [StepOutcome; 3]| {
            let mut steps = vec![
                step(1000.0, Purpose::Climb, StepOutcome::Holds),
                step(1040.0, Purpose::Climb, StepOutcome::Exceeds),
                step(1040.0, Purpose::Hold, StepOutcome::Exceeds),
            ];
            steps.extend(outcomes.map(|outcome| step(1000.0, Purpose::Hold, outcome)));
            next(RANGE, &steps)
        };
        let (holds, open) = (StepOutcome::Holds, StepOutcome::Open);
        let NextRate::Over(found) = tried([holds, open, holds]) else { panic!("it held twice of three times") };
        assert_eq!(found.rate, Some(1000.0));
        assert_eq!(tried([holds, open, open]), NextRate::Try(950.0, Purpose::Hold), "it failed more often");
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
        for most in [5_123.0, 5_128.0, 999.5] {
            let (_, found) = walk(Range { to: Some(most), ..RANGE }, 1e9, 1e9);
            assert_eq!(found.rate, Some(most), "as it was asked for, whatever its digits");
        }
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
        assert_eq!(holds, MOST_HOLDS);
    }

    #[test]
    fn rates_have_three_digits() {
        assert_eq!([1.0, 1234.5, 98_765.4].map(rounded), [1.0, 1230.0, 98_800.0]);
    }
}
