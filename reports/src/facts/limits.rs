//! What a scenario expects.

use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The scenario's expectations. `None`: not asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// Sends that were certainly refused, outside of faults that explain it. Absent (older histories): not judged.
    #[serde(default)]
    pub failed: Option<u64>,
    /// Sends of which nobody knows whether they happened. `None`: not asked for.
    #[serde(default)]
    pub indeterminate: Option<u64>,
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
    /// Taken over while the owner was at work on them. Absent (older histories): not judged.
    #[serde(default)]
    pub stolen: Option<u64>,
    /// Delivered, and processed to the end by nobody. `None`: messages are settled after they were processed.
    #[serde(default)]
    pub unprocessed: Option<u64>,
    /// Deliveries beyond the first.
    pub redelivered: Option<u64>,
    /// Of these checks at least so much is expected to be found; the check's own limit is one less. Empty in older histories.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub damage: BTreeMap<String, u64>,
    /// Poisoned messages that the dead-letter queue lacks, and others that it holds. `None`: not asked for.
    #[serde(default)]
    pub dead_lettered: Option<u64>,
    /// How often a message is delivered before it goes to the dead-letter queue. `None`: the trial has no such queue.
    #[serde(default)]
    pub delivery_limit: Option<u16>,
    /// How often a producer tries a message before it gives it up to the dead-letter queue. `None`: none gives any up to it.
    #[serde(default)]
    pub producer_attempts: Option<u8>,
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
    /// What may creep in an hour of load. Absent in older histories.
    #[serde(default)]
    pub soak: SoakLimits,
    /// The highest p99 of generator lag at which speed can still be judged.
    pub generator_lag: Nanos,
}

/// Processes take memory in steps of about so many bytes: less says nothing of them.
pub const MEMORY_STEP: u64 = 1 << 20;

/// `[expect.soak]`: at most so much in an hour. `None`: not asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SoakLimits {
    /// By so many bytes the resident memory of a broker's process grows.
    #[serde(default)]
    pub broker_memory: Option<u64>,
    /// The same of a producer's or consumer's process.
    #[serde(default)]
    pub client_memory: Option<u64>,
    /// By this share of what is due less is acknowledged.
    #[serde(default)]
    pub slowdown: Option<f64>,
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

impl LatencyKind {
    /// As scenarios and results name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Service => "service",
            Self::EndToEnd => "end-to-end",
        }
    }
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

impl RateKind {
    /// As scenarios and results name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Sent => "sent",
            Self::Acknowledged => "acknowledged",
            Self::Consumed => "consumed",
        }
    }
}
