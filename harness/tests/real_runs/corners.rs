//! Corners of the brokers: what is refused for certain, how large a message may be, how groups are kept.

use crate::binary::{Bench, check};
use crate::engine::with_engine;
use reports::result::Verdict;

/// A short load on one system, given by its table.
fn scenario(workload: &str, system: &str) -> String {
    format!(
        r#"
title = "Corners"

[workload]
producers  = 1
partitions = 2
{workload}

[phases]
warmup = "1s"
load   = "3s"
drain  = "20s"

[client]
connect-timeout = "1s"
request-timeout = "5s"
heartbeat       = {{ every = "1s", timeout = "1s", misses = 3 }}

[[systems]]
name = "system"
path = "direct"
{system}
"#
    )
}

/// The topic inherits the broker's policy, and no message of the harness has a key.
#[test]
fn records_without_a_key_on_a_compacted_topic_are_failed_each_with_its_reason() {
    with_engine("compacted", || {
        let workload = "rate = { constant = { per-second = 200 } }";
        let system = r#"kafka = { settings = { "server.log.cleanup.policy" = "compact" } }"#;
        let bench = Bench::new(&scenario(workload, system));
        let run = bench.run(&["--quiet"]);
        let trial = run.trial();
        let counts = &trial.counts;
        assert_eq!((counts.acknowledged, counts.indeterminate), (0, 0), "{counts:#?}");
        assert_eq!(counts.failed, counts.offered, "{counts:#?}");
        assert_eq!(check(&trial, "failed").verdict, Verdict::Fail);
    });
}

#[test]
fn messages_of_sixteen_mebibytes_pass_through_both_brokers() {
    with_engine("large-messages", || {
        for system in ["redis-streams = {}", "kafka = {}"] {
            let workload = "rate = { constant = { per-second = 2 } }\nmessage = { size = \"16MiB\" }";
            let bench = Bench::new(&scenario(workload, system));
            let run = bench.run(&["--quiet"]);
            let counts = run.trial().counts;
            assert_eq!(
                (counts.acknowledged, counts.lost, counts.corrupted),
                (counts.offered, 0, 0),
                "{system}: {counts:#?}"
            );
        }
    });
}

#[test]
fn a_group_whose_partitions_the_broker_assigns_loses_nothing() {
    with_engine("kip-848", || {
        let workload = "rate = { constant = { per-second = 200 } }\nconsumers = 2";
        let system = r#"kafka = { group-protocol = "consumer", static-members = true }"#;
        let bench = Bench::new(&scenario(workload, system));
        let run = bench.run(&["--quiet"]);
        let trial = run.trial();
        assert_eq!((trial.counts.acknowledged, trial.counts.lost), (trial.counts.offered, 0), "{:#?}", trial.counts);
        assert_eq!(check(&trial, "unrecovered").verdict, Verdict::Pass);
    });
}
