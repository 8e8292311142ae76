//! Nodes that are cut off from the others: what they go on acknowledging, and what of it is gone afterwards.

use crate::binary::{Bench, at_once, check, checks};
use crate::engine::{containers, process, with_engine};
use reports::history::{Outcome, Trial};
use reports::result::{TrialResult, Verdict};
use reports::units::MessageId;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

const SCENARIO: &str = r#"
title = "Alone"

[workload]
rate       = { constant = { per-second = 200 } }
message    = { size = "256B" }
producers  = 1
consumers  = 2
partitions = 3

[phases]
warmup = "1s"
load   = "34s"
drain  = "60s"

[client]
connect-timeout = "1s"
request-timeout = "1s"
heartbeat       = { every = "1s", timeout = "1s", misses = 2 }
backoff         = { first = "200ms", factor = 2.0, max = "1s", jitter = 0.2 }
"#;

const SYSTEMS: &str = r#"
[[systems]]
name = "alone"
redis-streams = { replicas = 2, sentinels = 3 }

[[systems]]
name = "careful"
redis-streams = { replicas = 2, sentinels = 3, min-replicas-to-write = 1, min-replicas-max-lag = "2s" }

[[systems]]
name = "kafka"
kafka = { brokers = 3, replication-factor = 3, min-insync-replicas = 2, durability = "replicated" }

[[faults]]
at      = "4s"
for     = "14s"
isolate = { silent = true }

[[faults]]
name    = "consumers-cut"
at      = "4s"
for     = "14s"
clients = ["consumer-0", "consumer-1"]
nodes   = ["redis-0"]
systems = ["alone", "careful"]
down    = {}

[expect]
lost        = 1000000
unrecovered = 1000000
"#;

/// What was acknowledged and nobody received, and what was acknowledged and is not in the log as whoever leads at the end has it.
fn lost_and_gone(trial: &Trial) -> (BTreeSet<MessageId>, BTreeSet<MessageId>) {
    let sends = trial.sends().flat_map(|batch| batch.expect("read").rows().collect::<Vec<_>>());
    let acknowledged: BTreeSet<MessageId> =
        sends.filter(|sent| sent.outcome == Outcome::Ok).map(|sent| sent.message).collect();
    let log = trial.log().flat_map(|batch| batch.expect("read").rows().collect::<Vec<_>>());
    let stands: BTreeSet<MessageId> = log.map(|logged| logged.message).collect();
    let deliveries = trial.deliveries().flat_map(|batch| batch.expect("read").rows().collect::<Vec<_>>());
    let received: BTreeSet<MessageId> = deliveries.map(|delivery| delivery.message).collect();
    (&acknowledged - &received, &acknowledged - &stands)
}

/// Counted here once more, the same number is lost.
fn lost(trial: &TrialResult, history: &Trial) -> u64 {
    let (lost, gone) = lost_and_gone(history);
    assert_eq!(trial.counts.lost, lost.len() as u64, "{}: {:#?}", trial.system, trial.counts);
    assert!(lost.is_subset(&gone), "{}: what nobody received is not in the log", trial.system);
    trial.counts.lost
}

#[test]
fn an_isolated_leader_goes_on_acknowledging_and_what_the_new_one_lacks_is_counted_as_lost() {
    with_engine("isolated leader", || {
        let runs = at_once(&format!("{SCENARIO}{SYSTEMS}"), &["alone", "careful", "kafka"], &[]);
        let trials: Vec<TrialResult> = runs.iter().map(|(_, run)| run.trial()).collect();
        for trial in &trials {
            let fault = trial.faults.iter().find(|fault| fault.kind == "isolate").expect("one");
            assert!(fault.confirmed && fault.target.ends_with("(the leading node)"), "{}: {fault:#?}", trial.system);
            assert!(fault.evidence.contains("is cut off:"), "{fault:#?}");
            assert!(fault.evidence.contains("bytes had passed these paths"), "{fault:#?}");
            assert_eq!((trial.counts.phantom, trial.counts.corrupted), (0, 0), "{}", trial.system);
            assert_eq!(checks(trial, Verdict::Fail), [""; 0], "{}: {:#?}", trial.system, trial.checks);
        }
        let counted = runs.iter().zip(&trials).map(|((_, run), trial)| lost(trial, &run.history(&trial.folder)));
        let lost: Vec<u64> = counted.collect();
        // Fourteen seconds without any replica: one that asks for none takes all, one that asks for one takes two or three seconds.
        assert!(lost[0] > 2_000, "{lost:?}");
        assert!(lost[1] < lost[0] / 3, "{lost:?}");
        assert_eq!(lost[2], 0, "Kafka acknowledges nothing alone");
        let careful = &trials[1];
        let refused = &careful.reasons.failed;
        assert!(
            refused.iter().any(|reason| reason.words.starts_with("NOREPLICAS") && reason.sends > 100),
            "{refused:#?}"
        );
        assert_eq!(check(careful, "failed").verdict, Verdict::Pass, "{:#?}", check(careful, "failed"));
        assert!(runs.iter().all(|(bench, _)| containers(bench).is_empty()));
    });
}

const UNDONE: &str = r#"
[[systems]]
name = "redis"
redis-streams = { replicas = 1 }

[[faults]]
at      = "4s"
for     = "5s"
node    = "redis-1"
isolate = {}
"#;

/// Enables every proxy and removes every toxic, behind the harness's back.
fn reset(bench: &Bench) {
    let toxiproxy = i32::try_from(process(bench, "toxiproxy")).expect("small");
    let words = procfs::process::Process::new(toxiproxy).expect("there").cmdline().expect("readable");
    let port = words.iter().skip_while(|word| *word != "-port").nth(1).expect("a port");
    let mut server = TcpStream::connect(format!("127.0.0.1:{port}")).expect("connected");
    let request = "POST /reset HTTP/1.1\r\nHost: toxiproxy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    server.write_all(request.as_bytes()).expect("asked");
    let mut answer = String::new();
    server.read_to_string(&mut answer).expect("answered");
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}

#[test]
fn an_isolation_that_somebody_undoes_is_not_believed() {
    with_engine("undone isolation", || {
        let bench = Bench::new(&format!("{}{UNDONE}", SCENARIO.replace("34s", "12s")));
        let mut run = bench.start(&[]);
        run.wait_for("isolate-1 injected at");
        reset(&bench);
        let run = run.finish();
        let trial = run.trial();
        assert!(!trial.faults[0].confirmed, "{:#?}", trial.faults);
        assert!(trial.faults[0].evidence.contains("no longer there when it was to be healed"), "{:#?}", trial.faults);
        assert_eq!(trial.verdict, Verdict::Unknown, "{:#?}", trial.checks);
        assert_eq!(containers(&bench), []);
    });
}
