//! What tests of whole runs share: a bench that keeps scenarios and runs, the real binary on it, and a run's result.
//! From here only the binary, its output and a run's folder may be touched; nothing here asserts what a test is about.
//! To add a test file: `mod binary;` beside `main`, and begin each test with `Bench::new`.
#![allow(dead_code, unused_imports, reason = "not every test binary needs all of it")]

mod background;
mod stretch;

pub(crate) use background::{Background, signal_process};
pub(crate) use stretch::{stretch_times, stretched};

use reports::history::Trial;
use reports::result::{CheckResult, RunResult, TrialResult, Verdict};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder with one scenario, where runs of it are kept. Its name is like no other's, and so are its runs' ids.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
    name: String,
}

/// A run that has ended.
pub(crate) struct Finished {
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// What the binary left on its streams, and how it exited.
    pub(crate) output: Output,
}

impl Bench {
    /// Keeps this scenario.
    pub(crate) fn new(scenario: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test-{}-{number}", std::process::id());
        let folder = tempfile::Builder::new().prefix("harness-").tempdir().expect("a folder");
        std::fs::write(folder.path().join(format!("{name}.toml")), stretch::scenario(scenario)).expect("written");
        Self { folder, name }
    }

    /// The scenario's name, with which the ids of its runs end.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The scenario's file.
    pub(crate) fn scenario(&self) -> PathBuf {
        self.folder.path().join(format!("{}.toml", self.name))
    }

    /// A place on the bench.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `harness run` of the scenario into the folder `run`, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = harness();
        command.arg("run").arg(self.scenario()).arg("--out").arg(self.path("run"));
        command.args(arguments.iter().map(|argument| stretch::argument(argument)));
        command
    }

    /// `harness run` of the scenario into the folder `run`, to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        let output = self.command(arguments).output().expect("run");
        Finished { folder: self.path("run"), output }
    }

    /// `harness run` of the scenario into the folder `run`, going on.
    pub(crate) fn start(&self, arguments: &[&str]) -> Background {
        Background::start(self.command(arguments), self.path("run"))
    }
}

/// Runs one system of a scenario each, all at once, every one on a bench of its own; to their ends, in the same order. For loads
/// that leave the machine room.
pub(crate) fn at_once(scenario: &str, systems: &[&str], arguments: &[&str]) -> Vec<(Bench, Finished)> {
    let run = |system: &str| {
        let bench = Bench::new(scenario);
        let run = bench.run(&[&["--system", system], arguments].concat());
        (bench, run)
    };
    std::thread::scope(|scope| {
        let runs: Vec<_> = systems.iter().map(|system| scope.spawn(|| run(system))).collect();
        runs.into_iter().map(|run| run.join().expect("a run")).collect()
    })
}

/// The real binary.
pub(crate) fn harness() -> Command {
    Command::new(env!("CARGO_BIN_EXE_harness"))
}

/// `harness judge` of a run's folder.
pub(crate) fn judge(folder: &Path) -> Finished {
    let output = harness().arg("judge").arg(folder).output().expect("run");
    Finished { folder: folder.to_owned(), output }
}

impl Finished {
    /// How it exited; a signal is none of the codes.
    pub(crate) fn code(&self) -> i32 {
        self.output.status.code().unwrap_or(-1)
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// The error with which it ended, in one line however it was wrapped.
    pub(crate) fn error(&self) -> String {
        let stderr = self.stderr();
        let error = stderr.find('×').map_or("", |start| &stderr[start..]);
        error.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
    }

    /// All that it said, for an assertion's message.
    pub(crate) fn said(&self) -> String {
        format!("exit {}\n--- stdout\n{}\n--- stderr\n{}", self.code(), self.stdout(), self.stderr())
    }

    /// `result.json`.
    pub(crate) fn result(&self) -> RunResult {
        let text = std::fs::read_to_string(self.folder.join("result.json"));
        let text = text.unwrap_or_else(|error| panic!("no result.json: {error}\n{}", self.said()));
        serde_json::from_str(&text).expect("a result")
    }

    /// The only trial's result.
    pub(crate) fn trial(&self) -> TrialResult {
        let mut trials = self.result().trials;
        assert_eq!(trials.len(), 1, "{}", self.said());
        trials.remove(0)
    }

    /// The history of a trial: `redis-1`.
    pub(crate) fn history(&self, trial: &str) -> Trial {
        Trial::open(self.folder.join(trial)).expect("a history")
    }
}

/// The names of the checks with this answer, in the order of the result.
pub(crate) fn checks(trial: &TrialResult, verdict: Verdict) -> Vec<&str> {
    trial.checks.iter().filter(|check| check.verdict == verdict).map(|check| check.name.as_str()).collect()
}

/// The answer of one check.
pub(crate) fn check<'a>(trial: &'a TrialResult, name: &str) -> &'a CheckResult {
    trial.checks.iter().find(|check| check.name == name).unwrap_or_else(|| panic!("no check {name}: {trial:#?}"))
}

/// Copies a run, so that the copy can be damaged.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("created");
    for entry in std::fs::read_dir(from).expect("listed") {
        let entry = entry.expect("an entry");
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target);
        } else {
            std::fs::copy(&source, &target).expect("copied");
        }
    }
}

/// Whether what this test needs and does not find must fail it.
pub(crate) fn real_is_required() -> bool {
    std::env::var("HARNESS_REQUIRE_REAL").is_ok_and(|value| value == "1")
}

/// Says aloud that a test is not carried out.
pub(crate) fn skipped(test: &str, why: &str) {
    aloud(&format!("SKIPPED {test}: {why}"));
}

/// Says something that is to be seen of tests that pass, too. Not `eprintln!`, which the test runner swallows then.
pub(crate) fn aloud(words: &str) {
    let _ = writeln!(std::io::stderr(), "{words}");
}
