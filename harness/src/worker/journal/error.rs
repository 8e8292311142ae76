//! Why a journal cannot be had, or not be read.

use std::io;
use std::path::PathBuf;

/// Why a journal cannot be had, or not be read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The memory was refused.
    #[error("no room for the journal of {worker} ({bytes} bytes of memory): {source}")]
    Room {
        /// Whose.
        worker: String,
        /// How much was asked for.
        bytes: usize,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be opened or mapped.
    #[error("the journal {} cannot be opened: {source}", path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{} is no journal that this worker can write: {why}", path.display())]
    Foreign {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A row says what no row can say.
    #[error("row {row} of its journal is not understood: {why}")]
    Row {
        /// Which, from 0.
        row: u64,
        /// What is wrong with it.
        why: String,
    },
}
