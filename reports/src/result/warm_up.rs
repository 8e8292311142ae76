//! Whether a load phase began with what should have been warm-up.

use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// From when on the load phase is like its rest: by its seconds up to the first fault.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WarmUp {
    /// Since the load's start; 0: no second at its beginning differs from the rest by more than chance. Absent where that cannot be
    /// told.
    pub warm_after_ns: Option<Nanos>,
    /// How much of the load was looked at: whole seconds.
    pub looked_at_ns: Nanos,
    /// The figures of which the beginning is not like the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signs: Vec<WarmUpSign>,
    /// Why it cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A figure of which the beginning of the load is not like the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WarmUpSign {
    /// `throughput`, `response-p50`, `response-p99`.
    pub figure: String,
    /// How many times as large it was at the beginning as later: the quotient of geometric means.
    pub ratio: f64,
}
