//! Why sends did not end well.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why sends did not end well, in the broker's or the client's own words, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reasons {
    /// Of sends that were certainly refused.
    pub failed: Vec<Reason>,
    /// Of sends of which nobody knows whether they happened.
    pub indeterminate: Vec<Reason>,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// In the words that were given.
    pub words: String,
    /// Sends that ended so.
    pub sends: u64,
    /// Of these, those that a fault explains. 0 for indeterminate ones: no fault is asked there.
    pub explained: u64,
}
