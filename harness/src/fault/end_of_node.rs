//! What all faults have in common that end a node's process: its clients lose their connections, and nothing else can be done
//! to it until it is there again.

use super::at_nodes::{AtNode, DoneToNode};
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::outage::Outage;
use super::target::Target;
use crate::model::Workload;
use reports::facts::Effect;
use rustix::process::Signal;
use std::sync::Arc;

/// The end of a node's process by a signal, until it is started again.
#[derive(Debug)]
pub(super) struct EndOfNode {
    /// Its key in scenarios.
    pub(super) name: &'static str,
    /// In words, for reports.
    pub(super) detail: &'static str,
    /// What the process is sent.
    pub(super) signal: Signal,
}

impl EndOfNode {
    /// As fault.
    pub(super) fn shared(self) -> Arc<dyn Fault> {
        Arc::new(self)
    }
}

impl Fault for EndOfNode {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is_directed(&self) -> bool {
        false
    }

    fn summary(&self) -> String {
        self.name.to_owned()
    }

    fn detail(&self) -> String {
        self.detail.to_owned()
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
        AtNode::boxed(DoneToNode::End(self.signal), fault, on, handles)
    }
}
