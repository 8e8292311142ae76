//! Workers: processes that produce or consume, and write their own part of the history.
//! From here the broker's hot traits, the clock and history writers may be touched; never the environment or a verdict.
//! To add a kind of work: copy `consume.rs`, and add its variant to `protocol::Task`.

mod backoff;
pub mod client;
mod connections;
pub mod consume;
mod control;
mod ledger;
pub mod payload;
pub mod produce;
pub mod protocol;
pub(crate) mod record;
pub mod serve;

pub use backoff::Backoff;
pub use connections::ConnectionLog;
pub use control::Control;
pub use ledger::{Ledger, Ticket};
pub use record::{Records, Tables};

use crate::broker::BrokerError;
use client::{Consumer, ConsumerContext, Producer, ProducerContext};
use protocol::{Assignment, ConsumeTask, ProduceTask};
use reports::history::HistoryError;
use serve::Outbox;

/// A producing worker's work with some broker's client.
pub type Produce = fn(&Assignment, &ProduceTask, ProducerContext, &Outbox) -> Result<(), WorkerError>;
/// A consuming worker's work with some broker's client.
pub type Consume = fn(&Assignment, &ConsumeTask, ConsumerContext, &Outbox) -> Result<(), WorkerError>;

/// The two clients of a broker, as a worker runs them: chosen once by the broker's name, statically dispatched inside.
#[derive(Clone, Copy, Debug)]
pub struct Clients {
    /// Runs the one that sends. Its error: the first connection did not succeed.
    pub produce: Produce,
    /// Runs the one that receives. Its error: the first connection did not succeed.
    pub consume: Consume,
}

impl Clients {
    /// Those of these types.
    pub fn of<P: Producer, C: Consumer>() -> Self {
        Self { produce: produce::run::<P>, consume: consume::run::<C> }
    }
}

/// Why a worker could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The run and the worker do not understand each other.
    #[error("{0}")]
    Protocol(String),
    /// The broker.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// The disk.
    #[error(transparent)]
    History(#[from] HistoryError),
}
