//! Records that messages carry: the lines of a file.

use std::path::{Component, Path, PathBuf};

/// No file has more lines: the report keeps the size of each.
pub const MOST_RECORDS: usize = 10_000;

/// As what a run keeps its scenario, in its folder.
pub const KEPT_SCENARIO: &str = "scenario.toml";

/// What else a run's folder has that is not of a trial: no file of records may be called so, for a copy of it is kept there.
pub const OF_A_RUN: [&str; 7] =
    [KEPT_SCENARIO, "charts", "junit.xml", "metrics.prom", "report.html", "result.json", "summary.md"];

/// A file of records, as it was when the scenario was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFile {
    /// Its name in the scenario, which may be a path that begins at the scenario's folder.
    pub name: PathBuf,
    /// Where it is.
    pub path: PathBuf,
    /// The CRC-32C of all of it.
    pub sum: u32,
    /// Bytes of each record, in order; none is empty, and there is at least one.
    pub bytes: Vec<usize>,
}

impl RecordFile {
    /// Where a copy of the scenario in another folder finds it by the same name. `None`: its path leads elsewhere, or is a whole one.
    pub fn beside_a_copy(&self, folder: &Path) -> Option<PathBuf> {
        let stays = self.name.components().all(|part| matches!(part, Component::Normal(_)));
        stays.then(|| folder.join(&self.name))
    }
}

/// Its records: lines, without their ends; empty ones are none.
pub fn records(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = content.split(|byte| *byte == b'\n');
    lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_of_the_scenario_finds_what_is_below_its_folder() {
        let named = |name: &str| {
            let file = RecordFile { name: PathBuf::from(name), path: PathBuf::new(), sum: 0, bytes: vec![1] };
            file.beside_a_copy(Path::new("run"))
        };
        assert_eq!(named("records/orders.jsonl"), Some(PathBuf::from("run/records/orders.jsonl")));
        assert_eq!((named("../orders.jsonl"), named("/orders.jsonl")), (None, None));
    }

    #[test]
    fn records_are_lines_that_are_not_empty_whatever_ends_them() {
        let found: Vec<&[u8]> = records(b"one\r\n\n two \nthree").collect();
        assert_eq!(found, [&b"one"[..], b" two ", b"three"]);
        assert_eq!(records(b"\n\r\n").count(), 0);
    }
}
