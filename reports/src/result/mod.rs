//! `result.json`, schema `harness-result/1`: the whole of a run's answer. `docs/result.schema.json` is generated from here.
//! From here facts and units may be named; nothing is measured.
//! To add a figure: add its field with a default for older results, and fill it in in `judge.rs`.

mod ack;
mod consumers;
mod cost;
mod counts;
mod distribution;
mod doubts;
pub mod fingerprint;
mod known;
mod log;
mod missing;
mod nodes;
mod pool;
mod quantity;
mod reasons;
mod recovery;
mod retries;
mod verdict;
mod warm_up;

pub use ack::{AckRecovery, ConsumerPending, CrashRecovery, Takeover};
pub use cost::{NetworkDirection, NetworkResult, ResourceResult};
pub use counts::Counts;
pub use distribution::Distribution;
pub use doubts::Doubts;
pub use fingerprint::Fingerprint;
pub use known::{KnownFailureResult, KnownStanding};
pub use log::LogResult;
pub use missing::MissingTrial;
pub use nodes::NodeResult;
pub use pool::PoolResult;
pub use quantity::{Bound, Interval, MustBe, Quantity, Slope, Unit};
pub use reasons::{Reason, Reasons};
pub use recovery::{FaultRecovery, Known, NotShown, Recovery};
pub use retries::RetryResult;
pub use verdict::Verdict;
pub use warm_up::{WarmUp, WarmUpSign};

use crate::facts::{KnownFailure, RunFacts, Setting, WorkloadFacts, Yardstick};
use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version that this code writes.
pub const RESULT_SCHEMA: &str = "harness-result/1";

/// A run: all trials of one scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunResult {
    /// `harness-result/1`.
    pub schema: String,
    /// What was run.
    pub scenario: ScenarioSummary,
    /// Where and with what.
    pub run: RunFacts,
    /// Of scenario, settings and host: what must be the same in two runs whose figures are compared.
    #[serde(default)]
    pub fingerprint: Fingerprint,
    /// The worst of the trials' verdicts, in which failures that are known do not count.
    pub verdict: Verdict,
    /// In the order in which they ran.
    pub trials: Vec<TrialResult>,
    /// Trials that the run set out to do and that cannot be judged: with any of them the verdict is no pass.
    #[serde(default)]
    pub missing: Vec<MissingTrial>,
    /// What came of each failure that is known, in the order in which the scenario names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<KnownFailureResult>,
}

/// The scenario, as far as a reader of results needs it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioSummary {
    /// The file's stem: `failover`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The load.
    pub workload: WorkloadFacts,
}

/// One scenario on one system, once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialResult {
    /// The system's name in the scenario.
    pub system: String,
    /// The broker's kind.
    pub broker: String,
    /// The client library.
    pub client: String,
    /// `direct` or `proxied`.
    pub path: crate::facts::Path,
    /// From 1.
    pub repeat: u32,
    /// The trial's folder within the run's.
    pub folder: String,
    /// The worst of the checks' verdicts, in which failures that are known do not count.
    pub verdict: Verdict,
    /// Versions of broker, image and proxy.
    pub versions: BTreeMap<String, String>,
    /// What the scenario's wishes became on this system.
    pub fairness: Vec<Setting>,
    /// Whether anybody was there to consume, from the start or later. Written where nobody was.
    #[serde(default = "consumers::some", skip_serializing_if = "consumers::are_some")]
    pub has_consumers: bool,
    /// Messages, counted over the whole trial, warm-up included.
    pub counts: Counts,
    /// What the broker's log really held at the end; absent in older histories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogResult>,
    /// Why sends did not end well, counted.
    #[serde(default)]
    pub reasons: Reasons,
    /// Latencies of the load phase.
    pub latency_ns: Latencies,
    /// Rates of the load phase.
    pub rates: Rates,
    /// Whether the load phase began with what should have been warm-up; absent in older results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<WarmUp>,
    /// How sure throughput and latencies of the load phase are, by the names that comparisons give them: `response-p99`. Absent
    /// where a figure has no interval, and in older results.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub intervals: BTreeMap<String, Interval>,
    /// The same measures before, during and after each fault, and over the whole load phase (`all`).
    pub phases: Vec<PhaseResult>,
    /// Whether the load generator kept up.
    pub generator: Generator,
    /// The faults and what came of them.
    pub faults: Vec<FaultResult>,
    /// The clients' reconnection.
    pub clients: Vec<ClientResult>,
    /// Return to service, and what happened to unacknowledged messages.
    pub recovery: Recovery,
    /// What processes used.
    pub resources: Vec<ResourceResult>,
    /// What passed between clients and broker through the proxy; absent where that was not measured: clients reach the broker
    /// directly, the proxy could not be asked, or the history is older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkResult>,
    /// How hard the clients' pools of connections were pressed; absent where they have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolResult>,
    /// What became of sends that were tried again; absent where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<RetryResult>,
    /// What happened to the system's nodes, in order of time.
    #[serde(default)]
    pub nodes: Vec<NodeResult>,
    /// The verdicts and why.
    pub checks: Vec<CheckResult>,
    /// What a reader must know: an incomplete history, a worker that died.
    pub notes: Vec<String>,
    /// How fast the machine's cores were during the load; absent where that was not measured, and in older results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yardstick: Option<Yardstick>,
    /// What keeps its figures from being compared with another run's.
    #[serde(default, skip_serializing_if = "Doubts::is_empty")]
    pub doubts: Doubts,
}

/// The latencies of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Latencies {
    /// Settled − intended, every send of the window that was not certainly refused: one that timed out counts with the
    /// time that it took.
    pub response: Distribution,
    /// Settled − started, of the same sends.
    pub service: Distribution,
    /// Received − intended, first deliveries of messages intended in the window.
    pub end_to_end: Distribution,
    /// Settled − intended, of the sends of the window that were certainly refused.
    #[serde(default)]
    pub refused: Distribution,
}

/// Rates of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rates {
    /// The window's length in seconds.
    pub seconds: f64,
    /// By intended time.
    pub offered: Rate,
    /// By the time of hand-over to the client library.
    pub sent: Rate,
    /// By the time of a good answer.
    pub acknowledged: Rate,
    /// By the time of the first delivery.
    pub consumed: Rate,
}

/// One rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rate {
    /// Messages a second.
    pub msg_per_s: f64,
    /// Payload in MiB a second.
    pub mib_per_s: f64,
}

/// The measures of one window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseResult {
    /// `all`, `before down-1`, `during down-1`, `after down-1`.
    pub name: String,
    /// From, since the load's start.
    pub from_ns: Nanos,
    /// To, since the load's start.
    pub to_ns: Nanos,
    /// Latencies of sends intended in the window.
    pub latency_ns: Latencies,
    /// Rates.
    pub rates: Rates,
}

/// The load generator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Generator {
    /// Started − intended while the generator was free to send: outside faults and the return from them.
    pub lag_ns: Distribution,
    /// The limit on its p99.
    pub limit_ns: Nanos,
    /// The p99 of the lag that counts was above: speed cannot be judged. Absent where the lag could not be measured: a fault, or the return from
    /// it, took the whole load. Speed cannot be judged then either.
    pub saturated: Option<bool>,
    /// The lag less the time for which a producer had as many sends under way as it may, so that the system was what held it up.
    /// Where it is present, it is what counts: where the p99 of the lag is above the limit, and producers had time to spare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_lag_ns: Option<Distribution>,
}

impl Generator {
    /// The lag that counts: what is known to be the generator's own, where the system held it up, else all.
    pub fn lag(&self) -> &Distribution {
        self.own_lag_ns.as_ref().unwrap_or(&self.lag_ns)
    }
}

/// A fault and what came of it. Instants are since the load's start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaultResult {
    /// Its name in the trial.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// What it was done to.
    pub target: String,
    /// Its parameters, in words.
    pub detail: String,
    /// When it was confirmed as injected.
    pub injected_ns: Option<Nanos>,
    /// When it was confirmed as healed.
    pub healed_ns: Option<Nanos>,
    /// Read back as set, on inject and on heal.
    pub confirmed: bool,
    /// What was read back.
    pub evidence: String,
    /// Whether its effect shows in the history; also where none must.
    pub effect_seen: bool,
    /// Whether it must show one to be believed.
    pub effect_demanded: bool,
    /// What shows, or what is missing.
    pub effect: String,
}

impl FaultResult {
    /// What is known of its effect, in a word or two.
    pub const fn effect_word(&self) -> &'static str {
        match (self.effect_demanded, self.effect_seen) {
            (false, _) => "not demanded",
            (true, true) => "seen",
            (true, false) => "not seen",
        }
    }
}

/// One client and its returns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientResult {
    /// `producer-0`.
    pub client: String,
    /// One for each fault.
    pub reconnects: Vec<Reconnect>,
}

/// How one client came back from one fault. Times are lengths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reconnect {
    /// Which fault.
    pub fault: String,
    /// The client lost a connection to it, or was away already and was kept away by it.
    pub affected: bool,
    /// Injection → first error or lost connection.
    pub first_error_ns: Option<Nanos>,
    /// Its attempts from the injection until it was back, in order.
    pub attempts: Vec<Attempt>,
    /// Attempts whose wait lies outside the declared envelope.
    pub outside_envelope: u64,
    /// Heal → the last of its lost connections is back.
    pub connected_ns: Option<Nanos>,
    /// Which connection that was.
    #[serde(default)]
    pub slowest_peer: Option<String>,
    /// Heal → first send acknowledged, or first delivery.
    pub first_success_ns: Option<Nanos>,
    /// It was awaited, and not back by the end of what was watched.
    pub never_returned: bool,
    /// Heal → the last instant at which a return would have been seen.
    #[serde(default)]
    pub watched_ns: Nanos,
    /// Why its return is counted from another heal: `down-3 began 1.00 s after its heal`. It was not back by then.
    #[serde(default)]
    pub cut_short: Option<String>,
}

/// One connection attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// Which of the client's connections.
    pub peer: String,
    /// When, since the injection.
    pub at_ns: Nanos,
    /// Since the loss or the previous attempt's failure on the same connection.
    pub wait_ns: Option<Nanos>,
    /// The declared envelope for that wait: earliest and latest.
    pub allowed_ns: Option<(Nanos, Nanos)>,
    /// The wait lies within.
    pub within: bool,
    /// It brought the connection back.
    pub succeeded: bool,
    /// Why not.
    pub error: Option<String>,
}

/// One check's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckResult {
    /// Its name: `lost`.
    pub name: String,
    /// Its answer.
    pub verdict: Verdict,
    /// What was demanded, in words: `0`, `≤ 6 s`.
    pub limit: String,
    /// What was seen: `0`, `2.41 s (producer-1)`.
    pub observed: String,
    /// What was demanded, as a number; absent where it is none, and in older results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_quantity: Option<Bound>,
    /// What was seen, as a number: the worst where there are several. Absent where it is none, and in older results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_quantity: Option<Quantity>,
    /// Why this verdict, with the evidence; for unknown: what is missing.
    pub why: String,
    /// The faults at which it failed, where the check judges each fault apart and nothing else failed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// That it failed is known: it does not count. Absent where it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<KnownFailure>,
}

impl CheckResult {
    /// What it adds to the trial's verdict: a failure that is known adds nothing.
    pub const fn counts_as(&self) -> Verdict {
        match (self.verdict, &self.known) {
            (Verdict::Fail, Some(_)) => Verdict::Pass,
            (verdict, _) => verdict,
        }
    }
}
