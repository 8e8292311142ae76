//! Runs on a real broker that end early: by Ctrl-C with a fault in force, and by SIGKILL.

use crate::binary::{Bench, check, checks, harness, judge};
use crate::engine::{Process, containers, with_engine, workers};
use reports::facts::TrialFacts;
use reports::result::Verdict;
use rustix::process::Signal;
use std::time::{Duration, Instant};

/// Generous: a test must not fail because the machine is busy.
const LIMIT: Duration = Duration::from_secs(60);

const SCENARIO: &str = r#"
title = "Ended early"

[workload]
rate       = { constant = { per-second = 200 } }
producers  = 2
consumers  = 1
partitions = 1

[phases]
warmup = "500ms"
load   = "100s"
drain  = "100s"

[client]
connect-timeout = "1s"
request-timeout = "1s"
heartbeat       = { every = "1s", timeout = "1s", misses = 3 }
backoff         = { first = "200ms", factor = 2.0, max = "1s", jitter = 0.2 }

[[systems]]
name = "redis"
redis-streams = {}

[[faults]]
at   = "1s"
for  = "90s"
down = {}
"#;

fn have_gone(workers: &[Process]) -> bool {
    let deadline = Instant::now() + LIMIT;
    while workers.iter().any(Process::runs) {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    true
}

#[test]
fn an_interrupt_heals_what_is_in_force_and_removes_everything() {
    with_engine("interrupt", || {
        let bench = Bench::new(SCENARIO);
        let mut run = bench.start(&[]);
        run.wait_for("down-1 injected at");
        let crew = workers(run.pid());
        assert_eq!((crew.len(), containers(&bench).len()), (3, 2));
        run.signal(Signal::INT);
        let run = run.finish();
        assert_eq!(run.code(), 130, "{}", run.said());
        let trial = run.trial();
        assert_eq!(checks(&trial, Verdict::Pass), [""; 0], "{:#?}", trial.checks);
        assert!(check(&trial, "lost").why.contains("interrupted"), "{:#?}", check(&trial, "lost"));
        assert_eq!((trial.counts.lost, trial.counts.phantom), (0, 0), "{:?}", trial.counts);
        let history = run.history("redis-1");
        assert!(history.truncations().is_empty(), "{:?}", history.truncations());
        let faults = history.faults().expect("read");
        assert_eq!(faults.len(), 1);
        assert!(faults[0].confirmed && faults[0].healed.is_some(), "{faults:#?}");
        let end = history.facts().end.clone().expect("an end");
        assert!(end.interrupted, "{end:#?}");
        assert!(run.folder.join("report.html").is_file());
        assert_eq!(containers(&bench), []);
        assert!(have_gone(&crew), "{crew:?}");
    });
}

#[test]
fn an_interrupt_before_the_load_removes_everything_too() {
    with_engine("early interrupt", || {
        let bench = Bench::new(SCENARIO);
        let mut run = bench.start(&[]);
        run.wait_for("redis: starting the broker");
        run.signal(Signal::INT);
        let run = run.finish();
        assert_eq!(run.code(), 130, "{}", run.said());
        assert!(!run.stdout().contains("PASS"), "{}", run.said());
        // What the run itself removes has not ended by itself.
        assert!(!run.stderr().contains("HAS ENDED"), "{}", run.said());
        assert_eq!(containers(&bench), []);
    });
}

#[test]
fn what_a_killed_run_leaves_is_removed_by_the_next_and_its_history_is_unknown() {
    with_engine("killed", || {
        let bench = Bench::new(SCENARIO);
        let mut run = bench.start(&[]);
        run.wait_for("down-1 injected at");
        let crew = workers(run.pid());
        assert_eq!((crew.len(), containers(&bench).len()), (3, 2));
        run.signal(Signal::KILL);
        let run = run.finish();
        assert_eq!(run.code(), -1, "{}", run.said());
        // Workers notice that nobody speaks to them any more, write what they have, and leave.
        assert!(have_gone(&crew), "{crew:?}");
        let cleaned = harness().arg("clean").output().expect("run");
        assert!(cleaned.status.success(), "{cleaned:?}");
        assert_eq!(containers(&bench), []);
        assert_eq!(TrialFacts::load(&run.folder.join("redis-1")).expect("facts").end, None);
        let judged = judge(&run.folder);
        assert_eq!(judged.code(), 3, "{}", judged.said());
        let trial = judged.trial();
        assert_eq!(trial.verdict, Verdict::Unknown);
        assert_eq!(checks(&trial, Verdict::Pass), [""; 0], "{:#?}", trial.checks);
        assert!(trial.counts.acknowledged > 0, "{:?}", trial.counts);
    });
}
