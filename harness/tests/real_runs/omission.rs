//! Coordinated omission: a broker that stands still for two seconds costs every message that was due meanwhile.

use crate::binary::{Bench, Finished, signal_process, stretched};
use crate::engine::{process, with_engine};
use harness::clock;
use reports::history::Send;
use reports::units::Nanos;
use rustix::process::Signal;
use std::time::Duration;

const RATE: u64 = 1000;
const PAUSE: Duration = Duration::from_secs(2);
/// What is sent in the warm-up and the load, and what falls due in the pause.
const SENT_IN: Duration = Duration::from_secs(13);
const TENTH: u64 = 100_000_000;

/// Few sends may be under way: a generator that waits for answers would hardly notice the pause.
const SCENARIO: &str = r#"
title = "A broker that stands still"

[workload]
rate       = { constant = { per-second = 1000 } }
message    = { size = "256B" }
producers  = 2
consumers  = 1
partitions = 2
in-flight  = 32

[phases]
warmup = "1s"
load   = "12s"
drain  = "30s"

[client]
connect-timeout = "10s"
request-timeout = "10s"
heartbeat       = { every = "10s", timeout = "5s", misses = 3 }

[[systems]]
name = "direct"
path = "direct"
redis-streams = {}

[[systems]]
name = "proxied"
path = "proxied"
redis-streams = {}
"#;

/// Continues a process that a test has stopped, whatever becomes of the test.
struct Stopped(u32);

impl Stopped {
    fn new(pid: u32) -> Self {
        signal_process(pid, Signal::STOP);
        Self(pid)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        signal_process(self.0, Signal::CONT);
    }
}

/// Stops a node of the bench for a while; returns from when to when it certainly stood still.
fn pause(bench: &Bench, node: &str) -> (Nanos, Nanos) {
    let stopped = Stopped::new(process(bench, node));
    let from = clock::now();
    std::thread::sleep(stretched(PAUSE));
    let to = clock::now();
    drop(stopped);
    (from, to)
}

fn sends(run: &Finished, trial: &str) -> Vec<Send> {
    run.history(trial).sends().flat_map(|batch| batch.expect("read").rows().collect::<Vec<_>>()).collect()
}

#[test]
fn a_pause_is_charged_to_every_message_that_was_due_in_it() {
    with_engine("coordinated omission", || {
        let bench = Bench::new(SCENARIO);
        let mut run = bench.start(&[]);
        let pauses = ["direct", "proxied"].map(|system| {
            run.wait_for(&format!("{system}: driving the load"));
            std::thread::sleep(Duration::from_secs(4));
            pause(&bench, "redis-0")
        });
        let run = run.finish();
        assert!([0, 3].contains(&run.code()), "{}", run.said());
        let due_in = |time| stretched(time).as_secs() * RATE;
        let pause = u64::try_from(stretched(PAUSE).as_nanos()).expect("short");
        for (trial, (from, to)) in run.result().trials.iter().zip(pauses) {
            let all = sends(&run, &trial.folder);
            assert_eq!(trial.counts.acknowledged, due_in(SENT_IN), "{}: {:?}", trial.system, trial.counts);
            assert_eq!((trial.counts.lost, trial.counts.duplicated), (0, 0), "{}", trial.system);
            // A message that was due in the pause is answered after it: the later it was due, the shorter it waited.
            let due: Vec<_> = all.iter().filter(|send| (from..to).contains(&send.intended)).collect();
            assert!(due.len() as u64 >= due_in(PAUSE), "{}: {} were due", trial.system, due.len());
            for send in &due {
                assert!(send.settled >= to, "{}: answered in the pause from {from} to {to}: {send:?}", trial.system);
            }
            let slow = all.iter().filter(|send| send.settled.since(send.intended).0 >= TENTH).count() as u64;
            assert!(slow >= due_in(PAUSE) * 9 / 10, "{}: only {slow} were slow", trial.system);
            let (response, service) = (trial.latency_ns.response, trial.latency_ns.service);
            assert!((pause * 9 / 10..=pause * 2).contains(&response.max), "{}: {response:?}", trial.system);
            // 1,200 of the 12,000 are beyond p90; those that were due in the first 1.2 s of the pause waited 0.8 s or more.
            assert!(response.p90 >= pause * 35 / 100, "{}: {response:?}", trial.system);
            // To the client library the pause happened only to the 64 that were under way.
            assert!(service.max >= pause * 9 / 10, "{}: {service:?}", trial.system);
            assert!(service.p90 * 2 < response.p90, "{}: {service:?} {response:?}", trial.system);
        }
    });
}
