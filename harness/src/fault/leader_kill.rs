//! `leader-kill`: the node that leads when the fault begins is killed (SIGKILL), and started again with the same files and port.
//!
//! Who leads is asked of the broker when the fault begins: Kafka's broker that leads most partitions of the run's topic, Redis's
//! primary. Inject, confirm and heal as `kill`: meanwhile another node may have become the leader, and the one that is started
//! again joins it.

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

const NAME: &str = "leader-kill";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "the node that leads is killed (SIGKILL), and started again with the same files and port",
    aims: &[Aim::Leader],
    lasts: Lasts::Given,
    options: &[],
    build: |_| Ok(Arc::new(LeaderKill)),
};

#[derive(Debug)]
struct LeaderKill;

impl Fault for LeaderKill {
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
        "the process of the node that leads when it begins is killed (SIGKILL), and started again with the same files"
            .to_owned()
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
        AtNode::boxed(DoneToNode::End(Signal::KILL), fault, on, handles)
    }
}
