//! Which labels a figure has.

use super::family::{Family, Labels};
use crate::result::{RunResult, TrialResult};

/// The labels of everything that a trial tells.
pub(super) fn of_trial(result: &RunResult, trial: &TrialResult) -> Labels {
    vec![
        ("scenario", result.scenario.name.clone()),
        ("system", trial.system.clone()),
        ("repeat", trial.repeat.to_string()),
    ]
}

pub(super) fn with<const N: usize>(labels: &Labels, more: [(&'static str, &str); N]) -> Labels {
    let more = more.map(|(name, value)| (name, value.to_owned()));
    labels.iter().cloned().chain(more).collect()
}

/// A sample of each trial, where it has the figure.
pub(super) fn of_each(mut family: Family, result: &RunResult, figure: impl Fn(&TrialResult) -> Option<f64>) -> Family {
    for trial in &result.trials {
        if let Some(value) = figure(trial) {
            family.add(of_trial(result, trial), value);
        }
    }
    family
}
