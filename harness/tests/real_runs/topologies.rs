//! Systems of several nodes: what is lost, and what shows, when the network between nodes is cut.

use crate::binary::{Bench, Finished, check, checks};
use crate::engine::{containers, with_engine};
use reports::result::{TrialResult, Verdict};

const SCENARIO: &str = r#"
title = "Replicas"

[workload]
rate       = { constant = { per-second = 200 } }
message    = { size = "256B" }
producers  = 1
consumers  = 2
partitions = 3

[phases]
warmup = "1s"
load   = "9s"
drain  = "30s"

[client]
connect-timeout = "1s"
request-timeout = "2s"
heartbeat       = { every = "1s", timeout = "1s", misses = 3 }
backoff         = { first = "200ms", factor = 2.0, max = "1s", jitter = 0.2 }

[[systems]]
name = "kafka"
[systems.kafka]
brokers    = 3
durability = "replicated"
settings   = { "server.replica.lag.time.max.ms" = 1000 }

[[systems]]
name = "redis"
redis-streams = { replicas = 2, durability = "replicated" }

[[faults]]
name    = "kafka-cut"
at      = "3s"
for     = "3s"
link    = "peer"
nodes   = ["kafka-1"]
systems = ["kafka"]
down    = {}

[[faults]]
name    = "redis-cut"
at      = "3s"
for     = "3s"
link    = "peer"
nodes   = ["redis-1"]
systems = ["redis"]
down    = {}
"#;

/// Nothing is lost, made up or changed.
fn everything_is_accounted_for(trial: &TrialResult) {
    let counts = &trial.counts;
    assert!(counts.acknowledged > 0, "{}: {counts:#?}", trial.system);
    assert_eq!((counts.lost, counts.phantom, counts.corrupted), (0, 0, 0), "{}: {counts:#?}", trial.system);
    assert_eq!(checks(trial, Verdict::Fail), [""; 0], "{}: {:#?}", trial.system, trial.checks);
    for name in ["lost", "phantom", "unrecovered"] {
        assert_eq!(check(trial, name).verdict, Verdict::Pass, "{}: {:#?}", trial.system, check(trial, name));
    }
}

/// The fewest replicas in sync that the broker told of at any time, and the last that it told.
fn in_sync(run: &Finished, trial: &TrialResult) -> (f64, f64) {
    let gauges = run.history(&trial.folder).gauges().expect("read");
    let told: Vec<f64> =
        gauges.iter().filter(|gauge| gauge.metric == "in-sync-replicas").map(|gauge| gauge.value).collect();
    (told.iter().copied().fold(f64::INFINITY, f64::min), *told.last().expect("some"))
}

#[test]
fn a_node_that_is_cut_off_from_the_others_loses_nothing_and_is_in_sync_again_after_the_heal() {
    with_engine("replicas", || {
        let bench = Bench::new(SCENARIO);
        let run = bench.run(&[]);
        let result = run.result();
        assert_eq!(result.trials.len(), 2, "{}", run.said());
        for trial in &result.trials {
            let [fault] = &trial.faults[..] else { panic!("{:#?}", trial.faults) };
            assert!(fault.confirmed, "{}: {fault:#?}", trial.system);
            everything_is_accounted_for(trial);
            let (fewest, last) = in_sync(&run, trial);
            assert!(fewest < 3.0, "{}: the cut does not show", trial.system);
            assert!(last > fewest, "{}: {last} replicas at the end", trial.system);
            // Something had passed on paths that were cut.
            let history = run.history(&trial.folder);
            let facts = history.facts();
            let cut = &facts.faults[0].some_of;
            let passed = &facts.end.as_ref().expect("an end").paths;
            let bytes = |name: &String| passed.iter().find(|path| path.name == *name).and_then(|path| path.bytes);
            assert_eq!(cut.len(), if trial.system == "kafka" { 4 } else { 1 }, "{cut:?}");
            assert!(cut.iter().any(|path| bytes(path).is_some_and(|bytes| bytes > 0)), "{cut:?}: {passed:?}");
            let nodes: Vec<&str> = trial.nodes.iter().map(|node| node.node.as_str()).collect();
            assert!(nodes.contains(&format!("{}-2", trial.system).as_str()), "{nodes:?}");
        }
        assert_eq!(containers(&bench), []);
    });
}
