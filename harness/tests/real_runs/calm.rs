//! Tests of whole runs need a machine on which processes get a core within the times that their scenarios set.
//!
//! Where a test fails and the machine stood still meanwhile, nothing is known of the software: it is tried once more, which is
//! said aloud. On a machine that did not, the first failure counts.

use crate::binary::aloud;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

const ATTEMPTS: u32 = 3;
/// How long the watch sleeps.
const NAP: Duration = Duration::from_millis(5);
/// A thread that is woken later than this was kept from a core for many times the slice that a busy neighbour gets; clients
/// whose timeouts are a second see the same as an outage.
const STANDSTILL: Duration = Duration::from_millis(250);

/// Runs a test, and again while it fails and the machine stood still.
pub(crate) fn on_a_calm_machine(test: &str, body: impl Fn()) {
    for attempt in 1.. {
        let (ended, longest) = watched(|| catch_unwind(AssertUnwindSafe(&body)));
        let Err(failure) = ended else { return };
        if longest < STANDSTILL || attempt == ATTEMPTS {
            resume_unwind(failure);
        }
        aloud(&format!("AGAIN {test}: failed while the machine stood still for {longest:.1?}, which shows nothing"));
    }
}

/// What comes of some work, and the longest time for which a thread that was due did not run meanwhile.
fn watched<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut longest = Duration::ZERO;
            while !is_over.load(Relaxed) {
                let asleep = Instant::now();
                std::thread::sleep(NAP);
                longest = longest.max(asleep.elapsed().saturating_sub(NAP));
            }
            longest
        });
        let value = work();
        is_over.store(true, Relaxed);
        (value, watch.join().expect("watched"))
    })
}

#[test]
fn a_test_that_fails_on_a_calm_machine_fails_at_once_and_one_that_passes_runs_once() {
    let runs = std::cell::Cell::new(0);
    on_a_calm_machine("passes", || runs.set(runs.get() + 1));
    assert_eq!(runs.get(), 1);
    let failed = catch_unwind(AssertUnwindSafe(|| {
        on_a_calm_machine("fails", || {
            runs.set(runs.get() + 1);
            panic!("as expected");
        });
    }));
    assert!(failed.is_err());
    // On a busy machine it may have been tried again, though never for ever.
    assert!((2..=1 + ATTEMPTS).contains(&runs.get()), "{}", runs.get());
}
