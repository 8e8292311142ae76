//! `trend.json`, schema `harness-trend/1`: figures of many runs over time.

use crate::compare::comparison::Direction;
use crate::result::{Unit, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version that this code writes.
pub(super) const TREND_SCHEMA: &str = "harness-trend/1";

/// All that runs tell over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trend {
    /// `harness-trend/1`.
    pub schema: String,
    /// One for each system of each scenario on each machine, in the order of their names.
    pub trends: Vec<TrendOf>,
    /// What a reader must know: runs that could not be read.
    pub notes: Vec<String>,
}

/// One system, of one scenario with one load, set up in one way, on one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrendOf {
    /// The scenario's name.
    pub scenario: String,
    /// The system's name in it.
    pub system: String,
    /// The machine.
    pub machine: BTreeMap<String, String>,
    /// What the scenario gives of the load and of the system, key by key: the same in all runs.
    pub given: BTreeMap<String, String>,
    /// The runs, in the order of their begin.
    pub points: Vec<TrendPoint>,
    /// The figures that were measured at least once.
    pub lines: Vec<TrendLine>,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrendPoint {
    /// Its id.
    pub run: String,
    /// When it began.
    pub started: String,
    /// The worst verdict of its trials of this system.
    pub verdict: Verdict,
    /// Versions of harness, broker and client.
    pub versions: BTreeMap<String, String>,
    /// Versions that differ from those of the run before, in words; empty: none.
    pub changed: Vec<String>,
}

/// One figure over the runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrendLine {
    /// `response-p99`.
    pub figure: String,
    /// As people read it.
    pub name: String,
    /// Of the values.
    pub unit: Unit,
    /// Which way is better.
    pub better: Direction,
    /// One for each point: the median over the run's trials. Absent where it was not measured, or was doubtful.
    pub values: Vec<Option<f64>>,
    /// Where it changed, in the order of time.
    pub changes: Vec<TrendChange>,
}

/// A figure changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrendChange {
    /// The first point that is different.
    pub point: usize,
    /// The median before.
    pub before: f64,
    /// The median since.
    pub after: f64,
    /// The next run shows it, too. `false`: there is none yet.
    pub confirmed: bool,
    /// For the worse.
    pub worse: bool,
}
