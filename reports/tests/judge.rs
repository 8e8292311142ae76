//! From folders on disk to a run's result.

#![allow(clippy::unwrap_used)] // All of it is test code; the lint knows that only within test functions.

use reports::facts::{FileFacts, PlannedTrial};
use reports::history::{
    Connections, DeadLetters, Deliveries, Faults, GroupEvents, HistoryTable, Inspections, LogEntries, Sends,
    Settlements, Writer,
};
use reports::judge::{JudgeError, judge_history, judge_run, judge_trial};
use reports::measure::{Rows, sample};
use reports::result::Verdict;
use reports::units::Nanos;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes a history as a trial writes it: each client's files, and the observer's.
fn write(rows: &Rows, dir: &Path) {
    fs::create_dir_all(dir.join("history")).unwrap();
    let mut facts = rows.facts.clone();
    let mut files = Vec::new();
    for client in sample::CLIENTS {
        let (role, number) = client.rsplit_once('-').unwrap();
        let number: u16 = number.parse().unwrap();
        if role == "producer" {
            files.push(table::<Sends>(dir, client, &of(&rows.sends, |row| row.message.producer.0 == number)));
        } else {
            files.push(table::<Deliveries>(dir, client, &of(&rows.deliveries, |row| row.consumer.0 == number)));
            files.push(table::<Settlements>(dir, client, &of(&rows.settlements, |row| row.consumer.0 == number)));
            files.push(table::<GroupEvents>(dir, client, &of(&rows.group_changes, |row| row.consumer.0 == number)));
        }
        files.push(table::<Connections>(dir, client, &of(&rows.connections, |row| row.client == client)));
    }
    files.push(table::<Faults>(dir, "observer", &rows.faults));
    files.push(table::<Inspections>(dir, "observer", &rows.inspections));
    files.push(table::<LogEntries>(dir, "observer", &rows.log));
    files.push(table::<DeadLetters>(dir, "observer", &rows.dead_letters));
    facts.files = files;
    facts.save(dir).unwrap();
}

fn of<R: Clone>(rows: &[R], is_theirs: impl Fn(&R) -> bool) -> Vec<R> {
    rows.iter().filter(|row| is_theirs(row)).cloned().collect()
}

fn table<T: HistoryTable>(dir: &Path, writer: &str, rows: &[T::Row]) -> FileFacts {
    let mut file = Writer::<T>::create(dir, writer).unwrap();
    for (index, row) in rows.iter().enumerate() {
        file.append(row).unwrap();
        if index % 500 == 499 {
            file.flush().unwrap();
        }
    }
    file.finish().unwrap();
    Writer::<T>::facts(writer)
}

fn folder(run: &Path, name: &str) -> PathBuf {
    run.join(name)
}

#[test]
fn a_history_on_disk_is_judged_as_the_same_one_in_memory() {
    let run = tempfile::tempdir().unwrap();
    for rows in [sample::healthy(), sample::committed(), sample::failover()] {
        let dir = folder(run.path(), "sample-1");
        let _ = fs::remove_dir_all(&dir);
        write(&rows, &dir);
        let mut on_disk = judge_trial(&dir).unwrap();
        // They are told of runs only, whatever their history.
        on_disk.result.intervals.clear();
        assert_eq!(on_disk, judge_history(&rows, "sample-1").unwrap());
    }
}

#[test]
fn judging_twice_gives_the_same_bytes() {
    let run = tempfile::tempdir().unwrap();
    write(&sample::failover(), &folder(run.path(), "sample-1"));
    let json = || serde_json::to_string_pretty(&judge_run(run.path()).unwrap().result).unwrap();
    assert_eq!(json(), json());
}

#[test]
fn trials_stand_in_the_order_in_which_they_ran_and_the_worst_verdict_wins() {
    let run = tempfile::tempdir().unwrap();
    let mut first = sample::healthy();
    first.facts.system.name = "zebra".into();
    for phase in &mut first.facts.phases {
        phase.from = Nanos(phase.from.0 - 1);
    }
    first.deliveries.remove(900);
    write(&first, &folder(run.path(), "zebra-1"));
    write(&sample::healthy(), &folder(run.path(), "alpha-1"));
    fs::create_dir(run.path().join("charts")).unwrap();
    fs::write(run.path().join("scenario.toml"), "").unwrap();
    let judged = judge_run(run.path()).unwrap();
    let trials: Vec<_> = judged.result.trials.iter().map(|trial| (trial.folder.as_str(), trial.verdict)).collect();
    assert_eq!(trials, [("zebra-1", Verdict::Fail), ("alpha-1", Verdict::Pass)]);
    assert_eq!(judged.result.verdict, Verdict::Fail);
    assert_eq!(judged.series[0].system, "zebra");
    assert_eq!(judged.result.scenario.name, "sample");
}

#[test]
fn a_folder_without_a_trial_is_an_error_that_says_what_to_name() {
    let run = tempfile::tempdir().unwrap();
    let error = judge_run(run.path()).unwrap_err();
    assert!(matches!(error, JudgeError::NoTrials { .. }));
    assert!(error.to_string().contains("name a run's folder"));
    assert!(matches!(judge_run(&run.path().join("nowhere")), Err(JudgeError::List { .. })));
    assert!(matches!(judge_trial(run.path()), Err(JudgeError::Open { .. })));
}

#[test]
fn a_trial_without_a_load_phase_is_an_error_and_not_a_verdict() {
    let run = tempfile::tempdir().unwrap();
    let mut rows = sample::healthy();
    rows.facts.phases.clear();
    write(&rows, &folder(run.path(), "sample-1"));
    assert!(matches!(judge_run(run.path()), Err(JudgeError::Measure { .. })));
}

fn planned(system: &str, repeat: u32) -> PlannedTrial {
    PlannedTrial { system: system.into(), repeat }
}

#[test]
fn a_planned_trial_that_is_not_there_or_cannot_be_read_makes_the_run_unknown_and_is_named() {
    let run = tempfile::tempdir().unwrap();
    let mut rows = sample::healthy();
    rows.facts.run.planned = vec![planned("sample", 1), planned("other", 1)];
    write(&rows, &folder(run.path(), "sample-1"));
    let told = judge_run(run.path()).unwrap().result;
    assert_eq!((told.verdict, told.trials[0].verdict), (Verdict::Unknown, Verdict::Pass));
    assert_eq!(told.missing.len(), 1);
    assert_eq!(told.missing[0].trial, "other-1");

    let other = folder(run.path(), "other-1");
    fs::create_dir(&other).unwrap();
    assert_eq!(judge_run(run.path()).unwrap().result.missing.len(), 1);
    fs::write(other.join("trial.json"), "{").unwrap();
    let told = judge_run(run.path()).unwrap().result;
    assert_eq!((told.verdict, told.missing.len()), (Verdict::Unknown, 1));
    assert!(told.missing[0].why.contains("does not describe a trial"), "{:?}", told.missing);

    let mut rows = rows.clone();
    rows.facts.system.name = "other".into();
    fs::remove_dir_all(&other).unwrap();
    write(&rows, &other);
    assert_eq!(judge_run(run.path()).unwrap().result.verdict, Verdict::Pass);
}

#[test]
fn one_flipped_byte_of_a_history_is_told_by_name_and_nothing_passes_that_needs_the_file() {
    let run = tempfile::tempdir().unwrap();
    let dir = folder(run.path(), "sample-1");
    write(&sample::healthy(), &dir);
    let mut facts = reports::facts::TrialFacts::load(&dir).unwrap();
    for file in &mut facts.files {
        let path = dir.join("history").join(&file.name);
        file.end = Some(reports::history::file_end(&path, reports::facts::WriterEnd::Finished).unwrap());
    }
    facts.save(&dir).unwrap();
    assert_eq!(judge_trial(&dir).unwrap().result.verdict, Verdict::Pass);
    let file = dir.join("history/sends.producer-0.arrows");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let told = judge_trial(&dir).unwrap().result;
    assert_eq!(told.verdict, Verdict::Unknown);
    assert!(told.notes[0].contains("sends.producer-0.arrows: the file was changed"), "{:?}", told.notes);
}

#[test]
fn deliveries_removed_from_a_whole_history_are_lost_and_those_cut_off_are_unknown() {
    let run = tempfile::tempdir().unwrap();
    let removed = folder(run.path(), "removed");
    let mut rows = sample::healthy();
    rows.deliveries.drain(1000..1010);
    write(&rows, &removed);
    let lost =
        |dir: &Path| judge_trial(dir).unwrap().result.checks.into_iter().find(|check| check.name == "lost").unwrap();
    assert_eq!(lost(&removed).verdict, Verdict::Fail);
    assert!(lost(&removed).why.contains("10 messages were acknowledged and never delivered"), "{}", lost(&removed).why);

    let cut = folder(run.path(), "cut");
    write(&sample::healthy(), &cut);
    let file = cut.join("history/deliveries.consumer-0.arrows");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(lost(&cut).verdict, Verdict::Unknown);
    assert!(lost(&cut).why.contains("deliveries.consumer-0.arrows"), "{}", lost(&cut).why);

    fs::remove_file(&file).unwrap();
    assert_eq!(lost(&cut).verdict, Verdict::Unknown);
}

#[test]
fn a_trial_whose_list_of_files_lacks_a_table_proves_nothing_about_it() {
    let run = tempfile::tempdir().unwrap();
    let dir = folder(run.path(), "sample-1");
    let rows = sample::healthy();
    write(&rows, &dir);
    let mut facts = reports::facts::TrialFacts::load(&dir).unwrap();
    facts.files.retain(|file| file.table != "settlements");
    facts.save(&dir).unwrap();
    assert!(unlisted(&dir).contains(&"resurrected".to_owned()), "{:?}", unlisted(&dir));
}

#[test]
fn a_client_of_which_no_file_is_listed_proves_nothing() {
    let run = tempfile::tempdir().unwrap();
    for (client, doubtful) in [("producer-1", ["phantom", "reconnected"]), ("consumer-1", ["lost", "reconnected"])] {
        let dir = folder(run.path(), client);
        write(&sample::failover(), &dir);
        let mut facts = reports::facts::TrialFacts::load(&dir).unwrap();
        facts.files.retain(|file| file.writer != client);
        facts.save(&dir).unwrap();
        let unlisted = unlisted(&dir);
        assert!(doubtful.iter().all(|check| unlisted.contains(&(*check).to_owned())), "{client}: {unlisted:?}");
    }
}

/// The checks that cannot tell because files are not listed.
fn unlisted(dir: &Path) -> Vec<String> {
    let checks = judge_trial(dir).unwrap().result.checks.into_iter();
    let doubtful = checks.filter(|check| check.verdict == Verdict::Unknown && check.why.contains("lists no file"));
    doubtful.map(|check| check.name).collect()
}
