//! The load, its phases, and the clients that carry it.

use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkloadFacts {
    /// Its rate over time, in words: `constant 2000/s`.
    pub rate: String,
    /// Messages that the schedule holds in all, warm-up included; 0 in a closed loop, which has none.
    pub offered: u64,
    /// Whether sends waited for answers and not for a schedule: each was due when there was a place for it among those under way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed_loop: bool,
    /// Whether every second of it is meant to be like every other; absent in older histories, which do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub even: Option<bool>,
    /// Size of a message's payload, in bytes; of the largest, where sizes vary.
    pub message_bytes: u64,
    /// Size of the smallest, where sizes vary: [`SizeRule`](super::SizeRule) says how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest_bytes: Option<u64>,
    /// Where payloads carry records of a file: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<RecordFacts>,
    /// How keys are distributed over messages, in words: `1000 keys, uniform`. Absent: messages have no keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<String>,
    /// Sends that one producer may have under way; absent in older histories, which do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<u64>,
    /// Producers.
    pub producers: u16,
    /// Consumers.
    pub consumers: u16,
    /// Partitions.
    pub partitions: u16,
    /// The seed of everything random.
    pub seed: u64,
}

/// A file of records, one of which each message carries: [`RecordRule`](super::RecordRule) says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordFacts {
    /// Its name, without its folder.
    pub file: String,
    /// The CRC-32C of the whole file.
    pub crc32c: u32,
    /// Bytes of the payload with each record, header included, in the order of the file.
    pub bytes: Vec<u64>,
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

/// A time without messages, before the warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdleFacts {
    /// Its first instant.
    pub from: Nanos,
    /// The first instant after it.
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
