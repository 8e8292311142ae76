//! What was seen of a fault's effect.

/// What was seen of one fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The effect shows.
    pub seen: bool,
    /// What shows, or what is missing.
    pub what: String,
}

/// The share of what a fault declares to add to a time by which that time must rise.
pub(super) const SHARE: f64 = 0.8;
