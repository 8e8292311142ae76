//! Whether a file of the history is what was recorded: its length, its rows and its digest, taken when it ended and compared
//! when it is read.

use super::error::{Defect, HistoryError};
use super::file::{Extent, measure};
use crate::facts::{FileEnd, WriterEnd};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What a digest begins with: the only kind that there is.
const KIND: &str = "crc32c:";

/// Read at once: large enough that the system call does not count, small enough to stay in the processor's cache.
const CHUNK_BYTES: usize = 256 << 10;

/// How a file of the history ended: what `trial.json` must say of it when nobody writes to it any more.
///
/// # Errors
///
/// Where it cannot be read.
pub fn file_end(path: &Path, how: WriterEnd) -> Result<FileEnd, HistoryError> {
    let (bytes, digest) = digest(path, u64::MAX).map_err(HistoryError::read(path))?;
    Ok(FileEnd { how, bytes, rows: measure(path, bytes).rows, digest: shown(digest) })
}

/// How far a file can be read and trusted, given what is recorded of its end. One without such a record, of an older
/// history or of a trial that nobody lived to end, is taken as it is.
pub(super) fn verified(path: &Path, end: Option<&FileEnd>) -> Extent {
    let Some(end) = end else { return measure(path, u64::MAX) };
    let unreadable = |error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound => Defect::Missing,
        _ => Defect::Unreadable(error.to_string()),
    };
    let checked = File::open(path).and_then(|file| file.metadata()).and_then(|found| {
        let (_, digest) = digest(path, end.bytes)?;
        Ok((found.len(), digest))
    });
    match checked {
        Err(error) => nothing(unreadable(&error)),
        Ok((found, _)) if found < end.bytes => {
            Extent { cut: Some(Defect::Shorter { found, recorded: end.bytes }), ..measure(path, u64::MAX) }
        }
        Ok((_, digest)) if shown(digest) != end.digest => {
            nothing(Defect::Changed { found: shown(digest), recorded: end.digest.clone() })
        }
        Ok((found, _)) => {
            let extent = measure(path, end.bytes);
            let cut = match extent.cut {
                _ if found > end.bytes => Some(Defect::Longer { found, recorded: end.bytes }),
                _ if extent.rows != end.rows => Some(Defect::OtherRows { found: extent.rows, recorded: end.rows }),
                // Its writer did not live to finish it, and somebody else wrote down all that it had recorded.
                Some(Defect::NoMarker) => None,
                cut => cut,
            };
            Extent { cut, ..extent }
        }
    }
}

/// Of a changed file no row can be believed.
const fn nothing(cut: Defect) -> Extent {
    Extent { bytes: 0, rows: 0, cut: Some(cut) }
}

/// CRC-32C of a file's first bytes, and how many they were.
fn digest(path: &Path, within: u64) -> io::Result<(u64, u32)> {
    let mut file = File::open(path)?.take(within);
    let mut chunk = vec![0; CHUNK_BYTES];
    let (mut bytes, mut digest) = (0, 0);
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok((bytes, digest)),
            Ok(read) => {
                bytes += read as u64;
                digest = crc32c::crc32c_append(digest, &chunk[..read]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

pub(super) fn shown(digest: u32) -> String {
    format!("{KIND}{digest:08x}")
}
