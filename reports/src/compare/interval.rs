//! By how much two sides differ, and how sure that is.
//!
//! The trial is the unit: two messages, or two seconds, of one trial have a machine's mood in common, and two trials do not.
//! So the error of a difference comes from how trials differ among themselves (Welch 1947, *Biometrika* 34, with the degrees of
//! freedom of Satterthwaite 1946), and is not taken to be smaller than what each trial's own series says, unless the trials
//! contradict it: a series that is not the same all along looks more uncertain than it is.
//!
//! Trials of one run still have the machine's hour in common. Two runs do not tell how much that is worth: what is known of it
//! is added before a difference is called a change, and is not part of the interval.

use statrs::distribution::{ChiSquared, ContinuousCDF as _, Normal, StudentsT};

/// One trial's value of a figure, on the scale on which differences are taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measured {
    pub(super) value: f64,
    /// How uncertain it is by what its own series says.
    pub(super) variance: f64,
    /// How uncertain it is at least: by how coarsely it is read, and of counts by chance.
    pub(super) least: f64,
}

/// A difference of two sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    /// Run − base, of the means.
    pub(super) difference: f64,
    /// Its standard error, as the trials tell.
    pub(super) error: f64,
    /// The same with what the runs' hours are worth.
    error_apart: f64,
    /// How well the error is known. `None`: it is assumed, because no side has more than one trial.
    pub(super) freedom: Option<f64>,
    freedom_apart: f64,
    /// What one trial varies by, as far as is known: the variance of both sides' trials together.
    pub(super) of_trials: f64,
}

/// What one side's trials say.
#[derive(Clone, Copy, Debug)]
struct Summary {
    count: f64,
    mean: f64,
    /// Among trials. `None`: there is only one.
    between: Option<f64>,
    /// Within trials.
    within: f64,
    /// No less than this.
    least: f64,
}

impl Summary {
    fn of(trials: &[Measured]) -> Self {
        let values: Vec<f64> = trials.iter().map(|trial| trial.value).collect();
        let count = values.len().max(1) as f64;
        Self {
            count,
            mean: values.iter().sum::<f64>() / count,
            between: crate::uncertainty::variance(&values),
            within: trials.iter().map(|trial| trial.variance).sum::<f64>() / count,
            least: trials.iter().map(|trial| trial.least).sum::<f64>() / count,
        }
    }
}

impl Summary {
    /// A variance among so many trials, or what their series say where that is more and the trials allow for it: at most the
    /// largest variance of which the trials would look so alike in one of twenty cases.
    fn at_least_within(&self, between: f64) -> f64 {
        let freedom = self.count - 1.0;
        let allowed =
            ChiSquared::new(freedom).map_or(f64::INFINITY, |spread| between * freedom / spread.inverse_cdf(0.05));
        between.max(self.within.min(allowed)).max(self.least)
    }
}

/// What is known beforehand of how one build varies: standard deviations.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Prior {
    /// Of trials, where no side has two that would tell.
    pub(super) trials: f64,
    /// Of the mean of both sides' runs, beyond what their trials show: what the hours are worth in which they were made.
    pub(super) hours: f64,
}

impl Prior {
    /// The variance of a side's only trial.
    fn alone(&self, side: &Summary) -> f64 {
        self.trials.powi(2) + side.within + side.least
    }
}

/// The difference of two sides, neither of them empty.
pub(super) fn estimate(base: &[Measured], run: &[Measured], prior: Prior) -> Estimate {
    let (base, run) = (Summary::of(base), Summary::of(run));
    let difference = run.mean - base.mean;
    let (of_base, of_run, freedom) = match (base.between, run.between) {
        (Some(one), Some(other)) => {
            let (one, other) = (base.at_least_within(one), run.at_least_within(other));
            (one, other, Some(welch((one, base.count), (other, run.count))))
        }
        // One trial does not tell how trials of its side differ: as those of the other side, then.
        (Some(known), None) | (None, Some(known)) => {
            let known = base.at_least_within(known).max(run.at_least_within(known));
            (known, known, Some(base.count.max(run.count) - 1.0))
        }
        (None, None) => (prior.alone(&base), prior.alone(&run), None),
    };
    let variance = of_base / base.count + of_run / run.count;
    let hours = if freedom.is_some() { prior.hours.powi(2) } else { 0.0 };
    // What is added is taken as known for certain: it adds to the variance, and to what is known of it (Satterthwaite).
    let share = if variance > 0.0 { (variance + hours) / variance } else { f64::INFINITY };
    let share = if hours > 0.0 { share } else { 1.0 };
    Estimate {
        difference,
        error: variance.sqrt(),
        error_apart: (variance + hours).sqrt(),
        freedom,
        freedom_apart: (freedom.unwrap_or(1.0) * share * share).min(CERTAIN),
        of_trials: of_base + of_run,
    }
}

/// With so many degrees of freedom an error is as good as known.
const CERTAIN: f64 = 1e6;

/// The degrees of freedom of the sum of two variances over their counts.
fn welch(base: (f64, f64), run: (f64, f64)) -> f64 {
    let (one, other) = (base.0 / base.1, run.0 / run.1);
    let parts = one * one / (base.1 - 1.0) + other * other / (run.1 - 1.0);
    // Where nothing varies at all, the count is all that is known.
    if parts > 0.0 { (one + other).powi(2) / parts } else { base.1.min(run.1) - 1.0 }
}

impl Estimate {
    /// The interval that holds the true difference in 95 of 100 cases.
    pub(super) fn interval(&self) -> (f64, f64) {
        let reach = self.error * self.quantile(0.975);
        (self.difference - reach, self.difference + reach)
    }

    /// How probable a difference at least as large is if nothing has changed but the hour.
    pub(super) fn chance(&self) -> f64 {
        self.beyond(self.error_apart, self.freedom.map(|_| self.freedom_apart))
    }

    /// As [`Self::chance`], by the trials alone: as if both sides were made in the same hour.
    pub(super) fn chance_by_trials(&self) -> f64 {
        self.beyond(self.error, self.freedom)
    }

    fn beyond(&self, error: f64, freedom: Option<f64>) -> f64 {
        if error <= 0.0 {
            return if self.difference == 0.0 { 1.0 } else { 0.0 };
        }
        let ratio = (self.difference / error).abs();
        let beyond = match freedom.and_then(|freedom| StudentsT::new(0.0, 1.0, freedom).ok()) {
            Some(student) => student.sf(ratio),
            None => Normal::standard().sf(ratio),
        };
        (2.0 * beyond).min(1.0)
    }

    /// How many trials each side must have for a difference to be found in four of five cases, by what is known of them.
    pub(super) fn trials_to_find(&self, difference: f64) -> u64 {
        const MOST: f64 = 1000.0;
        let reach = 1.96 + 0.84;
        let trials = self.of_trials * (reach / difference).powi(2);
        if difference > 0.0 && trials.is_finite() { trials.clamp(3.0, MOST).ceil() as u64 } else { MOST as u64 }
    }

    fn quantile(&self, share: f64) -> f64 {
        match self.freedom.and_then(|freedom| StudentsT::new(0.0, 1.0, freedom).ok()) {
            Some(student) => student.inverse_cdf(share),
            None => Normal::standard().inverse_cdf(share),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Prior = Prior { trials: 0.0, hours: 0.0 };

    fn side(values: &[f64]) -> Vec<Measured> {
        values.iter().map(|value| Measured { value: *value, variance: 0.0, least: 0.0 }).collect()
    }

    fn close(one: f64, other: f64) {
        assert!((one - other).abs() < 1e-3, "{one} {other}");
    }

    #[test]
    fn the_test_of_welch_is_that_of_the_tables() {
        // Two samples of which the t statistic and the degrees of freedom were worked out by hand.
        let found = estimate(&side(&[1.0, 2.0, 3.0, 4.0]), &side(&[3.0, 5.0, 7.0]), NOTHING);
        close(found.difference, 2.5);
        close(found.error, (5.0 / 12.0 + 4.0 / 3.0_f64).sqrt());
        close(found.freedom.unwrap_or(0.0), 3.0625 / (0.173_611 / 3.0 + 1.777_778 / 2.0));
        assert!((0.1..0.2).contains(&found.chance()), "{found:?}");
    }

    #[test]
    fn no_difference_is_certain_and_a_large_one_is_no_chance() {
        close(estimate(&side(&[1.0, 2.0]), &side(&[1.0, 2.0]), NOTHING).chance(), 1.0);
        let far = estimate(&side(&[1.0, 1.01, 1.02]), &side(&[2.0, 2.01, 2.02]), NOTHING);
        assert!(far.chance() < 0.001, "{far:?}");
        let (low, high) = far.interval();
        assert!(low > 0.9 && high < 1.1, "{low} {high}");
    }

    #[test]
    fn one_trial_on_each_side_says_only_what_is_assumed() {
        let found = estimate(&side(&[1.0]), &side(&[1.3]), Prior { trials: 0.2, hours: 0.0 });
        assert_eq!(found.freedom, None);
        let (low, high) = found.interval();
        assert!(low < 0.0 && high > 0.6, "{low} {high}");
    }

    #[test]
    fn one_trial_is_taken_to_vary_as_those_of_the_other_side() {
        let found = estimate(&side(&[1.0]), &side(&[1.3, 1.5, 1.1]), NOTHING);
        close(found.freedom.unwrap_or(0.0), 2.0);
        close(found.error, (0.04_f64 + 0.04 / 3.0).sqrt());
    }

    fn noisy(values: &[f64], variance: f64) -> Vec<Measured> {
        values.iter().map(|value| Measured { value: *value, variance, least: 0.0 }).collect()
    }

    #[test]
    fn two_trials_that_agree_by_chance_are_not_believed_beyond_their_own_noise() {
        let found = estimate(&noisy(&[1.0, 1.04], 0.01), &noisy(&[1.1, 1.14], 0.01), NOTHING);
        close(found.error, 0.1);
        assert!(found.chance() > 0.3, "{found:?}");
    }

    #[test]
    fn many_trials_that_agree_contradict_what_a_series_says_of_itself() {
        let values = |level: f64| [0.0, 0.01, 0.02, 0.01, 0.0, 0.02, 0.01, 0.01].map(|by| level + by);
        let found = estimate(&noisy(&values(1.0), 0.25), &noisy(&values(1.1), 0.25), NOTHING);
        assert!(found.error < 0.02 && found.chance() < 0.01, "{found:?}");
    }

    #[test]
    fn what_the_hour_is_worth_counts_for_a_change_and_not_for_the_interval() {
        let (base, run) = (side(&[1.0, 1.01, 0.99]), side(&[1.1, 1.11, 1.09]));
        let together = estimate(&base, &run, NOTHING);
        let apart = estimate(&base, &run, Prior { trials: 0.0, hours: 0.1 });
        assert!(together.chance() < 0.01 && apart.chance() > 0.2, "{together:?} {apart:?}");
        assert_eq!(together.interval(), apart.interval());
        close(apart.chance_by_trials(), together.chance());
    }
}
