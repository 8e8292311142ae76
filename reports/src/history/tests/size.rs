//! What a row takes on disk.

use super::samples;
use crate::history::{Deliveries, FOLDER, HistoryTable, ROWS_PER_BATCH, Sends, Settlements};
use std::fs;

fn bytes_per_row<T: HistoryTable>(rows: &[T::Row]) -> f64 {
    let dir = tempfile::tempdir().unwrap();
    let file = samples::write::<T>(dir.path(), "w", rows, ROWS_PER_BATCH);
    let bytes = fs::metadata(dir.path().join(FOLDER).join(file.name)).unwrap().len();
    bytes as f64 / rows.len() as f64
}

#[test]
fn a_message_takes_few_bytes_on_disk() {
    let sends = samples::sends(200_000);
    let deliveries = samples::deliveries(&sends);
    let settlements = samples::settlements(&deliveries);

    let send = bytes_per_row::<Sends>(&sends);
    let delivery = bytes_per_row::<Deliveries>(&deliveries);
    let settlement = bytes_per_row::<Settlements>(&settlements);
    eprintln!("bytes a row: send {send:.2}, delivery {delivery:.2}, settlement {settlement:.2}");

    assert!(send <= 12.0, "a send takes {send:.2} bytes");
    assert!(delivery <= 10.0, "a delivery takes {delivery:.2} bytes");
    assert!(settlement <= 4.0, "an acknowledgement takes {settlement:.2} bytes");
}
