//! Faults on the node that leads, in systems of several nodes: another one leads, and nothing that was on enough nodes is gone.

use crate::binary::{at_once, check, checks};
use crate::engine::{containers, with_engine};
use reports::history::{NodeEvent, Outcome, Trial};
use reports::result::{TrialResult, Verdict};
use std::collections::BTreeSet;

const SCENARIO: &str = r#"
title = "Whoever leads"

[workload]
rate       = { constant = { per-second = 200 } }
message    = { size = "256B" }
producers  = 1
consumers  = 2
partitions = 3

[phases]
warmup = "1s"
load   = "28s"
drain  = "60s"

[client]
connect-timeout = "1s"
request-timeout = "1s"
heartbeat       = { every = "1s", timeout = "1s", misses = 2 }
backoff         = { first = "200ms", factor = 2.0, max = "1s", jitter = 0.2 }
"#;

const KILL: &str = r#"
[[systems]]
name = "redis"
redis-streams = { replicas = 2, sentinels = 3, durability = "replicated", wait = 1 }

[[systems]]
name = "kafka"
kafka = { brokers = 3, replication-factor = 3, min-insync-replicas = 2, durability = "replicated" }

[[faults]]
at  = "4s"
for = "18s"
leader-kill = {}
"#;

/// The node that a fault on the leader was done to, as the report names it.
fn met(trial: &TrialResult) -> String {
    let target = &trial.faults[0].target;
    let node = target.strip_prefix("node ").and_then(|rest| rest.strip_suffix(" (the leading node)"));
    node.unwrap_or_else(|| panic!("{}: {target}", trial.system)).to_owned()
}

/// How many partitions took messages while their leader of before was gone.
fn led_anew(trial: &Trial) -> usize {
    let faults = trial.faults().expect("read");
    let (from, until) = (faults[0].injected.expect("confirmed"), faults[0].heal_requested.expect("asked for"));
    let sends = trial.sends().flat_map(|batch| batch.expect("read").rows().collect::<Vec<_>>());
    let anew = sends.filter(|sent| sent.outcome == Outcome::Ok && from < sent.started && sent.settled < until);
    anew.map(|sent| sent.message.partition).collect::<BTreeSet<_>>().len()
}

#[test]
fn when_the_leader_is_killed_another_one_leads_and_nothing_that_all_replicas_had_is_lost() {
    with_engine("leader kill", || {
        let runs = at_once(&format!("{SCENARIO}{KILL}"), &["redis", "kafka"], &["--set", "phases.load=34s"]);
        for (bench, run) in &runs {
            let trial = &run.trial();
            let (fault, node) = (&trial.faults[0], met(trial));
            assert!(fault.confirmed && fault.effect_seen, "{}: {fault:#?}", trial.system);
            let life = run.history(&trial.folder).nodes().expect("read");
            let of_node: Vec<NodeEvent> = life.iter().filter(|row| row.node == node).map(|row| row.event).collect();
            assert!(of_node.contains(&NodeEvent::Ended) && of_node.contains(&NodeEvent::Restarted), "{life:#?}");
            assert_eq!(led_anew(&run.history(&trial.folder)), 3, "{}: {node} was killed", trial.system);
            let counts = &trial.counts;
            assert_eq!((counts.lost, counts.phantom, counts.corrupted), (0, 0, 0), "{}: {counts:#?}", trial.system);
            assert_eq!(checks(trial, Verdict::Fail), [""; 0], "{}: {:#?}", trial.system, trial.checks);
            assert_eq!(check(trial, "unrecovered").verdict, Verdict::Pass, "{}: {:#?}", trial.system, trial.checks);
            for client in &trial.clients {
                assert!(!client.reconnects[0].never_returned, "{}: {client:#?}", trial.system);
            }
            assert_eq!(containers(bench), []);
        }
    });
}
