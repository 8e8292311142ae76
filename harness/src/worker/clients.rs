//! The pair of clients that a worker can run: chosen once by name, statically dispatched inside.

use super::client::{Consumer, ConsumerContext, Producer, ProducerContext};
use super::error::WorkerError;
use super::held::{HeldProducer, hold};
use super::outbox::Outbox;
use super::protocol::{Assignment, ConsumeTask, ProduceTask};
use super::{consume, produce};
use crate::model::BrokerError;

/// A producing worker's work with some broker's client.
pub type Produce = fn(&Assignment, &ProduceTask, ProducerContext, &Outbox) -> Result<(), WorkerError>;
/// A consuming worker's work with some broker's client.
pub type Consume = fn(&Assignment, &ConsumeTask, ConsumerContext, &Outbox) -> Result<(), WorkerError>;
/// A connected producing client of some broker, for a caller with work of its own for it.
pub type Hold = fn(ProducerContext) -> Result<Box<dyn HeldProducer>, BrokerError>;

/// The two clients of a broker, as a worker runs them: chosen once by the broker's name, statically dispatched inside.
#[derive(Clone, Copy, Debug)]
pub struct Clients {
    /// Runs the one that sends. Its error: the first connection did not succeed.
    pub produce: Produce,
    /// Runs the one that receives. Its error: the first connection did not succeed.
    pub consume: Consume,
    /// Connects the one that sends, and hands it over. Its error: the first connection did not succeed.
    pub hold: Hold,
}

impl Clients {
    /// Those of these types.
    pub fn of<P: Producer + 'static, C: Consumer>() -> Self {
        Self { produce: produce::run::<P>, consume: consume::run::<C>, hold: hold::<P> }
    }
}
