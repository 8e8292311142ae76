//! When rows reach the disk, and what happens when they cannot.

use super::samples;
use crate::facts::WriterEnd;
use crate::history::{FOLDER, HistoryError, ROWS_PER_BATCH, Sends, Trial, Writer};
use crate::units::Nanos;
use std::cell::Cell;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

fn rows_on_disk(dir: &Path) -> u64 {
    samples::describe(dir, vec![Writer::<Sends>::facts("w")]);
    Trial::open(dir).unwrap().rows::<Sends>()
}

#[test]
fn a_full_batch_reaches_the_disk_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::<Sends>::create(dir.path(), "w").unwrap();
    let rows = samples::sends(ROWS_PER_BATCH as u64);
    rows[1..].iter().for_each(|row| writer.append(row).unwrap());
    assert_eq!(rows_on_disk(dir.path()), 0);
    writer.append(&rows[0]).unwrap();
    assert_eq!(rows_on_disk(dir.path()), ROWS_PER_BATCH as u64);
}

#[test]
fn rows_reach_the_disk_when_a_second_has_passed_and_not_before() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::<Sends>::create(dir.path(), "w").unwrap();
    let rows = samples::sends(2);
    writer.flush_if_due(Nanos(5)).unwrap();
    writer.append(&rows[0]).unwrap();
    writer.flush_if_due(Nanos(1_000_000_004)).unwrap();
    assert_eq!(rows_on_disk(dir.path()), 0);
    writer.flush_if_due(Nanos(1_000_000_005)).unwrap();
    assert_eq!(rows_on_disk(dir.path()), 1);
    writer.append(&rows[1]).unwrap();
    writer.flush_if_due(Nanos(1_500_000_000)).unwrap();
    assert_eq!(rows_on_disk(dir.path()), 1);
    assert_eq!(writer.finish().unwrap().rows, 2);
    assert_eq!(rows_on_disk(dir.path()), 2);
}

#[test]
fn a_finished_file_tells_its_length_its_rows_and_its_digest() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::<Sends>::create(dir.path(), "w").unwrap();
    samples::sends(7).iter().for_each(|row| writer.append(row).unwrap());
    let end = writer.finish().unwrap();
    let bytes = std::fs::read(dir.path().join(FOLDER).join(Writer::<Sends>::facts("w").name)).unwrap();
    assert_eq!((end.how, end.rows, end.bytes), (WriterEnd::Finished, 7, bytes.len() as u64));
    assert_eq!(end.digest, format!("crc32c:{:08x}", crc32c::crc32c(&bytes)));
}

#[test]
fn a_history_is_never_written_over() {
    let dir = tempfile::tempdir().unwrap();
    samples::write::<Sends>(dir.path(), "w", &samples::sends(3), 3);
    let error = Writer::<Sends>::create(dir.path(), "w").unwrap_err();
    assert!(error.to_string().contains("sends.w.arrows cannot be written"), "{error}");
    assert!(error.to_string().contains("never written over"), "{error}");
    assert_eq!(rows_on_disk(dir.path()), 3);
}

#[test]
fn the_name_of_a_file_tells_table_and_writer() {
    let facts = Writer::<Sends>::facts("producer-0");
    assert_eq!(
        (facts.name.as_str(), facts.table.as_str(), facts.writer.as_str()),
        ("sends.producer-0.arrows", "sends", "producer-0")
    );
    let dir = tempfile::tempdir().unwrap();
    Writer::<Sends>::create(dir.path(), "producer-0").unwrap();
    assert!(dir.path().join(FOLDER).join(facts.name).is_file());
}

/// A disk on which some space is left.
struct Disk {
    left: Rc<Cell<usize>>,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = bytes.len().min(self.left.get());
        self.left.set(self.left.get() - written);
        if written == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(written) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_said_to_be_full_and_nothing_follows_a_batch_that_was_cut() {
    let left = Rc::new(Cell::new(4_000));
    let mut writer =
        Writer::<Sends, Disk>::over(Disk { left: Rc::clone(&left) }, PathBuf::from("sends.w.arrows")).unwrap();
    let rows = samples::sends(1_000);
    rows.iter().for_each(|row| writer.append(row).unwrap());

    let full = writer.flush().unwrap_err();
    assert!(full.to_string().contains("the disk is full: free some space"), "{full}");
    left.set(usize::MAX);
    assert!(matches!(writer.append(&rows[0]), Err(HistoryError::Stopped { .. })));
    assert!(matches!(writer.flush(), Err(HistoryError::Stopped { .. })));
    assert!(matches!(writer.finish(), Err(HistoryError::Stopped { .. })));
}

#[test]
fn a_disk_without_space_for_the_schema_fails_at_once() {
    let disk = Disk { left: Rc::new(Cell::new(10)) };
    let error = Writer::<Sends, Disk>::over(disk, PathBuf::from("sends.w.arrows")).unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
}
