//! Faults on workers, on real brokers: a real process ends or stands still, its successor goes on, and nothing is lost.

use crate::binary::{Bench, Finished, check};
use crate::engine::{containers, with_engine, workers};
use procfs::process::Process;
use reports::facts::WriterEnd;
use reports::result::{TrialResult, Verdict};
use rustix::process::Signal;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(60);

fn scenario(load: &str, systems: &str, faults: &str) -> String {
    format!(
        r#"
title = "Faults on workers"

[workload]
rate       = {{ constant = {{ per-second = 500 }} }}
message    = {{ size = "128B" }}
producers  = 2
consumers  = 2
partitions = 4

[phases]
warmup = "1s"
load   = "{load}"
drain  = "60s"

[client]
connect-timeout = "1s"
request-timeout = "1s"
heartbeat       = {{ every = "1s", timeout = "1s", misses = 3 }}
backoff         = {{ first = "200ms", factor = 2.0, max = "1s", jitter = 0.2 }}

{systems}

{faults}
"#
    )
}

const REDIS: &str = "[[systems]]\nname = \"redis\"\nredis-streams = { claim-every = \"200ms\" }";
const KAFKA: &str = "[[systems]]\nname = \"kafka\"\nkafka = {}";

fn faults_are_believed(trial: &TrialResult) {
    for fault in &trial.faults {
        assert!(fault.confirmed && fault.effect_seen, "{}: {fault:#?}", trial.system);
    }
}

/// Nothing lost or made up, and every send of the schedule begun by one process or another.
fn everything_is_accounted_for(run: &Finished, trial: &TrialResult) {
    let counts = &trial.counts;
    assert_eq!(counts.offered, run.history(&trial.folder).facts().workload.offered, "{}: {counts:#?}", trial.system);
    assert_eq!((counts.lost, counts.phantom, counts.corrupted), (0, 0, 0), "{}: {counts:#?}", trial.system);
    assert_eq!(counts.offered, counts.acknowledged + counts.failed + counts.indeterminate, "{counts:#?}");
    for name in ["lost", "phantom", "corrupted", "unrecovered"] {
        assert_eq!(check(trial, name).verdict, Verdict::Pass, "{}: {:#?}", trial.system, check(trial, name));
    }
}

#[test]
fn a_crashed_consumer_and_a_crashed_producer_are_followed_and_nothing_is_lost_on_either_broker() {
    with_engine("worker crash", || {
        let faults = r#"
[[faults]]
at     = "4s"
for    = "6s"
worker = "consumer-1"
crash  = {}

[[faults]]
at     = "14s"
for    = "2s"
worker = "producer-0"
crash  = {}
"#;
        let bench = Bench::new(&scenario("24s", &[REDIS, KAFKA].join("\n\n"), faults));
        let run = bench.start(&[]).finish();
        let result = run.result();
        assert_eq!(result.trials.len(), 2, "{}", run.said());
        for trial in &result.trials {
            faults_are_believed(trial);
            everything_is_accounted_for(&run, trial);
            files_are_whole(&run, trial);
            successors_came_back(trial);
            let evidence = &trial.faults[0].evidence;
            assert!(
                evidence.contains("ended by signal 9 (SIGKILL)") && evidence.contains("its successor"),
                "{evidence}"
            );
        }
        assert_ne!(run.code(), 1, "{}", run.said());
        assert_eq!(containers(&bench), []);
    });
}

/// Those of the killed say so, and those of their successors are there beside them.
fn files_are_whole(run: &Finished, trial: &TrialResult) {
    let history = run.history(&trial.folder);
    assert!(history.truncations().is_empty(), "{:?}", history.truncations());
    let files = &history.facts().files;
    for file in files {
        let killed = ["consumer-1", "producer-0"].contains(&file.writer.as_str());
        let how = file.end.as_ref().map(|end| end.how);
        assert_eq!(matches!(how, Some(WriterEnd::Killed { .. })), killed, "{file:?}");
        assert_eq!(matches!(how, Some(WriterEnd::Finished)), !killed, "{file:?}");
    }
    for writer in ["consumer-1-2", "producer-0-2"] {
        assert!(files.iter().any(|file| file.writer == writer), "{writer}: {files:#?}");
    }
    let troubles = history.facts().end.clone().expect("an end").troubles;
    assert!(!troubles.iter().any(|trouble| trouble.contains("ended before it was told to")), "{troubles:?}");
}

fn successors_came_back(trial: &TrialResult) {
    for (fault, client) in [("crash-1", "consumer-1"), ("crash-2", "producer-0")] {
        let of_client = trial.clients.iter().find(|found| found.client == client).expect("listed");
        let back = of_client.reconnects.iter().find(|back| back.fault == fault).expect("listed");
        assert!(back.affected && !back.never_returned, "{}: {back:#?}", trial.system);
        assert_eq!(back.outside_envelope, 0, "{}: {back:#?}", trial.system);
        assert!(back.first_success_ns.is_some(), "{}: {back:#?}", trial.system);
    }
}

#[test]
fn a_paused_producer_sends_late_what_fell_due_and_a_paused_consumer_loses_nothing() {
    with_engine("worker pause", || {
        let faults = r#"
[[faults]]
at     = "3s"
for    = "2s"
worker = "producer-1"
pause  = {}

[[faults]]
at     = "8s"
for    = "2s"
worker = "consumer-0"
pause  = {}
"#;
        let bench = Bench::new(&scenario("14s", &[REDIS, KAFKA].join("\n\n"), faults));
        let run = bench.start(&[]).finish();
        let result = run.result();
        assert_eq!(result.trials.len(), 2, "{}", run.said());
        for trial in &result.trials {
            faults_are_believed(trial);
            everything_is_accounted_for(&run, trial);
            assert!(trial.faults[0].evidence.contains("is stopped (state T)"), "{:#?}", trial.faults);
            assert!(trial.latency_ns.response.max >= 1_500_000_000, "{}: {:#?}", trial.system, trial.latency_ns);
        }
    });
}

#[test]
fn a_run_that_is_killed_leaves_no_worker_standing_still() {
    with_engine("killed in a pause", || {
        let fault = "[[faults]]\nat = \"1s\"\nfor = \"50s\"\nworker = \"consumer-0\"\npause = {}";
        let bench = Bench::new(&scenario("60s", REDIS, fault));
        let mut run = bench.start(&[]);
        run.wait_for("pause-1 injected at");
        let crew = workers(run.pid());
        let stopped = |pid: u32| {
            let process = Process::new(i32::try_from(pid).expect("small"));
            process.and_then(|process| process.stat()).is_ok_and(|stat| stat.state == 'T')
        };
        assert_eq!(crew.iter().filter(|worker| stopped(worker.pid())).count(), 1);
        run.signal(Signal::KILL);
        run.finish();
        let deadline = Instant::now() + LIMIT;
        while crew.iter().any(crate::engine::Process::runs) || !containers(&bench).is_empty() {
            assert!(Instant::now() < deadline, "{crew:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    });
}
