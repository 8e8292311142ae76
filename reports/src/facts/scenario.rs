//! What the scenario says, key by key, so that two runs can be told to be of the same one.

use super::known::KnownFailure;
use super::warning::ScenarioWarning;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a run's scenario says after profile, variables and `--set`, without its comments. Empty in older histories.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioFacts {
    /// The question that its file begins with; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// Keys that were given, each value written in one way, whichever way the file has it: `phases.load` is `"1m"`, not `"60s"`.
    #[serde(default)]
    pub given: BTreeMap<String, String>,
    /// Keys that were left away, with their defaults.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    /// By how much figures must differ.
    #[serde(default)]
    pub compare: Thresholds,
    /// Failures that are known: the scenario's own first, then those of the file beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<KnownFailure>,
    /// What it was warned of before the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<ScenarioWarning>,
}

/// `[compare]`: from which relative difference on a figure of two runs counts as changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Thresholds {
    /// For every figure that [`THRESHOLDS`] gives room and that is not named below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// By which share the speed and cost of one build differ between two runs at different times, beyond what their trials show:
    /// one standard deviation. `None`: what was measured on a busy machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_to_run: Option<f64>,
    /// By the names of [`THRESHOLDS`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<String, f64>,
}

/// What a threshold can be set for, and the default: a share of the base's value. The larger ones are those of figures that
/// differ more between two runs of the same build (docs/compare.md). What has none, changes with any difference.
pub const THRESHOLDS: [(&str, f64); 11] = [
    ("throughput", 0.05),
    ("p50", 0.05),
    ("p99", 0.10),
    ("p99-9", 0.20),
    ("cpu", 0.10),
    ("memory", 0.10),
    ("connected", 0.25),
    ("steady", 0.25),
    ("lost", 0.0),
    ("duplicated", 0.0),
    ("redelivered", 0.25),
];

impl ScenarioFacts {
    /// Nothing is known of it: the history is older than these facts.
    pub fn is_empty(&self) -> bool {
        self.given.is_empty() && self.defaults.is_empty() && self.known.is_empty()
    }
}

impl Thresholds {
    /// The threshold of a name of [`THRESHOLDS`]: its own, else the one for all, else its default.
    pub fn of(&self, name: &str) -> f64 {
        let default = THRESHOLDS.iter().find(|(known, _)| *known == name).map_or(0.0, |(_, default)| *default);
        let for_all = self.threshold.filter(|_| default > 0.0);
        self.figures.get(name).copied().or(for_all).unwrap_or(default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figures_own_threshold_comes_before_the_one_for_all_and_that_before_the_default() {
        let mut thresholds = Thresholds::default();
        assert!((thresholds.of("p99") - 0.10).abs() < 1e-12);
        thresholds.threshold = Some(0.3);
        assert!((thresholds.of("p99") - 0.3).abs() < 1e-12);
        thresholds.figures.insert("p99".to_owned(), 0.2);
        assert!((thresholds.of("p99") - 0.2).abs() < 1e-12);
    }

    #[test]
    fn a_lost_message_is_one_too_many_whatever_holds_for_all() {
        let thresholds = Thresholds { threshold: Some(0.3), ..Thresholds::default() };
        assert_eq!(thresholds.of("lost").to_bits(), 0.0_f64.to_bits());
    }
}
