//! What is given up on either side, on real brokers: by producers that try again in vain, and by consumers that settle before they
//! have processed.

use crate::binary::{Bench, check, checks};
use crate::engine::{containers, with_engine};
use reports::history::Outcome;
use reports::result::Verdict;

const CUT: &str = r#"
title = "Trying again"

[workload]
rate       = { constant = { per-second = 200 } }
message    = { size = "128B" }
producers  = 1
consumers  = 2
partitions = 2

[phases]
warmup = "1s"
load   = "12s"
drain  = "30s"

[client]
connect-timeout = "1s"
request-timeout = "500ms"
backoff         = { first = "100ms", factor = 2.0, max = "500ms", jitter = 0.2 }
producer-retry  = { attempts = 10, first = "500ms", factor = 1.0, max = "500ms", jitter = 0.2 }

[[systems]]
name = "redis"
redis-streams = { pool-max-total = 20, pool-max-wait = "100ms" }

[[systems]]
name = "kafka"
kafka = { delivery-timeout = "1s" }

[[faults]]
at   = "2s"
for  = "2500ms"
down = {}

[expect]
duplicated    = 200
dead-lettered = 0
"#;

#[test]
fn what_is_tried_again_for_longer_than_the_network_is_away_is_acknowledged_and_nothing_is_given_up() {
    with_engine("trying again", || {
        let bench = Bench::new(CUT);
        let run = bench.run(&[]);
        let result = run.result();
        assert_eq!(result.trials.len(), 2, "{}", run.said());
        for trial in &result.trials {
            let retries = trial.retries.unwrap_or_else(|| panic!("{}: nothing was tried again", trial.system));
            assert!(retries.messages > 0 && retries.acknowledged == retries.messages, "{}: {retries:?}", trial.system);
            assert_eq!((trial.counts.failed, trial.counts.lost, retries.given_up), (0, 0, 0), "{:#?}", trial.counts);
            assert_eq!(checks(trial, Verdict::Fail), [""; 0], "{}: {:#?}", trial.system, trial.checks);
            let sends =
                run.history(&trial.folder).sends().flat_map(|batch| batch.expect("read").rows().collect::<Vec<_>>());
            let again = sends.filter(|send| send.attempts > 1).count() as u64;
            assert_eq!(again, retries.messages, "{}", trial.system);
        }
        assert_eq!(containers(&bench), []);
    });
}

/// The queue is behind the same network: what it has acknowledged it holds, each with the number of its retries.
#[test]
fn what_is_given_up_too_early_goes_to_the_dead_letter_queue_as_far_as_that_can_be_reached() {
    with_engine("giving up", || {
        let bench = Bench::new(CUT);
        let run = bench.run(&["--set", "client.producer-retry.attempts=2", "--set", "faults.0.for=\"4s\""]);
        let result = run.result();
        assert_eq!(result.trials.len(), 2, "{}", run.said());
        for trial in &result.trials {
            let retries = trial.retries.unwrap_or_else(|| panic!("{}: nothing was tried again", trial.system));
            assert!(retries.given_up > 0 && retries.most_attempts == 2, "{}: {retries:?}", trial.system);
            assert_eq!(check(trial, "dead-lettered").verdict, Verdict::Pass, "{:#?}", check(trial, "dead-lettered"));
            assert_eq!((trial.counts.lost, trial.counts.phantom), (0, 0), "{:#?}", trial.counts);
            let history = run.history(&trial.folder);
            let letters = history.dead_letters().expect("read");
            assert!(letters.iter().all(|letter| letter.retries == Some(1)), "{letters:#?}");
            assert!(letters.len() as u64 >= retries.dead_lettered, "{}: {retries:?}", trial.system);
            let sends = history.sends().flat_map(|batch| batch.expect("read").rows().collect::<Vec<_>>());
            let acknowledged: Vec<_> = sends.filter(|send| send.dead_letter == Some(true)).collect();
            assert!(acknowledged.iter().all(|send| send.outcome != Outcome::Ok && send.attempts == 2));
            assert_eq!(acknowledged.len() as u64, retries.dead_lettered);
        }
        assert_eq!(containers(&bench), []);
    });
}

/// Consumers fall behind and take more each time: about two seconds of work when they are killed. What a consumer of Kafka has taken
/// is settled at its next commit, hence the short interval. One may be killed just between two takings; that both are is improbable.
const AUTO_COMMIT: &str = r#"
title = "Settled before processing"

[workload]
rate       = { constant = { per-second = 300 } }
message    = { size = "128B" }
producers  = 1
consumers  = 2
partitions = 4
ack        = "before-processing"
processing = "8ms"

[phases]
warmup = "1s"
load   = "14s"
drain  = "90s"

[client]
connect-timeout = "1s"
request-timeout = "1s"
heartbeat       = { every = "1s", timeout = "1s", misses = 3 }

[[systems]]
name = "redis"
redis-streams = { claim-idle = "4s" }

[[systems]]
name = "kafka"
kafka = { commit-every = "10ms" }

[[faults]]
at     = "8s"
for    = "3s"
worker = "consumer-0"
crash  = {}

[[faults]]
at     = "9s"
for    = "3s"
worker = "consumer-1"
crash  = {}
"#;

#[test]
fn what_a_killed_consumer_had_settled_and_not_processed_is_counted_though_nothing_is_lost() {
    with_engine("settling before processing", || {
        let bench = Bench::new(AUTO_COMMIT);
        let run = bench.run(&[]);
        let result = run.result();
        assert_eq!(result.trials.len(), 2, "{}", run.said());
        for trial in &result.trials {
            let counts = &trial.counts;
            assert_eq!((counts.lost, counts.pending_at_end), (0, Some(0)), "{}: {counts:#?}", trial.system);
            assert!(counts.unprocessed.is_some_and(|unprocessed| unprocessed > 0), "{}: {counts:#?}", trial.system);
            assert_eq!(checks(trial, Verdict::Fail), ["unprocessed"], "{}: {:#?}", trial.system, trial.checks);
        }
        assert_eq!(containers(&bench), []);
    });
}
