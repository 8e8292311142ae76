//! `stop`: the node's process is told to end (SIGTERM), and started again with the same files and port.
//!
//! Inject: send SIGTERM. Confirm: the process is gone, and the host says how it ended. Heal: start the node again; another
//! process of it answers in the broker's protocol. What the node did not write down is not there any more: nobody creates
//! topics or groups again.

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

const NAME: &str = "stop";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "the node's process is told to end (SIGTERM), and started again with the same files and port",
    aims: &[Aim::Node],
    lasts: Lasts::Given,
    options: &[],
    build: |_| Ok(Arc::new(Stop)),
};

#[derive(Debug)]
struct Stop;

impl Fault for Stop {
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
        "the process is told to end (SIGTERM), and started again with the same files".to_owned()
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
