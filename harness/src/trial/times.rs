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
    /// From here on nothing is due before the load; the load's first instant where something always is.
    pub(super) settle: Nanos,
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
        let settle = origin.plus(phases.warmup.saturating_sub(phases.settle).into());
        Self { idle, origin, settle, load, end, drain_limit: end.plus(phases.drain.into()) }
    }

    /// How long the idle phase still takes. `None`: it is over, or there is none.
    pub(super) fn idle_left(&self, now: Nanos) -> Option<Nanos> {
        let is_asked_for = self.origin.since(self.idle) > HEAD_START;
        (is_asked_for && now < self.origin).then(|| self.origin.since(now))
    }

    /// Whether the warm-up is at its silent end.
    pub(super) fn is_silent(&self, now: Nanos) -> bool {
        (self.settle..self.load).contains(&now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn times(idle: u64) -> Times {
        let second = Duration::from_secs(1);
        let idle = Duration::from_secs(idle);
        let settle = Duration::ZERO;
        Times::from_now(&Phases { idle, warmup: second, ramp_up: false, settle, load: second, drain: second })
    }

    #[test]
    fn the_time_for_which_workers_are_told_to_start_is_no_idle_phase() {
        let none = times(0);
        assert_eq!(none.idle_left(none.idle), None);
        let some = times(5);
        assert_eq!(some.idle_left(some.idle), Some(Nanos::from_millis(5300)));
        assert_eq!(some.idle_left(some.origin), None);
    }

    #[test]
    fn the_end_of_a_warm_up_is_silent_for_as_long_as_is_asked_for_and_no_longer_than_it_lasts() {
        let [second, three] = [1, 3].map(Duration::from_secs);
        let settling = |settle| {
            Times::from_now(&Phases { idle: second, warmup: three, ramp_up: true, settle, load: second, drain: second })
        };
        let at = |times: &Times, millis| times.is_silent(times.origin.plus(Nanos::from_millis(millis)));
        let silent = settling(second);
        assert_eq!([1999, 2000, 2999, 3000].map(|millis| at(&silent, millis)), [false, true, true, false]);
        let whole = settling(2 * three);
        assert!(!whole.is_silent(whole.idle) && at(&whole, 0) && !at(&whole, 3000));
        let none = settling(Duration::ZERO);
        assert!(!at(&none, 2999) && !at(&none, 3000));
    }
}
