//! Faults on all that a node has to do with other nodes: every path between it and them is cut, while clients still reach it.

use super::at_paths::{AtPaths, Change, Resting, toxics};
use super::handles::Handles;
use super::kind::{Actuator, Phase, Reading};
use super::nodes::Nodes;
use super::target::{Select, Target};
use crate::environment::EnvironmentError;
use crate::environment::toxiproxy::{ProxiedPath, ToxiproxyError};
use crate::model::{Direction, Link, Selection};
use futures_util::future::{BoxFuture, join_all};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the proxy may take to count what connections had passed that it has closed.
const COUNTED_WITHIN: Duration = Duration::from_secs(2);
const LOOKED_AT_EVERY: Duration = Duration::from_millis(50);

/// The links on which nodes reach each other.
pub(super) const BETWEEN_NODES: &[Link] = &[Link::Peer, Link::Controller];

/// What becomes of the connections between the node and the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severed {
    /// They are closed, and new ones refused.
    Closed,
    /// They stay, and nothing passes; new ones find nobody.
    Silent,
}

/// Cuts one node from all others.
#[derive(Debug)]
pub(super) struct AtPeers {
    severed: Severed,
    change: Change,
    select: Select,
    fault: String,
    handles: Handles,
    chosen: Option<Isolated>,
}

/// The node that was meant when the fault began, and its paths to and from others.
#[derive(Debug)]
struct Isolated {
    node: String,
    paths: Vec<ProxiedPath>,
    severed: Severed,
    cut: AtPaths,
}

impl AtPeers {
    /// The actuator of a cut between the node that a target names and all others.
    pub(super) fn boxed(severed: Severed, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        let select = match on {
            Target::Node(select) => select.clone(),
            // No scenario that was read has it.
            Target::Link { .. } | Target::Worker(_) | Target::Messages => Select::Leader,
        };
        let change = match severed {
            Severed::Closed => Change::Disable,
            Severed::Silent => {
                Change::Toxics { toxics: toxics(fault, "timeout", on, &[("timeout", 0)]), resting: Resting::Absent }
            }
        };
        Box::new(Self { severed, change, select, fault: fault.to_owned(), handles: handles.clone(), chosen: None })
    }

    fn nodes(&self) -> Result<Arc<dyn Nodes>, EnvironmentError> {
        self.handles.nodes.clone().ok_or_else(|| {
            EnvironmentError::step(
                format!("{} is aimed at a node, and no node was started", self.fault),
                "somebody else runs this broker, or it lives in the harness: only faults on its links are possible",
            )
        })
    }

    /// Finds the node, once, and all that leads to it and from it.
    async fn choose(&self) -> Result<Isolated, EnvironmentError> {
        let nodes = self.nodes()?;
        let node = nodes.find(&self.select, &self.fault).await?;
        let paths = paths_of(&node, &self.handles);
        if paths.is_empty() {
            let what = format!("no path between {node} and other nodes leads through the proxy");
            return Err(EnvironmentError::step(what, "a system of one node has nobody to be cut off from"));
        }
        if shares_its_way_out(&node, &self.handles) {
            let leads = nodes.find(&Select::Leader, &self.fault).await?;
            if leads != node {
                let what = format!(
                    "{node} cannot be isolated: {leads} leads, and the connection that {node} has opened to it takes a \
                     path that others take too"
                );
                return Err(EnvironmentError::step(what, "leave `node` out, so that whoever leads is isolated"));
            }
        }
        let cut = AtPaths::of(self.change.clone(), paths.clone());
        Ok(Isolated { node, paths, severed: self.severed, cut })
    }
}

/// The paths to a node from others, and those that are its own from it to others.
fn paths_of(node: &str, handles: &Handles) -> Vec<ProxiedPath> {
    let only = || Selection::Only(vec![node.to_owned()]);
    let on = |&link: &Link| Target::Link { link, direction: Direction::Both, clients: Selection::All, nodes: only() };
    BETWEEN_NODES.iter().flat_map(|link| handles.paths_on(&on(link))).collect()
}

/// Whether there is a path that a node takes to another one together with others: to cut it would cut them off too.
fn shares_its_way_out(node: &str, handles: &Handles) -> bool {
    let mut recipes = handles.paths.iter().map(ProxiedPath::recipe);
    recipes.any(|path| path.link != Link::Client && path.from.len() > 1 && path.from.iter().any(|from| from == node))
}

impl Isolated {
    /// The paths as read back; and, once connections on them are closed, what had passed them before: the proxy counts it then.
    /// A cut of paths that nobody took is none.
    async fn read(&mut self, phase: Phase) -> Result<Reading, EnvironmentError> {
        let read = self.cut.read(phase).await?;
        let closes = match self.severed {
            Severed::Closed => Phase::Acting,
            Severed::Silent => Phase::Resting,
        };
        let what = match phase {
            Phase::Acting => "is cut off",
            Phase::Resting => "is cut off no longer",
        };
        if phase != closes {
            return Ok(Reading { words: format!("{} {what}: {}", self.node, read.words), ..read });
        }
        let deadline = Instant::now() + COUNTED_WITHIN;
        loop {
            let passed = join_all(self.paths.iter().map(ProxiedPath::passed)).await;
            let passed: u64 = passed.into_iter().collect::<Result<Vec<u64>, ToxiproxyError>>()?.into_iter().sum();
            if passed > 0 || Instant::now() >= deadline {
                let words = format!("{} {what}: {}; {passed} bytes had passed these paths", self.node, read.words);
                return Ok(Reading { shows: read.shows && passed > 0, words });
            }
            tokio::time::sleep(LOOKED_AT_EVERY).await;
        }
    }
}

impl Actuator for AtPeers {
    fn node(&self) -> Option<&str> {
        self.chosen.as_ref().map(|isolated| isolated.node.as_str())
    }

    fn bring(&mut self, phase: Phase) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async move {
            if phase == Phase::Acting && self.chosen.is_none() {
                self.chosen = Some(self.choose().await?);
            }
            match &mut self.chosen {
                Some(isolated) => isolated.cut.bring(phase).await,
                None => Ok(()),
            }
        })
    }

    fn read(&mut self, phase: Phase) -> BoxFuture<'_, Result<Reading, EnvironmentError>> {
        Box::pin(async move {
            match &mut self.chosen {
                Some(isolated) => isolated.read(phase).await,
                // Which node is meant is asked when it is done.
                None => Ok(Reading { shows: phase == Phase::Resting, words: "nothing was done".to_owned() }),
            }
        })
    }

    fn renew(&mut self) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async move {
            match &mut self.chosen {
                Some(isolated) => isolated.cut.renew().await,
                None => Ok(()),
            }
        })
    }
}
