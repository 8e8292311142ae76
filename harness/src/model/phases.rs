//! A trial's phases.

use std::time::Duration;

/// The phases' lengths.
#[derive(Clone, Copy, Debug)]
pub struct Phases {
    /// All clients are connected, and nothing is sent yet: what that costs is no message's cost.
    pub idle: Duration,
    /// Load that is not judged.
    pub warmup: Duration,
    /// Load that is.
    pub load: Duration,
    /// At most this long to account for everything.
    pub drain: Duration,
}
