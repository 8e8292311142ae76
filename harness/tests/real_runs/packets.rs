//! Links that flap and packets that vanish, on both brokers; and that no rule outlives a run, however it ends.

use crate::binary::{Background, Bench, check, checks, harness, real_is_required, signal_process, skipped};
use crate::calm::on_a_calm_machine;
use crate::engine::{containers, require_engine, tables, with_engine};
use crate::faulted::{self, KAFKA, REDIS};
use reports::result::{TrialResult, Verdict};
use rustix::process::Signal;
use std::sync::MutexGuard;
use std::time::{Duration, Instant};

/// Generous: a test must not fail because the machine is busy.
const LIMIT: Duration = Duration::from_secs(60);

fn scenario(load: &str, faults: &str) -> String {
    faulted::scenario(load, "2s", &[REDIS, KAFKA], faults)
}

const DROP: &str = "[[faults]]\nat = \"1s\"\nfor = \"90s\"\ndirection = \"both\"\ndrop = {}";

/// Runs a test that drops packets, with the machine for it alone.
fn with_packets(test: &str, body: impl Fn()) {
    if let Some(_alone) = require_packets(test) {
        on_a_calm_machine(test, body);
    }
}

/// The machine for one test alone, on which packets can be dropped. Root may: without nft `HARNESS_REQUIRE_REAL=1` fails.
fn require_packets(test: &str) -> Option<MutexGuard<'static, ()>> {
    let alone = require_engine(test)?;
    let output = harness().arg("doctor").output().expect("run");
    if String::from_utf8_lossy(&output.stdout).contains("ok       packet filter") {
        return Some(alone);
    }
    assert!(!(real_is_required() && rustix::process::geteuid().is_root()), "{test} cannot run: {output:?}");
    skipped(test, "packets cannot be dropped on this machine");
    None
}

fn nothing_is_lost(trial: &TrialResult) {
    for fault in &trial.faults {
        assert!(fault.confirmed && fault.effect_seen, "{}: {fault:#?}", trial.system);
    }
    assert_eq!((trial.counts.lost, trial.counts.phantom), (0, 0), "{}: {:?}", trial.system, trial.counts);
    for name in ["lost", "phantom", "corrupted", "unrecovered"] {
        assert_eq!(check(trial, name).verdict, Verdict::Pass, "{}: {:#?}", trial.system, check(trial, name));
    }
    assert_eq!(checks(trial, Verdict::Fail), [""; 0], "{}: {:#?}", trial.system, trial.checks);
}

#[test]
fn a_flapping_link_is_one_fault_whose_times_are_counted_and_nobody_storms() {
    with_engine("flap", || {
        let flap = "[[faults]]\nat = \"3s\"\nfor = \"6s\"\nflap = { down = \"1s\", up = \"2s\" }\n[expect]\nreconnected = \"8s\"";
        let bench = Bench::new(&scenario("18s", flap));
        let run = bench.start(&[]).finish();
        let result = run.result();
        assert_eq!(result.trials.len(), 2, "{}", run.said());
        for trial in &result.trials {
            nothing_is_lost(trial);
            let rows = run.history(&trial.folder).faults().expect("read");
            assert_eq!(rows.len(), 1, "{rows:#?}");
            assert!(rows[0].evidence.contains("2 times down, confirmed after"), "{rows:#?}");
            for client in &trial.clients {
                assert!(client.reconnects[0].affected && !client.reconnects[0].never_returned, "{client:#?}");
            }
        }
        assert_eq!(containers(&bench), []);
    });
}

#[test]
fn lost_packets_and_a_half_open_link_lose_no_message_on_either_broker() {
    with_packets("packets", || {
        let faults = r#"
[[faults]]
at          = "2s"
for         = "3s"
direction   = "both"
packet-loss = { rate = 0.1 }

[[faults]]
at        = "7s"
for       = "4s"
direction = "both"
drop      = {}
"#;
        let bench = Bench::new(&scenario("20s", faults));
        let run = bench.start(&[]).finish();
        let result = run.result();
        assert_eq!(result.trials.len(), 2, "{}", run.said());
        for trial in &result.trials {
            nothing_is_lost(trial);
            let rows = run.history(&trial.folder).faults().expect("read");
            assert!(rows.iter().all(|row| row.dropped > Some(0)), "{rows:#?}");
        }
        assert_eq!(tables(&bench), [""; 0]);
    });
}

#[test]
fn a_drop_on_one_consumer_leaves_all_others_in_peace() {
    with_packets("drop on one", || {
        let fault =
            "[[faults]]\nat = \"2s\"\nfor = \"4s\"\nclients = [\"consumer-1\"]\ndirection = \"both\"\ndrop = {}";
        let bench = Bench::new(&scenario("12s", fault));
        let run = bench.start(&["--system", "redis"]).finish();
        let trial = run.trial();
        nothing_is_lost(&trial);
        for client in trial.clients.iter().filter(|client| client.client != "consumer-1") {
            assert!(client.reconnects.iter().all(|back| !back.affected), "{client:#?}");
        }
    });
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn while_all_packets_vanish(bench: &Bench) -> Background {
    let mut run = bench.start(&["--system", "redis"]);
    run.wait_for("drop-1 injected at");
    assert_eq!(tables(bench).len(), 1);
    run
}

#[test]
fn an_interrupt_and_a_second_one_leave_no_rule() {
    with_packets("interrupted drop", || {
        for times in [1, 2] {
            let bench = Bench::new(&scenario("100s", DROP));
            let mut run = while_all_packets_vanish(&bench);
            run.signal(Signal::INT);
            if times == 2 {
                run.wait_for("interrupted");
                run.signal(Signal::INT);
            }
            let run = run.finish();
            assert_eq!(run.code(), 130, "{}", run.said());
            assert_eq!(tables(&bench), [""; 0], "after {times}");
        }
    });
}

#[test]
fn a_killed_run_leaves_no_rule_behind_its_reaper_and_without_one_the_next_sweep_removes_it() {
    with_packets("killed drop", || {
        let bench = Bench::new(&scenario("100s", DROP));
        let run = while_all_packets_vanish(&bench);
        run.signal(Signal::KILL);
        run.finish();
        until("the reaper left a rule", || tables(&bench).is_empty());

        let bench = Bench::new(&scenario("100s", DROP));
        let run = while_all_packets_vanish(&bench);
        let reaper = reaper_of(run.pid());
        signal_process(reaper, Signal::KILL);
        run.signal(Signal::KILL);
        run.finish();
        assert_eq!(tables(&bench).len(), 1, "nobody was left to remove it");
        let cleaned = harness().arg("clean").output().expect("run");
        let said = String::from_utf8_lossy(&cleaned.stdout);
        assert!(cleaned.status.success() && said.contains("removed packet filter of run"), "{cleaned:?}");
        assert_eq!(tables(&bench), [""; 0]);
        until("containers are left", || containers(&bench).is_empty());
    });
}

/// The process that waits beside a run.
fn reaper_of(harness: u32) -> u32 {
    let reaps = |process: &procfs::process::Process| {
        let words = process.cmdline().unwrap_or_default();
        words.get(1).is_some_and(|word| word == "reap") && words.last() == Some(&harness.to_string())
    };
    let mut all = procfs::process::all_processes().expect("listed").flatten();
    all.find(reaps).and_then(|process| u32::try_from(process.pid).ok()).expect("a reaper")
}
