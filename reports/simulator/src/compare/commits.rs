//! Commits: whether a consumer of a log was certainly given what had been committed.

use super::Known;
use crate::truth::{Committed, Entry, Receipt};
use reports::history::Outcome;

/// Some commit that was known when the consumer was given the partition, or one that it has made since, covers the entry; and
/// no other one can have set the group back: one to a lower place that overlapped it, came later, or was never answered.
pub(super) fn forbid(known: &Known<'_>, entry: &Entry, receipt: &Receipt) -> bool {
    let Some(placed) = receipt.placed else { return false };
    let partition = usize::from(entry.id.partition.0);
    let covers = |commit: &Committed| commit.below as u64 > entry.position.0;
    let of_partition = || known.truth.commits.iter().filter(|commit| commit.partition == partition);
    let lower = |since: &Committed| {
        of_partition().filter(|commit| !covers(commit)).any(|commit| match commit.outcome {
            Outcome::Ok => commit.answered > since.asked && commit.asked < receipt.at,
            Outcome::Indeterminate => true,
            Outcome::Failed => false,
        })
    };
    let binds = |commit: &&Committed| {
        let own = commit.consumer == receipt.consumer && commit.asked >= placed && commit.answered < receipt.at;
        commit.outcome == Outcome::Ok && covers(commit) && (commit.answered < placed || own)
    };
    of_partition().filter(binds).any(|commit| !lower(commit))
}
