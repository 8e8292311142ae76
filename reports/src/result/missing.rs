//! Trials that are not there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A trial that was planned and cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MissingTrial {
    /// The system's name and the repeat, or the folder where nothing else is known: `kafka, repeat 2`.
    pub trial: String,
    /// Why: `it was never begun`.
    pub why: String,
}
