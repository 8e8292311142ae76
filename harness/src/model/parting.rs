//! How a consumer parts from its group.

use serde::{Deserialize, Serialize};

/// What becomes of its name there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parting {
    /// It stays known, with what it was given and has not settled.
    #[default]
    KeepName,
    /// It is deleted, where the broker keeps one, and what is pending under it with it.
    DeleteConsumer,
}
