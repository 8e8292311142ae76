//! Files that pandas and pyarrow wrote.

use super::samples;
use crate::facts::FileFacts;
use crate::history::{FOLDER, Outcome, Sends, Trial};
use crate::units::{Nanos, Position, ProducerId};
use std::fs;
use std::path::Path;

/// A trial whose only file is one that pyarrow wrote; `fixtures/write.py` tells how.
fn fixture(codec: &str) -> (tempfile::TempDir, Trial) {
    let dir = tempfile::tempdir().unwrap();
    let name = format!("sends.pyarrow-{codec}.arrows");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/history/tests/fixtures").join(&name);
    fs::create_dir(dir.path().join(FOLDER)).unwrap();
    fs::copy(from, dir.path().join(FOLDER).join(&name)).unwrap();
    let file = FileFacts { name, table: "sends".to_owned(), writer: "pyarrow".to_owned(), end: None };
    samples::describe(dir.path(), vec![file]);
    let trial = Trial::open(dir.path()).unwrap();
    (dir, trial)
}

#[test]
fn what_pandas_and_pyarrow_write_is_read() {
    let (_dir, trial) = fixture("zstd");
    assert_eq!(trial.truncations(), []);
    let rows: Vec<_> = trial.sends().flat_map(|batch| batch.unwrap().rows().collect::<Vec<_>>()).collect();
    assert_eq!(rows.len(), 3);
    assert_eq!((rows[1].position, rows[1].outcome), (Some(Position(8)), Outcome::Ok));
    assert_eq!(rows[2].message.producer, ProducerId(1));
    assert_eq!((rows[2].position, rows[2].outcome), (None, Outcome::Indeterminate));
    assert_eq!(rows[2].error.as_deref(), Some("timed out"));
    assert_eq!(rows[2].settled, Nanos(900));
}

#[test]
fn a_file_compressed_by_lz4_is_refused_with_what_to_do() {
    let (_dir, trial) = fixture("lz4");
    assert_eq!(trial.rows::<Sends>(), 3);
    let error = trial.sends().next().unwrap().unwrap_err().to_string();
    assert!(error.contains("sends.pyarrow-lz4.arrows is compressed by LZ4_FRAME"), "{error}");
    assert!(error.contains("write it with zstd"), "{error}");
}
