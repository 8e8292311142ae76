//! A history whose writers did not live, or whose files suffered: everything before the cut is read, and the cut is told.

use super::samples;
use crate::facts::FileFacts;
use crate::history::{Defect, FOLDER, ROWS_PER_BATCH, Send, Sends, Trial, Truncation, Writer};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

fn read(trial: &Trial) -> Vec<Send> {
    trial.sends().flat_map(|batch| batch.unwrap().rows().collect::<Vec<_>>()).collect()
}

/// Opens a trial whose only file is this one.
fn opened(dir: &Path, file: &FileFacts) -> Trial {
    samples::describe(dir, vec![file.clone()]);
    Trial::open(dir).unwrap()
}

#[test]
fn a_killed_writers_batches_are_read_and_the_file_is_truncated() {
    let dir = tempfile::tempdir().unwrap();
    let rows = samples::sends(ROWS_PER_BATCH as u64 + 10);
    let mut writer = Writer::<Sends>::create(dir.path(), "producer-0").unwrap();
    rows.iter().for_each(|row| writer.append(row).unwrap());
    drop(writer);

    let file = Writer::<Sends>::facts("producer-0");
    let trial = opened(dir.path(), &file);
    assert_eq!(read(&trial), rows[..ROWS_PER_BATCH]);
    let truncation = Truncation { file: file.name, why: Defect::NoMarker, rows_read: ROWS_PER_BATCH as u64 };
    assert_eq!(trial.truncations(), [truncation]);
}

#[test]
fn a_writer_killed_before_its_first_row_leaves_a_truncated_file_without_rows() {
    let dir = tempfile::tempdir().unwrap();
    drop(Writer::<Sends>::create(dir.path(), "producer-0").unwrap());

    let trial = opened(dir.path(), &Writer::<Sends>::facts("producer-0"));
    assert_eq!(read(&trial), []);
    assert_eq!(trial.truncations()[0].why, Defect::NoMarker);
}

#[test]
fn a_finished_file_without_rows_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let file = samples::write::<Sends>(dir.path(), "producer-0", &[], 1);

    let trial = opened(dir.path(), &file);
    assert_eq!(read(&trial), []);
    assert_eq!(trial.truncations(), []);
}

#[test]
fn a_listed_file_that_is_not_there_is_missing_and_the_others_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let rows = samples::sends(10);
    let there = samples::write::<Sends>(dir.path(), "producer-0", &rows, 10);
    samples::describe(dir.path(), vec![Writer::<Sends>::facts("producer-1"), there]);

    let trial = Trial::open(dir.path()).unwrap();
    assert_eq!(read(&trial), rows);
    let missing = Truncation { file: "sends.producer-1.arrows".to_owned(), why: Defect::Missing, rows_read: 0 };
    assert_eq!(trial.truncations(), [missing]);
}

#[test]
fn a_file_that_is_no_arrow_stream_is_unreadable() {
    let dir = tempfile::tempdir().unwrap();
    let file = samples::write::<Sends>(dir.path(), "producer-0", &[], 1);
    fs::write(dir.path().join(FOLDER).join(&file.name), "producer,partition,seq\n0,0,0\n").unwrap();

    let trial = opened(dir.path(), &file);
    assert_eq!(read(&trial), []);
    assert!(matches!(&trial.truncations()[0].why, Defect::Unreadable(_)), "{:?}", trial.truncations());
}

#[test]
fn an_empty_file_is_truncated() {
    let dir = tempfile::tempdir().unwrap();
    let file = samples::write::<Sends>(dir.path(), "producer-0", &[], 1);
    fs::write(dir.path().join(FOLDER).join(&file.name), "").unwrap();

    assert_eq!(opened(dir.path(), &file).truncations()[0].why, Defect::NoMarker);
}

#[test]
fn a_file_outside_of_the_history_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = samples::write::<Sends>(dir.path(), "producer-0", &samples::sends(10), 10);
    file.name = format!("../{FOLDER}/{}", file.name);

    let trial = opened(dir.path(), &file);
    assert_eq!(read(&trial), []);
    assert!(matches!(&trial.truncations()[0].why, Defect::Unreadable(why) if why.contains("name")));
}

#[test]
fn a_truncation_says_which_file_what_is_missing_and_what_can_be_read() {
    let truncation = Truncation { file: "sends.producer-0.arrows".to_owned(), why: Defect::WithinBatch, rows_read: 12 };
    assert_eq!(truncation.to_string(), "sends.producer-0.arrows: the file ends within a batch; 12 rows can be read");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_file_cut_anywhere_gives_a_prefix_of_its_rows_and_is_truncated(share in 0.0..1.0_f64) {
        let dir = tempfile::tempdir().unwrap();
        let rows = samples::sends(200);
        let file = samples::write::<Sends>(dir.path(), "producer-0", &rows, 30);
        let path = dir.path().join(FOLDER).join(&file.name);
        let whole = fs::read(&path).unwrap();
        let cut = ((whole.len() as f64) * share) as usize;
        fs::write(&path, &whole[..cut]).unwrap();

        let trial = opened(dir.path(), &file);
        let read = read(&trial);
        prop_assert_eq!(read.len() % 30, if read.len() == 200 { 20 } else { 0 });
        prop_assert_eq!(&read[..], &rows[..read.len()]);
        prop_assert_eq!(trial.truncations().len(), 1);
        prop_assert_eq!(trial.truncations()[0].rows_read, read.len() as u64);
    }
}

#[test]
fn a_file_cut_within_its_last_bytes_keeps_all_rows_and_is_truncated_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let rows = samples::sends(50);
    let file = samples::write::<Sends>(dir.path(), "producer-0", &rows, 30);
    let path = dir.path().join(FOLDER).join(&file.name);
    let whole = fs::read(&path).unwrap();
    for missing in 1..=8 {
        fs::write(&path, &whole[..whole.len() - missing]).unwrap();
        let trial = opened(dir.path(), &file);
        assert_eq!(read(&trial), rows, "{missing} bytes missing");
        assert_eq!(trial.truncations().len(), 1, "{missing} bytes missing");
    }
}
