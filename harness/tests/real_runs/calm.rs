//! Tests of whole runs need a machine on which processes get a core within the times that their scenarios set.
//!
//! Where a test fails and the machine was slow meanwhile, nothing is known of the software: it is tried again, which is said
//! aloud, with all times of its scenario stretched. On a machine that was not, the first failure counts. Where it is known that
//! the machine is slow, `HARNESS_STRETCH=2` stretches them from the first attempt on.

use crate::binary::{aloud, stretch_times};
use procfs::{CpuPressure, Current as _, CurrentSI as _, KernelStats};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How many times as long as written the times of the scenario last, attempt by attempt.
const STRETCHED: [u32; 3] = [1, 2, 4];
/// How long the watch sleeps.
const NAP: Duration = Duration::from_millis(5);
/// A thread that is woken later than this was kept from a core for many times the slice that a busy neighbour gets; clients
/// whose timeouts are a second see the same as an outage.
const STANDSTILL: Duration = Duration::from_millis(250);
/// The share of the time in which the machine below took the cores away, or in which some process waited for one, from which
/// on all takes about twice as long as on a machine of one's own.
const STOLEN: f64 = 0.1;
const WAITED: f64 = 0.5;

/// What a machine did to those who needed it.
#[derive(Clone, Copy, Debug)]
struct Slowness {
    /// The longest time for which a thread that was due did not run.
    standstill: Duration,
    /// The share of the cores' busy time that the machine below took.
    stolen: f64,
    /// The share of the time in which at least one process waited for a core; 0 where the kernel does not count it.
    waited: f64,
}

impl Slowness {
    fn is_calm(self) -> bool {
        self.standstill < STANDSTILL && self.stolen < STOLEN && self.waited < WAITED
    }
}

impl fmt::Display for Slowness {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { standstill, stolen, waited } = self;
        write!(to, "it stood still for {standstill:.1?}, ")?;
        write!(to, "{:.0} % of the cores' time was stolen, ", stolen * 100.0)?;
        write!(to, "processes waited for a core in {:.0} % of the time", waited * 100.0)
    }
}

/// Runs a test, and again while it fails and the machine was slow.
pub(crate) fn on_a_calm_machine(test: &str, body: impl Fn()) {
    try_again(body, |told| aloud(&format!("{test}: {told}")));
}

fn try_again(body: impl Fn(), tell: impl Fn(&str)) {
    let least = std::env::var("HARNESS_STRETCH").map_or(1, |times| times.parse().expect("a whole number"));
    for (attempt, times) in STRETCHED.into_iter().enumerate() {
        let times = times.max(least);
        stretch_times(times);
        let (ended, slowness) = watched(|| catch_unwind(AssertUnwindSafe(&body)));
        stretch_times(1);
        let Err(failure) = ended else { return };
        let machine = if slowness.is_calm() { "a calm" } else { "a slow" };
        let on = format!("on {machine} machine, with all times {times} times as long as written: {slowness}");
        if slowness.is_calm() || attempt + 1 == STRETCHED.len() {
            tell(&format!("failed {on}"));
            resume_unwind(failure);
        }
        tell(&format!("AGAIN, for it failed {on}"));
    }
}

/// What comes of some work, and what the machine did meanwhile.
fn watched<T>(work: impl FnOnce() -> T) -> (T, Slowness) {
    let is_over = AtomicBool::new(false);
    let (before, started) = (Account::now(), Instant::now());
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
        let standstill = watch.join().expect("watched");
        (value, Account::now().since(before, started.elapsed(), standstill))
    })
}

/// What the kernel counts of the cores.
#[derive(Clone, Copy)]
struct Account {
    /// Of all cores, in ticks.
    busy: u64,
    stolen: u64,
    waited: Duration,
}

impl Account {
    fn now() -> Self {
        let cores = KernelStats::current().expect("/proc/stat").total;
        let busy = cores.user + cores.nice + cores.system + cores.irq.unwrap_or(0) + cores.softirq.unwrap_or(0);
        let waited = CpuPressure::current().map_or(0, |pressure| pressure.some.total);
        Self { busy, stolen: cores.steal.unwrap_or(0), waited: Duration::from_micros(waited) }
    }

    fn since(self, before: Self, elapsed: Duration, standstill: Duration) -> Slowness {
        let (busy, stolen) = (self.busy - before.busy, self.stolen - before.stolen);
        #[allow(clippy::cast_precision_loss, reason = "a share")]
        let stolen = stolen as f64 / (busy + stolen).max(1) as f64;
        let waited = (self.waited - before.waited).as_secs_f64() / elapsed.as_secs_f64();
        Slowness { standstill, stolen, waited }
    }
}

#[test]
fn a_test_that_fails_on_a_calm_machine_fails_at_once_and_one_that_passes_runs_once() {
    let runs = std::cell::Cell::new(0);
    try_again(|| runs.set(runs.get() + 1), |told| panic!("{told}"));
    assert_eq!(runs.get(), 1);
    let failing = || {
        runs.set(runs.get() + 1);
        panic!("as expected");
    };
    let failed =
        catch_unwind(AssertUnwindSafe(|| try_again(failing, |told| assert!(told.contains("machine"), "{told}"))));
    assert!(failed.is_err());
    // On a busy machine it may have been tried again, though never for ever.
    assert!((2..=1 + STRETCHED.len()).contains(&runs.get()), "{}", runs.get());
}

#[test]
fn a_machine_is_slow_that_stands_still_whose_cores_are_stolen_or_waited_for() {
    let calm = Slowness { standstill: Duration::from_millis(40), stolen: 0.01, waited: 0.2 };
    assert!(calm.is_calm());
    assert!(!Slowness { standstill: STANDSTILL, ..calm }.is_calm());
    assert!(!Slowness { stolen: STOLEN, ..calm }.is_calm());
    assert!(!Slowness { waited: WAITED, ..calm }.is_calm());
}
