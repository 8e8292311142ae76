//! `trial.json`: what judging needs to know beside the tables. Written when a trial starts, again when it ends.

use crate::units::{Nanos, Partition};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version that this code writes; a reader refuses another major version.
pub const HISTORY_SCHEMA: &str = "harness-history/1.0";

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
    /// The history's files, as the workers and the run were told to write them.
    pub files: Vec<FileFacts>,
    /// How the trial ended; absent when nobody lived to say so.
    pub end: Option<EndFacts>,
}

/// Where a trial comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunFacts {
    /// The run's id, also on everything that it started.
    pub id: String,
    /// When it started: UTC, RFC 3339. A label; all else is monotonic.
    pub started: String,
    /// The command line.
    pub command: Vec<String>,
    /// `harness` and what else is the same for all trials, with versions.
    pub versions: BTreeMap<String, String>,
    /// The machine: `cpu`, `cores`, `memory`, `kernel`, `environment`.
    pub host: BTreeMap<String, String>,
}

/// The system under test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SystemFacts {
    /// Its name in the scenario.
    pub name: String,
    /// The broker's kind: `redis-streams`, `kafka`, `memory`.
    pub broker: String,
    /// The client library and its version.
    pub client: String,
    /// Whether clients reach it through the proxy.
    pub path: Path,
    /// What it promises about order.
    pub ordering: Ordering,
    /// How a consumer settles what it received.
    pub settling: Settling,
    /// What each of the scenario's wishes became, in this broker's words.
    pub fairness: Vec<Setting>,
    /// Versions of broker, image and proxy, as they say themselves.
    pub versions: BTreeMap<String, String>,
}

/// How clients reach the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Path {
    /// Straight.
    Direct,
    /// Through Toxiproxy.
    Proxied,
}

/// Within what first deliveries come in the order of their sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ordering {
    /// One producer's messages to a partition, over all consumers (Kafka).
    Partition,
    /// One producer's messages to a partition, as far as one consumer gets them (a Redis group shares a stream out).
    Consumer,
    /// Nothing is promised.
    None,
}

/// What a consumer's settlement covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Settling {
    /// Each message by itself (`ack`).
    Message,
    /// All before a position (`commit`).
    Position,
}

/// One line of the fairness table: what a wish of the scenario became for one system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Setting {
    /// The wish: `durability`, `backoff`, `request-timeout`.
    pub topic: String,
    /// The broker's or client's own setting: `acks`.
    pub setting: String,
    /// Its value: `all`.
    pub value: String,
    /// What a reader must know about it, where it is not exactly the wish.
    pub note: Option<String>,
}

/// The load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkloadFacts {
    /// Its rate over time, in words: `constant 2000/s`.
    pub rate: String,
    /// Messages that the schedule holds in all, warm-up included.
    pub offered: u64,
    /// Size of a message's payload, in bytes.
    pub message_bytes: u64,
    /// Producers.
    pub producers: u16,
    /// Consumers.
    pub consumers: u16,
    /// Partitions.
    pub partitions: u16,
    /// The seed of everything random.
    pub seed: u64,
}

/// One phase, as planned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseFacts {
    /// `warmup`, `load` or `drain`.
    pub name: String,
    /// Its first instant.
    pub from: Nanos,
    /// The first instant after it (for `drain`: the limit).
    pub to: Nanos,
}

/// One client and its declared reconnect behaviour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientFacts {
    /// `producer-0`, `consumer-2`.
    pub name: String,
    /// Its waits between attempts.
    pub envelope: Envelope,
}

/// The waits between connection attempts that a client's settings allow: wait n lies between
/// `first × factorⁿ⁻¹ × (1 − jitter_below)` and the same with `(1 + jitter_above)`, the base capped at `max`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope {
    /// The first wait.
    pub first: Nanos,
    /// What each wait is multiplied by for the next.
    pub factor: f64,
    /// No wait's base is above.
    pub max: Nanos,
    /// By which share a wait may be shorter.
    pub jitter_below: f64,
    /// By which share a wait may be longer.
    pub jitter_above: f64,
    /// How coarsely the client's attempts can be dated.
    pub resolution: Nanos,
    /// The longest that one attempt may take before it counts as failed.
    pub connect_timeout: Nanos,
}

/// A fault, as planned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaultFacts {
    /// Its name in the trial: `down-1`.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// What it is done to.
    pub target: String,
    /// Its parameters, in words: `delay 200 ms, downstream`.
    pub detail: String,
    /// When to inject.
    pub at: Nanos,
    /// When to heal.
    pub until: Nanos,
    /// What it must visibly do for its injection to be believed.
    pub effect: Effect,
}

/// What a fault must show in the history.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Connections are lost.
    ConnectionsLost,
    /// No send is acknowledged while it lasts (after what was under way).
    Silence,
    /// Service times rise by at least this.
    Slower {
        /// By how much.
        by: Nanos,
    },
    /// None that must be visible to clients.
    Nothing,
}

/// The scenario's expectations. `None`: not asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// Acknowledged but never delivered.
    pub lost: u64,
    /// Delivered but never sent.
    pub phantom: u64,
    /// Wrong payloads.
    pub corrupted: u64,
    /// At two positions of the log.
    pub duplicated: u64,
    /// Out of sequence.
    pub out_of_order: u64,
    /// Pending, uncommitted or undelivered at the end.
    pub unrecovered: u64,
    /// Delivered again after their ACK was confirmed.
    pub resurrected: u64,
    /// Deliveries beyond the first.
    pub redelivered: Option<u64>,
    /// Heal → every client is back.
    pub reconnected: Option<Nanos>,
    /// Longest gap without a success.
    pub unavailable: Option<Nanos>,
    /// Heal → steady again.
    pub recovered: Option<Nanos>,
    /// Upper limits of percentiles in the load phase.
    pub latency: Vec<LatencyLimit>,
    /// Lower limits of rates in the load phase.
    pub throughput: Vec<ThroughputLimit>,
    /// The highest p99 of generator lag at which speed can still be judged.
    pub generator_lag: Nanos,
}

/// `response-p99 = "50ms"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LatencyLimit {
    /// Which latency.
    pub kind: LatencyKind,
    /// Which statistic: `p50`, `p90`, `p99`, `p99.9`, `p99.99`, `max`, `mean`.
    pub statistic: String,
    /// At most.
    pub limit: Nanos,
}

/// The three latencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LatencyKind {
    /// Settled − intended.
    Response,
    /// Settled − started.
    Service,
    /// Received − intended.
    EndToEnd,
}

/// `acknowledged = 1900`, in messages a second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ThroughputLimit {
    /// Which rate.
    pub kind: RateKind,
    /// At least, in messages a second.
    pub limit: f64,
}

/// The four rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RateKind {
    /// What the schedule asked for.
    Offered,
    /// What was handed to the client library.
    Sent,
    /// What the broker acknowledged.
    Acknowledged,
    /// What consumers received, first deliveries only.
    Consumed,
}

/// One file of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileFacts {
    /// Its name within `history/`: `sends.producer-0.arrows`.
    pub name: String,
    /// Which table.
    pub table: String,
    /// Who wrote it: `producer-0`, `observer`.
    pub writer: String,
}

/// How a trial ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EndFacts {
    /// When.
    pub at: Nanos,
    /// All sends settled, and all that was acknowledged delivered and settled, before the limit, as far as the workers know.
    pub drained: bool,
    /// A signal cut it short.
    pub interrupted: bool,
    /// What went wrong on the way, in words: a worker that died, a broker that did not answer.
    pub troubles: Vec<String>,
    /// Bytes that passed the proxy of the client link in both directions, where there is one and it could be asked.
    pub proxied_bytes: Option<u64>,
    /// Partitions that the broker was asked about at the end.
    pub inspected: Vec<Partition>,
}
