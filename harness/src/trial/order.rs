//! What a trial is about.

use crate::model::AckMode;
use crate::scenario::{Scenario, Secrets, System};
use crate::worker::protocol::PoisonSpan;
use reports::facts::{Limits, RunFacts};
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

    /// The name of the trial's topic or stream of dead letters. `None`: it needs none, because no message is poisoned, and producers
    /// give none up to it.
    pub(super) fn dead_letters(&self) -> Option<String> {
        let asked = self.scenario.expect.dead_lettered.is_some();
        (asked || self.poisons().next().is_some() || self.gives_up().is_some())
            .then(|| format!("{}-dead", self.topic()))
    }

    /// After how many attempts producers give a message up to the dead-letter queue, where they do.
    fn gives_up(&self) -> Option<u8> {
        let retry = self.scenario.client.producer_retry.as_ref();
        retry.filter(|retry| retry.dead_letters).map(|retry| retry.attempts)
    }

    /// What its faults poison, from the schedule's origin.
    pub(super) fn poisons(&self) -> impl Iterator<Item = PoisonSpan> {
        let warmup = self.scenario.phases.warmup;
        self.scenario.faults_of(self.system).filter_map(move |fault| {
            Some(PoisonSpan {
                fault: fault.name.clone(),
                share: fault.fault.poison()?.share,
                from_ns: (warmup + fault.at).into(),
                until_ns: (warmup + fault.until()).into(),
            })
        })
    }

    /// What is expected of it: where it has dead letters, or settles messages before they are processed, that is judged.
    pub(super) fn limits(&self) -> Limits {
        let mut limits = self.scenario.expect.clone();
        if self.dead_letters().is_some() {
            limits.dead_lettered.get_or_insert(0);
            limits.delivery_limit = Some(self.scenario.client.delivery_limit);
            limits.producer_attempts = self.gives_up();
        }
        if self.scenario.workload.ack == AckMode::BeforeProcessing {
            limits.unprocessed.get_or_insert(0);
        }
        limits
    }
}
