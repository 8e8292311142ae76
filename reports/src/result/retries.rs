//! Sends that were tried again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of sends that did not succeed at the first attempt, where producers try again or give up to a dead-letter queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RetryResult {
    /// Messages that were tried more than once.
    pub messages: u64,
    /// Attempts beyond each message's first.
    pub attempts: u64,
    /// The most attempts at one message.
    pub most_attempts: u8,
    /// Of the messages, those that were acknowledged in the end.
    pub acknowledged: u64,
    /// Messages of which the last attempt failed, too, and which were to go to the dead-letter queue.
    pub given_up: u64,
    /// Of these, those that the queue acknowledged.
    pub dead_lettered: u64,
}
