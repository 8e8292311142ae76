//! `latency`: every packet is late, by a delay give or take a jitter.
//!
//! Inject: add the toxic `latency` for each direction. Confirm: read back with these attributes. Heal: remove it; it is gone.
//! Both ways means the whole delay on each, so a round trip takes it twice.

use super::change::{Change, Resting, toxics};
use super::options::{FaultSpec, Scope, duration, length};
use super::{FaultKind, whole_millis, words};
use crate::model::{Direction, OptionValue};
use reports::facts::Effect;
use reports::units::Nanos;
use std::time::Duration;

const NAME: &str = "latency";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "everything on the link is late by delay ± jitter",
    scope: Scope::Stream,
    options: &[
        duration("delay", OptionValue::Unset, "by how much everything is late"),
        duration("jitter", OptionValue::Duration(Duration::ZERO), "by how much the delay varies, either way"),
    ],
    build: |given| FaultKind::Latency { delay: length(given, "delay"), jitter: length(given, "jitter") },
};

pub(super) fn change(fault: &str, delay: Duration, jitter: Duration, direction: Direction) -> Change {
    let attributes = [("latency", whole_millis(delay)), ("jitter", whole_millis(jitter))];
    Change::Toxics { toxics: toxics(fault, "latency", direction, &attributes), resting: Resting::Absent }
}

/// A service time holds one round trip at least, so each direction's shortest delay must show in it.
pub(super) fn effect(delay: Duration, jitter: Duration, direction: Direction) -> Effect {
    let ways = direction.streams().len() as u32;
    Effect::Slower { by: Nanos::from(delay.saturating_sub(jitter) * ways) }
}

pub(super) fn detail(delay: Duration, jitter: Duration) -> String {
    if jitter.is_zero() {
        format!("delay {}", words(delay))
    } else {
        format!("delay {} ± {}", words(delay), words(jitter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: Duration = Duration::from_millis(200);
    const JITTER: Duration = Duration::from_millis(50);

    #[test]
    fn both_ways_slow_a_round_trip_twice() {
        assert_eq!(effect(DELAY, JITTER, Direction::Downstream), Effect::Slower { by: Nanos::from_millis(150) });
        assert_eq!(effect(DELAY, JITTER, Direction::Both), Effect::Slower { by: Nanos::from_millis(300) });
    }

    #[test]
    fn a_jitter_above_the_delay_promises_nothing() {
        assert_eq!(effect(JITTER, DELAY, Direction::Both), Effect::Slower { by: Nanos::ZERO });
    }

    #[test]
    fn jitter_is_told_where_there_is_some() {
        assert_eq!(detail(DELAY, JITTER), "delay 200 ms ± 50.0 ms");
    }
}
