//! Why a worker fails.

use crate::model::BrokerError;
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
