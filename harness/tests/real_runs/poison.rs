//! Messages that nobody can process, on real brokers: each ends in the dead-letter queue, once, with its retry count.

use crate::binary::{Bench, check};
use crate::engine::{containers, with_engine};
use reports::result::Verdict;

const SCENARIO: &str = r#"
title = "Poison"

[workload]
rate       = { constant = { per-second = 400 } }
message    = { size = "128B" }
producers  = 2
consumers  = 2
partitions = 3

[phases]
warmup = "1s"
load   = "6s"
drain  = "30s"

[client]
connect-timeout = "1s"
request-timeout = "1s"
delivery-limit  = 3
retry-after     = "50ms"

[[systems]]
name = "redis"
redis-streams = {}

[[systems]]
name = "kafka"
kafka = {}

[[faults]]
at     = "1s"
for    = "3s"
poison = { share = 0.03 }
"#;

#[test]
fn poisoned_messages_are_tried_again_and_end_in_the_dead_letter_queue_of_either_broker() {
    with_engine("poison", || {
        let bench = Bench::new(SCENARIO);
        let run = bench.start(&[]).finish();
        let result = run.result();
        assert_eq!(result.trials.len(), 2, "{}", run.said());
        for trial in &result.trials {
            for name in ["dead-lettered", "lost", "unrecovered", "duplicated", "resurrected"] {
                assert_eq!(check(trial, name).verdict, Verdict::Pass, "{}: {:#?}", trial.system, check(trial, name));
            }
            // Dead letters are no part of the log, and what was given up has been settled by nobody's theft.
            let log = trial.log.as_ref().unwrap_or_else(|| panic!("{}: the log was not read", trial.system));
            let wrong = [log.missing, log.gone, log.unsent, log.undelivered, log.duplicated, log.corrupted];
            assert!(log.complete && wrong == [0; 6], "{}: {log:#?}", trial.system);
            let stolen = trial.checks.iter().find(|check| check.name == "stolen");
            assert!(stolen.is_none_or(|stolen| stolen.verdict == Verdict::Pass), "{}: {stolen:#?}", trial.system);
            let letters = run.history(&trial.folder).dead_letters().expect("read");
            // Two retries each; one more where its consumer was kept from its core and another one took the message over.
            let retries: Vec<u64> = letters.iter().filter_map(|letter| letter.retries).map(u64::from).collect();
            assert!(!letters.is_empty() && retries.len() == letters.len(), "{letters:#?}");
            assert!(retries.iter().all(|retries| *retries >= 2), "{retries:?}");
            let again: u64 = trial.recovery.redelivered_by_cause.values().sum();
            assert_eq!(again, retries.iter().sum::<u64>(), "{}: {:#?}", trial.system, trial.recovery);
            assert!(trial.recovery.redelivered_by_cause["nack"] > letters.len() as u64, "{}", trial.system);
            let evidence = &trial.faults[0];
            assert!(evidence.confirmed && evidence.effect_seen, "{}: {evidence:#?}", trial.system);
        }
        assert_eq!(containers(&bench), []);
    });
}

/// Without coming back to what is pending nobody tries again, and what was refused stays where it is.
#[test]
fn refused_messages_stay_pending_where_nobody_comes_back_to_them() {
    with_engine("poison without recovery", || {
        let bench = Bench::new(SCENARIO);
        let settings = ["client.recovery=\"none\"", "phases.drain=\"2s\""];
        let run = bench.start(&["--system", "redis", "--set", settings[0], "--set", settings[1]]).finish();
        let trial = run.trial();
        let unrecovered = check(&trial, "unrecovered");
        assert_eq!(unrecovered.verdict, Verdict::Fail, "{unrecovered:#?}");
        assert_eq!(trial.counts.redelivered, 0, "{:#?}", trial.counts);
    });
}
