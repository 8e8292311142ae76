//! Rolling restarts: one node after another, each only when the one before is in service again.

use crate::binary::{Bench, checks};
use crate::engine::{containers, with_engine};
use reports::history::NodeEvent;
use reports::result::Verdict;

const SCENARIO: &str = r#"
title = "One after another"

[workload]
rate       = { constant = { per-second = 200 } }
message    = { size = "256B" }
producers  = 1
consumers  = 2
partitions = 3

[phases]
warmup = "1s"
load   = "60s"
drain  = "60s"

[client]
connect-timeout = "1s"
request-timeout = "2s"
heartbeat       = { every = "1s", timeout = "1s", misses = 3 }
backoff         = { first = "200ms", factor = 2.0, max = "1s", jitter = 0.2 }

[[systems]]
name = "redis"
redis-streams = { replicas = 2, sentinels = 3, durability = "replicated" }

[[systems]]
name = "kafka"
kafka = { brokers = 3, replication-factor = 3, min-insync-replicas = 2, durability = "replicated" }

[[faults]]
at = "4s"
rolling-restart = {}
"#;

/// Loads of these lengths are tried, one after another: how long a broker takes to start again depends on the machine.
const LOADS: [&str; 2] = ["phases.load=40s", "phases.load=200s"];

#[test]
fn all_nodes_are_restarted_one_after_another_and_nothing_is_lost() {
    with_engine("rolling restart", || {
        let restarted = |system| LOADS.iter().any(|load| restarted_within(system, load));
        std::thread::scope(|scope| {
            let redis = scope.spawn(|| restarted("redis"));
            assert!(restarted("kafka"), "kafka: not even within the longest load");
            assert!(redis.join().expect("judged"), "redis: not even within the longest load");
        });
    });
}

/// Whether every node's turn came within the load; where it did not, nothing must be believed.
fn restarted_within(system: &str, load: &str) -> bool {
    let bench = Bench::new(SCENARIO);
    let run = bench.run(&["--system", system, "--set", load]);
    let trial = run.trial();
    let history = run.history(&trial.folder);
    let (rows, life) = (history.faults().expect("read"), history.nodes().expect("read"));
    assert_eq!(containers(&bench), []);
    if rows.len() < 3 || rows.iter().any(|row| !row.confirmed) {
        assert_eq!(checks(&trial, Verdict::Pass), [""; 0], "{system}: {:#?}", trial.checks);
        return false;
    }
    let targets: Vec<String> = (0..3).map(|node| format!("node {system}-{node} (each broker in turn)")).collect();
    assert_eq!(rows.iter().map(|row| row.target.clone()).collect::<Vec<_>>(), targets);
    for (number, row) in rows.iter().enumerate() {
        assert_eq!(row.name, format!("rolling-restart-1/{system}-{number}"));
        assert!(row.evidence.contains("all nodes and replicas are in service"), "{row:#?}");
        let node = format!("{system}-{number}");
        let of_node = life.iter().filter(|change| change.node == node && change.at >= row.inject_requested);
        let events: Vec<NodeEvent> = of_node.map(|change| change.event).collect();
        assert_eq!(events, [NodeEvent::Ended, NodeEvent::Restarted, NodeEvent::Ready], "{life:#?}");
    }
    for pair in rows.windows(2) {
        assert!(pair[0].healed.expect("confirmed") <= pair[1].inject_requested, "{pair:#?}");
    }
    assert!(trial.faults.iter().all(|fault| fault.confirmed && fault.effect_seen), "{:#?}", trial.faults);
    assert_eq!((trial.counts.lost, trial.counts.phantom), (0, 0), "{system}: {:#?}", trial.counts);
    assert_eq!(checks(&trial, Verdict::Fail), [""; 0], "{system}: {:#?}", trial.checks);
    true
}

#[test]
fn a_node_whose_turn_does_not_come_within_the_load_leaves_the_restart_unbelieved() {
    with_engine("rolling restart cut short", || {
        let bench = Bench::new(SCENARIO);
        let run = bench.run(&["--system", "redis", "--set", "phases.load=4.2s"]);
        let trial = run.trial();
        let confirmed: Vec<bool> = trial.faults.iter().map(|fault| fault.confirmed).collect();
        assert_eq!(confirmed.len(), 3, "{:#?}", trial.faults);
        assert!(!confirmed[2], "its turn cannot have come: {:#?}", trial.faults);
        assert_eq!(trial.verdict, Verdict::Unknown, "{:#?}", trial.checks);
        let history = run.history(&trial.folder);
        for row in history.faults().expect("read") {
            assert!(row.healed.is_some(), "what was told to end is awaited, and started again: {row:#?}");
        }
        assert_eq!(containers(&bench), []);
    });
}
