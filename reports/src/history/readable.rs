//! A file of the history that can be read, as far as it can.

use super::error::HistoryError;
use super::file::{Extent, FileBatches};
use super::table::HistoryTable;
use std::path::PathBuf;

/// One readable file of the history.
#[derive(Clone, Debug)]
pub(super) struct HistoryFile {
    pub(super) table: String,
    pub(super) path: PathBuf,
    pub(super) extent: Extent,
}

impl HistoryFile {
    pub(super) fn batches<T: HistoryTable>(&self) -> Result<FileBatches<T>, HistoryError> {
        FileBatches::open(&self.path, &self.extent)
    }
}
