//! A trial's history, opened for reading.

use super::connections::Connections;
use super::dead_letters::DeadLetters;
use super::deliveries::Deliveries;
use super::error::{Defect, HistoryError, Truncation};
use super::events::MergedEvents;
use super::faults::Faults;
use super::file::{Extent, FileBatches};
use super::gauges::Gauges;
use super::group_events::GroupEvents;
use super::inspections::Inspections;
use super::integrity::verified;
use super::log::LogEntries;
use super::nodes::Nodes;
use super::readable::HistoryFile;
use super::resources::Resources;
use super::sends::Sends;
use super::settlements::Settlements;
use super::table::{HistoryTable, SmallTable};
use super::trial_file::FOLDER;
use super::{Connection, DeadLetter, Fault, Gauge, GroupChange, Inspection, NodeChange, Resource};
use crate::facts::{FileFacts, TrialFacts};
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::path::Path;

/// A trial on disk: its facts at once, its tables when asked for. Holds no rows.
#[derive(Clone, Debug)]
pub struct Trial {
    facts: TrialFacts,
    files: Vec<HistoryFile>,
    truncations: Vec<Truncation>,
}

impl Trial {
    /// Opens the trial in a folder that holds `trial.json` and `history/`, and looks how far each file can be read.
    /// Where `trial.json` says how a file ended, its bytes are compared with its digest; that is why opening reads them.
    ///
    /// Files that are missing, cut or changed do not fail: they are [`Trial::truncations`]. Files that `trial.json` does not list
    /// are not read.
    ///
    /// # Errors
    ///
    /// Where `trial.json` cannot be read, is not valid, or is of another major version.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, HistoryError> {
        let dir = dir.as_ref();
        let facts = TrialFacts::load(dir)?;
        let mut files = Vec::new();
        let mut truncations = Vec::new();
        for file in &facts.files {
            let path = dir.join(FOLDER).join(&file.name);
            let extent = if is_plain(file) { verified(&path, file.end.as_ref()) } else { misnamed() };
            if let Some(why) = extent.cut.clone() {
                truncations.push(Truncation { file: file.name.clone(), why, rows_read: extent.rows });
            }
            if extent.bytes > 0 {
                files.push(HistoryFile { table: file.table.clone(), path, extent });
            }
        }
        Ok(Self { facts, files, truncations })
    }

    /// What `trial.json` says.
    pub fn facts(&self) -> &TrialFacts {
        &self.facts
    }

    /// The files from which rows are missing, in the order of `trial.json`. Empty: the history is whole.
    pub fn truncations(&self) -> &[Truncation] {
        &self.truncations
    }

    /// How many rows of a table can be read, without reading them.
    pub fn rows<T: HistoryTable>(&self) -> u64 {
        self.files::<T>().map(|file| file.extent.rows).sum()
    }

    /// All sends, file after file, each file in the order in which it was written: nearly that of `settled`.
    pub fn sends(&self) -> Batches<Sends> {
        self.batches()
    }

    /// All deliveries, file after file, each file in the order in which it was written: nearly that of `received`.
    pub fn deliveries(&self) -> Batches<Deliveries> {
        self.batches()
    }

    /// All settlements, file after file, each file in the order in which it was written: nearly that of `settled`.
    pub fn settlements(&self) -> Batches<Settlements> {
        self.batches()
    }

    /// What the broker's log held, partition by partition or mixed, each partition in the order of its positions.
    pub fn log(&self) -> Batches<LogEntries> {
        self.batches()
    }

    /// The deliveries and settlements of all consumers in the order of time; see [`MergedEvents`].
    ///
    /// # Errors
    ///
    /// Where a file cannot be opened or its first batches cannot be read.
    pub fn events(&self) -> Result<MergedEvents, HistoryError> {
        MergedEvents::merge(self.files::<Deliveries>(), self.files::<Settlements>())
    }

    /// What happened to the clients' connections, in the order of time.
    ///
    /// # Errors
    ///
    /// Where a file is damaged or has other columns than the table.
    pub fn connections(&self) -> Result<Vec<Connection>, HistoryError> {
        self.sorted::<Connections>()
    }

    /// What happened to the consumers' membership, in the order of time.
    ///
    /// # Errors
    ///
    /// Where a file is damaged or has other columns than the table.
    pub fn group_events(&self) -> Result<Vec<GroupChange>, HistoryError> {
        self.sorted::<GroupEvents>()
    }

    /// The faults, in the order in which they were asked for.
    ///
    /// # Errors
    ///
    /// Where a file is damaged or has other columns than the table.
    pub fn faults(&self) -> Result<Vec<Fault>, HistoryError> {
        self.sorted::<Faults>()
    }

    /// What happened to nodes, in the order of time.
    ///
    /// # Errors
    ///
    /// Where a file is damaged or has other columns than the table.
    pub fn nodes(&self) -> Result<Vec<NodeChange>, HistoryError> {
        self.sorted::<Nodes>()
    }

    /// The broker's own numbers, in the order of time.
    ///
    /// # Errors
    ///
    /// Where a file is damaged or has other columns than the table.
    pub fn gauges(&self) -> Result<Vec<Gauge>, HistoryError> {
        self.sorted::<Gauges>()
    }

    /// What the processes had used, in the order of time.
    ///
    /// # Errors
    ///
    /// Where a file is damaged or has other columns than the table.
    pub fn resources(&self) -> Result<Vec<Resource>, HistoryError> {
        self.sorted::<Resources>()
    }

    /// The broker's own view at the end, in the order of time.
    ///
    /// # Errors
    ///
    /// Where a file is damaged or has other columns than the table.
    pub fn inspections(&self) -> Result<Vec<Inspection>, HistoryError> {
        self.sorted::<Inspections>()
    }

    /// What the dead-letter queue held at the end, in the order of time.
    ///
    /// # Errors
    ///
    /// Where a file is damaged or has other columns than the table.
    pub fn dead_letters(&self) -> Result<Vec<DeadLetter>, HistoryError> {
        self.sorted::<DeadLetters>()
    }

    fn files<T: HistoryTable>(&self) -> impl Iterator<Item = &HistoryFile> {
        self.files.iter().filter(|file| file.table == T::NAME)
    }

    fn batches<T: HistoryTable>(&self) -> Batches<T> {
        Batches { waiting: self.files::<T>().cloned().collect(), open: None }
    }

    fn sorted<T: SmallTable>(&self) -> Result<Vec<T::Row>, HistoryError> {
        let mut rows = Vec::new();
        for batch in self.batches::<T>() {
            rows.append(&mut batch?);
        }
        // Stable: rows of one file and instant stay in the order in which they were written.
        rows.sort_by_key(T::at);
        Ok(rows)
    }
}

/// A name that stays within the history's folder; `trial.json` may come from anywhere.
fn is_plain(file: &FileFacts) -> bool {
    Path::new(&file.name).file_name() == Some(OsStr::new(&file.name))
}

fn misnamed() -> Extent {
    Extent { bytes: 0, rows: 0, cut: Some(Defect::Unreadable("its name is not that of a file in history/".to_owned())) }
}

/// All batches of a table, file after file. Holds one batch at a time. Ends after the first error.
#[derive(Debug)]
pub struct Batches<T: HistoryTable> {
    waiting: VecDeque<HistoryFile>,
    open: Option<FileBatches<T>>,
}

impl<T: HistoryTable> Batches<T> {
    fn step(&mut self) -> Result<Option<T::Batch>, HistoryError> {
        loop {
            if let Some(file) = &mut self.open
                && let Some(batch) = file.next()?
            {
                return Ok(Some(batch));
            }
            match self.waiting.pop_front() {
                Some(file) => self.open = Some(file.batches()?),
                None => return Ok(None),
            }
        }
    }
}

impl<T: HistoryTable> Iterator for Batches<T> {
    type Item = Result<T::Batch, HistoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if !matches!(step, Ok(Some(_))) {
            self.waiting.clear();
            self.open = None;
        }
        step.transpose()
    }
}
