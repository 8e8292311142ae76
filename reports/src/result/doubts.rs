//! What keeps a trial's figures from being compared with those of another run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What keeps a trial's figures from being compared with those of another run, in words. Nothing: they can be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Doubts {
    /// Of speed, cost and return to service: the load generator was saturated, a node ended by itself, rows are missing, a
    /// fault was not what was planned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speed: Vec<String>,
    /// Of what became of the messages: rows are missing, the trial was not drained.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
}

impl Doubts {
    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.speed.is_empty() && self.messages.is_empty()
    }
}
