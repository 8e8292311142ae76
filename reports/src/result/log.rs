//! What the broker's log really held.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the broker's log held after the drain, as a client apart from those under test read it, beside what the workers
/// know. What was acknowledged and is not there is counted in partitions that were read whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogResult {
    /// Every partition was read, from its beginning to its end.
    pub complete: bool,
    /// Why not, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Entries that were read.
    pub entries: u64,
    /// Distinct messages among them, of those with a valid payload.
    pub distinct: u64,
    /// Of these, those that stand at more than one position.
    pub duplicated: u64,
    /// Entries with a wrong payload.
    pub corrupted: u64,
    /// Distinct messages there that nobody sent, or whose send failed.
    pub unsent: u64,
    /// Acknowledged, and not there, though the log was not trimmed to where it stood.
    pub missing: u64,
    /// Delivered once, acknowledged or not, and not there any more, though the log was not trimmed to where it stood.
    pub gone: u64,
    /// Acknowledged, and not there, where the log was trimmed.
    pub trimmed: u64,
    /// There since before the end, and never delivered.
    pub undelivered: u64,
    /// Indeterminate sends that stand there, so that it is known that they happened.
    pub happened: u64,
}
