//! From what two sides say of a figure to the answer.
//!
//! A regression is called where the difference is significant among all figures that were tested together, and the run is worse
//! by more than the threshold. No change is called where the whole interval lies within the threshold. All else is not enough
//! data: neither a change nor its absence was shown.

use super::comparison::{Change, Difference};
use super::headline::Headline;
use super::interval::{Estimate, Prior, estimate};
use super::samples::Samples;
use super::together::LEVEL;

/// A figure of both sides, before all of them are tested together.
pub(super) struct Candidate {
    headline: Headline,
    base: Samples,
    run: Samples,
    threshold: f64,
    /// What the hours are worth in which the runs were made, as a share.
    hours: f64,
    /// Why nothing is to be said of it whatever was measured.
    refused: Option<String>,
    estimate: Option<Estimate>,
}

impl Candidate {
    /// `hours`: what the hours are worth in which both sides were made, as a share of the base.
    pub(super) fn new(
        headline: Headline,
        (base, run): (Samples, Samples),
        threshold: f64,
        hours: f64,
        refused: Option<&str>,
    ) -> Self {
        let both = base.unfit().is_none() && run.unfit().is_none();
        let on_scale = |share: f64| headline.scale().assumed(share, base.mean().max(run.mean()));
        let prior = Prior { trials: on_scale(headline.assumed()), hours: on_scale(hours) };
        let estimate = (both && refused.is_none()).then(|| estimate(&base.measured, &run.measured, prior));
        Self { headline, base, run, threshold, hours, refused: refused.map(str::to_owned), estimate }
    }

    /// The chance of its difference, if it is one of those that are tested. What is nothing on both sides is not.
    pub(super) fn chance(&self) -> Option<f64> {
        self.estimate.filter(|_| !self.is_nothing()).map(|estimate| estimate.chance())
    }

    /// No message of the kind on either side.
    fn is_nothing(&self) -> bool {
        let scale = self.headline.scale();
        let all = self.base.measured.iter().chain(&self.run.measured);
        matches!(self.headline, Headline::Messages(_)) && all.into_iter().all(|one| scale.value(one.value) < 0.5)
    }

    /// The answer. `chance`: as it counts among all.
    pub(super) fn decide(self, chance: Option<f64>) -> Difference {
        let scale = self.headline.scale();
        let place = self.base.mean();
        let shown = |samples: &Samples| (!samples.measured.is_empty()).then(|| scale.value(samples.mean()));
        let difference = self.estimate.and_then(|found| scale.relative(place, found.difference));
        let interval = self.estimate.and_then(|found| scale.interval(place, &found));
        let worse_by = self.worse_by(difference);
        let (change, why) = self.answer(worse_by, interval, chance);
        Difference {
            figure: self.headline.key(),
            name: self.headline.name(),
            unit: self.headline.unit(),
            better: self.headline.better(),
            base: shown(&self.base),
            run: shown(&self.run),
            difference,
            interval,
            chance,
            threshold: self.threshold,
            change,
            doubtful: change == Change::NotEnoughData && worse_by.is_some_and(|worse| worse > self.threshold),
            why,
        }
    }

    /// By how much the run is worse, as a share of the base; without bound where the base is nothing.
    fn worse_by(&self, difference: Option<f64>) -> Option<f64> {
        let found = self.estimate?;
        let share = difference.or_else(|| match found.difference {
            0.0 => Some(0.0),
            other => Some(other.signum() * f64::INFINITY),
        });
        share.map(|share| self.headline.better().worse_by(share))
    }

    fn answer(&self, worse_by: Option<f64>, interval: Option<(f64, f64)>, chance: Option<f64>) -> (Change, String) {
        if let Some(why) = &self.refused {
            return (Change::CannotBeCompared, why.clone());
        }
        let (Some(found), Some(worse_by)) = (self.estimate, worse_by) else {
            return (Change::CannotBeCompared, self.missing());
        };
        if self.is_nothing() {
            return (Change::NoChange, format!("none on either side, in {}", self.trials()));
        }
        let is_significant = chance.is_some_and(|chance| chance <= LEVEL);
        if is_significant
            && worse_by.abs() > self.threshold
            && let Some(why) = self.machine(worse_by)
        {
            return (Change::NotEnoughData, format!("{}: {why}", looks(worse_by, self.threshold)));
        }
        if is_significant && worse_by > self.threshold {
            return (Change::Worse, self.confirmed("worse", chance));
        }
        if is_significant && -worse_by > self.threshold {
            return (Change::Better, self.confirmed("better", chance));
        }
        if let Some(why) = self.hidden() {
            return (Change::NotEnoughData, why);
        }
        if interval.is_some_and(|(low, high)| low >= -self.threshold && high <= self.threshold) {
            return (Change::NoChange, format!("a change beyond {} is excluded", share(self.threshold)));
        }
        (Change::NotEnoughData, self.undecided(&found, worse_by))
    }

    /// Why a change is the machine's, as far as anybody can tell, and not the broker's.
    fn machine(&self, worse_by: f64) -> Option<String> {
        if self.base.is_mostly_lag() || self.run.is_mostly_lag() {
            let why = "most of it is the load generator's own lag, which is the machine's and not the broker's";
            return Some(why.to_owned());
        }
        if !self.may_be_the_machines() {
            return None;
        }
        let (slower, quicker) = if worse_by > 0.0 { (&self.run, &self.base) } else { (&self.base, &self.run) };
        // What is left of it unexplained must be a change by itself.
        let changed = self.estimate.map_or(0.0, |found| found.difference.abs().exp());
        let explains = |times: &f64| times * (1.0 + self.threshold) >= changed;
        let late = slower.times_as_late(quicker).filter(explains);
        let late = late.map(|times| {
            format!("the load generator itself was {times:.1} times as late then: the machine was busier")
        });
        let slow = || slower.times_as_slow(quicker).filter(explains);
        late.or_else(|| slow().map(|times| format!("{} then", slow_machine(times))))
    }

    /// Where both builds ran in turns, a busy machine met both.
    fn may_be_the_machines(&self) -> bool {
        self.hours > 0.0 && self.headline.follows_machine()
    }

    /// Why that the two sides are alike says nothing: one of them was measured on a slower machine.
    fn hidden(&self) -> Option<String> {
        if !self.may_be_the_machines() {
            return None;
        }
        let side = |name: &str, slower: &Samples, quicker: &Samples| {
            let times = slower.times_as_slow(quicker).filter(|times| *times > 1.0 + self.threshold)?;
            Some(format!("a change may be hidden: {} for {name}", slow_machine(times)))
        };
        side("the base", &self.base, &self.run).or_else(|| side("the run", &self.run, &self.base))
    }

    fn confirmed(&self, word: &str, chance: Option<f64>) -> String {
        let chance = chance.unwrap_or(1.0);
        let chance = if chance < 0.001 { "below 0.001".to_owned() } else { format!("{chance:.3}") };
        format!("{word} by more than {}; the chance of this without a change is {chance}", share(self.threshold))
    }

    fn undecided(&self, found: &Estimate, worse_by: f64) -> String {
        let looks = looks(worse_by, self.threshold);
        if found.freedom.is_none() {
            let assumed = share(self.headline.assumed());
            return format!(
                "{looks}: one trial on each side cannot tell how much it varies from run to run (taken to be {assumed}); \
                 repeat with --repeats 5"
            );
        }
        if self.hours > 0.0 && found.chance_by_trials() <= LEVEL && worse_by.abs() > self.threshold {
            let hours = share(self.hours);
            return format!(
                "{looks}: the trials agree, but two runs at different times differ by as much without a change (taken to be \
                 {hours}); --confirm with --base-binary runs both builds in turns, and [compare] run-to-run says how \
                 quiet the machine is"
            );
        }
        let least = self.headline.scale().assumed(self.threshold, self.base.mean());
        let trials = if least > 0.0 { found.trials_to_find(least) } else { 0 };
        let beyond = if trials > 100 { "more than 100".to_owned() } else { format!("about {trials}") };
        let remedy = if least > 0.0 {
            format!("; {beyond} trials on each side would show {}", share(self.threshold))
        } else {
            String::new()
        };
        format!("{looks} by {}{remedy}", self.trials())
    }

    fn trials(&self) -> String {
        let (base, run) = (self.base.measured.len(), self.run.measured.len());
        let word = if base + run == 2 { "trial" } else { "trials" };
        format!("{base} and {run} {word}")
    }

    fn missing(&self) -> String {
        let side = |name: &str, samples: &Samples| samples.unfit().map(|why| format!("{name}: {why}"));
        let each = [side("base", &self.base), side("run", &self.run)];
        each.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

/// How much slower the machine itself was.
fn slow_machine(times: f64) -> String {
    format!("the machine itself took {times:.1} times as long for the same piece of work")
}

fn looks(worse_by: f64, threshold: f64) -> &'static str {
    if worse_by > threshold {
        "looks worse, which is not confirmed"
    } else if -worse_by > threshold {
        "looks better, which is not confirmed"
    } else {
        "a change is neither shown nor excluded"
    }
}

/// `5 %`, `7.5 %`.
pub(super) fn share(share: f64) -> String {
    let percent = share * 100.0;
    if (percent - percent.round()).abs() < 0.05 { format!("{percent:.0} %") } else { format!("{percent:.1} %") }
}
