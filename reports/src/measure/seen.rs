//! What was seen of a fault's effect.

/// What was seen of one fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The effect shows.
    pub seen: bool,
    /// What shows, or what is missing.
    pub what: String,
}
