//! What became of unacknowledged messages.

use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of messages that one consumer had been given and had not settled, when another one had to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AckRecovery {
    /// Pending entries that were taken over, by who had them before and by who took them.
    pub takeovers: Vec<Takeover>,
    /// Of these, those whose owner was alive and still at work on them.
    pub stolen: u64,
    /// Consumers whose process was killed, in the order of time.
    pub crashes: Vec<CrashRecovery>,
    /// Where positions are committed: how often a consumer that was given a partition began behind what had been delivered.
    pub rewinds: u64,
    /// How many messages it went back, over all of them.
    pub rewound_messages: u64,
    /// The most that one of them went back.
    pub largest_rewind: u64,
    /// Partitions that members gave up over the load phase because they were shared out anew; they may have got them back.
    #[serde(default)]
    pub partitions_given_up: u64,
    /// Partitions that were given to another consumer than had them before, over the load phase.
    #[serde(default)]
    pub partitions_moved: u64,
    /// What each consumer had pending, by the broker's gauges.
    pub pending: Vec<ConsumerPending>,
    /// The longest time for which a consumer with pending entries was not heard of, by the broker's gauges; absent where
    /// it does not tell.
    pub longest_idle_ms: Option<u64>,
}

/// Entries that one consumer took over from another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Takeover {
    /// Who had them; absent where nobody is known to have received them.
    pub from: Option<String>,
    /// Who took them.
    pub by: String,
    /// How many.
    pub messages: u64,
}

/// A consumer that was killed, and what became of what it had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CrashRecovery {
    /// Which.
    pub consumer: String,
    /// When, in milliseconds since the load's start; negative before it.
    pub at_ms: i64,
    /// Messages that it had in hand and that were not settled.
    pub held: u64,
    /// Beside these, messages that no row says to be settled and that the broker does not hold either: the consumer had
    /// settled them itself, and was killed before the answer was recorded.
    pub unseen: u64,
    /// Crash → the first of them was taken over, or given to another consumer.
    pub first_taken_over_ns: Option<Nanos>,
    /// Crash → the last of them was settled. Absent where some never were.
    pub recovered_ns: Option<Nanos>,
    /// How many never were.
    pub left: u64,
}

/// What a consumer had pending.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConsumerPending {
    /// Which.
    pub consumer: String,
    /// The most, in messages.
    pub most: f64,
    /// At the last reading.
    pub last: f64,
}
