//! Producers alone, and consumers that come to a backlog which was built before they were there.

use crate::binary::{at_once, check, checks};
use crate::engine::{containers, with_engine};
use reports::result::Verdict;

const SCENARIO: &str = r#"
title = "Alone"

[workload]
rate       = { steps = { per-second = [1000, 0], each = "5s" } }
message    = { size = "256B" }
producers  = 2
consumers  = 0
partitions = 3
processing = "4ms"

[phases]
warmup = "1s"
load   = "16s"
drain  = "60s"

[[systems]]
name = "redis"
redis-streams = {}

[[systems]]
name = "kafka"
kafka = {}
"#;

const JOIN: &str = r#"
[[faults]]
at     = "5s"
for    = "3s"
worker = "consumer-0"
join   = { stays = true }

[[faults]]
at     = "9s"
for    = "3s"
worker = "consumer-1"
join   = { stays = true }
"#;

#[test]
fn producers_alone_leave_a_log_that_holds_what_was_acknowledged() {
    with_engine("producers alone", || {
        for (bench, run) in at_once(SCENARIO, &["redis", "kafka"], &["--set", "phases.load=6s"]) {
            assert_eq!(run.code(), 0, "{}", run.said());
            let trial = &run.trial();
            let log = trial.log.as_ref().expect("the log was read");
            assert_eq!((log.complete, log.missing, log.distinct), (true, 0, trial.counts.acknowledged), "{log:?}");
            assert_eq!((trial.counts.delivered, trial.counts.lost), (0, 0), "{:?}", trial.counts);
            assert!(check(trial, "lost").why.contains("nobody consumed"), "{:#?}", check(trial, "lost"));
            let kept = if trial.system == "redis" { ("appendfsync", "everysec") } else { ("min.insync.replicas", "1") };
            let told = trial.fairness.iter().find(|row| row.read_back && row.setting == kept.0).expect("read back");
            assert_eq!(told.value, kept.1, "{:#?}", trial.fairness);
            assert_eq!(checks(trial, Verdict::Unknown), [""; 0], "{}: {:#?}", trial.system, trial.checks);
            assert_eq!(containers(&bench), []);
        }
    });
}

#[test]
fn consumers_that_join_later_work_off_the_backlog() {
    with_engine("catching up", || {
        for (bench, run) in at_once(&format!("{SCENARIO}{JOIN}"), &["redis", "kafka"], &[]) {
            let trial = &run.trial();
            assert_eq!(checks(trial, Verdict::Fail), [""; 0], "{}: {:#?}", trial.system, trial.checks);
            assert_eq!(trial.counts.distinct, trial.counts.acknowledged, "{}: {:?}", trial.system, trial.counts);
            assert_eq!(check(trial, "unrecovered").verdict, Verdict::Pass, "{}: {:#?}", trial.system, trial.checks);
            // What was sent first waited longest.
            let waited = trial.latency_ns.end_to_end.max;
            assert!(waited >= 4_000_000_000, "{}: {waited}", trial.system);
            assert!(trial.faults.iter().all(|fault| fault.confirmed && fault.effect_seen), "{:#?}", trial.faults);
            assert_eq!(containers(&bench), []);
        }
    });
}
