//! `pause`: a process stands still, as in a long garbage collection; its connections stay.
//!
//! Inject: send SIGSTOP. Confirm: `/proc` says that the process is stopped (state T). Heal: send SIGCONT; it is not stopped any
//! more, and a node answers in the broker's protocol. What reached the process meanwhile waits for it and is taken up then.

use super::at_nodes::{AtNode, DoneToNode};
use super::at_workers::{AtWorkers, DoneToWorker};
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::outage::Outage;
use super::spec::{Aim, FaultSpec, Lasts};
use super::target::Target;
use crate::model::Workload;
use reports::facts::Effect;
use std::sync::Arc;

const NAME: &str = "pause";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "the process of a node or of workers stands still (SIGSTOP), connections stay: a long garbage collection",
    aims: &[Aim::Node, Aim::Worker],
    lasts: Lasts::Given,
    options: &[],
    build: |_| Ok(Arc::new(Pause)),
};

#[derive(Debug)]
struct Pause;

impl Fault for Pause {
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
        "the process stands still (SIGSTOP), its connections stay".to_owned()
    }

    fn effect(&self, on: &Target, _: &Workload) -> Effect {
        match on {
            Target::Worker(_) => Effect::Idle,
            Target::Node(_) | Target::Link { .. } | Target::Messages => Effect::Silence,
        }
    }

    fn outage(&self, on: &Target) -> Option<Outage> {
        match on {
            Target::Worker(_) => Some(Outage::Frozen),
            Target::Node(_) | Target::Link { .. } | Target::Messages => Some(Outage::Held),
        }
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        match on {
            Target::Worker(_) => AtWorkers::boxed(DoneToWorker::Stop, fault, on, handles),
            Target::Node(_) | Target::Link { .. } | Target::Messages => {
                AtNode::boxed(DoneToNode::Stop, fault, on, handles)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Select;
    use crate::fault::tests::load;
    use reports::facts::Cut;

    #[test]
    fn a_node_falls_silent_for_all_and_a_worker_is_idle_itself() {
        let (node, worker) = (Target::Node(Select::Any), Target::Worker(vec!["consumer-0".to_owned()]));
        assert_eq!((Pause.effect(&node, &load()), Pause.effect(&worker, &load())), (Effect::Silence, Effect::Idle));
        for target in [node, worker] {
            assert_eq!(Pause.outage(&target).map(Outage::cut), Some(Cut::Silent));
        }
    }
}
