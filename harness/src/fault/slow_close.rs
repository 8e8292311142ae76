//! `slow-close`: when one side closes a connection, the other learns of it only after a delay.
//!
//! Inject: add the toxic `slow_close` for each direction. Confirm: read back with its delay. Heal: remove it; it is gone, and
//! with it every wait. Clients that keep their connections see nothing of it, so nothing of it has to be seen.

use super::at_paths::{AtPaths, Change, Resting, toxics};
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::proxy_time::{whole_millis, words};
use super::spec::{Aim, FaultSpec, Lasts, Misfit, is_zero, length};
use super::target::Target;
use crate::model::duration::show;
use crate::model::{OptionSpec, OptionValue, Workload};
use reports::facts::Effect;
use std::sync::Arc;
use std::time::Duration;

const NAME: &str = "slow-close";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "a connection that one side closes is closed to the other after a delay",
    aims: &[Aim::Link],
    lasts: Lasts::Given,
    options: &[OptionSpec::duration("delay", OptionValue::Unset, "how long the other side does not learn of it")],
    build: |given| match is_zero(given, "delay") {
        true => Err(Misfit::does_nothing("delay")),
        false => Ok(Arc::new(SlowClose { delay: length(given, "delay") })),
    },
};

#[derive(Debug)]
struct SlowClose {
    delay: Duration,
}

impl Fault for SlowClose {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> String {
        format!("{NAME} {}", show(self.delay))
    }

    fn detail(&self) -> String {
        format!("what one side closes is closed to the other after {}", words(self.delay))
    }

    fn effect(&self, _: &Target, _: &Workload) -> Effect {
        Effect::Nothing
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        let toxics = toxics(fault, "slow_close", on, &[("delay", whole_millis(self.delay))]);
        AtPaths::boxed(Change::Toxics { toxics, resting: Resting::Absent }, on, handles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::tests::{load, on};
    use crate::model::Direction;

    #[test]
    fn a_late_close_need_not_be_seen_and_keeps_nobody_away() {
        let late = SlowClose { delay: Duration::from_millis(500) };
        assert_eq!(late.effect(&on(Direction::Both), &load()), Effect::Nothing);
        assert_eq!(late.outage(&on(Direction::Both)), None);
        assert_eq!(late.detail(), "what one side closes is closed to the other after 500 ms");
    }
}
