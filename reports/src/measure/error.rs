//! Why a history could not be measured.

use super::source::ReadError;

/// Why a history could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// A table could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// `trial.json` names no load phase.
    #[error("trial.json names no phase `load`, so nothing says which messages to judge")]
    NoLoadPhase,
    /// The load phase is empty or longer than any trial.
    #[error("trial.json says that the load phase lasts {seconds} s; between 0 and {longest} s can be judged")]
    ImplausibleLoad {
        /// What it says.
        seconds: u64,
        /// What can be judged.
        longest: u64,
    },
    /// A histogram could not be made.
    #[error("a histogram could not be made: {0}")]
    Histogram(#[from] hdrhistogram::CreationError),
}
