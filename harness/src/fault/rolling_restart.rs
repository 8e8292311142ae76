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
const SAYS_WITHIN: Duration = Duration::from_secs(5);

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
