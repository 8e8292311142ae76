//! From a run's folder to its result: the one entry point for `run`, `judge` and `report`.

use crate::result::{RunResult, TrialResult};
use crate::series::TrialSeries;

/// A judged run: what is written to `result.json`, and what the charts draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The result.
    pub result: RunResult,
    /// One for each trial, in the same order.
    pub series: Vec<TrialSeries>,
}

/// A judged trial.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedTrial {
    /// Its part of the result.
    pub result: TrialResult,
    /// Its series.
    pub series: TrialSeries,
}
