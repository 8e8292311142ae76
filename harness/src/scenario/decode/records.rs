//! `workload.message.file`: records that messages carry, one line each.

use crate::model::{MOST_RECORDS, OF_A_RUN, RecordFile, records, size};
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
    if OF_A_RUN.iter().any(|own| Path::new(&name).starts_with(own)) {
        message.blame(
            reading,
            KEY,
            format!("`{name}` is called like what a run writes itself, beside which it keeps a copy"),
            "a name of its own",
            "rename the file",
        );
        return None;
    }
    match load(&reading.folder, &name) {
        Ok(file) => {
            // Runs with other records are not of one scenario, whatever the file is called.
            let contents = format!("{name} (crc32c:{:08x})", file.sum);
            reading.note_text_as(&format!("workload.message.{KEY}"), contents);
            Some(file)
        }
        Err(wrong) => {
            let help = "name a text file of which each line is what a message carries; a relative path begins at the scenario's folder";
            message.blame(reading, KEY, format!("`{name}` {wrong}"), "no file of records", help);
            None
        }
    }
}

/// The file of this name, seen from a folder; or what is wrong with it.
fn load(folder: &Path, name: &str) -> Result<RecordFile, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    let path = folder.join(name);
    let metadata = std::fs::metadata(&path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err("is no file".to_owned());
    }
    if metadata.len() > LARGEST_FILE {
        return Err(format!("is larger than {}", size::show(LARGEST_FILE)));
    }
    // Workers are started in other folders.
    let path = path.canonicalize().map_err(unreadable)?;
    let content = std::fs::read(&path).map_err(unreadable)?;
    let bytes: Vec<usize> = records(&content).map(<[u8]>::len).collect();
    match bytes.len() {
        0 => Err("has no line that is not empty".to_owned()),
        lines if lines > MOST_RECORDS => Err(format!("has {lines} lines, and {MOST_RECORDS} are the most")),
        _ => Ok(RecordFile { name: PathBuf::from(name), path, sum: crc32c::crc32c(&content), bytes }),
    }
}
