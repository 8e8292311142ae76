//! Messages that nobody can process, on real brokers: each ends in the dead-letter queue, once, with its retry count.

use crate::binary::{Bench, check};
use crate::engine::{containers, require_engine};
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
    let Some(_alone) = require_engine("poison") else { return };
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
        assert!(!letters.is_empty() && letters.iter().all(|letter| letter.retries == Some(2)), "{letters:#?}");
        let again = 2 * letters.len() as u64;
        assert_eq!(trial.recovery.redelivered_by_cause.get("nack"), Some(&again), "{}", trial.system);
        let evidence = &trial.faults[0];
        assert!(evidence.confirmed && evidence.effect_seen, "{}: {evidence:#?}", trial.system);
    }
    assert_eq!(containers(&bench), []);
}

/// Without coming back to what is pending nobody tries again, and what was refused stays where it is.
#[test]
fn refused_messages_stay_pending_where_nobody_comes_back_to_them() {
    let Some(_alone) = require_engine("poison without recovery") else { return };
    let bench = Bench::new(SCENARIO);
    let settings = ["client.recovery=\"none\"", "phases.drain=\"2s\""];
    let run = bench.start(&["--system", "redis", "--set", settings[0], "--set", settings[1]]).finish();
    let trial = run.trial();
    let unrecovered = check(&trial, "unrecovered");
    assert_eq!(unrecovered.verdict, Verdict::Fail, "{unrecovered:#?}");
    assert_eq!(trial.counts.redelivered, 0, "{:#?}", trial.counts);
}
