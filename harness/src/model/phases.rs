//! A trial's phases.

use std::time::Duration;

/// The phases' lengths.
#[derive(Clone, Copy, Debug)]
pub struct Phases {
    /// Load that is not judged.
    pub warmup: Duration,
    /// Load that is.
    pub load: Duration,
    /// At most this long to account for everything.
    pub drain: Duration,
}
