//! How many messages, and what became of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Messages of the whole trial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Sends that the schedule asked for and a producer began: rows of `sends`.
    pub offered: u64,
    /// Of these, outcome ok.
    pub acknowledged: u64,
    /// Of these, certainly not done.
    pub failed: u64,
    /// Of these, neither.
    pub indeterminate: u64,
    /// Deliveries with a valid payload: rows of `deliveries`.
    pub delivered: u64,
    /// Distinct messages among them.
    pub distinct: u64,
    /// Acknowledged and never delivered.
    pub lost: u64,
    /// Distinct messages that were delivered though never sent, or though their send failed.
    pub phantom: u64,
    /// Deliveries with a wrong payload.
    pub corrupted: u64,
    /// Messages that stood at more than one position.
    pub duplicated: u64,
    /// Deliveries beyond a message's first.
    pub redelivered: u64,
    /// First deliveries behind a later one of the same producer and partition, within what the system promises.
    pub out_of_order: u64,
    /// Deliveries after the message's settlement had been confirmed.
    pub resurrected: u64,
    /// Distinct messages that were delivered, and processed to their end by nobody. Absent where messages are settled after
    /// they were processed: there, what was not processed comes again.
    #[serde(default)]
    pub unprocessed: Option<u64>,
    /// What the broker itself still held for the group at the end: pending, or not committed. Absent where it could not be asked.
    pub pending_at_end: Option<u64>,
}
