//! Pools of connections.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The pools of all clients of a trial together, at their fullest. What several clients had at their own fullest within about half a
/// second counts as had at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PoolResult {
    /// Connections lent at one moment.
    pub most_active: u64,
    /// Connections open and unused at one moment.
    pub most_idle: u64,
    /// Messages waiting for a connection at one moment.
    pub most_waiting: u64,
    /// The longest that a message waited for a connection, whether it got one or not.
    pub longest_wait_ns: u64,
}
