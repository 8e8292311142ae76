//! What a trial asks of a broker outside the messages' way.

use super::log_reader::LogReader;
use crate::model::{BrokerError, Endpoints, SystemSpec};
use futures_util::future::BoxFuture;
use reports::facts::Setting;
use reports::history::{Gauge, Inspection};
use reports::units::{Partition, Position};
use std::collections::BTreeMap;

/// Where and on what an administrator works.
#[derive(Clone, Debug)]
pub struct AdminTarget {
    /// Where it is reached, past any proxy.
    pub at: Endpoints,
    /// The topic's or streams' name stem.
    pub topic: String,
    /// The consumer group.
    pub group: String,
    /// The topic or stream of dead letters, where the trial has one.
    pub dead_letters: Option<String>,
    /// How many partitions.
    pub partitions: u16,
    /// What the scenario asks of the system.
    pub system: SystemSpec,
}

/// An entry of the dead-letter queue, as it was read. What it does not say is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadEntry {
    /// Where it stands in the queue.
    pub position: Position,
    /// To which partition the message was sent.
    pub partition: Option<Partition>,
    /// The message's identity.
    pub message_id: Option<String>,
    /// The trace's identity.
    pub trace_id: Option<String>,
    /// Deliveries beyond the first.
    pub retries: Option<u16>,
    /// The message's payload.
    pub payload: Vec<u8>,
}

/// What the trial asks of a broker outside the messages' way.
pub trait Administrator: Send {
    /// Answers when the broker speaks its protocol, and where the target names the nodes, when all of them are part of one system;
    /// used as readiness check.
    fn ping(&mut self) -> BoxFuture<'_, Result<(), BrokerError>>;
    /// The broker's version, as it says itself; `None` where its protocol does not tell.
    fn version(&mut self) -> BoxFuture<'_, Result<Option<String>, BrokerError>>;
    /// Creates topics, streams and groups; what is there already from before is an error. Returns what only the started
    /// broker can tell its clients, as settings beside those of their library.
    fn provision(&mut self) -> BoxFuture<'_, Result<BTreeMap<String, String>, BrokerError>>;
    /// The settings in force, as the broker tells them, by topic of the fairness table. By default none: a broker that lives in
    /// this process has them from the scenario alone.
    fn in_force(&mut self) -> BoxFuture<'_, Result<Vec<Setting>, BrokerError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    /// What the consumer group still lacks until this many consumers share out all partitions; `None`: nothing. By default
    /// nothing: where the broker shares out messages and not partitions, a consumer that is ready reads.
    fn group_lacks(&mut self, _consumers: u16) -> BoxFuture<'_, Result<Option<String>, BrokerError>> {
        Box::pin(async { Ok(None) })
    }
    /// The node that leads each partition now, by its name; without those of which nobody knows. By default none: a system that
    /// lives in this process, or that somebody else runs, has no nodes of ours.
    fn leaders(&mut self) -> BoxFuture<'_, Result<BTreeMap<Partition, String>, BrokerError>> {
        Box::pin(async { Ok(BTreeMap::new()) })
    }
    /// What the system still lacks until all its nodes are in service: nodes that have not joined, replicas that are not in sync;
    /// `None`: nothing. By default nothing, as of a system of one node that answers.
    fn lacks(&mut self) -> BoxFuture<'_, Result<Option<String>, BrokerError>> {
        Box::pin(async { Ok(None) })
    }
    /// The numbers of this moment.
    fn gauges(&mut self) -> BoxFuture<'_, Result<Vec<Gauge>, BrokerError>>;
    /// Removes what `provision` created: for brokers that go on after the trial.
    fn remove(&mut self) -> BoxFuture<'_, Result<(), BrokerError>>;
    /// All that the dead-letter queue holds. `None`: the trial has none, or nobody can read it; by default that.
    fn dead_letters(&mut self) -> BoxFuture<'_, Result<Option<Vec<DeadEntry>>, BrokerError>> {
        Box::pin(async { Ok(None) })
    }
    /// Another client than those under test, that reads all that the log holds; `None`: there is no log to read.
    fn log_reader(&self) -> Option<Box<dyn LogReader>> {
        None
    }
    /// The broker's own account at the end.
    fn inspect(&mut self) -> BoxFuture<'_, Result<Vec<Inspection>, BrokerError>>;
}
