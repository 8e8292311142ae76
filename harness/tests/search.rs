//! `harness search`: the highest rate is found, held and shown; what limits it is said, and what is wrong is said first.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod binary;

use binary::{Background, Finished, harness};
use reports::search::{LimitedBy, Purpose, Search};
use rustix::process::Signal;
use std::path::PathBuf;
use std::process::Command;

/// One message at a time: with sends of 10 ms no more than a hundred a second can be done.
const SCENARIO: &str = r#"
# How much can a broker take that needs 10 ms for each message?
[workload]
rate       = { constant = { per-second = 25 } }
producers  = 1
consumers  = 1
partitions = 1
in-flight  = 1

[phases]
warmup = "0s"
load   = "1h"
drain  = "5s"

[[systems]]
name   = "one"
memory = {}

[expect]
generator-lag = "1m"
"#;

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(scenario: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("harness-").tempdir().expect("a folder");
        std::fs::write(folder.path().join("limit.toml"), scenario).expect("written");
        Self { folder }
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("search")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = harness();
        command.arg("search").arg(self.folder.path().join("limit.toml")).arg("--out").arg(self.out());
        command.args(["--step", "2s", "--hold", "3s"]).args(arguments);
        command
    }

    fn search(&self, arguments: &[&str]) -> Finished {
        let output = self.command(arguments).output().expect("run");
        Finished { folder: self.out(), output }
    }

    fn found(&self) -> Search {
        let text = std::fs::read_to_string(self.out().join("search.json")).expect("read");
        serde_json::from_str(&text).expect("a search")
    }
}

#[test]
fn the_rate_that_a_slow_broker_sustains_is_found_held_and_shown() {
    let bench = Bench::new(SCENARIO);
    let slow = bench.folder.path().join("slowdown");
    std::fs::write(&slow, "10ms").expect("written");
    let mut command = bench.command(&["--precision", "0.2"]);
    let output = command.env("HARNESS_MEMORY_SLOWDOWN_FILE", &slow).output().expect("run");
    let ended = Finished { folder: bench.out(), output };
    let search = bench.found();
    // It says so where the machine's speed changed meanwhile.
    assert_eq!(ended.code(), if search.systems[0].is_steady() { 0 } else { 3 }, "{}", ended.said());
    let walk = &search.systems[0].walks[0];
    let found = walk.found.as_ref().expect("an answer");
    let (rate, beyond) = (found.rate.expect("a rate"), found.beyond.expect("one beyond"));
    // However slow the machine is, no more than a hundred a second can be done.
    assert!(found.confirmed && (5.0..=105.0).contains(&rate), "{found:?}");
    assert!(beyond > rate && beyond <= 1.3 * rate, "{found:?}");
    assert_eq!(found.limited_by, Some(LimitedBy::System));
    assert_eq!(walk.steps.last().map(|step| step.purpose), Some(Purpose::Hold));
    // Lines break where they must.
    let told = ended.stdout().split_whitespace().collect::<Vec<_>>().join(" ");
    for words in ["Highest sustained rate: one", " held for longer in ", " did not hold"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let tries = walk.tries(rate);
    assert!(tries.held >= 2 && tries.held > tries.all - tries.held, "{tries:?}");
    assert!(ended.stderr().contains("one: step 1, 25 msg/s for 2s"), "{}", ended.said());
    let page = std::fs::read_to_string(bench.out().join("search.html")).expect("a page");
    for step in &walk.steps {
        assert!(bench.out().join(&step.folder).join("report.html").is_file(), "{step:?}");
        assert!(page.contains(&format!("{}/report.html", step.folder)), "{}", step.folder);
    }
}

#[test]
fn what_was_never_seen_not_to_hold_is_told_as_at_least_so_much_and_is_unknown() {
    let bench = Bench::new(SCENARIO);
    let ended = bench.search(&["--to", "60", "--searches", "2", "--quiet"]);
    assert_eq!(ended.code(), 3, "{}", ended.said());
    let found = bench.found();
    assert_eq!(found.systems[0].rates(), [60.0, 60.0], "{}", ended.said());
    assert!(ended.stdout().contains("at least 60") && ended.stderr().is_empty(), "{}", ended.said());
    assert!(found.systems[0].walks.iter().flat_map(|walk| &walk.steps).all(|step| step.rate <= 60.0));
}

#[test]
fn what_is_wrong_is_said_before_anything_is_started() {
    let faulty = format!("{SCENARIO}\n[[faults]]\nat = \"1s\"\nfor = \"1s\"\ndown = {{}}\n");
    let faulty = faulty.replace("memory = {}", "redis-streams = {}");
    for (scenario, arguments, said) in [
        (faulty.as_str(), &[][..], "has faults"),
        (SCENARIO, &["--from", "0"], "1 or more messages"),
        (SCENARIO, &["--precision", "2"], "between 0.001 and 0.5"),
        (SCENARIO, &["--step", "soon"], "--step"),
        (SCENARIO, &["--set", "workload.producrs=2"], "producrs"),
        (SCENARIO, &["--searches", "0"], "--searches"),
    ] {
        let bench = Bench::new(scenario);
        let refused = bench.search(arguments);
        assert_eq!(refused.code(), 2, "{arguments:?} {}", refused.said());
        assert!(refused.stderr().contains(said) && refused.stdout().is_empty(), "{}", refused.said());
        assert!(!bench.out().exists(), "nothing was begun");
    }
    let bench = Bench::new(SCENARIO);
    std::fs::create_dir(bench.out()).expect("created");
    std::fs::write(bench.out().join("mine"), "").expect("written");
    let refused = bench.search(&[]);
    assert!(refused.code() == 2 && refused.stderr().contains("never written over"), "{}", refused.said());
}

#[test]
fn an_interrupt_leaves_the_path_so_far() {
    let bench = Bench::new(SCENARIO);
    let mut search = Background::start(bench.command(&[]), bench.out());
    search.wait_for("step 2");
    search.signal(Signal::INT);
    let ended = search.finish();
    assert_eq!(ended.code(), 130, "{}", ended.said());
    let walk = &bench.found().systems[0].walks[0];
    assert!(walk.steps.len() == 1 && walk.found.is_none(), "{walk:?}");
    assert!(bench.out().join("search.html").is_file());
}
