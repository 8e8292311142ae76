//! Why a worker fails.

use super::journal::JournalError;
use crate::model::BrokerError;
use std::path::PathBuf;

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
    #[error("{}, whose lines messages carry, {why}; run again, and leave the file as it is meanwhile", file.display())]
    RecordFile {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Where it records what it sees.
    #[error(transparent)]
    Journal(#[from] JournalError),
}
