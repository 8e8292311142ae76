//! Many seeds, on all cores: what kinds of disagreement there are, how often, and the first seed of each; or the first seed
//! that disagrees about something else than before.

use crate::compare::Disagreement;
use crate::plan::Allowed;
use crate::seed::play;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Seeds that one thread takes at a time.
const SHARE: u64 = 50;
/// After how many seeds somebody is told.
const TOLD_EVERY: u64 = 10_000;

/// One kind of disagreement.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The first seed that shows it.
    pub seed: u64,
    /// How many do.
    pub seeds: u64,
    /// What it is there.
    pub wrong: Disagreement,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, seeds, wrong } = self;
        write!(
            out,
            "{}: {seeds} seeds, the first {seed}\n  truth {}\n  judge {}",
            wrong.about, wrong.truth, wrong.judge
        )
    }
}

/// Plays `seeds` seeds from one on. The kinds of disagreement, by what they are about.
pub fn survey(from: u64, seeds: u64, threads: usize, told: impl Fn(u64) + Sync) -> BTreeMap<String, Finding> {
    let all = Mutex::new(BTreeMap::new());
    sweep(from, seeds, threads, told, |seed, wrong| {
        note(&mut all.lock().unwrap_or_else(PoisonError::into_inner), seed, wrong);
        Go::On
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Every seed that disagrees, with what it disagrees about.
pub type KnownSeeds = BTreeSet<(u64, String)>;

/// Plays seeds, and names every one that disagrees.
pub fn all(from: u64, seeds: u64, threads: usize) -> KnownSeeds {
    let all = Mutex::new(KnownSeeds::new());
    sweep(
        from,
        seeds,
        threads,
        |_| {},
        |seed, wrong| {
            all.lock().unwrap_or_else(PoisonError::into_inner).insert((seed, wrong.about));
            Go::On
        },
    );
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Plays seeds until one disagrees about something that is not known of it. All that is not known of the first such seed
/// and of those that were played beside it.
pub fn unknown(from: u64, seeds: u64, threads: usize, known: &KnownSeeds) -> KnownSeeds {
    let all = Mutex::new(KnownSeeds::new());
    sweep(
        from,
        seeds,
        threads,
        |_| {},
        |seed, wrong| {
            let one = (seed, wrong.about);
            if known.contains(&one) {
                return Go::On;
            }
            all.lock().unwrap_or_else(PoisonError::into_inner).insert(one);
            Go::ToTheEndOfWhatIsBegun
        },
    );
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Whether more seeds are to be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Go {
    On,
    /// Shares are begun in order, so no lower seed is left out.
    ToTheEndOfWhatIsBegun,
}

/// Plays seeds, and shows every disagreement.
fn sweep(
    from: u64,
    seeds: u64,
    threads: usize,
    told: impl Fn(u64) + Sync,
    found: impl Fn(u64, Disagreement) -> Go + Sync,
) {
    let (next, played) = (AtomicU64::new(from), AtomicU64::new(0));
    let end = from.saturating_add(seeds);
    let work = || loop {
        let first = next.fetch_add(SHARE, Ordering::Relaxed);
        if first >= end {
            return;
        }
        let share = first..(first + SHARE).min(end);
        let count = share.end - share.start;
        for seed in share {
            for wrong in play(seed, Allowed::default()).wrong {
                if found(seed, wrong) == Go::ToTheEndOfWhatIsBegun {
                    next.fetch_max(end, Ordering::Relaxed);
                }
            }
        }
        let before = played.fetch_add(count, Ordering::Relaxed);
        if before / TOLD_EVERY != (before + count) / TOLD_EVERY {
            told(before + count);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(work);
        }
    });
}

fn note(all: &mut BTreeMap<String, Finding>, seed: u64, wrong: Disagreement) {
    let finding = all.entry(wrong.about.clone()).or_insert_with(|| Finding { seed, seeds: 0, wrong: wrong.clone() });
    finding.seeds += 1;
    if seed < finding.seed {
        (finding.seed, finding.wrong) = (seed, wrong);
    }
}
