//! How fast the machine's cores are while the load goes on: the CPU time of a piece of work that is always the same.
//!
//! A virtual machine's cores may do twice as much at one hour as at another, and everything that is measured on them follows
//! (`docs/decisions/0026-a-yardstick.md`).

use reports::facts::Yardstick;
use reports::units::Nanos;
use rustix::process::setpriority_process;
use rustix::thread::gettid;
use rustix::time::{ClockId, clock_gettime};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the work is done. It takes about a millisecond, so four of a thousand parts of one core.
const EVERY: Duration = Duration::from_millis(250);
/// It gives way to everything else.
const NICENESS: i32 = 19;
/// Words of memory that the work changes: 128 KiB, which a core's own caches hold, so that it meets no neighbour there.
const WORDS: usize = 1 << 14;
/// How often it changes one of them. A debug build, whose code is many times as slow, does less.
const CHANGES: u32 = if cfg!(debug_assertions) { 15_000 } else { 150_000 };
/// Fewer than so many times tell nothing.
const FEWEST: usize = 6;

/// The work, done again and again on a thread of its own until it is ended.
pub(super) struct Measuring {
    /// Dropped, it ends the thread.
    until: Sender<()>,
    thread: JoinHandle<Vec<Nanos>>,
}

impl Measuring {
    pub(super) fn start() -> Self {
        let (until, ended) = channel::<()>();
        let thread = std::thread::spawn(move || {
            // Where that is refused, it takes its millisecond from somebody.
            let _ = setpriority_process(Some(gettid()), NICENESS);
            let (mut work, mut times) = (Work::new(), Vec::new());
            while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                times.push(work.time());
            }
            times
        });
        Self { until, thread }
    }

    /// Ends it. `None`: it was not done often enough.
    pub(super) fn end(self) -> Option<Yardstick> {
        drop(self.until);
        of_times(&self.thread.join().ok()?)
    }
}

/// By the medians of both halves.
fn of_times(times: &[Nanos]) -> Option<Yardstick> {
    let (early, late) = times.split_at(times.len() / 2);
    (times.len() >= FEWEST).then(|| Yardstick { early: median(early), late: median(late) })
}

fn median(times: &[Nanos]) -> Nanos {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

/// What is always the same.
struct Work {
    words: Vec<u64>,
    state: u64,
}

impl Work {
    fn new() -> Self {
        Self { words: (0..WORDS as u64).collect(), state: 0x9E37_79B9_7F4A_7C15 }
    }

    /// Does it once.
    fn time(&mut self) -> Nanos {
        // Into the caches first.
        self.words.iter_mut().for_each(|word| *word = word.wrapping_add(self.state));
        let before = cpu_time();
        self.change();
        let after = cpu_time();
        std::hint::black_box(&self.words);
        after.since(before)
    }

    /// Changes words here and there, each by what the last one was, so that nothing can be done ahead.
    fn change(&mut self) {
        for _ in 0..CHANGES {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            let word = &mut self.words[self.state as usize % WORDS];
            *word = word.rotate_left(5) ^ self.state;
            self.state = self.state.wrapping_add(*word >> 60);
        }
    }
}

/// Of this thread. Zero where it cannot be told.
fn cpu_time() -> Nanos {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u64::try_from(time.tv_nsec));
    Nanos::from_secs(seconds.unwrap_or_default()).plus(Nanos(nanos.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_until_it_is_ended() {
        let measuring = Measuring::start();
        std::thread::sleep(EVERY * (u32::try_from(FEWEST).expect("few") + 2));
        let found = measuring.end();
        assert!(found.is_some_and(|found| found.early > Nanos::ZERO && found.late > Nanos::ZERO), "{found:?}");
        assert_eq!(Measuring::start().end(), None);
    }

    #[test]
    fn one_time_that_stands_out_changes_nothing_and_a_half_that_does_is_seen() {
        let times = |all: &[u64]| all.iter().map(|millis| Nanos::from_millis(*millis)).collect::<Vec<_>>();
        let found =
            |all: &[u64]| of_times(&times(all)).map(|found| (found.early.0 / 1_000_000, found.late.0 / 1_000_000));
        assert_eq!(found(&[1, 90, 1, 2, 2, 70]), Some((1, 2)));
        assert_eq!(found(&[1, 1, 1, 1, 4, 4, 4, 4]), Some((1, 4)));
        assert_eq!(found(&[1, 1, 1]), None);
    }

    #[test]
    fn the_work_is_always_the_same_and_reaches_all_parts_of_the_memory() {
        let done = || {
            let mut work = Work::new();
            work.change();
            work.words
        };
        let words = done();
        assert!(words == done());
        let parts =
            words.chunks(WORDS / 64).zip(Work::new().words.chunks(WORDS / 64).map(<[u64]>::to_vec).collect::<Vec<_>>());
        assert!(parts.into_iter().all(|(is, was)| is != was));
    }
}
