//! `harness compare`, `harness run --baseline` and `--confirm`, as people and CI meet them: exit codes, files, refusals.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod binary;

use binary::{Bench, Finished, harness};
use reports::compare::{Change, RunComparison};
use std::path::{Path, PathBuf};
use std::process::Output;

/// What a busy machine makes of speed is no matter here: thresholds are far away, and the generator may lag.
const SCENARIO: &str = r#"
title   = "Memory"
repeats = 3

[workload]
rate       = { constant = { per-second = 200 } }
producers  = 1
consumers  = 1
partitions = 1

[phases]
warmup = "0s"
load   = "500ms"
drain  = "2s"

[[systems]]
name   = "one"
memory = {}

[expect]
generator-lag = "1m"

[compare]
threshold = 10
"#;

/// Of the messages of each trial half are lost.
const LOSING: [&str; 2] = ["--set", "systems.one.memory.lose-every=2"];

/// A bench with two runs: `base`, and `run` with these arguments.
fn two_runs(arguments: &[&str]) -> (Bench, PathBuf, PathBuf) {
    let bench = Bench::new(SCENARIO);
    let (base, run) = (bench.path("base"), bench.path("run"));
    for (folder, arguments) in [(&base, &[][..]), (&run, arguments)] {
        let output =
            harness().arg("run").arg(bench.scenario()).args(arguments).arg("--quiet").arg("--out").arg(folder).output();
        assert!(output.expect("run").status.code().is_some_and(|code| code < 2), "{arguments:?}");
    }
    (bench, base, run)
}

fn compare(base: &Path, run: &Path, arguments: &[&str]) -> Finished {
    let output: Output = harness().arg("compare").arg(base).arg(run).args(arguments).output().expect("run");
    Finished { folder: run.to_owned(), output }
}

fn written(folder: &Path) -> RunComparison {
    let text = std::fs::read_to_string(folder.join("compare.json")).expect("compare.json");
    serde_json::from_str(&text).expect("a comparison")
}

#[test]
fn two_runs_of_one_build_exit_with_zero_and_leave_three_files() {
    let (bench, base, run) = two_runs(&[]);
    let compared = compare(&base, &run, &[]);
    assert_eq!(compared.code(), 0, "{}", compared.said());
    assert!(compared.stdout().starts_with("NOTHING CONFIRMED  "), "{}", compared.said());
    for line in compared.stdout().lines().filter(|line| !line.starts_with("report: ")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    for file in ["compare.html", "compare.md", "compare.json"] {
        assert!(run.join("compare").join(file).is_file(), "{file} is missing");
    }
    let elsewhere = bench.path("elsewhere");
    let printed = compare(&base, &run, &["--json", "--out", &elsewhere.display().to_string()]);
    let json: RunComparison = serde_json::from_str(&printed.stdout()).expect("a comparison and nothing else");
    assert_eq!((&json, &json), (&written(&elsewhere), &written(&run.join("compare"))));
    assert!(json.refusals.is_empty() && json.base.fingerprint == json.run.fingerprint, "{json:?}");
    // A run that was compared is still a run.
    assert_eq!(binary::judge(&run).code(), 0);
}

#[test]
fn other_settings_are_refused_with_three_and_compared_anyway_on_demand() {
    let (_bench, base, run) = two_runs(&LOSING);
    let refused = compare(&base, &run, &[]);
    assert_eq!(refused.code(), 3, "{}", refused.said());
    assert!(refused.stdout().contains("lose-every was 0 and is 2"), "{}", refused.said());
    let anyway = compare(&base, &run, &["--anyway"]);
    assert_eq!(anyway.code(), 1, "{}", anyway.said());
    assert!(anyway.stdout().starts_with("REGRESSION  ") && anyway.stdout().contains("WORSE"), "{}", anyway.said());
    assert!(anyway.stdout().contains("compared all the same, although"), "{}", anyway.said());
    // What was better before is better now.
    let back = compare(&run, &base, &["--anyway"]);
    assert_eq!(back.code(), 0, "{}", back.said());
    assert!(written(&base.join("compare")).with(Change::Better).any(|(_, found)| found.figure == "lost"));
}

#[test]
fn what_is_no_run_is_a_wrong_command_line() {
    let bench = Bench::new(SCENARIO);
    let run = bench.run(&["--repeats", "1", "--quiet"]);
    let empty = bench.path("empty");
    std::fs::create_dir(&empty).expect("created");
    for other in [&bench.path("nowhere"), &bench.scenario(), &empty] {
        for (base, judged) in [(other, &run.folder), (&run.folder, other)] {
            let refused = compare(base, judged, &[]);
            assert_eq!(refused.code(), 2, "{}", refused.said());
            assert!(refused.stdout().is_empty() && !refused.stderr().is_empty(), "{}", refused.said());
        }
    }
    assert_eq!(compare(&run.folder, &run.folder, &["--base-binary", "harness"]).code(), 2);
    assert!(!empty.join("compare").exists());
}

#[test]
fn a_damaged_base_is_unknown() {
    let (_bench, base, run) = two_runs(&[]);
    for repeat in 1..=3 {
        std::fs::write(base.join(format!("one-{repeat}/trial.json")), "{").expect("written");
    }
    let unknown = compare(&base, &run, &[]);
    assert_eq!(unknown.code(), 3, "{}", unknown.said());
}

#[test]
fn a_run_without_its_sends_is_not_compared_in_speed() {
    let (_bench, base, run) = two_runs(&[]);
    for repeat in 1..=3 {
        std::fs::remove_file(run.join(format!("one-{repeat}/history/sends.producer-0.arrows"))).expect("removed");
    }
    let unknown = compare(&base, &run, &[]);
    assert_eq!(unknown.code(), 3, "{}", unknown.said());
    let comparison = written(&run.join("compare"));
    assert!(comparison.differences().all(|(_, found)| found.change == Change::CannotBeCompared), "{comparison:?}");
}

#[test]
fn single_trials_decide_nothing_and_that_is_unknown() {
    let bench = Bench::new(SCENARIO);
    let run = bench.run(&["--repeats", "1", "--quiet", "--set", "compare.threshold=0.01"]);
    let compared = compare(&run.folder, &run.folder, &[]);
    assert_eq!(compared.code(), 3, "{}", compared.said());
    assert!(compared.stdout().contains("--repeats 5"), "{}", compared.said());
}

#[test]
fn a_run_is_compared_with_its_baseline_and_the_worse_exit_counts() {
    let bench = Bench::new(SCENARIO);
    let (base, second, third) = (bench.path("base"), bench.path("second"), bench.path("third"));
    let run = |out: &Path, arguments: &[&str]| {
        let output = harness().arg("run").arg(bench.scenario()).arg("--out").arg(out).args(arguments).output();
        Finished { folder: out.to_owned(), output: output.expect("run") }
    };
    assert_eq!(run(&base, &[]).code(), 0);
    let baseline = base.display().to_string();
    let same = run(&second, &["--baseline", &baseline]);
    assert_eq!(same.code(), 0, "{}", same.said());
    assert!(same.stdout().contains("NOTHING CONFIRMED"), "{}", same.said());
    assert!(second.join("compare/compare.md").is_file());
    // The run passes, and cannot be compared.
    let other = run(&third, &["--baseline", &baseline, "--set", "workload.partitions=2", "--json"]);
    assert_eq!(other.code(), 3, "{}", other.said());
    assert!(serde_json::from_str::<reports::result::RunResult>(&other.stdout()).is_ok(), "{}", other.said());
    assert!(written(&third.join("compare")).why.contains("workload.partitions was 1 and is 2"));
    let never = run(&bench.path("never"), &["--baseline", "no/such/run"]);
    assert_eq!(never.code(), 2, "{}", never.said());
    assert!(!bench.path("never").exists(), "nothing was started");
}

#[test]
fn what_is_worse_is_run_again_and_only_what_stays_worse_than_the_bases_build_is_a_regression() {
    let (_bench, base, run) = two_runs(&LOSING);
    let alone = compare(&base, &run, &["--anyway", "--confirm"]);
    assert_eq!(alone.code(), 1, "{}", alone.said());
    assert!(run.join("compare/again-1/candidate/result.json").is_file());
    let own = env!("CARGO_BIN_EXE_harness");
    // The base's build loses as much: it was the setting, and not the build.
    let controlled = compare(&base, &run, &["--anyway", "--confirm", "--base-binary", own]);
    assert_eq!(controlled.code(), 0, "{}", controlled.said());
    let again = written(&run.join("compare")).again.expect("it was run again");
    assert_eq!(again.order.join(" "), "baseline candidate baseline candidate baseline candidate baseline");
    let missing = compare(&base, &run, &["--anyway", "--confirm", "--base-binary", "no/such/program"]);
    assert_eq!(missing.code(), 4, "{}", missing.said());
}

#[test]
fn the_scenarios_by_which_false_alarms_are_measured_are_valid() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/compare");
    let files = std::fs::read_dir(folder).expect("listed").filter_map(|entry| Some(entry.ok()?.path()));
    let scenarios: Vec<PathBuf> = files.filter(|file| file.extension().is_some_and(|end| end == "toml")).collect();
    assert!(scenarios.len() >= 3, "{scenarios:?}");
    for scenario in scenarios {
        let output = harness().arg("plan").arg(&scenario).output().expect("run");
        assert_eq!(output.status.code(), Some(0), "{}: {output:?}", scenario.display());
    }
}
