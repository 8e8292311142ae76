//! What a trial is called on a page, and which colour is its system's.

use super::text::one_line;
use crate::judge::Judged;
use crate::result::{RunResult, TrialResult};
use crate::series::TrialSeries;

/// A name for each trial, in their order: `redis`, or `redis #2` where a system was tried more than once.
pub(super) fn labels(result: &RunResult) -> Vec<String> {
    result
        .trials
        .iter()
        .map(|trial| {
            let repeats = result.trials.iter().filter(|other| other.system == trial.system).count();
            let system = one_line(&trial.system);
            if repeats > 1 { format!("{system} #{}", trial.repeat) } else { system }
        })
        .collect()
}

/// The distinct systems in the order of their first trial.
pub(super) fn systems(result: &RunResult) -> Vec<&str> {
    let mut systems: Vec<&str> = Vec::new();
    for trial in &result.trials {
        if !systems.contains(&trial.system.as_str()) {
            systems.push(&trial.system);
        }
    }
    systems
}

/// A trial with its name, its system's place among the systems, and its series where there is one.
pub(super) struct Shown<'a> {
    pub(super) label: String,
    pub(super) system: usize,
    pub(super) trial: &'a TrialResult,
    pub(super) series: Option<&'a TrialSeries>,
}

/// All trials, as they are shown.
pub(super) fn shown(judged: &Judged) -> Vec<Shown<'_>> {
    let systems = systems(&judged.result);
    labels(&judged.result)
        .into_iter()
        .zip(&judged.result.trials)
        .enumerate()
        .map(|(index, (label, trial))| Shown {
            label,
            system: systems.iter().position(|system| *system == trial.system).unwrap_or(0),
            trial,
            series: judged.series.get(index),
        })
        .collect()
}
