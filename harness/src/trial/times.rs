//! A trial's instants.

use crate::clock;
use crate::model::Phases;
use reports::units::Nanos;

/// From the order to start until the first message: every worker must have heard of it by then.
const HEAD_START: Nanos = Nanos::from_millis(300);

/// The trial's instants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
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
        let origin = clock::now().plus(HEAD_START);
        let load = origin.plus(phases.warmup.into());
        let end = load.plus(phases.load.into());
        Self { origin, load, end, drain_limit: end.plus(phases.drain.into()) }
    }
}
