//! `harness nightly`: nights in a row, what is compared with what, what is kept, and what an interrupt leaves.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod binary;

use binary::{Background, Finished, harness};
use reports::compare::CompareVerdict;
use reports::night::{Night, NightComparison, NightOutcome, NightScenario};
use rustix::process::Signal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What a busy machine makes of speed is no matter here: thresholds are far away, and the generator may lag. A median of
/// milliseconds where there were microseconds is further away still.
const SCENARIO: &str = r#"
title   = "Memory <script>"
repeats = 3

[workload]
rate       = { constant = { per-second = 50 } }
producers  = 1
consumers  = 1
partitions = 1

[phases]
warmup = "0s"
load   = "2s"
drain  = "10s"

[[systems]]
name   = "one"
memory = {}

[expect]
generator-lag = "1m"

[compare]
threshold = 10
"#;

/// A folder with scenarios, and an archive beside it.
struct Nights {
    folder: tempfile::TempDir,
}

/// How long a slowdown lasts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slow {
    /// The whole night, and what is run again in it.
    AllNight,
    /// Until the last trial of the night's own run goes on.
    AtFirst,
}

impl Nights {
    fn of(scenarios: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new().prefix("harness-").tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("scenarios")).expect("created");
        for (name, text) in scenarios {
            std::fs::write(folder.path().join(format!("scenarios/{name}.toml")), text).expect("written");
        }
        Self { folder }
    }

    fn archive(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = harness();
        command.arg("nightly").arg(self.folder.path().join("scenarios")).arg("--archive").arg(self.archive());
        command.arg("--quiet").args(arguments).env_remove("GITHUB_STEP_SUMMARY");
        command
    }

    fn night(&self, arguments: &[&str]) -> Finished {
        let output = self.command(arguments).output().expect("run");
        Finished { folder: self.archive(), output }
    }

    /// A night in which every send takes milliseconds longer, by nothing that the scenario says.
    fn slow_night(&self, slow: Slow) -> Finished {
        let file = self.folder.path().join("slowdown");
        std::fs::write(&file, "10ms").expect("written");
        let mut command = self.command(&[]);
        command.env("HARNESS_MEMORY_SLOWDOWN_FILE", &file);
        let before = self.kept().len();
        let mut night = Background::start(command, self.archive());
        let last_goes_on = || {
            let id = self.kept().get(before).map(|night| night.id.clone());
            id.is_some_and(|id| self.archive().join(id).join("steady/one-3/trial.json").is_file())
        };
        while slow == Slow::AtFirst && file.exists() && !night.has_ended() {
            if last_goes_on() {
                std::fs::remove_file(&file).expect("removed");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        night.finish()
    }

    /// The nights of the archive, the oldest first.
    fn kept(&self) -> Vec<Night> {
        let entries = std::fs::read_dir(self.archive()).expect("listed").filter_map(|entry| Some(entry.ok()?.path()));
        let mut nights: Vec<Night> = entries.filter_map(|folder| read(&folder)).collect();
        nights.sort_by(|one, other| one.id.cmp(&other.id));
        nights
    }

    fn newest(&self) -> NightScenario {
        self.kept().pop().expect("a night").scenarios.remove(0)
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.archive().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }
}

fn read(folder: &Path) -> Option<Night> {
    serde_json::from_str(&std::fs::read_to_string(folder.join("night.json")).ok()?).ok()
}

/// The addresses of a page's links.
fn links(page: &str) -> Vec<&str> {
    page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn three_nights_with_a_slowdown_on_the_third_report_exactly_that() {
    let nights = Nights::of(&[("steady", SCENARIO)]);
    let first = nights.night(&[]);
    assert_eq!(first.code(), 0, "{}", first.said());
    assert!(first.stdout().contains("no earlier good run"), "{}", first.said());
    let second = nights.night(&[]);
    assert_eq!(second.code(), 0, "{}", second.said());
    let third = nights.slow_night(Slow::AllNight);
    assert_eq!(third.code(), 1, "{}", third.said());
    let kept = nights.kept();
    let compared: Vec<_> = kept.iter().map(|night| night.scenarios[0].compared.as_ref()).collect();
    assert!(compared[0].is_none() && kept.iter().all(|night| night.ended.is_some() && !night.interrupted));
    let [Some(same), Some(slower)] = compared[1..] else { panic!("{kept:#?}") };
    assert_eq!((&same.base, same.verdict), (&kept[0].id, CompareVerdict::NothingConfirmed), "{}", same.why);
    assert_eq!((&slower.base, slower.verdict), (&kept[1].id, CompareVerdict::Regression), "{}", slower.why);
    assert!(kept.iter().all(|night| night.scenarios[0].outcome == NightOutcome::Pass), "it is slow, and nothing else");

    let page = nights.text("index.html");
    let places: Vec<usize> = kept.iter().map(|night| page.find(&night.started).expect("on the page")).collect();
    assert!(places[2] < places[1] && places[1] < places[0], "the newest first");
    assert_eq!(page.matches("<tr><td>").count(), 3, "one row a scenario and night");
    assert!(page.contains("regression") && !page.contains("<script"));
    assert_eq!(links(&page).len(), 5, "three reports and two comparisons");
    for link in links(&page) {
        assert!(nights.archive().join(link).is_file(), "{link} leads nowhere");
    }
    let junit = nights.text("junit.xml");
    assert_eq!(junit.matches("<failure").count(), 1, "{junit}");
    assert!(junit.contains("steady: one #3"), "the suites of the run are in it: {junit}");
    let summary = nights.text("summary.md");
    assert!(summary.starts_with("## ❌ Night of ") && summary.contains("| ❌ regression | **steady**"), "{summary}");
    assert!(nights.text("metrics.prom").contains("harness_run_verdict{scenario=\"steady\",state=\"pass\"} 1"));
}

#[test]
fn a_regression_is_never_compared_with_unless_somebody_accepts_it() {
    let nights = Nights::of(&[("steady", &SCENARIO.replace("repeats = 3", "repeats = 2"))]);
    assert_eq!(nights.night(&[]).code(), 0);
    let good = nights.kept().remove(0);
    let file = nights.archive().join(&good.id).join("night.json");
    // As if it had been worse than the one before it.
    let mut worse = good.clone();
    let verdict = CompareVerdict::Regression;
    worse.scenarios[0].compared = Some(NightComparison { base: "gone".to_owned(), verdict, why: String::new() });
    std::fs::write(&file, serde_json::to_string(&worse).expect("written")).expect("written");
    let next = nights.night(&[]);
    assert!(next.code() == 0 && nights.newest().compared.is_none(), "{}", next.said());
    std::fs::remove_dir_all(nights.archive().join(&nights.kept()[1].id)).expect("removed");
    worse.scenarios[0].accepted = true;
    std::fs::write(&file, serde_json::to_string(&worse).expect("written")).expect("written");
    let accepting = nights.night(&["--accept", "steady"]);
    assert_eq!(nights.newest().compared.expect("compared").base, good.id, "{}", accepting.said());
    assert!(nights.newest().accepted && accepting.code() == 0, "{}", accepting.said());
}

#[test]
fn what_is_slow_once_and_not_when_it_is_run_again_is_no_regression() {
    let nights = Nights::of(&[("steady", SCENARIO)]);
    assert_eq!(nights.night(&[]).code(), 0);
    let flaky = nights.slow_night(Slow::AtFirst);
    let newest = nights.kept().pop().expect("a night");
    let again = nights.archive().join(&newest.id).join("steady/compare/again-1/candidate/result.json");
    assert!(again.is_file(), "it looked worse, and was run again: {}", flaky.said());
    let compared = newest.scenarios[0].compared.as_ref().expect("compared");
    assert_ne!(compared.verdict, CompareVerdict::Regression, "{}", compared.why);
    assert_ne!(flaky.code(), 1, "{}", flaky.said());
    assert!(!nights.text("junit.xml").contains("<failure"));
}

#[test]
fn a_night_that_was_not_carried_through_is_never_compared_with() {
    let nights = Nights::of(&[("steady", &SCENARIO.replace("repeats = 3", "repeats = 1"))]);
    assert_eq!(nights.night(&[]).code(), 0);
    // As a killed night leaves it, and as a disk that was full does.
    let first = nights.kept().remove(0);
    let file = nights.archive().join(&first.id).join("night.json");
    let whole = std::fs::read_to_string(&file).expect("read");
    let without_end = Night { ended: None, ..first.clone() };
    let cut_off = whole[..whole.len() / 2].to_owned();
    for text in [serde_json::to_string(&without_end).expect("written"), cut_off, String::new()] {
        std::fs::write(&file, text).expect("written");
        let next = nights.night(&[]);
        assert_eq!(next.code(), 0, "{}", next.said());
        assert!(nights.newest().compared.is_none(), "{}", next.said());
        let id = nights.kept().pop().expect("a night").id;
        std::fs::remove_dir_all(nights.archive().join(id)).expect("removed");
        std::fs::create_dir_all(nights.archive().join(&first.id)).expect("created");
    }
}

#[test]
fn an_interrupt_leaves_an_archive_that_can_be_read() {
    let long = SCENARIO.replace("load   = \"2s\"", "load   = \"60s\"").replace("repeats = 3", "repeats = 1");
    let nights = Nights::of(&[("a-long", &long), ("b-other", SCENARIO)]);
    let mut command = harness();
    command.arg("nightly").arg(nights.folder.path().join("scenarios")).arg("--archive").arg(nights.archive());
    let mut night = Background::start(command, nights.archive());
    night.wait_for("load");
    night.signal(Signal::INT);
    let ended = night.finish();
    assert_eq!(ended.code(), 130, "{}", ended.said());
    let kept = nights.kept().remove(0);
    assert!(kept.interrupted && kept.ended.is_some());
    assert_eq!(kept.scenarios[1].outcome, NightOutcome::NotTried);
    assert!(!kept.is_whole());
    let page = nights.text("index.html");
    assert!(page.contains("the night was interrupted") && page.contains("not tried"));
    for link in links(&page) {
        assert!(nights.archive().join(link).is_file(), "{link} leads nowhere");
    }
    assert!(nights.text("junit.xml").contains("<error") && nights.text("summary.md").contains("interrupted"));
}

#[test]
fn histories_go_before_results_and_the_last_good_run_never_goes() {
    let nights = Nights::of(&[("steady", &SCENARIO.replace("repeats = 3", "repeats = 1"))]);
    let losing = ["--set", "systems.one.memory.lose-every=2"];
    assert_eq!(nights.night(&[]).code(), 0);
    assert_eq!(nights.night(&losing).code(), 1);
    assert_eq!(nights.night(&losing).code(), 1);
    let runs: Vec<PathBuf> =
        nights.kept().iter().map(|night| nights.archive().join(&night.id).join("steady")).collect();
    assert!(runs.iter().all(|run| run.join("one-1/history").is_dir()), "5 GiB are not reached");
    let full = nights.night(&[&losing[..], &["--keep-size", "1B"]].concat());
    assert_eq!(full.code(), 1, "{}", full.said());
    assert!(full.stderr().contains("--keep-size"), "{}", full.said());
    assert!(runs[0].join("one-1/history").is_dir() && runs[0].join("result.json").is_file(), "the last good run");
    assert!(!runs[1].exists() && !runs[2].exists(), "older nights are gone");
    let newest = nights.archive().join(nights.kept().pop().expect("a night").id).join("steady");
    assert!(newest.join("report.html").is_file() && !newest.join("one-1/history").exists());
    assert_eq!(nights.kept().len(), 2);
    for link in links(&nights.text("index.html")) {
        assert!(nights.archive().join(link).is_file(), "{link} leads nowhere");
    }
    // By number: the newest, and what holds the last good run.
    assert_eq!(nights.night(&[&losing[..], &["--keep-nights", "1"]].concat()).code(), 1);
    assert_eq!(nights.kept().len(), 2);
    assert!(runs[0].join("one-1/history").is_dir());
}

#[test]
fn histories_alone_are_dropped_where_that_is_enough() {
    let nights = Nights::of(&[("steady", &SCENARIO.replace("repeats = 3", "repeats = 1"))]);
    let losing = ["--set", "systems.one.memory.lose-every=2"];
    assert_eq!(nights.night(&losing).code(), 1);
    let first = nights.archive().join(&nights.kept()[0].id).join("steady");
    // The history weighs so much more than all else that the size of a second night is no matter.
    let file = std::fs::File::create(first.join("one-1/history/more")).expect("created");
    file.set_len(64 << 20).expect("made longer");
    let second = nights.night(&[&losing[..], &["--keep-size", "32MiB"]].concat());
    assert_eq!(second.code(), 1, "{}", second.said());
    assert!(!first.join("one-1/history").exists() && first.join("result.json").is_file(), "{}", second.said());
    assert!(first.join("report.html").is_file());
}

#[test]
fn the_summary_is_appended_where_github_wants_it() {
    let nights = Nights::of(&[("steady", &SCENARIO.replace("repeats = 3", "repeats = 1"))]);
    let file = nights.folder.path().join("step-summary");
    std::fs::write(&file, "before\n").expect("written");
    let output = nights.command(&[]).env("GITHUB_STEP_SUMMARY", &file).output().expect("run");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = std::fs::read_to_string(&file).expect("read");
    assert!(text.starts_with("before\n## ✅ Night of ") && text.contains("Memory &lt;script&gt;"), "{text}");
}

#[test]
fn what_is_wrong_is_said_before_anything_is_started() {
    let nights = Nights::of(&[("steady", SCENARIO)]);
    std::fs::write(nights.folder.path().join("a-file"), "").expect("written");
    let at = |name: &str| nights.folder.path().join(name).display().to_string();
    let archive = at("a-file/archive");
    for (arguments, said) in [
        (vec!["--accept", "stedy"], "no scenario of this name"),
        (vec!["--tag", "never"], "has the tag"),
        (vec!["--keep-size", "much"], "--keep-size"),
        (vec!["--keep-nights", "0"], "--keep-nights"),
        (vec!["--set", "workload.producrs=2"], "producrs"),
    ] {
        let refused = nights.night(&arguments);
        assert_eq!(refused.code(), 2, "{arguments:?} {}", refused.said());
        assert!(refused.stderr().contains(said) && refused.stdout().is_empty(), "{}", refused.said());
    }
    for (folder, archive, said) in [
        (at("scenarios"), archive, "is a file"),
        (at("nowhere"), at("archive"), "does not exist"),
        (at("a-file"), at("archive"), "is a file"),
    ] {
        let output = harness().args(["nightly", &folder, "--archive", &archive]).output().expect("run");
        let refused = Finished { folder: nights.archive(), output };
        assert_eq!(refused.code(), 2, "{}", refused.said());
        assert!(refused.error().contains(said), "{}", refused.said());
    }
    assert!(!nights.archive().exists(), "nothing was begun");
}
