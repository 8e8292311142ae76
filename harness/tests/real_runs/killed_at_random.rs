//! Runs that are killed at random instants, in the midst of faults of every kind, leave nothing behind. Two of them in each test
//! run; more by hand:
//!
//! ```text
//! HARNESS_RUN_KILLS=50 cargo test --package harness --test real_runs -- --nocapture at_a_random_instant
//! ```

use crate::binary::{Bench, harness, stretched};
use crate::engine::{Process, containers, local_nodes, tables, with_engine, workers};
use crate::faulted::{self, KAFKA, REDIS};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rustix::process::Signal;
use std::time::{Duration, Instant};

/// Generous: what a run has left is removed by its reaper, on a busy machine too.
const LIMIT: Duration = Duration::from_secs(60);
/// From the start of the run to its end.
const LASTS: Duration = Duration::from_secs(25);

/// They overlap, and one of each kind of target is nearly always in force.
const FAULTS: &str = r#"
[[faults]]
at   = "1s"
for  = "1s"
down = {}

[[faults]]
at        = "3s"
for       = "7s"
direction = "both"
drop      = {}

[[faults]]
at     = "4s"
for    = "5s"
worker = "consumer-0"
pause  = {}

[[faults]]
at     = "5s"
for    = "2s"
worker = "producer-0"
crash  = {}

[[faults]]
at   = "11s"
for  = "2s"
node = "any"
kill = {}

[[faults]]
at    = "15s"
for   = "3s"
node  = "any"
pause = {}
"#;

#[test]
fn a_run_that_is_killed_at_a_random_instant_leaves_nothing_behind() {
    with_engine("random kills", || {
        let kills = std::env::var("HARNESS_RUN_KILLS").map_or(2, |number| number.parse().expect("a number"));
        for kill in 0..kills {
            let mut random = ChaCha8Rng::seed_from_u64(kill);
            let system = if kill % 2 == 0 { REDIS } else { KAFKA };
            let bench = Bench::new(&faulted::scenario("20s", "5s", &[system], FAULTS));
            let mut run = bench.start(&[]);
            let after = stretched(LASTS).mul_f64(random.random::<f64>());
            std::thread::sleep(after);
            let crew = workers(run.pid());
            let in_the_midst = !run.has_ended();
            println!("kill {kill} after {after:?}, with {} workers; it ran: {in_the_midst}", crew.len());
            // It may have come to its end before.
            if !run.has_ended() {
                run.signal(Signal::KILL);
            }
            run.finish();
            // As the next start does, for one that is killed before its reaper is there.
            let cleaned = harness().arg("clean").output().expect("run");
            assert!(cleaned.status.success(), "{cleaned:?}");
            nothing_is_left(&bench, &crew);
        }
    });
}

fn nothing_is_left(bench: &Bench, crew: &[Process]) {
    let deadline = Instant::now() + LIMIT;
    loop {
        let left = (containers(bench), local_nodes(bench), tables(bench));
        let workers = crew.iter().filter(|worker| worker.runs()).count();
        if left == Default::default() && workers == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "{left:?} and {workers} workers");
        std::thread::sleep(Duration::from_millis(100));
    }
}
