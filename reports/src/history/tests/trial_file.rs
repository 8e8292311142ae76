//! `trial.json`: read as it was written, and refused where another major version wrote it.

use super::samples;
use crate::facts::{HISTORY_SCHEMA, TrialFacts};
use crate::history::{HistoryError, Trial};
use std::fs;
use std::path::Path;

/// Writes a valid `trial.json`, then changes its text.
fn changed(dir: &Path, from: &str, to: &str) {
    samples::describe(dir, Vec::new());
    let path = dir.join("trial.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn facts_come_back_as_they_were_saved_and_nothing_else_is_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    let mut facts = samples::facts(Vec::new());
    facts.save(dir.path()).unwrap();
    facts.scenario = "again".to_owned();
    facts.save(dir.path()).unwrap();
    assert_eq!(TrialFacts::load(dir.path()).unwrap(), facts);
    assert_eq!(Trial::open(dir.path()).unwrap().facts(), &facts);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn another_major_version_is_refused_with_what_was_found_and_what_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("trial.json"), r#"{"schema": "harness-history/2.0", "all": "else differs"}"#).unwrap();
    let error = Trial::open(dir.path()).unwrap_err();
    assert!(matches!(&error, HistoryError::Version { found, .. } if found == "harness-history/2.0"), "{error}");
    assert!(error.to_string().contains("\"harness-history/2.0\""), "{error}");
    assert!(error.to_string().contains(&format!("{HISTORY_SCHEMA:?}")), "{error}");
}

#[test]
fn another_format_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    changed(dir.path(), HISTORY_SCHEMA, "other-history/1.0");
    assert!(matches!(Trial::open(dir.path()), Err(HistoryError::Version { .. })));
}

#[test]
fn a_later_minor_version_is_read_and_what_it_adds_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    changed(dir.path(), &format!("{HISTORY_SCHEMA:?},"), r#""harness-history/1.10", "weather": "fair","#);
    assert_eq!(Trial::open(dir.path()).unwrap().facts().schema, "harness-history/1.10");
}

#[test]
fn text_that_describes_no_trial_is_an_error_with_file_and_place() {
    let dir = tempfile::tempdir().unwrap();
    changed(dir.path(), r#""repeat": 1"#, r#""repeat": "one""#);
    let error = Trial::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains("trial.json") && error.contains("line"), "{error}");
}

#[test]
fn a_folder_without_trial_json_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let error = Trial::open(dir.path()).unwrap_err();
    assert!(matches!(&error, HistoryError::Read { .. }) && error.to_string().contains("trial.json"), "{error}");
}

#[test]
fn facts_cannot_be_saved_where_there_is_no_folder() {
    let dir = tempfile::tempdir().unwrap();
    let error = samples::facts(Vec::new()).save(&dir.path().join("absent")).unwrap_err();
    assert!(error.to_string().contains("create its folder"), "{error}");
}
