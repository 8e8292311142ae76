//! Why a trial ends early.

use super::crew::SpawnError;
use crate::environment::EnvironmentError;
use crate::model::BrokerError;
use reports::history::HistoryError;

/// Why a trial could not be carried through. What its history holds by then is kept.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum TrialError {
    /// The environment.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Environment(#[from] EnvironmentError),
    /// The broker.
    #[error(transparent)]
    #[diagnostic(help("the logs of brokers and workers are in the trial's folder `logs/`"))]
    Broker(#[from] BrokerError),
    /// The disk.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A worker's part of the history could not be written.
    #[error("a part of the history could not be written: {0}")]
    #[diagnostic(help("is the disk full? free some space, or choose another one with --out"))]
    Unwritten(String),
    /// A folder or a process.
    #[error("{doing}: {source}")]
    #[diagnostic(help("is the disk full, or the folder not writable? choose another one with --out"))]
    Io {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The workers did not come up.
    #[error("the workers did not come up: {0}")]
    #[diagnostic(help("their own words are in the trial's folder `logs/`"))]
    Workers(String),
    /// A second interrupt, or one before the load had begun.
    #[error("interrupted")]
    Interrupted,
}

impl From<SpawnError> for TrialError {
    fn from(error: SpawnError) -> Self {
        match error {
            SpawnError::History(error) => Self::History(error),
            SpawnError::Process { worker, source } => {
                Self::Io { doing: format!("starting the worker {worker}"), source }
            }
        }
    }
}
