//! What can go wrong between a history and its reader or writer, in words that say where and what to do.

use super::column::ColumnProblem;
use crate::facts::HISTORY_SCHEMA;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a history cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// A file could not be opened or read.
    #[error("{} cannot be read: {source}; check that it exists and may be read", path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("{} cannot be written: {source}; {}", path.display(), advice(source))]
    Write {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// An earlier write to the file failed; what came after it is not recorded.
    #[error("{} is no longer written since an earlier error; the history of this worker ends there", path.display())]
    Stopped {
        /// Which one.
        path: PathBuf,
    },
    /// Rows could not be brought into the table's form.
    #[error("{} cannot be encoded: {why}; this is a defect of the writer, please report it", path.display())]
    Encode {
        /// Which file.
        path: PathBuf,
        /// What Arrow says.
        why: String,
    },
    /// `trial.json` is not what it should be.
    #[error("{} does not describe a trial: {source}; see docs/history.md for what it must hold", path.display())]
    Facts {
        /// Which one.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// `trial.json` is of another major version.
    #[error(
        "{} has the schema \"{found}\", and this version reads \"{supported}\" and later minor versions; use the version \
         of the harness that wrote it, named in its \"versions\"",
        path.display(),
        supported = HISTORY_SCHEMA
    )]
    Version {
        /// Which one.
        path: PathBuf,
        /// What it says.
        found: String,
    },
    /// A column is not what its table wants.
    #[error("{}: column \"{column}\" {problem}", path.display())]
    Column {
        /// Which file.
        path: PathBuf,
        /// Which column.
        column: String,
        /// What is wrong with it.
        problem: ColumnProblem,
    },
    /// A file is compressed by a codec that is not read.
    #[error("{} is compressed by {codec}, which is not read; write it with zstd, or uncompressed", path.display())]
    Codec {
        /// Which one.
        path: PathBuf,
        /// Arrow's name of the codec.
        codec: String,
    },
    /// A message of a file is complete, but its content is not valid.
    #[error(
        "{}: the content after {rows} rows is damaged: {why}; restore the file from a copy, or remove it from \"files\" in \
         trial.json and put up with an incomplete history",
        path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Rows that were read before.
        rows: u64,
        /// What Arrow says.
        why: String,
    },
}

impl HistoryError {
    /// For `map_err` on what reads a file.
    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read { path: path.to_owned(), source }
    }

    /// For `map_err` on what writes a file.
    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Write { path: path.to_owned(), source }
    }
}

/// What to do about a write that failed.
fn advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full: free some space, or choose another with --out"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose a folder that may be written to with --out"
        }
        io::ErrorKind::AlreadyExists => "a history is never written over: choose another folder with --out",
        io::ErrorKind::NotFound => "create its folder first",
        _ => "check the disk, or choose another with --out",
    }
}

/// One file of the history from which rows are missing. All rows before the cut are still delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truncation {
    /// Its name within `history/`.
    pub file: String,
    /// What is missing.
    pub why: Defect,
    /// The rows that can be read, all of them before the cut.
    pub rows_read: u64,
}

impl fmt::Display for Truncation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}; {} rows can be read", self.file, self.why, self.rows_read)
    }
}

/// How a file of the history is incomplete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defect {
    /// `trial.json` lists it, and it is not there.
    Missing,
    /// It is there and cannot be read, or is no Arrow stream from some place on.
    Unreadable(String),
    /// It ends between two batches without the end-of-stream marker: its writer was killed.
    NoMarker,
    /// It ends within a batch.
    WithinBatch,
    /// Its bytes are not those that were recorded. Nothing of it is read: any row may be the changed one.
    Changed {
        /// Its digest.
        found: String,
        /// The digest that `trial.json` names.
        recorded: String,
    },
    /// It has fewer bytes than were recorded.
    Shorter {
        /// How many it has.
        found: u64,
        /// How many `trial.json` names.
        recorded: u64,
    },
    /// It has more bytes than were recorded. What was recorded is read.
    Longer {
        /// How many it has.
        found: u64,
        /// How many `trial.json` names.
        recorded: u64,
    },
    /// Its bytes are those that were recorded, and its rows are not as many as `trial.json` says.
    OtherRows {
        /// How many it has.
        found: u64,
        /// How many `trial.json` names.
        recorded: u64,
    },
}

impl fmt::Display for Defect {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => out.write_str("the file is missing"),
            Self::Unreadable(why) => write!(out, "the file cannot be read: {why}"),
            Self::NoMarker => out.write_str("no end-of-stream marker: its writer did not live to finish it"),
            Self::WithinBatch => out.write_str("the file ends within a batch"),
            Self::Changed { found, recorded } => {
                write!(out, "the file was changed: its digest is {found}, and {recorded} was recorded")
            }
            Self::Shorter { found, recorded } => {
                write!(out, "the file has {found} bytes, and {recorded} were recorded")
            }
            Self::Longer { found, recorded } => {
                write!(out, "the file has {found} bytes, {} more than were recorded", found - recorded)
            }
            Self::OtherRows { found, recorded } => {
                write!(out, "the file holds {found} rows, and trial.json says {recorded}")
            }
        }
    }
}
