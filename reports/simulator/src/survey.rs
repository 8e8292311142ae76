//! Many seeds, on all cores: what kinds of disagreement there are, how often, and the first seed of each.

use crate::compare::Disagreement;
use crate::plan::Allowed;
use crate::seed::play;
use std::collections::BTreeMap;
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
    let (next, played) = (AtomicU64::new(from), AtomicU64::new(0));
    let all = Mutex::new(BTreeMap::new());
    let end = from.saturating_add(seeds);
    let work = || loop {
        let first = next.fetch_add(SHARE, Ordering::Relaxed);
        if first >= end {
            return;
        }
        let share = first..(first + SHARE).min(end);
        let count = share.end - share.start;
        let wrong: Vec<_> = share
            .flat_map(|seed| play(seed, Allowed::default()).wrong.into_iter().map(move |wrong| (seed, wrong)))
            .collect();
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        for (seed, wrong) in wrong {
            note(&mut all, seed, wrong);
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
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn note(all: &mut BTreeMap<String, Finding>, seed: u64, wrong: Disagreement) {
    let finding = all.entry(wrong.about.clone()).or_insert_with(|| Finding { seed, seeds: 0, wrong: wrong.clone() });
    finding.seeds += 1;
    if seed < finding.seed {
        (finding.seed, finding.wrong) = (seed, wrong);
    }
}
