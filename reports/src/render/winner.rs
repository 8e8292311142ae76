//! Who was better at a figure, where that can be said at all.
//!
//! A system is the best of a row when **every** trial of it is better than **every** trial of each other system by at
//! least 5 %, each taken at the unfavourable end of its interval where it has one. A trial takes part only where its speed can be judged: its generator kept up, its verdict is not unknown,
//! no speed check of it is unknown, and the figure is there. One trial that cannot take part leaves its system out.

use super::cells::Mark;
use crate::result::{RunResult, TrialResult, Verdict};

/// Differences below this share are not called one: a single trial varies by as much on a quiet machine.
const MARGIN: f64 = 0.05;
const SPEED_CHECKS: [&str; 3] = ["latency", "throughput", "cost"];

/// Which way a figure is better.
#[derive(Clone, Copy)]
pub(super) enum Better {
    Lower,
    Higher,
}

/// The trials of a run, and which of them can be compared by speed.
pub(super) struct Race<'a> {
    result: &'a RunResult,
}

impl<'a> Race<'a> {
    pub(super) const fn of(result: &'a RunResult) -> Self {
        Self { result }
    }

    /// A mark for each trial's figure.
    pub(super) fn marks(&self, better: Better, figure: impl Fn(&TrialResult) -> Option<f64>) -> Vec<Mark> {
        self.marks_within(better, "", figure)
    }

    /// The same of a figure that has an interval, by its name.
    pub(super) fn marks_within(
        &self,
        better: Better,
        interval: &str,
        figure: impl Fn(&TrialResult) -> Option<f64>,
    ) -> Vec<Mark> {
        let best = self.best(better, interval, &figure);
        let mark = |trial: &TrialResult| {
            if best.is_some_and(|system| system == trial.system) {
                Mark::Best
            } else if !is_judgeable(trial) && figure(trial).is_some() {
                Mark::Doubtful
            } else {
                Mark::None
            }
        };
        self.result.trials.iter().map(mark).collect()
    }

    fn best(&self, better: Better, interval: &str, figure: &impl Fn(&TrialResult) -> Option<f64>) -> Option<&'a str> {
        let systems = super::label::systems(self.result);
        let spans: Vec<(&str, (f64, f64))> =
            systems.into_iter().filter_map(|system| Some((system, self.span(system, interval, figure)?))).collect();
        if spans.len() < 2 {
            return None;
        }
        let beats = |(low, high): (f64, f64), (other_low, other_high): (f64, f64)| match better {
            Better::Lower => high < other_low * (1.0 - MARGIN),
            Better::Higher => low * (1.0 - MARGIN) > other_high,
        };
        spans
            .iter()
            .find(|(system, span)| spans.iter().all(|(other, rival)| other == system || beats(*span, *rival)))
            .map(|(system, _)| *system)
    }

    /// The smallest and largest figure that is possible over a system's trials, if all of them can be judged.
    fn span(&self, system: &str, interval: &str, figure: &impl Fn(&TrialResult) -> Option<f64>) -> Option<(f64, f64)> {
        let mut span = (f64::INFINITY, f64::NEG_INFINITY);
        for trial in self.result.trials.iter().filter(|trial| trial.system == system) {
            let value = figure(trial).filter(|value| is_judgeable(trial) && value.is_finite())?;
            let (low, high) =
                trial.intervals.get(interval).map_or((value, value), |interval| (interval.low, interval.high));
            span = (span.0.min(low), span.1.max(high));
        }
        Some(span)
    }
}

fn is_judgeable(trial: &TrialResult) -> bool {
    let speed_unknown = trial.checks.iter().any(|check| {
        check.verdict == Verdict::Unknown && SPEED_CHECKS.iter().any(|speed| check.name.starts_with(speed))
    });
    trial.generator.saturated == Some(false) && trial.verdict != Verdict::Unknown && !speed_unknown
}
