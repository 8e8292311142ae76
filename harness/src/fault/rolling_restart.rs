//! `rolling-restart`: the brokers are restarted one after another, each only when the one before is in service again.
//!
//! It becomes one fault for each broker, in their order, named after it: `rolling-restart-1/kafka-0`. Each has its own row,
//! times and evidence, so that what clients meet is attributed to the restart of one node. Inject and confirm as `stop`: send
//! SIGTERM; the process is gone. Heal: start the node again, at once or after `for`; another process of it answers in the broker's
//! protocol, and the system as a whole says that it lacks nothing: all nodes have joined, and all replicas are in sync. Where
//! that could not be confirmed of one node, the next is not touched, and what was not done is not believed.

use super::at_nodes::{AtNode, DoneToNode};
use super::handles::Handles;
use super::kind::{Actuator, Fault, Phase, Reading};
use super::nodes::Nodes;
use super::outage::Outage;
use super::spec::{Aim, FaultSpec, Lasts};
use super::target::{Select, Target};
use crate::environment::EnvironmentError;
use crate::model::Workload;
use futures_util::future::BoxFuture;
use reports::facts::Effect;
use rustix::process::Signal;
use std::sync::Arc;
use std::time::Duration;

const NAME: &str = "rolling-restart";
/// How long replicas may take to be in sync again after a node answers.
const WHOLE_WITHIN: Duration = Duration::from_secs(60);
/// How long the system may take to say once more that it is whole.
const SAYS_WITHIN: Duration = Duration::from_secs(15);

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "all brokers are restarted (SIGTERM), one after another, each when all replicas are in sync again",
    aims: &[Aim::Each],
    lasts: Lasts::AtOnce,
    options: &[],
    build: |_| Ok(Arc::new(RollingRestart { node: None })),
};

/// All of it, or of one node its turn.
#[derive(Debug)]
struct RollingRestart {
    node: Option<String>,
}

impl Fault for RollingRestart {
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
        "the process is told to end (SIGTERM), and started again; the next one's turn comes when all replicas are in sync"
            .to_owned()
    }

    fn effect(&self, _: &Target, _: &Workload) -> Effect {
        Effect::ConnectionsLost
    }

    fn outage(&self, _: &Target) -> Option<Outage> {
        Some(Outage::Restart)
    }

    /// While one node is away, nothing else is to happen to any.
    fn excludes(&self, _: &dyn Fault) -> bool {
        true
    }

    fn turn_of(&self, node: &str) -> Option<Arc<dyn Fault>> {
        Some(Arc::new(Self { node: Some(node.to_owned()) }))
    }

    fn actuator(&self, fault: &str, _: &Target, handles: &Handles) -> Box<dyn Actuator> {
        let target = Target::Node(self.node.clone().map_or(Select::Each, Select::Named));
        let restart = AtNode::of(DoneToNode::End(Signal::TERM), fault, &target, handles);
        Box::new(Turn { restart, nodes: handles.nodes.clone() })
    }
}

/// The restart of one node, until the system is whole again.
#[derive(Debug)]
struct Turn {
    restart: AtNode,
    nodes: Option<Arc<dyn Nodes>>,
}

impl Turn {
    /// Waits until the system lacks nothing. Before the node was told to end, nobody asks.
    async fn whole(&self, within: Duration) -> Result<(), EnvironmentError> {
        match (&self.nodes, self.restart.node()) {
            (Some(nodes), Some(_)) => nodes.whole(within).await,
            _ => Ok(()),
        }
    }
}

impl Actuator for Turn {
    fn node(&self) -> Option<&str> {
        self.restart.node()
    }

    fn bring(&mut self, phase: Phase) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async move {
            self.restart.bring(phase).await?;
            if phase == Phase::Resting { self.whole(WHOLE_WITHIN).await } else { Ok(()) }
        })
    }

    fn read(&mut self, phase: Phase) -> BoxFuture<'_, Result<Reading, EnvironmentError>> {
        Box::pin(async move {
            let read = self.restart.read(phase).await?;
            if phase == Phase::Acting || !read.shows || self.restart.node().is_none() {
                return Ok(read);
            }
            self.whole(SAYS_WITHIN).await?;
            Ok(Reading { shows: true, words: format!("{}; all nodes and replicas are in service", read.words) })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::PlannedFault;

    fn planned(kind: &str, lasts: u64) -> PlannedFault {
        PlannedFault {
            name: format!("{kind}-1"),
            at: Duration::from_secs(10),
            when: None,
            lasts: Duration::from_secs(lasts),
            target: Target::Node(Select::Each),
            fault: crate::fault::tests::fault(kind, &[]),
            systems: Vec::new(),
            after: None,
        }
    }

    #[test]
    fn it_becomes_a_fault_for_each_broker_and_each_waits_for_the_one_before() {
        let turns = planned(NAME, 0).turns(&["kafka-0", "kafka-1", "kafka-2"]);
        let names: Vec<&str> = turns.iter().map(|turn| turn.name.as_str()).collect();
        assert_eq!(names, ["kafka-0", "kafka-1", "kafka-2"].map(|node| format!("{NAME}-1/{node}")));
        assert!(turns[1].follows(&turns[0]) && turns[2].follows(&turns[1]));
        assert!(!turns[0].follows(&turns[1]) && !turns[2].follows(&turns[0]));
        assert_eq!(turns[2].target.as_met(Some("kafka-2")), "node kafka-2 (each broker in turn)");
    }

    #[test]
    fn another_fault_on_a_node_waits_for_every_turn() {
        let later = PlannedFault {
            at: Duration::from_secs(20),
            target: Target::Node(Select::Named("kafka-0".to_owned())),
            ..planned("kill", 1)
        };
        assert!(planned(NAME, 0).turns(&["kafka-0", "kafka-1"]).iter().all(|turn| later.follows(turn)));
        assert!(planned(NAME, 15).contradicts(&later));
    }

    #[test]
    fn any_other_fault_has_no_turns() {
        let restart = planned("restart", 0);
        assert_eq!(restart.turns(&["kafka-0", "kafka-1"]).len(), 1);
        assert_eq!(restart.turns(&["kafka-0"])[0].name, "restart-1");
    }
}
