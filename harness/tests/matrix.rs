//! A matrix: every cell is run, held against the others on one page, and named before anything is started where it is wrong.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod binary;

use binary::{Background, Bench, Finished, harness};
use reports::matrix::{CellOutcome, Matrix};
use reports::result::RunResult;
use rustix::process::Signal;
use std::path::Path;

const SCENARIO: &str = r#"
# What does the size of messages change?
title = "Sizes"

[workload]
rate       = { constant = { per-second = 200 } }
producers  = 1
consumers  = 1
partitions = 4

[phases]
warmup = "0s"
load   = "500ms"
drain  = "5s"

[matrix]
"workload.message.size" = ["100B", "1KiB", "2KiB"] # and not more
"workload.partitions"   = [
  1,
  2,
]

[[systems]]
name   = "one"
memory = {}

[[systems]]
name   = "other"
memory = {}

[expect]
generator-lag = "1m"
"#;

const ORDER: [&str; 6] = [
    "size=100B,partitions=1",
    "size=1KiB,partitions=2",
    "size=2KiB,partitions=1",
    "size=100B,partitions=2",
    "size=1KiB,partitions=1",
    "size=2KiB,partitions=2",
];

fn found(folder: &Path) -> Matrix {
    let text = std::fs::read_to_string(folder.join("matrix.json")).expect("read");
    serde_json::from_str(&text).expect("a matrix")
}

fn result(folder: &Path) -> RunResult {
    serde_json::from_str(&std::fs::read_to_string(folder.join("result.json")).expect("read")).expect("a result")
}

fn call(arguments: &[&str]) -> Finished {
    Finished { folder: "".into(), output: harness().args(arguments).output().expect("run") }
}

#[test]
fn every_cell_is_a_run_of_its_own_and_one_page_holds_them_against_each_other() {
    let bench = Bench::new(SCENARIO);
    let ended = bench.run(&[]);
    assert_eq!(ended.code(), 0, "{}", ended.said());
    let matrix = found(&ended.folder);
    assert_eq!(matrix.cells.iter().map(|cell| cell.name.as_str()).collect::<Vec<_>>(), ORDER);
    assert!(matrix.cells.iter().all(|cell| cell.outcome == CellOutcome::Pass && cell.systems.len() == 2));
    assert!(matrix.ended.is_some() && matrix.systems == ["one", "other"]);
    let page = std::fs::read_to_string(ended.folder.join("index.html")).expect("a page");
    for (number, name) in (1..).zip(ORDER) {
        let run = result(&ended.folder.join(name));
        let sizes = [("100B", 100), ("1KiB", 1024), ("2KiB", 2048)];
        let size = sizes.iter().find(|(size, _)| name.contains(&format!("={size},"))).expect("a size").1;
        assert_eq!(run.scenario.workload.message_bytes, size, "{name}");
        assert!(name.ends_with(&format!("={}", run.scenario.workload.partitions)), "{name}");
        assert_eq!(run.trials.len(), 2);
        assert_eq!(run.scenario.name, format!("{}-{name}", bench.name()));
        let address = name.replace('=', "%3D").replace(',', "%2C");
        assert!(page.contains(&format!("{address}/report.html")), "{name}");
        assert!(ended.stderr().contains(&format!("cell {number} of 6: {name}")), "{}", ended.said());
    }
    for file in ["matrix.md", "charts/throughput.svg", "charts/end-to-end-p99.svg"] {
        assert!(ended.folder.join(file).is_file(), "{file}");
    }
    assert!(ended.stdout().contains("PASS  Sizes") && ended.stdout().contains("6 passed"), "{}", ended.said());
    // A cell's own scenario is that cell alone, so that its run can be repeated.
    let own = ended.folder.join(ORDER[1]).join("scenario.toml");
    let text = std::fs::read_to_string(&own).expect("read");
    assert!(text.contains("\"workload.message.size\" = [\"1KiB\"] # and not more") && text.contains("= [2]"), "{text}");
    let again =
        call(&["run", &own.display().to_string(), "--quiet", "--out", &bench.path("again").display().to_string()]);
    assert_eq!(again.code(), 0, "{}", again.said());
    assert_eq!(result(&bench.path("again")).scenario.workload.message_bytes, 1024);
    // The page follows from matrix.json alone.
    std::fs::remove_file(ended.folder.join("index.html")).expect("removed");
    let report = call(&["report", &ended.folder.display().to_string()]);
    assert!(report.code() == 0 && report.stdout().starts_with("pass "), "{}", report.said());
    assert_eq!(std::fs::read_to_string(ended.folder.join("index.html")).expect("a page"), page);
    let judged = call(&["judge", &ended.folder.display().to_string()]);
    assert!(judged.code() == 2 && judged.error().contains("name one of its cells"), "{}", judged.said());
    let over = bench.run(&[]);
    assert!(over.code() == 2 && over.error().contains("never written over"), "{}", over.said());
}

#[test]
fn what_the_command_line_sets_is_swept_over_no_longer_and_that_is_said() {
    let bench = Bench::new(SCENARIO);
    let ended = bench.run(&["--set", "workload.partitions=3", "--system", "one"]);
    assert_eq!(ended.code(), 0, "{}", ended.said());
    let matrix = found(&ended.folder);
    assert_eq!((matrix.keys.len(), matrix.cells.len(), matrix.fixed.len()), (1, 3, 1));
    assert_eq!(matrix.fixed[0].by, "--set workload.partitions=3");
    assert!(ended.stderr().contains("note: --set workload.partitions=3 comes before"), "{}", ended.said());
    assert_eq!(result(&ended.folder.join("size=2KiB")).scenario.workload.partitions, 3);
    // With no choice left it is a scenario like any other.
    let bench = Bench::new(SCENARIO);
    let one = bench.run(&["--set", "workload.partitions=3", "--set", "workload.message.size=64B", "--system", "one"]);
    assert_eq!((one.code(), one.result().scenario.workload.message_bytes), (0, 64), "{}", one.said());
    assert!(!one.folder.join("matrix.json").exists());
}

#[test]
fn a_cell_that_fails_makes_the_matrix_fail_and_the_others_are_run_all_the_same() {
    let wrong = SCENARIO
        .replace("[expect]", "[expect]\nthroughput = { acknowledged = 1 }\nlatency = { response-max = \"1m\" }");
    let wrong = wrong
        .replace("\"workload.partitions\"   =", "\"expect.lost\" = [0, { at-least = 1 }]\n\"workload.partitions\" =");
    let bench = Bench::new(&wrong);
    let ended = bench.run(&["--set", "workload.partitions=1", "--set", "workload.message.size=100B", "--json"]);
    assert_eq!(ended.code(), 1, "{}", ended.said());
    let printed: Matrix = serde_json::from_str(&ended.stdout()).expect("a matrix and nothing else");
    assert_eq!(printed, found(&ended.folder));
    let outcomes: Vec<CellOutcome> = printed.cells.iter().map(|cell| cell.outcome).collect();
    assert_eq!(outcomes, [CellOutcome::Pass, CellOutcome::Fail]);
    assert!(printed.cells[1].why.contains("lost"), "{}", printed.cells[1].why);
}

#[test]
fn an_interrupt_leaves_what_is_done_and_shows_the_rest_as_not_run() {
    let bench = Bench::new(&SCENARIO.replace("\"500ms\"", "\"2s\""));
    let mut run = Background::start(bench.command(&[]), bench.path("run"));
    run.wait_for("cell 2 of 6");
    run.signal(Signal::INT);
    let ended = run.finish();
    assert_eq!(ended.code(), 130, "{}", ended.said());
    let matrix = found(&ended.folder);
    assert!(matrix.interrupted && matrix.cells[0].outcome == CellOutcome::Pass, "{}", ended.said());
    assert!(matrix.cells[2..].iter().all(|cell| cell.outcome == CellOutcome::NotRun), "{matrix:?}");
    let page = std::fs::read_to_string(ended.folder.join("index.html")).expect("a page");
    assert!(page.contains("the run was interrupted") && page.contains("not run"));
}

#[test]
fn a_matrix_among_other_scenarios_has_a_row_that_leads_to_its_page() {
    let bench = Bench::new(SCENARIO);
    let folder = bench.path("all");
    std::fs::create_dir(&folder).expect("created");
    std::fs::write(
        folder.join("sweep.toml"),
        SCENARIO.replace("[\"100B\", \"1KiB\", \"2KiB\"]", "[\"100B\", \"1KiB\"]"),
    )
    .expect("written");
    let (begin, rest) = SCENARIO.split_once("[matrix]").expect("a matrix");
    let plain = format!("{begin}{}", &rest[rest.find("[[systems]]").expect("systems")..]);
    std::fs::write(folder.join("plain.toml"), plain).expect("written");
    let out = bench.path("out");
    let run = call(&[
        "run",
        &folder.display().to_string(),
        "--out",
        &out.display().to_string(),
        "--quiet",
        "--set",
        "workload.partitions=1",
        "--system",
        "one",
    ]);
    assert_eq!(run.code(), 0, "{}", run.said());
    let page = std::fs::read_to_string(out.join("index.html")).expect("a page");
    assert!(page.contains("sweep/index.html") && page.contains("plain/report.html"), "{page}");
    assert!(out.join("sweep/size=1KiB/result.json").is_file());
}

#[test]
fn nothing_is_started_where_a_cell_is_wrong_or_one_scenario_is_wanted() {
    let wrong = SCENARIO.replace("  2,\n", "  0,\n");
    for (scenario, command, said) in [
        (wrong.as_str(), &["run"][..], ":20:3]"),
        (wrong.as_str(), &["plan"], "needs partitions"),
        (&SCENARIO.replace("workload.partitions\"", "workload.partitons\""), &["run"], "did you mean `partitions`?"),
        (&SCENARIO.replace("  1,\n  2,\n", ""), &["run"], "has no value for `workload.partitions`"),
        (SCENARIO, &["search"], "one scenario is taken here, and the matrix makes 6 of it"),
    ] {
        let bench = Bench::new(scenario);
        let refused = call(&[command, &[&bench.scenario().display().to_string()]].concat());
        assert_eq!(refused.code(), 2, "{command:?} {}", refused.said());
        assert!(refused.stderr().contains(said) && refused.stdout().is_empty(), "{said} {}", refused.said());
    }
    let refused = call(&["search", &Bench::new(SCENARIO).scenario().display().to_string()]);
    assert_eq!(refused.code(), 2);
}

#[test]
fn the_dry_run_shows_the_cells_and_how_long_all_of_them_take() {
    let bench = Bench::new(SCENARIO);
    let plan = call(&["plan", &bench.scenario().display().to_string()]);
    assert_eq!(plan.code(), 0, "{}", plan.said());
    let text = plan.stdout();
    assert!(text.contains("6s to 1m6s for 12 trials in 6 cells"), "{text}");
    let rows: Vec<String> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert!(rows.iter().any(|row| row.starts_with("2 1KiB 2 100 2 1s to 11s")), "{text}");
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(joined.contains("--set 'workload.message.size=2KiB' --set 'workload.partitions=2'"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn in_a_night_each_cell_is_a_scenario_of_its_own_name() {
    let bench = Bench::new(&SCENARIO.replace("[\"100B\", \"1KiB\", \"2KiB\"]", "[\"100B\", \"1KiB\"]"));
    let folder = bench.scenario().parent().expect("a folder").display().to_string();
    let archive = bench.path("archive").display().to_string();
    let night = call(&[
        "nightly",
        &folder,
        "--archive",
        &archive,
        "--quiet",
        "--set",
        "workload.partitions=1",
        "--system",
        "one",
    ]);
    assert!([0, 3].contains(&night.code()), "{}", night.said());
    for size in ["100B", "1KiB"] {
        assert!(night.stdout().contains(&format!("size={size}")), "{}", night.said());
    }
}
