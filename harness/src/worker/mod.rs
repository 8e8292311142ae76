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
use reports::history::HistoryError;

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
