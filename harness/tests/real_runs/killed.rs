//! A run whose workers are killed by hand: their histories are whole, and the checks answer.

use crate::binary::{Bench, check, checks, signal_process};
use crate::engine::{containers, with_engine, workers};
use reports::facts::WriterEnd;
use reports::history::Outcome;
use reports::result::Verdict;
use rustix::process::Signal;

const SCENARIO: &str = r#"
title = "Killed workers"

[workload]
rate       = { constant = { per-second = 2000 } }
message    = { size = "128B" }
producers  = 2
consumers  = 2
partitions = 2

[phases]
warmup = "500ms"
load   = "4s"
drain  = "30s"

[client]
connect-timeout = "1s"
request-timeout = "1s"
heartbeat       = { every = "300ms", timeout = "1s", misses = 3 }

[[systems]]
name = "redis"
redis-streams = { claim-every = "200ms" }
"#;

#[test]
fn killed_workers_leave_whole_histories_and_what_they_held_is_recovered() {
    with_engine("killed workers", || {
        let bench = Bench::new(SCENARIO);
        let mut run = bench.start(&[]);
        run.wait_for("driving the load");
        // Consumers are started first.
        let mut crew: Vec<u32> = workers(run.pid()).iter().map(crate::engine::Process::pid).collect();
        crew.sort_unstable();
        assert_eq!(crew.len(), 4);
        std::thread::sleep(std::time::Duration::from_millis(700));
        signal_process(crew[0], Signal::KILL);
        signal_process(crew[2], Signal::KILL);
        let run = run.finish();
        let trial = run.trial();
        let history = run.history("redis-1");
        assert!(history.truncations().is_empty(), "{:?}", history.truncations());
        for file in &history.facts().files {
            let how = file.end.as_ref().map(|end| end.how);
            let killed = ["consumer-0", "producer-0"].contains(&file.writer.as_str());
            assert_eq!(matches!(how, Some(WriterEnd::Killed { .. })), killed, "{file:?}");
        }
        assert_eq!(checks(&trial, Verdict::Fail), [""; 0], "{:#?}\n{}", trial.checks, run.said());
        assert_eq!((trial.counts.lost, trial.counts.phantom), (0, 0), "{:?}", trial.counts);
        // With workers that nobody had asked to end it was not the trial that was planned: nothing passes.
        assert_eq!(checks(&trial, Verdict::Pass), [""; 0], "{:#?}", trial.checks);
        let why = &check(&trial, "lost").why;
        assert!(why.contains("consumer-0 ended before") && why.contains("producer-0 ended before"), "{why}");
        let sends = history.sends().flat_map(|batch| batch.expect("read").rows().collect::<Vec<_>>());
        let of_the_killed: Vec<Outcome> =
            sends.filter(|send| send.message.producer.0 == 0).map(|send| send.outcome).collect();
        assert!(
            !of_the_killed.is_empty() && !of_the_killed.contains(&Outcome::Failed),
            "{} sends",
            of_the_killed.len()
        );
        let end = history.facts().end.clone().expect("an end");
        let named =
            |name: &str| end.troubles.iter().any(|trouble| trouble == &format!("{name} ended before it was told to"));
        assert!(named("consumer-0") && named("producer-0"), "{:?}", end.troubles);
        assert_eq!(containers(&bench), []);
    });
}
