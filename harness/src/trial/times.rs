//! A trial's instants.

use crate::clock;
use crate::model::Phases;
use reports::units::Nanos;

/// From the order to start until the first message: every worker must have heard of it by then.
const HEAD_START: Nanos = Nanos::from_millis(300);

/// The trial's instants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// The first instant at which all clients are connected and nothing is sent yet.
    pub(super) idle: Nanos,
    /// The schedule's origin: the warm-up's first instant.
    pub(super) origin: Nanos,
    /// The load's first instant.
    pub(super) load: Nanos,
    /// The first instant after the load.
    pub(super) end: Nanos,
    /// The drain's limit.
    pub(super) drain_limit: Nanos,
}

impl Times {
    pub(super) fn from_now(phases: &Phases) -> Self {
        let idle = clock::now();
        let origin = idle.plus(HEAD_START).plus(phases.idle.into());
        let load = origin.plus(phases.warmup.into());
        let end = load.plus(phases.load.into());
        Self { idle, origin, load, end, drain_limit: end.plus(phases.drain.into()) }
    }
}
