//! Files that carry their digest: a byte more, less or other than was recorded is told, and nothing else is.

use super::samples;
use crate::facts::{FileFacts, WriterEnd};
use crate::history::{Defect, FOLDER, Sends, Trial, Truncation, Writer, file_end};
use crate::units::Nanos;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

/// A finished file of 200 sends and how it ended.
fn recorded(dir: &Path) -> (FileFacts, PathBuf) {
    let mut file = samples::write::<Sends>(dir, "producer-0", &samples::sends(200), 30);
    let path = dir.join(FOLDER).join(&file.name);
    file.end = Some(file_end(&path, WriterEnd::Finished).unwrap());
    (file, path)
}

fn truncations(dir: &Path, file: &FileFacts) -> Vec<Truncation> {
    samples::describe(dir, vec![file.clone()]);
    Trial::open(dir).unwrap().truncations().to_vec()
}

fn rows(dir: &Path) -> usize {
    Trial::open(dir).unwrap().sends().map(|batch| batch.unwrap().len()).sum()
}

#[test]
fn a_file_as_it_was_recorded_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let (file, path) = recorded(dir.path());
    let end = file.end.as_ref().unwrap();
    assert_eq!((end.bytes, end.rows), (fs::metadata(path).unwrap().len(), 200));
    assert_eq!(truncations(dir.path(), &file), []);
    assert_eq!(rows(dir.path()), 200);
}

#[test]
fn the_digest_is_the_crc_32c_of_the_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("numbers");
    // The check value of the algorithm's catalogue entry, CRC-32/ISCSI.
    fs::write(&path, "123456789").unwrap();
    assert_eq!(file_end(&path, WriterEnd::Finished).unwrap().digest, "crc32c:e3069283");
}

#[test]
fn a_longer_file_is_read_as_far_as_it_was_recorded_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let (file, path) = recorded(dir.path());
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend([0; 5]);
    fs::write(&path, &bytes).unwrap();
    let told = truncations(dir.path(), &file);
    assert!(told[0].to_string().contains("5 more than were recorded; 200 rows can be read"), "{}", told[0]);
    assert_eq!(rows(dir.path()), 200);
}

#[test]
fn what_a_killed_writer_recorded_is_whole_and_what_was_appended_since_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (mut file, path) = recorded(dir.path());
    let finished = fs::read(&path).unwrap();
    let unmarked = &finished[..finished.len() - 8];
    fs::write(&path, unmarked).unwrap();
    file.end = Some(file_end(&path, WriterEnd::Killed { at: Nanos(7) }).unwrap());
    assert_eq!(truncations(dir.path(), &file), []);
    assert_eq!(rows(dir.path()), 200);

    fs::write(&path, [unmarked, unmarked].concat()).unwrap();
    assert!(matches!(truncations(dir.path(), &file)[0].why, Defect::Longer { .. }));
    assert_eq!(rows(dir.path()), 200);
}

#[test]
fn rows_that_trial_json_counts_otherwise_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let (mut file, _) = recorded(dir.path());
    file.end.as_mut().unwrap().rows = 201;
    assert_eq!(truncations(dir.path(), &file)[0].why, Defect::OtherRows { found: 200, recorded: 201 });
}

#[test]
fn a_recorded_file_that_is_gone_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let (file, path) = recorded(dir.path());
    fs::remove_file(path).unwrap();
    assert_eq!(truncations(dir.path(), &file)[0].why, Defect::Missing);
}

#[test]
fn a_file_without_a_record_of_its_end_is_taken_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    drop(Writer::<Sends>::create(dir.path(), "producer-1").unwrap());
    assert_eq!(truncations(dir.path(), &Writer::<Sends>::facts("producer-1"))[0].why, Defect::NoMarker);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn one_flipped_bit_anywhere_is_told_by_name_and_no_row_of_the_file_is_believed(share in 0.0..1.0_f64, bit in 0..8_u8) {
        let dir = tempfile::tempdir().unwrap();
        let (file, path) = recorded(dir.path());
        let mut bytes = fs::read(&path).unwrap();
        let place = ((bytes.len() as f64) * share) as usize;
        bytes[place] ^= 1 << bit;
        fs::write(&path, &bytes).unwrap();
        let told = truncations(dir.path(), &file);
        let changed = matches!(told[0].why, Defect::Changed { .. });
        prop_assert!(changed);
        prop_assert!(told[0].to_string().starts_with("sends.producer-0.arrows: the file was changed"));
        prop_assert_eq!(rows(dir.path()), 0);
    }

    #[test]
    fn a_file_that_lost_its_end_is_told_and_read_up_to_there(share in 0.0..1.0_f64) {
        let dir = tempfile::tempdir().unwrap();
        let (file, path) = recorded(dir.path());
        let bytes = fs::read(&path).unwrap();
        let left = ((bytes.len() as f64) * share) as usize;
        fs::write(&path, &bytes[..left]).unwrap();
        let told = truncations(dir.path(), &file);
        prop_assert_eq!(&told[0].why, &Defect::Shorter { found: left as u64, recorded: bytes.len() as u64 });
        prop_assert_eq!(told[0].rows_read, rows(dir.path()) as u64);
    }
}
