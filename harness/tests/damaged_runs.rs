//! Runs that are judged again from disk: as they were, and after something has been taken out of their folder.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod binary;

use binary::{Bench, Finished, check, checks, copy, harness, judge};
use reports::facts::{FileEnd, TrialFacts};
use reports::history::{Deliveries, Trial, Writer};
use reports::result::Verdict;
use reports::units::Sequence;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

const SCENARIO: &str = r#"
title = "Memory"

[workload]
rate       = { constant = { per-second = 500 } }
message    = { size = "128B" }
producers  = 1
consumers  = 1
partitions = 2

[phases]
warmup = "500ms"
load   = "1500ms"
drain  = "2s"

[[systems]]
name   = "memory"
memory = {}
"#;

/// One run that passed; every test damages a copy.
static WHOLE: LazyLock<(Bench, PathBuf)> = LazyLock::new(|| {
    let bench = Bench::new(SCENARIO);
    let run = bench.run(&["--quiet"]);
    assert_eq!(run.code(), 0, "{}", run.said());
    (bench, run.folder)
});

/// A copy of the run, for one test alone: judging writes into its folder.
fn whole() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&WHOLE.1, folder.path());
    folder
}

/// A copy of the run, damaged, and judged again.
fn judged(damage: impl FnOnce(&Path)) -> (tempfile::TempDir, Finished) {
    let folder = whole();
    damage(&folder.path().join("memory-1"));
    let finished = judge(folder.path());
    (folder, finished)
}

fn cut(file: &Path) {
    let bytes = std::fs::read(file).expect("read");
    std::fs::write(file, &bytes[..bytes.len() / 2]).expect("written");
}

#[test]
fn judging_again_gives_the_same_result_to_the_byte() {
    let before = std::fs::read(WHOLE.1.join("result.json")).expect("read");
    let (folder, finished) = judged(|_| ());
    assert_eq!(finished.code(), 0, "{}", finished.said());
    assert!(before == std::fs::read(folder.path().join("result.json")).expect("read"), "{}", finished.said());
}

#[test]
fn judging_again_prints_the_same_result_as_json() {
    let folder = whole();
    let output = harness().arg("judge").arg(folder.path()).arg("--json").output().expect("run");
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON and nothing else");
    let written = std::fs::read(folder.path().join("result.json")).expect("read");
    assert_eq!(printed, serde_json::from_slice::<serde_json::Value>(&written).expect("JSON"));
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn reporting_again_writes_what_was_removed() {
    let folder = whole();
    for file in ["report.html", "summary.md", "junit.xml"] {
        std::fs::remove_file(folder.path().join(file)).expect("removed");
    }
    let output = harness().arg("report").arg(folder.path()).output().expect("run");
    assert!(output.status.success(), "{output:?}");
    for file in ["report.html", "summary.md", "junit.xml"] {
        let again = std::fs::read(folder.path().join(file)).expect("written again");
        assert!(again == std::fs::read(WHOLE.1.join(file)).expect("read"), "{file} differs");
    }
}

#[test]
fn where_no_report_can_be_written_the_verdict_is_told_all_the_same() {
    let folder = whole();
    let page = folder.path().join("report.html");
    std::fs::remove_file(&page).expect("removed");
    std::fs::create_dir_all(page.join("in-the-way")).expect("made");
    let finished = judge(folder.path());
    assert_eq!(finished.code(), 0, "{}", finished.said());
    assert!(finished.stdout().starts_with("PASS"), "{}", finished.said());
    assert!(finished.stderr().contains("report.html"), "{}", finished.said());
    let output = harness().arg("report").arg(folder.path()).output().expect("run");
    assert_eq!(output.status.code(), Some(4), "writing is all that it is asked for: {output:?}");
}

#[test]
fn a_trial_of_which_nobody_says_how_it_ended_is_unknown() {
    let damage = |trial: &Path| {
        let mut facts = TrialFacts::load(trial).expect("facts");
        facts.end = None;
        facts.save(trial).expect("saved");
    };
    let (_folder, finished) = judged(damage);
    assert_eq!(finished.code(), 3, "{}", finished.said());
    let trial = finished.trial();
    assert_eq!(trial.verdict, Verdict::Unknown);
    assert!(checks(&trial, Verdict::Pass).is_empty(), "{:#?}", trial.checks);
}

#[test]
fn a_history_file_that_is_cut_in_the_middle_makes_what_needs_it_unknown() {
    for (table, needing) in [
        ("sends.producer-0", "lost"),
        ("deliveries.consumer-0", "lost"),
        ("settlements.consumer-0", "unrecovered"),
        ("inspections.observer", "unrecovered"),
    ] {
        let (_folder, finished) = judged(|trial| cut(&trial.join(format!("history/{table}.arrows"))));
        assert_eq!(finished.code(), 3, "{table}: {}", finished.said());
        let trial = finished.trial();
        assert_eq!(check(&trial, needing).verdict, Verdict::Unknown, "{table}: {:#?}", trial.checks);
        assert!(check(&trial, needing).why.contains(table), "{table}: {:#?}", check(&trial, needing));
        assert!(checks(&trial, Verdict::Fail).is_empty(), "{table}: {:#?}", trial.checks);
    }
}

#[test]
fn a_history_file_that_is_missing_makes_it_unknown() {
    const FILE: &str = "deliveries.consumer-0.arrows";
    let (_folder, finished) = judged(|trial| std::fs::remove_file(trial.join("history").join(FILE)).expect("removed"));
    assert_eq!(finished.code(), 3, "{}", finished.said());
    let lost = check(&finished.trial(), "lost").clone();
    assert_eq!(lost.verdict, Verdict::Unknown);
    assert!(lost.why.contains(FILE), "{lost:#?}");
}

/// The sequence numbers that are taken out; each stands in both partitions.
const TAKEN: [u64; 3] = [7, 123, 456];

/// Takes deliveries out and rewrites their file as a whole and finished one. How it ended now, as a writer would say it.
fn take_deliveries_out(trial: &Path) -> FileEnd {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let mut writer = Writer::<Deliveries>::create(elsewhere.path(), "consumer-0").expect("created");
    for batch in Trial::open(trial).expect("opened").deliveries() {
        for row in batch.expect("read").rows().filter(|row| !TAKEN.map(Sequence).contains(&row.message.seq)) {
            writer.append(&row).expect("appended");
        }
    }
    let end = writer.finish().expect("finished");
    assert_eq!(end.rows, 1000 - 2 * TAKEN.len() as u64);
    let file = Path::new("history").join(Writer::<Deliveries>::facts("consumer-0").name);
    std::fs::copy(elsewhere.path().join(&file), trial.join(&file)).expect("copied");
    end
}

/// With a trial.json that knows the file as it is now, so that nothing but the accounts can tell.
#[test]
fn deliveries_that_were_taken_out_are_lost() {
    let (_folder, finished) = judged(|trial| {
        let end = take_deliveries_out(trial);
        let mut facts = TrialFacts::load(trial).expect("loaded");
        let name = Writer::<Deliveries>::facts("consumer-0").name;
        facts.files.iter_mut().filter(|file| file.name == name).for_each(|file| file.end = Some(end.clone()));
        facts.save(trial).expect("saved");
    });
    assert_eq!(finished.code(), 1, "{}", finished.said());
    let trial = finished.trial();
    assert_eq!(trial.counts.lost, 2 * TAKEN.len() as u64);
    assert_eq!(checks(&trial, Verdict::Fail), ["lost"], "{:#?}", trial.checks);
    assert!(check(&trial, "lost").why.contains("seq 7"), "{:#?}", check(&trial, "lost"));
}

#[test]
fn a_whole_file_that_is_not_the_one_that_was_recorded_makes_it_unknown() {
    let (_folder, finished) = judged(|trial| drop(take_deliveries_out(trial)));
    assert_eq!(finished.code(), 3, "{}", finished.said());
    let trial = finished.trial();
    assert_eq!(check(&trial, "lost").verdict, Verdict::Unknown, "{:#?}", check(&trial, "lost"));
    assert!(check(&trial, "lost").why.contains("deliveries.consumer-0.arrows"), "{:#?}", check(&trial, "lost"));
}

#[test]
fn what_is_no_run_cannot_be_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = judge(folder.path());
    assert_eq!(finished.code(), 2, "{}", finished.said());
    assert!(finished.stderr().contains("holds no trial"), "{}", finished.said());
    assert!(finished.stdout().is_empty(), "{}", finished.said());
}

#[test]
fn a_history_of_another_major_version_is_refused_by_name() {
    let (_folder, finished) = judged(|trial| {
        let file = trial.join("trial.json");
        let text = std::fs::read_to_string(&file).expect("read");
        std::fs::write(&file, text.replace("harness-history/1.", "harness-history/2.")).expect("written");
    });
    assert!(![0, 1, 3].contains(&finished.code()), "{}", finished.said());
    assert!(finished.stderr().contains("harness-history/2."), "{}", finished.said());
}
