//! Verdicts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The answer to an expectation. The worst wins: fail > unknown > pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It held.
    Pass,
    /// The evidence does not say.
    Unknown,
    /// It did not hold.
    Fail,
}

impl Verdict {
    /// The worst of many; pass for none.
    pub fn worst(verdicts: impl IntoIterator<Item = Self>) -> Self {
        verdicts.into_iter().max().unwrap_or(Self::Pass)
    }

    /// As printed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Unknown => "unknown",
            Self::Fail => "fail",
        }
    }
}
