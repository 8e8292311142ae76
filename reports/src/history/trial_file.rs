//! `trial.json` on disk.

use super::error::HistoryError;
use crate::facts::{HISTORY_SCHEMA, TrialFacts};
use serde::Deserialize;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// The folder of the tables' files, beside `trial.json`.
pub const FOLDER: &str = "history";

/// The file's name within a trial's folder.
const NAME: &str = "trial.json";

/// What is read first: another major version may differ in everything else.
#[derive(Deserialize)]
struct Versioned {
    schema: String,
}

impl TrialFacts {
    /// Reads `trial.json` in a trial's folder.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, is not valid, or is of another major version than [`HISTORY_SCHEMA`].
    pub fn load(dir: &Path) -> Result<Self, HistoryError> {
        let path = dir.join(NAME);
        let text = fs::read(&path).map_err(HistoryError::read(&path))?;
        let invalid = |source| HistoryError::Facts { path: path.clone(), source };
        let Versioned { schema } = serde_json::from_slice(&text).map_err(invalid)?;
        if major(&schema) != major(HISTORY_SCHEMA) {
            return Err(HistoryError::Version { path, found: schema });
        }
        serde_json::from_slice(&text).map_err(invalid)
    }

    /// Writes `trial.json` into a trial's folder: whole or, where that fails, not at all.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn save(&self, dir: &Path) -> Result<(), HistoryError> {
        let path = dir.join(NAME);
        let draft = dir.join("trial.json.part");
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| HistoryError::Encode { path: path.clone(), why: error.to_string() })?;
        write_through(&draft, &text).map_err(HistoryError::write(&draft))?;
        fs::rename(&draft, &path).map_err(HistoryError::write(&path))
    }
}

/// Everything before the minor version.
fn major(schema: &str) -> &str {
    schema.rsplit_once('.').map_or(schema, |(major, _)| major)
}

/// On the disk itself before it is renamed: a name must never stand for a file whose content did not make it.
fn write_through(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text)?;
    file.sync_all()
}
