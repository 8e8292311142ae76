//! What a scenario was warned of before it ran.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that the scenario may say but hardly means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioWarning {
    /// The check whose answer it explains; absent where it is about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// The system that it is about; absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// What is doubtful, and what to do about it.
    pub words: String,
}
