//! Files with wrong bytes in them: an error that names the file, or other values, but never a panic.

use super::samples;
use crate::history::{Deliveries, FOLDER, HistoryError, HistoryTable, Settlements, Trial};
use proptest::collection::vec;
use proptest::prelude::*;
use std::fs;

/// Overwrites bytes of a file at these shares of its length, and reads what can be read.
fn read_damaged<T: HistoryTable>(rows: &[T::Row], damage: &[(f64, u8)]) -> Result<(), HistoryError> {
    let dir = tempfile::tempdir().unwrap();
    let file = samples::write::<T>(dir.path(), "w", rows, 40);
    let path = dir.path().join(FOLDER).join(&file.name);
    let mut bytes = fs::read(&path).unwrap();
    for (share, value) in damage {
        let place = ((bytes.len() as f64) * share) as usize;
        bytes[place] = *value;
    }
    fs::write(&path, bytes).unwrap();
    samples::describe(dir.path(), vec![file]);
    let trial = Trial::open(dir.path())?;
    trial.deliveries().try_for_each(|batch| batch.map(|batch| batch.rows().for_each(drop)))?;
    trial.settlements().try_for_each(|batch| batch.map(|batch| batch.rows().for_each(drop)))?;
    trial.events()?.try_for_each(|event| event.map(drop))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn wrong_bytes_are_an_error_or_other_values_but_never_a_panic(damage in vec((0.0..1.0_f64, any::<u8>()), 1..4)) {
        let deliveries = samples::deliveries(&samples::sends(100));
        let settlements = samples::settlements(&deliveries);
        let _ = read_damaged::<Deliveries>(&deliveries, &damage);
        let _ = read_damaged::<Settlements>(&settlements, &damage);
    }
}

#[test]
fn a_damaged_body_is_an_error_that_names_the_file() {
    let deliveries = samples::deliveries(&samples::sends(100));
    // The end of the last batch: compressed data.
    let zeros: Vec<_> = (900..985).map(|share| (f64::from(share) / 1000.0, 0)).collect();
    let error = read_damaged::<Deliveries>(&deliveries, &zeros).unwrap_err();
    assert!(matches!(error, HistoryError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("deliveries.w.arrows"), "{error}");
}
