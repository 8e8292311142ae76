//! Where a trial comes from.

use super::scenario::ScenarioFacts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a trial comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunFacts {
    /// The run's id, also on everything that it started.
    pub id: String,
    /// When it started: UTC, RFC 3339. A label; all else is monotonic.
    pub started: String,
    /// The command line.
    pub command: Vec<String>,
    /// `harness` and what else is the same for all trials, with versions; `harness commit` is the commit that the harness was built
    /// from: `69751e3abcde`, with `, with changes` where it was not all, or `unknown`.
    pub versions: BTreeMap<String, String>,
    /// The machine: `cpu`, `cores`, `memory`, `kernel`, `environment`.
    pub host: BTreeMap<String, String>,
    /// Every trial that the run set out to do, in their order; one that is not there later was not done. Empty: not told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub planned: Vec<PlannedTrial>,
    /// What the scenario says, key by key.
    #[serde(default, skip_serializing_if = "ScenarioFacts::is_empty")]
    pub scenario: ScenarioFacts,
}

/// A trial that a run set out to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedTrial {
    /// The system's name in the scenario.
    pub system: String,
    /// Which repeat, from 1.
    pub repeat: u32,
}
