//! `trial.json`: what judging needs to know beside the tables. Written when a trial starts, again when it ends.
//! From here only units may be touched: these are plain data that serde reads and writes.
//! To add a fact: add its field where it belongs, with a default for older histories, and its row in `docs/history.md`.

mod draw;
mod end;
mod fault;
mod known;
mod limits;
mod poison;
mod run;
mod scenario;
mod size;
mod system;
mod warning;
mod workload;
mod yardstick;

pub use draw::Draw;
pub use end::{CoresFacts, EndFacts, FileEnd, FileFacts, LogReading, PathFacts, WriterEnd};
pub use fault::{Cut, Effect, FaultFacts};
pub use known::{CHECK_NAMES, CHECKS_OF_CONSUMERS, Judges, KnownFailure, is_day};
pub use limits::{LatencyKind, LatencyLimit, Limits, MEMORY_STEP, RateKind, SoakLimits, ThroughputLimit};
pub use poison::{Poison, PoisonRule};
pub use run::{PlannedTrial, RunFacts};
pub use scenario::{ScenarioFacts, THRESHOLDS, Thresholds};
pub use size::{RecordRule, SizeRule};
pub use system::{LogFacts, Ordering, Path, Positions, Retention, Setting, Settling, SystemFacts};
pub use warning::ScenarioWarning;
pub use workload::{ClientFacts, Envelope, IdleFacts, PhaseFacts, RecordFacts, WorkloadFacts};
pub use yardstick::{Yardstick, YardstickSpread};

use serde::{Deserialize, Serialize};

/// The version that this code writes; a reader refuses another major version.
pub const HISTORY_SCHEMA: &str = "harness-history/1.3";

/// Everything about a trial that is not a row of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialFacts {
    /// `harness-history/MAJOR.MINOR`.
    pub schema: String,
    /// The run that the trial belongs to.
    pub run: RunFacts,
    /// The scenario's file stem: `failover`.
    pub scenario: String,
    /// The scenario's title.
    pub title: String,
    /// What was measured.
    pub system: SystemFacts,
    /// Which repeat, from 1.
    pub repeat: u32,
    /// The identity that every payload of this trial carries.
    pub trial_id: u64,
    /// The load that was asked for.
    pub workload: WorkloadFacts,
    /// Warm-up, load and drain, as planned, in order.
    pub phases: Vec<PhaseFacts>,
    /// The clients and the reconnect behaviour that each declared.
    pub clients: Vec<ClientFacts>,
    /// The faults as planned.
    pub faults: Vec<FaultFacts>,
    /// What the scenario expects.
    pub limits: Limits,
    /// When all clients were connected and nothing was sent yet; absent where the scenario does not ask for such a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle: Option<IdleFacts>,
    /// The history's files, as the workers and the run were told to write them.
    pub files: Vec<FileFacts>,
    /// How the trial ended; absent when nobody lived to say so.
    pub end: Option<EndFacts>,
}

impl TrialFacts {
    /// Whether anybody was there to consume, from the start or later.
    pub fn has_consumers(&self) -> bool {
        self.workload.consumers > 0 || self.clients.iter().any(|client| client.name.starts_with("consumer-"))
    }
}
