//! Return to service, and recovery of acknowledgements.

use super::ack::AckRecovery;
use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Return to service, and acknowledgement recovery.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recovery {
    /// For each fault: heal → steady.
    pub faults: Vec<FaultRecovery>,
    /// Longest time in the load phase in which a send was due and none was acknowledged, over all producers.
    pub longest_gap_ns: Nanos,
    /// Sum of all such gaps of at least one second.
    pub unavailable_ns: Nanos,
    /// Longest gap of each producer.
    pub longest_gap_by_producer_ns: BTreeMap<String, Nanos>,
    /// Largest number of connection attempts that began within one second, over all clients.
    pub peak_attempts_per_second: u64,
    /// Distribution of delivery counts: count → messages, where the broker keeps it.
    pub delivery_counts: BTreeMap<u16, u64>,
    /// Redeliveries by cause: `claim`, `crash`, `duplicate`, `own-pending`, `rebalance`, `rebalance-without-fault`,
    /// `reconnect`, `unexplained`.
    pub redelivered_by_cause: BTreeMap<String, u64>,
    /// Delivered but never settled by any consumer.
    pub unsettled: u64,
    /// Messages that one consumer had and another one had to settle.
    #[serde(default)]
    pub ack: AckRecovery,
    /// End of load → everything accounted for.
    pub drained_ns: Option<Nanos>,
}

/// Heal → steady for one fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaultRecovery {
    /// Which fault.
    pub fault: String,
    /// Heal → first acknowledged send of any producer.
    pub first_success_ns: Option<Nanos>,
    /// Heal → what is due is acknowledged as before, for 5 s: at most 5 % left, at most 1 % slower than twice the p99 of
    /// before. Absent where that was not shown.
    pub sending_steady_ns: Option<Nanos>,
    /// Heal → what is acknowledged is consumed as before, by the same measure. Absent where that was not shown.
    pub consuming_steady_ns: Option<Nanos>,
    /// Heal → steady: the later of the two. Absent where either was not shown.
    pub steady_ns: Option<Nanos>,
    /// Largest number of connection attempts that began within one second, over all clients, of those that are its own.
    pub peak_attempts_per_second: u64,
    /// Why it was not shown, in words. Absent where it was.
    pub not_shown: Option<NotShown>,
}

/// Why a return to steady service was not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotShown {
    /// Whether it is known that service was bad, or only not known whether it was good.
    pub known: Known,
    /// In words: `the next fault, down-2, began at +10.0 s`.
    pub why: String,
}

/// Whether bad service was seen, or good service only not seen for long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// Service was bad for as long as it could be judged, which was long enough to be steady.
    Bad,
    /// There was not enough time to show that it was good.
    Unknown,
}
