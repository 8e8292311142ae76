//! `latency`: every packet is late, by a delay give or take a jitter.
//!
//! Inject: add the toxic `latency` for each direction. Confirm: read back with these attributes. Heal: remove it; it is gone.
//! Both ways means the whole delay on each, so a round trip takes it twice.

use super::at_paths::{AtPaths, Change, Resting, streams, toxics};
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::proxy_time::{whole_millis, words};
use super::spec::{Aim, FaultSpec, Lasts, Misfit, is_zero, length};
use super::target::Target;
use crate::model::duration::show;
use crate::model::{OptionSpec, OptionValue, Workload};
use reports::facts::Effect;
use reports::units::Nanos;
use std::sync::Arc;
use std::time::Duration;

const NAME: &str = "latency";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "everything on the link is late by delay ± jitter",
    aims: &[Aim::Link],
    lasts: Lasts::Given,
    options: &[
        OptionSpec::duration("delay", OptionValue::Unset, "by how much everything is late"),
        OptionSpec::duration(
            "jitter",
            OptionValue::Duration(Duration::ZERO),
            "by how much the delay varies, either way",
        ),
    ],
    build: |given| {
        let latency = Latency { delay: length(given, "delay"), jitter: length(given, "jitter") };
        if is_zero(given, "delay") && latency.jitter.is_zero() {
            return Err(Misfit::does_nothing("delay"));
        }
        Ok(Arc::new(latency))
    },
};

#[derive(Debug)]
struct Latency {
    delay: Duration,
    jitter: Duration,
}

impl Fault for Latency {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> String {
        match self.jitter.is_zero() {
            true => format!("{NAME} {}", show(self.delay)),
            false => format!("{NAME} {} ± {}", show(self.delay), show(self.jitter)),
        }
    }

    fn detail(&self) -> String {
        match self.jitter.is_zero() {
            true => format!("delay {}", words(self.delay)),
            false => format!("delay {} ± {}", words(self.delay), words(self.jitter)),
        }
    }

    /// A service time holds one round trip at least, so each direction's shortest delay must show in it.
    fn effect(&self, on: &Target, _: &Workload) -> Effect {
        if !on.clients().send() {
            return Effect::Nothing;
        }
        let ways = streams(on.direction()).len() as u32;
        Effect::Slower { by: Nanos::from(self.delay.saturating_sub(self.jitter) * ways) }
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        let attributes = [("latency", whole_millis(self.delay)), ("jitter", whole_millis(self.jitter))];
        let toxics = toxics(fault, "latency", on, &attributes);
        AtPaths::boxed(Change::Toxics { toxics, resting: Resting::Absent }, on, handles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::tests::{load, on};
    use crate::model::{Direction, Link, Selection};

    const DELAY: Duration = Duration::from_millis(200);
    const JITTER: Duration = Duration::from_millis(50);

    #[test]
    fn both_ways_slow_a_round_trip_twice() {
        let late = Latency { delay: DELAY, jitter: JITTER };
        let by = |direction| late.effect(&on(direction), &load());
        assert_eq!(by(Direction::Downstream), Effect::Slower { by: Nanos::from_millis(150) });
        assert_eq!(by(Direction::Both), Effect::Slower { by: Nanos::from_millis(300) });
    }

    #[test]
    fn consumers_alone_need_not_show_in_the_times_of_sends() {
        let clients = Selection::Only(vec!["consumer-0".to_owned()]);
        let target = Target::Link { link: Link::Client, direction: Direction::Both, clients, nodes: Selection::All };
        assert_eq!(Latency { delay: DELAY, jitter: JITTER }.effect(&target, &load()), Effect::Nothing);
    }

    #[test]
    fn a_jitter_above_the_delay_promises_nothing() {
        let late = Latency { delay: JITTER, jitter: DELAY };
        assert_eq!(late.effect(&on(Direction::Both), &load()), Effect::Slower { by: Nanos::ZERO });
    }

    #[test]
    fn a_delay_of_zero_without_jitter_is_no_fault() {
        let given = |key, time| (key, OptionValue::Duration(time));
        let misfit = SPEC.with(&[given("delay", Duration::ZERO)]).expect_err("nothing would happen");
        assert_eq!(misfit.key, "delay");
        assert!(SPEC.with(&[given("delay", Duration::ZERO), given("jitter", JITTER)]).is_ok());
    }

    #[test]
    fn jitter_is_told_where_there_is_some() {
        assert_eq!(Latency { delay: DELAY, jitter: JITTER }.detail(), "delay 200 ms ± 50.0 ms");
    }
}
