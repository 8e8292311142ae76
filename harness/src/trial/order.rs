//! What a trial is about.

use crate::scenario::{Scenario, Secrets, System};
use reports::facts::RunFacts;
use std::path::PathBuf;

/// Everything that a trial is about.
#[derive(Debug)]
pub struct Order<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The system to try it on.
    pub system: &'a System,
    /// Which repeat, from 1.
    pub repeat: u32,
    /// The trial's own folder; it must not exist.
    pub folder: PathBuf,
    /// The run's facts, for `trial.json`.
    pub run: &'a RunFacts,
    /// The identity that payloads, topics and groups carry.
    pub trial_id: u64,
    /// What must not be written down.
    pub secrets: &'a Secrets,
}

impl Order<'_> {
    /// The name of the trial's topic or streams, and of its group.
    pub(super) fn topic(&self) -> String {
        format!("harness-{:016x}", self.trial_id)
    }
}
