//! Why a worker fails.

use super::journal::JournalError;
use crate::model::BrokerError;

/// Why a worker could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The run and the worker do not understand each other.
    #[error("{0}")]
    Protocol(String),
    /// The broker.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// The file of records that messages are to carry.
    #[error("{0}")]
    RecordFile(String),
    /// Where it records what it sees.
    #[error(transparent)]
    Journal(#[from] JournalError),
}
