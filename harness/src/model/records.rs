//! Records that messages carry: the lines of a file.

use std::path::PathBuf;

/// No file has more lines: the report keeps the size of each.
pub const MOST_RECORDS: usize = 10_000;

/// A file of records, as it was when the scenario was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFile {
    /// Where it is.
    pub path: PathBuf,
    /// The CRC-32C of all of it.
    pub sum: u32,
    /// Bytes of each record, in order; none is empty, and there is at least one.
    pub bytes: Vec<usize>,
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
    fn records_are_lines_that_are_not_empty_whatever_ends_them() {
        let found: Vec<&[u8]> = records(b"one\r\n\n two \nthree").collect();
        assert_eq!(found, [&b"one"[..], b" two ", b"three"]);
        assert_eq!(records(b"\n\r\n").count(), 0);
    }
}
