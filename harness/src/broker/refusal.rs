//! Raw settings that nobody takes.

/// Why a broker or its client would not take a raw setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong with it.
    pub why: String,
    /// What to write.
    pub instead: String,
}
