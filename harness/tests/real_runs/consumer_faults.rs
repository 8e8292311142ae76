//! What consumers do because a fault tells them to, on real brokers: they slow down, leave and join, and it shows.

use crate::binary::{Bench, check, skipped};
use crate::engine::{containers, with_engine};
use harness::broker::REGISTRY;
use reports::result::{TrialResult, Verdict};
use std::collections::BTreeSet;
use std::process::Command;

fn scenario(load: &str, systems: &str, faults: &str) -> String {
    format!(
        r#"
title = "Faults that consumers are told"

[workload]
rate       = {{ constant = {{ per-second = 400 }} }}
message    = {{ size = "128B" }}
producers  = 1
consumers  = 2
partitions = 4
processing = "2ms"

[phases]
warmup = "1s"
load   = "{load}"
drain  = "30s"

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

const REDIS: &str = "[[systems]]\nname = \"redis\"\nredis-streams = { claim-every = \"200ms\", read-count = 5 }";
const KAFKA: &str = "[[systems]]\nname = \"kafka\"\nkafka = {}";

fn faults_are_believed(trial: &TrialResult) {
    for fault in &trial.faults {
        assert!(fault.confirmed && fault.effect_seen, "{}: {fault:#?}", trial.system);
    }
}

fn nothing_is_lost_or_left(trial: &TrialResult) {
    for name in ["lost", "phantom", "duplicated", "unrecovered", "resurrected"] {
        assert_eq!(check(trial, name).verdict, Verdict::Pass, "{}: {:#?}", trial.system, check(trial, name));
    }
    assert_eq!(trial.recovery.redelivered_by_cause.get("unexplained"), None, "{:#?}", trial.recovery);
}

#[test]
fn consumers_slow_down_leave_and_join_as_they_are_told_and_nothing_is_lost_on_either_broker() {
    with_engine("told consumers", || {
        let faults = r#"
[[faults]]
at     = "2s"
for    = "3s"
worker = "consumer-1"
slow   = { processing = "20ms" }

[[faults]]
at     = "7s"
for    = "6s"
worker = "consumer-2"
join   = {}

[[faults]]
at     = "9s"
for    = "6s"
worker = "consumer-0"
leave  = {}
"#;
        let bench = Bench::new(&scenario("20s", &[REDIS, KAFKA].join("\n\n"), faults));
        let run = bench.start(&[]).finish();
        let result = run.result();
        assert_eq!(result.trials.len(), 2, "{}", run.said());
        for trial in &result.trials {
            faults_are_believed(trial);
            nothing_is_lost_or_left(trial);
            let evidence: Vec<&str> = trial.faults.iter().map(|fault| fault.evidence.as_str()).collect();
            assert!(
                evidence[0].contains("it says that it works 20ms") && evidence[0].contains("works 2ms"),
                "{evidence:?}"
            );
            assert!(
                evidence[1].contains("has joined the group") && evidence[1].contains("it left the group"),
                "{evidence:?}"
            );
            assert!(
                evidence[2].contains("its name was not deleted") && evidence[2].contains("has joined"),
                "{evidence:?}"
            );
            let history = run.history(&trial.folder);
            let writers: Vec<&str> = history.facts().files.iter().map(|file| file.writer.as_str()).collect();
            assert!(writers.contains(&"consumer-2") && writers.contains(&"consumer-0-2"), "{writers:?}");
            assert!(history.facts().end.clone().expect("an end").troubles.is_empty(), "{:?}", history.facts().end);
            let never = trial.clients.iter().flat_map(|client| &client.reconnects).filter(|back| back.never_returned);
            assert_eq!(never.count(), 0, "{}: {:#?}", trial.system, trial.clients);
            // Conditions can be written for what is sampled, and for nothing else.
            let sampled: BTreeSet<String> = history.gauges().expect("read").into_iter().map(|row| row.metric).collect();
            let declared = REGISTRY.broker(&history.facts().system.broker).expect("known").gauges();
            assert!(sampled.iter().all(|metric| declared.contains(&metric.as_str())), "{}: {sampled:?}", trial.system);
            // One node has no replicas.
            assert_eq!(
                sampled.len() + usize::from(!sampled.contains("in-sync-replicas")),
                declared.len(),
                "{sampled:?}"
            );
        }
        assert_eq!(containers(&bench), []);
    });
}

/// What is pending under a name goes with it, and the history alone knows of it.
#[test]
fn deleting_a_consumer_drops_what_is_pending_and_a_condition_says_when() {
    with_engine("deleted consumer", || {
        let faults = r#"
[[faults]]
at     = "1s"
when   = "pending of consumer-1 > 2"
for    = "3s"
worker = "consumer-1"
leave  = { delete-consumer = true }

[[faults]]
when   = "length > 1000000"
for    = "1s"
worker = "consumer-0"
pause  = {}
"#;
        let text = scenario("9s", REDIS, faults).replace("per-second = 400", "per-second = 1200");
        let bench = Bench::new(&text);
        let run = bench.start(&[]).finish();
        let trial = run.trial();
        let (left, never) = (&trial.faults[0], &trial.faults[1]);
        assert!(left.confirmed && left.effect_seen && left.name == "leave-1", "{left:#?}");
        assert!(left.evidence.contains("triggered: pending of consumer-1 > 2 came true"), "{}", left.evidence);
        let dropped = left.evidence.split("deleted with ").nth(1).and_then(|rest| rest.split(' ').next());
        let dropped: u64 = dropped.expect("told").parse().expect("a number");
        let unrecovered = check(&trial, "unrecovered");
        assert_eq!(unrecovered.verdict, Verdict::Fail, "{unrecovered:#?}");
        assert_eq!(unrecovered.observed, format!("{dropped} by the history, 0 by the broker"));
        // The other one never came about, so that nothing that it was to show can be relied on.
        let why = "the fault pause-1 was not injected: the condition length > 1000000 never came true; the most was ";
        assert!(!never.confirmed && never.evidence.contains("never came true"), "{never:#?}");
        let lost = check(&trial, "lost");
        assert!(lost.verdict == Verdict::Unknown && lost.why.contains(why), "{lost:#?}");
    });
}

/// The worker in `docs/` knows none of this.
#[test]
fn what_a_worker_does_not_know_how_to_do_is_not_confirmed() {
    if !Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return skipped("what_a_worker_does_not_know", "python3 is not there");
    }
    with_engine("unknown order", || {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/worker.py");
        let system = format!(
            "[[systems]]\nname = \"python\"\nclient = {{ program = [\"python3\", \"{program}\"] }}\nredis-streams = {{}}"
        );
        let fault = "[[faults]]\nat = \"1s\"\nfor = \"1s\"\nworker = \"consumer-1\"\nslow = { processing = \"30ms\" }";
        let bench = Bench::new(&scenario("5s", &system, fault).replace("per-second = 400", "per-second = 100"));
        let run = bench.start(&[]).finish();
        let trial = run.trial();
        assert!(!trial.faults[0].confirmed, "{:#?}", trial.faults);
        let lost = check(&trial, "lost");
        assert!(lost.verdict == Verdict::Unknown && lost.why.contains("slow-1 was not confirmed"), "{lost:#?}");
    });
}
