//! `restart`: the node's process is told to end (SIGTERM), and started again at once, or after a while.
//!
//! Inject, confirm and heal as `stop`. Without `for` it is healed as soon as its end is confirmed: the outage is the time that
//! the node needs to end and to start.

use super::at_nodes::{AtNode, DoneToNode};
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::outage::Outage;
use super::spec::{Aim, FaultSpec, Lasts};
use super::target::Target;
use crate::model::Workload;
use reports::facts::Effect;
use rustix::process::Signal;
use std::sync::Arc;

const NAME: &str = "restart";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "the node's process is told to end (SIGTERM), and started again at once (`for` may be left out)",
    aims: &[Aim::Node],
    lasts: Lasts::AtOnce,
    options: &[],
    build: |_| Ok(Arc::new(Restart)),
};

#[derive(Debug)]
struct Restart;

impl Fault for Restart {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_directed(&self) -> bool {
        false
    }

    fn summary(&self) -> String {
        NAME.to_owned()
    }

    fn detail(&self) -> String {
        "the process is told to end (SIGTERM), and started again as soon as it has".to_owned()
    }

    fn effect(&self, _: &Target, _: &Workload) -> Effect {
        Effect::ConnectionsLost
    }

    fn outage(&self, _: &Target) -> Option<Outage> {
        Some(Outage::Restart)
    }

    /// To a node that is not there nothing else can be done.
    fn excludes(&self, _: &dyn Fault) -> bool {
        true
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        AtNode::boxed(DoneToNode::End(Signal::TERM), fault, on, handles)
    }
}
