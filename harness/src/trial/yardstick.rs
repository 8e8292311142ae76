//! How fast the machine's cores are while the load goes on: the CPU time of a piece of work that is always the same.
//!
//! A virtual machine's cores may do twice as much at one hour as at another, and everything that is measured on them follows
//! (`docs/decisions/0026-a-yardstick.md`).

use crate::clock;
use reports::facts::Yardstick;
use reports::units::Nanos;
use rustix::process::setpriority_process;
use rustix::thread::gettid;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the work is done. It takes about a millisecond, so four of a thousand parts of one core.
const EVERY: Duration = Duration::from_millis(250);
/// It gives way to everything else of this run; the kernel shares a core between this run and a container regardless of it.
const NICENESS: i32 = 19;
/// Words of memory that the work changes: 128 KiB, which a core's own caches hold, so that it meets no neighbour there.
const WORDS: usize = 1 << 14;
/// How often it changes one of them. A debug build, whose code is many times as slow, does less.
const CHANGES: u32 = if cfg!(debug_assertions) { 15_000 } else { 150_000 };
/// Fewer than so many times in half of a load tell nothing.
const FEWEST: usize = 3;

/// The work, done again and again on a thread of its own until it is ended.
pub(super) struct WorkThread {
    /// Dropped, it ends the thread.
    until: Sender<()>,
    thread: JoinHandle<Vec<Done>>,
    begun: Nanos,
}

/// One time that it was done.
#[derive(Clone, Copy)]
struct Done {
    at: Nanos,
    took: Nanos,
}

impl WorkThread {
    /// `None`: there can be no thread more.
    pub(super) fn start() -> Option<Self> {
        let (until, ended) = channel::<()>();
        let work = move || {
            // Where that is refused, it takes its millisecond from somebody.
            let _ = setpriority_process(Some(gettid()), NICENESS);
            let (mut work, mut all) = (Work::new(), Vec::new());
            while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                all.push(Done { at: clock::now(), took: work.time() });
            }
            all
        };
        let thread = std::thread::Builder::new().name("yardstick".to_owned()).spawn(work).ok()?;
        Some(Self { until, thread, begun: clock::now() })
    }

    /// Ends it, which takes as long as the work that it may be at. `None`: it was not done often enough.
    pub(super) async fn end(self) -> Option<Yardstick> {
        let Self { until, thread, begun } = self;
        drop(until);
        let middle = Nanos(begun.0.midpoint(clock::now().0));
        let all = tokio::task::spawn_blocking(move || thread.join()).await.ok()?.ok()?;
        of_halves(&all, middle)
    }
}

/// What was done before the middle of a load, and after it.
fn of_halves(all: &[Done], middle: Nanos) -> Option<Yardstick> {
    let (early, late): (Vec<Done>, Vec<Done>) = all.iter().partition(|done| done.at < middle);
    Some(Yardstick { early: lower_quartile(&early)?, late: lower_quartile(&late)?, work: CHANGES })
}

/// Of times that a neighbour of the moment makes longer, and none makes shorter. `None`: there are too few.
fn lower_quartile(all: &[Done]) -> Option<Nanos> {
    let mut times: Vec<Nanos> = all.iter().map(|done| done.took).collect();
    times.sort_unstable();
    (times.len() >= FEWEST).then(|| times[times.len() / 4])
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
        let before = clock::cpu_of_thread();
        self.change();
        let after = clock::cpu_of_thread();
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[tokio::test]
    async fn it_goes_on_until_it_is_ended() {
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut seconds = 2;
        loop {
            let thread = WorkThread::start().expect("a thread");
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            if let Some(found) = thread.end().await {
                assert!(found.early > Nanos::ZERO && found.late > Nanos::ZERO, "{found:?}");
                break;
            }
            // Beside much else it is done seldom.
            assert!(Instant::now() < deadline);
            seconds *= 2;
        }
        assert_eq!(WorkThread::start().expect("a thread").end().await, None);
    }

    #[test]
    fn one_time_that_stands_out_changes_nothing_and_a_half_that_does_is_seen() {
        let found = |times: &[u64], middle: u64| {
            let all: Vec<Done> =
                (0..).zip(times).map(|(at, took)| Done { at: Nanos(at), took: Nanos(*took) }).collect();
            of_halves(&all, Nanos(middle)).map(|found| (found.early.0, found.late.0))
        };
        assert_eq!(found(&[10, 90, 10, 11, 12, 70], 3), Some((10, 11)));
        assert_eq!(found(&[10, 11, 10, 10, 44, 40, 90, 41], 4), Some((10, 41)));
        assert_eq!(found(&[10, 11, 10, 10, 10, 44, 40, 90], 5), Some((10, 40)), "halves of the time, not of the count");
        assert_eq!(found(&[10, 11, 10, 10, 44, 40], 4), None);
    }

    #[test]
    fn the_work_reaches_all_parts_of_the_memory() {
        let (mut work, untouched) = (Work::new(), Work::new());
        work.change();
        let mut parts = work.words.chunks(WORDS / 64).zip(untouched.words.chunks(WORDS / 64));
        assert!(parts.all(|(is, was)| is != was));
    }
}
