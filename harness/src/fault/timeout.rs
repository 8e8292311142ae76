//! `timeout`: nothing passes any more. Connections stay open, or are closed after a while; both look alive until then.
//!
//! Inject: add the toxic `timeout` for each direction. Confirm: read back with these attributes. Heal: remove it; it is gone.
//! What was swallowed stays lost: on removing the toxic the server closes the connections that it worked on.

use super::at_paths::{AtPaths, Change, Resting, toxics};
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::outage::Outage;
use super::proxy_time::{whole_millis, words};
use super::spec::{Aim, FaultSpec, Lasts, length};
use super::target::Target;
use crate::model::duration::show;
use crate::model::{OptionSpec, OptionValue, Workload};
use reports::facts::Effect;
use std::sync::Arc;
use std::time::Duration;

const NAME: &str = "timeout";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "nothing passes, connections stay open (a black hole), or are closed after a while",
    aims: &[Aim::Link],
    lasts: Lasts::Given,
    options: &[OptionSpec::duration(
        "after",
        OptionValue::Duration(Duration::ZERO),
        "when to close connections; \"0s\": not while the fault lasts",
    )],
    build: |given| Ok(Arc::new(Timeout { after: length(given, "after") })),
};

#[derive(Debug)]
struct Timeout {
    /// Zero: not while the fault lasts.
    after: Duration,
}

impl Fault for Timeout {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> String {
        match self.after.is_zero() {
            true => format!("{NAME} (black hole)"),
            false => format!("{NAME} after {}", show(self.after)),
        }
    }

    fn detail(&self) -> String {
        match self.after.is_zero() {
            true => "nothing passes, connections stay open".to_owned(),
            false => format!("nothing passes, connections are closed after {}", words(self.after)),
        }
    }

    /// One way is enough: without requests there are no answers. Consumers alone leave the sends as they were, and give the
    /// silent connection up, or lose it when the fault heals.
    fn effect(&self, on: &Target, _: &Workload) -> Effect {
        if on.clients().send() { Effect::Silence } else { Effect::ConnectionsLost }
    }

    fn outage(&self, _: &Target) -> Option<Outage> {
        Some(Outage::Silent { closed_after: (!self.after.is_zero()).then_some(self.after) })
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        let toxics = toxics(fault, "timeout", on, &[("timeout", whole_millis(self.after))]);
        AtPaths::boxed(Change::Toxics { toxics, resting: Resting::Absent }, on, handles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::tests::on;
    use crate::model::Direction;

    #[test]
    fn a_black_hole_and_a_late_close_are_told_apart() {
        assert_eq!(Timeout { after: Duration::ZERO }.detail(), "nothing passes, connections stay open");
        let late = Timeout { after: Duration::from_secs(1) };
        assert_eq!(late.detail(), "nothing passes, connections are closed after 1.00 s");
        assert_eq!(late.outage(&on(Direction::Both)), Some(Outage::Silent { closed_after: Some(late.after) }));
    }
}
