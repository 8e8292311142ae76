//! The nodes of a started system, as faults take hold of them: ended and started again under the eyes of the watch.

use super::roster::Roster;
use super::watch::Watch;
use crate::broker::{AdminTarget, Broker};
use crate::environment::{Ending, EnvironmentError, Node};
use crate::fault::{NodeState, Nodes, Select};
use crate::model::{BrokerError, Endpoints};
use futures_util::future::BoxFuture;
use rand::SeedableRng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use rustix::process::Signal;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a node may take to end once it was told to: a broker in order hands over what it leads, and waits for its replicas.
const ENDS_WITHIN: Duration = Duration::from_secs(45);
/// How long it may take to end once it was killed.
const DIES_WITHIN: Duration = Duration::from_secs(15);
/// How long a node that was started again may take to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);
/// How long one question may take that is not repeated.
const ASKED_WITHIN: Duration = Duration::from_secs(5);
/// How long a node that has answered before may take to answer again, asked anew where it does not: one that has just started is
/// slow, and the first question asks for connections, too.
const SAYS_WITHIN: Duration = Duration::from_secs(15);
/// Between two looks at whether something has come about.
const LOOKED_AGAIN_AFTER: Duration = Duration::from_millis(200);

/// The nodes that the run has started for a system.
pub(super) struct StartedNodes {
    nodes: Vec<Node>,
    broker: &'static dyn Broker,
    /// Of these the first so many are brokers.
    brokers: usize,
    target: AdminTarget,
    watch: Watch,
    roster: Roster,
    seed: u64,
}

impl StartedNodes {
    pub(super) fn new(
        nodes: Vec<Node>,
        (broker, brokers): (&'static dyn Broker, usize),
        target: AdminTarget,
        (watch, roster): (Watch, Roster),
        seed: u64,
    ) -> Self {
        for node in &nodes {
            node.pid().into_iter().for_each(|pid| roster.enter("broker", node.name(), pid));
        }
        Self { nodes, broker, brokers, target, watch, roster, seed }
    }

    /// Each of them.
    pub(super) fn all(&self) -> &[Node] {
        &self.nodes
    }

    /// Lets all that a fault may have stopped go on: what is kept must not be left standing still.
    pub(super) async fn go_on(&self) {
        for node in &self.nodes {
            if let Err(error) = node.signal(Signal::CONT).await {
                tracing::warn!("{} may have been left stopped: {error}", node.name());
            }
        }
    }

    /// Ends and removes them.
    pub(super) fn into_nodes(self) -> Vec<Node> {
        self.nodes
    }

    fn node(&self, name: &str) -> Result<&Node, EnvironmentError> {
        self.nodes.iter().find(|node| node.name() == name).ok_or_else(|| {
            let has: Vec<&str> = self.nodes.iter().map(Node::name).collect();
            EnvironmentError::step(format!("there is no node {name}"), format!("the nodes are {}", has.join(", ")))
        })
    }

    fn serving(&self) -> &[Node] {
        &self.nodes[..self.brokers.min(self.nodes.len())]
    }

    /// The node that leads now, as the broker says: of several, the one that leads most partitions.
    async fn leader(&self) -> Result<String, EnvironmentError> {
        let asked = async {
            let mut administrator = self.broker.administrator(self.target.clone()).await?;
            administrator.leaders().await
        };
        let said = match tokio::time::timeout(ASKED_WITHIN, asked).await {
            Ok(Ok(leaders)) => most_frequent(leaders.into_values()).ok_or_else(|| "no partition has one".to_owned()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no answer within {} s", ASKED_WITHIN.as_secs())),
        };
        said.map_err(|why| {
            let what = format!("the broker does not say which node of {} leads: {why}", self.broker.kind());
            EnvironmentError::step(what, "its logs are in the trial's folder `logs`")
        })
    }

    /// What the system lacks until all its nodes are in service, or why it does not say; `None`: nothing.
    async fn lacks(&self) -> Option<String> {
        let asked = async { self.broker.administrator(self.target.clone()).await?.lacks().await };
        asked.await.unwrap_or_else(|error| Some(error.to_string()))
    }

    /// Whether it answers an administrator, at the first of its ports; the watch is told where it does.
    async fn ask(&self, node: &Node) -> Result<(), BrokerError> {
        let target = AdminTarget { at: Endpoints::at(&node.address()), ..self.target.clone() };
        let mut administrator = self.broker.administrator(target).await?;
        administrator.ping().await?;
        self.watch.answers(node.name());
        Ok(())
    }

    async fn end_by(&self, name: &str, by: Signal) -> Result<Ending, EnvironmentError> {
        let node = self.node(name)?;
        if let Some(ending) = node.ending().await? {
            return Ok(ending);
        }
        let told = self.watch.ask(name, by);
        if let Err(error) = node.signal(by).await {
            self.watch.ask_no_more(name);
            return Err(error);
        }
        let within = if by == Signal::KILL { DIES_WITHIN } else { ENDS_WITHIN };
        match tokio::time::timeout(within, told).await {
            Ok(Ok(ending)) => Ok(ending),
            Ok(Err(_)) => Err(EnvironmentError::step(
                format!("{name} did not end by signal {}, but in another way", by.as_raw()),
                "its log is in the trial's folder `logs`",
            )),
            Err(_) => Err(EnvironmentError::step(
                format!("{name} did not end within {} s of signal {}", within.as_secs(), by.as_raw()),
                "a node that takes longer to end in order can be killed instead",
            )),
        }
    }

    /// Waits for the end of a node that was told to end, so that it cannot end after it was taken for running. Kills it if it takes
    /// too long. Returns whether it has ended.
    async fn awaited_end(&self, node: &Node) -> Result<bool, EnvironmentError> {
        if self.watch.is_asked(node.name()) {
            let noted = async {
                while self.watch.is_asked(node.name()) {
                    tokio::time::sleep(LOOKED_AGAIN_AFTER).await;
                }
            };
            if tokio::time::timeout(ENDS_WITHIN, noted).await.is_err() {
                self.end_by(node.name(), Signal::KILL).await?;
            }
        }
        Ok(node.ending().await?.is_some())
    }

    async fn run_again(&self, name: &str) -> Result<(), EnvironmentError> {
        let node = self.node(name)?;
        if self.awaited_end(node).await? {
            node.restart().await?;
            self.watch.restarted(node);
            node.pid().into_iter().for_each(|pid| self.roster.enter("broker", name, pid));
        }
        node.wait_until(ANSWERS_WITHIN, || self.ask(node)).await
    }
}

impl Nodes for StartedNodes {
    fn brokers(&self) -> Vec<&str> {
        self.serving().iter().map(Node::name).collect()
    }

    fn find<'a>(&'a self, select: &'a Select, chooser: &'a str) -> BoxFuture<'a, Result<String, EnvironmentError>> {
        Box::pin(async move {
            let chosen = match (select, self.serving()) {
                (Select::Named(name), _) => self.node(name)?,
                (_, [only]) => only,
                (Select::Any | Select::Each, brokers) => {
                    brokers.choose(&mut random(self.seed, chooser)).ok_or_else(no_broker)?
                }
                (Select::Leader, _) => self.node(&self.leader().await?)?,
            };
            Ok(chosen.name().to_owned())
        })
    }

    fn state<'a>(&'a self, node: &'a str) -> BoxFuture<'a, Result<NodeState, EnvironmentError>> {
        Box::pin(async move {
            let node = self.node(node)?;
            Ok(node.ending().await?.map_or_else(|| NodeState::Runs(node.pid()), NodeState::Ended))
        })
    }

    fn signal<'a>(&'a self, node: &'a str, signal: Signal) -> BoxFuture<'a, Result<(), EnvironmentError>> {
        Box::pin(async move { self.node(node)?.signal(signal).await })
    }

    fn end<'a>(&'a self, node: &'a str, by: Signal) -> BoxFuture<'a, Result<Ending, EnvironmentError>> {
        Box::pin(self.end_by(node, by))
    }

    fn start_again<'a>(&'a self, node: &'a str) -> BoxFuture<'a, Result<(), EnvironmentError>> {
        Box::pin(self.run_again(node))
    }

    fn must_answer<'a>(&'a self, node: &'a str) -> BoxFuture<'a, Result<(), EnvironmentError>> {
        Box::pin(async move {
            let node = self.node(node)?;
            let mut said = format!("no answer within {} s", SAYS_WITHIN.as_secs());
            let asked = async {
                while let Err(error) = self.ask(node).await {
                    said = error.to_string();
                    tokio::time::sleep(LOOKED_AGAIN_AFTER).await;
                }
            };
            if tokio::time::timeout(SAYS_WITHIN, asked).await.is_ok() {
                return Ok(());
            }
            let node = node.name();
            let what = format!("{node} does not answer in the broker's protocol: {said}");
            Err(EnvironmentError::step(what, "its log is in the trial's folder `logs`"))
        })
    }

    fn whole(&self, within: Duration) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async move {
            let last = Mutex::new("no answer".to_owned());
            let asked = async {
                while let Some(lacks) = self.lacks().await {
                    *last.lock().unwrap_or_else(PoisonError::into_inner) = lacks;
                    tokio::time::sleep(LOOKED_AGAIN_AFTER).await;
                }
            };
            tokio::time::timeout(within, asked).await.map_err(|_| {
                let last = last.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let what = format!("the system is not whole again within {} s: {last}", within.as_secs());
                EnvironmentError::step(what, "its logs are in the trial's folder `logs`")
            })
        })
    }
}

fn no_broker() -> EnvironmentError {
    EnvironmentError::step("no node was started that a fault could choose", "somebody else runs this broker")
}

/// Of several that are named as often, the first by name.
fn most_frequent(names: impl Iterator<Item = String>) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    names.for_each(|name| *counts.entry(name).or_default() += 1);
    counts.into_iter().max_by_key(|(name, count)| (*count, Reverse(name.clone()))).map(|(name, _)| name)
}

/// What is chosen for this purpose: the same for the same seed.
fn random(seed: u64, purpose: &str) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(u64::from(crc32c::crc32c(purpose.as_bytes())));
    random
}

impl fmt::Debug for StartedNodes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("StartedNodes").field("broker", &self.broker.kind()).field("nodes", &self.nodes).finish()
    }
}
