//! Runs that do not come to their end: interrupted, or without room on the disk. What there is, is judged and reported.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod binary;

use binary::{Bench, Finished, check, checks, real_is_required, skipped};
use reports::facts::TrialFacts;
use reports::result::Verdict;
use rustix::process::Signal;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Longer than any of these tests lasts, if it does what it should.
fn scenario(memory: &str, rate: u32) -> String {
    format!(
        r#"
title = "Memory"

[workload]
rate       = {{ constant = {{ per-second = {rate} }} }}
message    = {{ size = "128B" }}
producers  = 1
consumers  = 1
partitions = 1

[phases]
warmup = "0s"
load   = "100s"
drain  = "100s"

[[systems]]
name   = "memory"
memory = {{ {memory} }}

[[systems]]
name   = "never-begun"
memory = {{}}
"#
    )
}

fn facts(run: &Finished) -> TrialFacts {
    TrialFacts::load(&run.folder.join("memory-1")).expect("facts")
}

#[test]
fn an_interrupt_ends_the_run_in_order_and_reports_what_there_is() {
    for signal in [Signal::INT, Signal::TERM] {
        let bench = Bench::new(&scenario("", 500));
        let mut run = bench.start(&[]);
        run.wait_for("driving the load");
        run.signal(signal);
        let run = run.finish();
        assert_eq!(run.code(), 130, "{signal:?}: {}", run.said());
        let trial = run.trial();
        assert_eq!(trial.verdict, Verdict::Unknown, "{:#?}", trial.checks);
        assert!(checks(&trial, Verdict::Pass).is_empty(), "{:#?}", trial.checks);
        assert!(check(&trial, "lost").why.contains("interrupted"), "{:#?}", check(&trial, "lost"));
        let end = facts(&run).end.expect("an end");
        assert!(end.interrupted && end.drained, "{end:?}");
        // It did not go on to the end of its schedule, and what was sent came.
        assert!(trial.counts.offered < facts(&run).workload.offered, "{:?}", trial.counts);
        assert_eq!(trial.counts.delivered, trial.counts.acknowledged);
        assert!(run.history("memory-1").truncations().is_empty());
        assert!(run.folder.join("report.html").is_file() && run.stdout().contains("UNKNOWN"), "{}", run.said());
        assert!(!run.folder.join("never-begun-1").exists());
    }
}

/// The broker keeps what it should forget, so that the drain would go on.
#[test]
fn a_second_interrupt_does_not_wait_for_the_drain() {
    let bench = Bench::new(&scenario("forget-every = 1", 500));
    let mut run = bench.start(&[]);
    run.wait_for("driving the load");
    run.signal(Signal::INT);
    run.wait_for("draining");
    run.signal(Signal::INT);
    let run = run.finish();
    assert_eq!(run.code(), 130, "{}", run.said());
    // Nobody lived to say how the trial ended, so that it cannot pass.
    assert_eq!(facts(&run).end, None);
    assert_ne!(run.trial().verdict, Verdict::Pass);
}

/// A small disk of its own; unmounted when dropped.
struct SmallDisk(PathBuf, #[allow(dead_code, reason = "removed when dropped")] tempfile::TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("disk");
        std::fs::create_dir(&place).expect("created");
        let option = format!("size={size}");
        let output = Command::new("mount").args(["-t", "tmpfs", "-o", &option, "tmpfs"]).arg(&place).output();
        match output {
            Ok(output) if output.status.success() => Ok(Self(place, folder)),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_ends_the_run_and_is_named() {
    let disk = match SmallDisk::mount("512k") {
        Ok(disk) => disk,
        Err(why) if real_is_required() && rustix::process::geteuid().is_root() => {
            panic!("HARNESS_REQUIRE_REAL=1, but no small disk can be mounted: {why}")
        }
        Err(why) => {
            return skipped("a_full_disk_ends_the_run_and_is_named", &format!("mounting is not allowed: {why}"));
        }
    };
    // About 30 bytes a message: full within a few seconds of the hundred.
    let bench = Bench::new(&scenario("", 20_000));
    let out = disk.path().join("run");
    let output = binary::harness().arg("run").arg(bench.scenario()).arg("--out").arg(&out).output().expect("run");
    let run = Finished { folder: out, output };
    assert_eq!(run.code(), 4, "{}", run.said());
    assert!(run.error().contains("No space left on device"), "{}", run.said());
    assert!(run.error().contains("the disk is full: free some space, or choose another with --out"), "{}", run.said());
    assert!(!run.stderr().contains("panicked"), "{}", run.said());
    assert!(!run.stdout().contains("PASS"), "{}", run.said());
    assert!(!run.folder.join("never-begun-1").exists());
}
