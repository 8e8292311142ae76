//! `drop`: every packet between clients and the proxy vanishes, those that would open a connection too.
//!
//! Inject: rules in the run's table of the packet filter, for each path and direction. Confirm: read back with their ports.
//! Heal: the rules are removed; none is left. No connection is closed by it: both hosts send again what was not confirmed, at
//! growing distances, so a connection that nobody gave up works again some time after the heal.

use super::at_packets::AtPackets;
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::outage::Outage;
use super::spec::{Aim, FaultSpec, Lasts};
use super::target::Target;
use crate::environment::PER_MILLE;
use crate::model::Workload;
use reports::facts::Effect;
use std::sync::Arc;

const NAME: &str = "drop";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "every packet vanishes, of new connections too (a half-open link)",
    aims: &[Aim::Link],
    lasts: Lasts::Given,
    options: &[],
    build: |_| Ok(Arc::new(DropAll)),
};

#[derive(Debug)]
struct DropAll;

impl Fault for DropAll {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> String {
        NAME.to_owned()
    }

    fn detail(&self) -> String {
        "every packet vanishes, of new connections too".to_owned()
    }

    /// One way is enough: without requests there are no answers, and without their confirmation none that counts. Who only
    /// receives may not notice a short one at all.
    fn effect(&self, on: &Target, _: &Workload) -> Effect {
        if on.clients().send() { Effect::Silence } else { Effect::PacketsDropped }
    }

    fn outage(&self, _: &Target) -> Option<Outage> {
        Some(Outage::Vanished)
    }

    fn drops_packets(&self) -> bool {
        true
    }

    /// Of packets that all vanish none is left to lose.
    fn excludes(&self, other: &dyn Fault) -> bool {
        other.drops_packets()
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        AtPackets::boxed(fault, PER_MILLE, on, handles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::tests::{fault, load, on};
    use crate::model::{Direction, Link, OptionValue, Selection};
    use reports::facts::Cut;

    #[test]
    fn whoever_sends_hears_nothing_and_who_only_receives_need_not_notice() {
        assert_eq!(DropAll.effect(&on(Direction::Upstream), &load()), Effect::Silence);
        let clients = Selection::Only(vec!["consumer-0".to_owned()]);
        let consumers = Target::Link { link: Link::Client, direction: Direction::Both, clients, nodes: Selection::All };
        assert_eq!(DropAll.effect(&consumers, &load()), Effect::PacketsDropped);
        assert_eq!(DropAll.outage(&on(Direction::Upstream)).map(Outage::cut), Some(Cut::Silent));
    }

    #[test]
    fn packets_are_not_dropped_for_two_reasons_at_once() {
        assert!(DropAll.excludes(&*fault("packet-loss", &[("rate", OptionValue::Share(0.1))])));
        assert!(!DropAll.excludes(&*fault("latency", &[])));
    }
}
