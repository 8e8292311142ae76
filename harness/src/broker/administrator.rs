//! What a trial asks of a broker outside the messages' way.

use super::log_reader::LogReader;
use crate::model::{BrokerError, OptionValues};
use reports::history::{Gauge, Inspection};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

/// A future on the heap, for the cold traits.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where and on what an administrator works.
#[derive(Clone, Debug)]
pub struct AdminTarget {
    /// `host:port` of the direct path.
    pub address: String,
    /// The topic's or streams' name stem.
    pub topic: String,
    /// The consumer group.
    pub group: String,
    /// How many partitions.
    pub partitions: u16,
    /// Raw options of the system, as the scenario gave them.
    pub options: OptionValues,
}

/// What the trial asks of a broker outside the messages' way.
pub trait Administrator: Send {
    /// Answers when the broker speaks its protocol; used as readiness check.
    fn ping(&mut self) -> BoxFuture<'_, Result<(), BrokerError>>;
    /// The broker's version, as it says itself; `None` where its protocol does not tell.
    fn version(&mut self) -> BoxFuture<'_, Result<Option<String>, BrokerError>>;
    /// Creates topics, streams and groups; what is there already from before is an error. Returns what only the started
    /// broker can tell its clients, as settings beside those of their library.
    fn provision(&mut self) -> BoxFuture<'_, Result<BTreeMap<String, String>, BrokerError>>;
    /// What the consumer group still lacks until this many consumers share out all partitions; `None`: nothing. By default
    /// nothing: where the broker shares out messages and not partitions, a consumer that is ready reads.
    fn group_lacks(&mut self, _consumers: u16) -> BoxFuture<'_, Result<Option<String>, BrokerError>> {
        Box::pin(async { Ok(None) })
    }
    /// The numbers of this moment.
    fn gauges(&mut self) -> BoxFuture<'_, Result<Vec<Gauge>, BrokerError>>;
    /// Removes what `provision` created: for brokers that go on after the trial.
    fn remove(&mut self) -> BoxFuture<'_, Result<(), BrokerError>>;
    /// Another client than those under test, that reads all that the log holds; `None`: there is no log to read.
    fn log_reader(&self) -> Option<Box<dyn LogReader>> {
        None
    }
    /// The broker's own account at the end.
    fn inspect(&mut self) -> BoxFuture<'_, Result<Vec<Inspection>, BrokerError>>;
}
