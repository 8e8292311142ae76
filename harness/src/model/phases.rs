//! A trial's phases.

use std::time::Duration;

/// The phases' lengths.
#[derive(Clone, Copy, Debug)]
pub struct Phases {
    /// All clients are connected, and nothing is sent yet: what that costs is no message's cost.
    pub idle: Duration,
    /// Load that is not judged.
    pub warmup: Duration,
    /// Whether the warm-up's rate climbs from nothing to the load's first, so that a cold system has little to fall behind with.
    pub ramp_up: bool,
    /// The end of the warm-up, in which nothing falls due: what a system that was cold has fallen behind with is over before the
    /// load begins.
    pub settle: Duration,
    /// Load that is.
    pub load: Duration,
    /// At most this long to account for everything.
    pub drain: Duration,
}
