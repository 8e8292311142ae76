//! `workload.message.file`: records that messages carry, one line each.

use crate::model::{MOST_RECORDS, RecordFile, records};
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use std::path::{Path, PathBuf};

const KEY: &str = "file";
const LARGEST_FILE: u64 = 64 << 20;
/// What the file says, so that the scenario cannot.
const SAID_BY_THE_FILE: [&str; 3] = ["size", "up-to", "compressibility"];

/// The file, if there is one and it is one.
pub(super) fn read(message: &mut Section<'_>, reading: &mut ScenarioReading) -> Option<RecordFile> {
    let name: String = message.get(reading, KEY)?;
    for other in SAID_BY_THE_FILE {
        if message.present().any(|entry| entry.key == other) {
            message.blame(
                reading,
                other,
                format!("`workload.message.{other}` does not go with `workload.message.file`"),
                "the lines of the file say it",
                &format!("remove `{other}` or `file`"),
            );
        }
    }
    match load(&reading.folder.join(&name)) {
        Ok(file) => Some(file),
        Err(wrong) => {
            let help = "name a text file of which each line is what a message carries; a relative path begins at the scenario's folder";
            message.blame(reading, KEY, format!("{name} {wrong}"), "no file of records", help);
            None
        }
    }
}

/// The file, or what is wrong with it.
fn load(path: &Path) -> Result<RecordFile, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err("is no file".to_owned());
    }
    if metadata.len() > LARGEST_FILE {
        return Err("is larger than 64 MiB".to_owned());
    }
    // Workers are started in other folders.
    let path: PathBuf = path.canonicalize().map_err(unreadable)?;
    let content = std::fs::read(&path).map_err(unreadable)?;
    let bytes: Vec<usize> = records(&content).map(<[u8]>::len).collect();
    match bytes.len() {
        0 => Err("has no line that is not empty".to_owned()),
        lines if lines > MOST_RECORDS => Err(format!("has {lines} lines, and {MOST_RECORDS} are the most")),
        _ => Ok(RecordFile { path, sum: crc32c::crc32c(&content), bytes }),
    }
}
