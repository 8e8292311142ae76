//! What came of the failures that are known.

use crate::facts::KnownFailure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One `[[known]]` after a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownFailureResult {
    /// The entry.
    #[serde(flatten)]
    pub entry: KnownFailure,
    /// How it stands.
    pub standing: KnownStanding,
    /// The same in words, and what to do.
    pub words: String,
}

/// How a known failure stands after a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KnownStanding {
    /// It failed, and that does not count.
    Excused,
    /// It failed, and that counts: the entry's last day has passed.
    Expired,
    /// It failed, and that counts: at other faults it failed, too, for which there is no entry.
    Partly,
    /// Every answer that it is about was a pass: the entry can go.
    Passed,
    /// Whether it still fails was not shown, or was not asked.
    Open,
}
