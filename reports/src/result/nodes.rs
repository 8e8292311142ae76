//! What happened to nodes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One event in a node's life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NodeResult {
    /// Which: `redis-0`.
    pub node: String,
    /// `started`, `ready`, `ended`, `restarted`, `elected`.
    pub event: String,
    /// When, in seconds since the load's start; negative before it.
    pub at_s: f64,
    /// Exit code of what ended; 128 + n where signal n ended it.
    pub exit: Option<u16>,
    /// A fault or the trial's own tear-down asked for it.
    pub asked_for: bool,
    /// What else is known: the signal, out of memory, the last lines of its log.
    pub words: Option<String>,
}

impl NodeResult {
    /// It ended, and nobody asked for it.
    pub fn ended_by_itself(&self) -> bool {
        self.event == "ended" && !self.asked_for
    }

    /// In one sentence: `redis-0 ended by itself at +12.345 s (exit code 137: signal 9)`.
    pub fn sentence(&self) -> String {
        let exit = match self.exit {
            Some(code @ 129..=192) => format!(" (exit code {code}: signal {})", code - 128),
            Some(code) => format!(" (exit code {code})"),
            None => String::new(),
        };
        let asked = if self.asked_for { "" } else { " by itself" };
        format!("{} {}{asked} at {:+.3} s{exit}", self.node, self.event, self.at_s)
    }
}
