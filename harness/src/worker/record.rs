//! The way of a worker's rows into its journal.

use super::journal::{Journal, JournalError};
use super::row::Row;
use std::path::Path;
use std::sync::Arc;

/// The way into the history. Cheap to clone, and for any thread.
#[derive(Clone, Debug)]
pub struct Records {
    journal: Arc<Journal>,
    #[cfg(test)]
    reader: Option<Arc<std::sync::Mutex<super::journal::Reader>>>,
}

impl Records {
    /// Over the journal that the run has made for this worker.
    ///
    /// # Errors
    /// It cannot be opened, or is none.
    pub fn open(journal: &Path) -> Result<Self, JournalError> {
        Ok(Self {
            journal: Arc::new(Journal::open(journal)?),
            #[cfg(test)]
            reader: None,
        })
    }

    /// Records a row: it outlives this process from here on. Waits while the run is far behind. Rows are dropped once the run
    /// takes no more: it has said so itself.
    #[allow(clippy::needless_pass_by_value, reason = "who has recorded a row has no more to do with it")]
    pub fn push(&self, row: Row) {
        self.journal.push(&row);
    }

    /// Nothing more will be recorded: the worker has come to its end.
    pub fn finish(&self) {
        self.journal.finish();
    }

    /// The run has fallen silent, and may be dead: from now on nobody waits for it for long.
    pub fn desert(&self) {
        self.journal.desert();
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::journal::{Reader, Writing};
    use super::*;
    use std::sync::{Mutex, PoisonError};

    /// Records that become no history.
    pub(crate) fn kept() -> Records {
        let reader = Reader::create("kept").expect("memory");
        let mut records = Records::open(&reader.path()).expect("a journal");
        records.reader = Some(Arc::new(Mutex::new(reader)));
        records
    }

    /// What has been recorded since this was last asked; how sends began is left out.
    pub(crate) fn rows(records: &Records) -> Vec<Row> {
        all_rows(records).into_iter().filter(|row| !matches!(row, Row::Begun(_))).collect()
    }

    /// All that has been recorded since this was last asked.
    pub(crate) fn all_rows(records: &Records) -> Vec<Row> {
        let reader = records.reader.as_ref().expect("of `kept`");
        let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = std::iter::from_fn(|| reader.next(Writing::GoesOn).expect("understood")).collect();
        reader.release();
        rows
    }
}
