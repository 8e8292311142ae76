//! Raw settings that nobody takes.

use crate::model::Durability;

/// Why a broker or its client would not take a raw setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong with it.
    pub why: String,
    /// What to write.
    pub instead: String,
}

impl Refusal {
    /// Of a raw setting with which the broker gives another durability than the declared one.
    pub(super) fn durability(declared: Durability, given: Durability) -> Self {
        let (declared, given) = (declared.name(), given.name());
        Self {
            why: format!(
                "durability = \"{declared}\" is declared, but with this raw setting the broker gives \"{given}\""
            ),
            instead: format!("leave the raw setting out, or write durability = \"{given}\""),
        }
    }
}
