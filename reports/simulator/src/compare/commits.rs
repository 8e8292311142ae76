//! Commits: whether a consumer of a log was certainly given what had been committed.

use super::known::Known;
use crate::truth::{Commit, Entry, Receipt};

/// Some commit that was known when the consumer was given the partition, or one that it has made since, covers the entry; and
/// no other one can have set the group back: one to a lower place that overlapped it, came later, or was never answered.
pub(super) fn forbid(known: &Known<'_>, entry: &Entry, receipt: &Receipt) -> bool {
    let Some(placed) = receipt.placed else { return false };
    let partition = usize::from(entry.id.partition.0);
    let covers = |commit: &Commit| commit.below > entry.position.0;
    let of_partition = || known.truth.commits.iter().filter(|commit| commit.partition == partition);
    let set_back = |covering: &Commit| {
        let later = |commit: &&Commit| commit.answered.is_none_or(|at| at > covering.asked);
        of_partition().filter(|commit| !covers(commit) && commit.asked < receipt.at).any(|commit| later(&commit))
    };
    let binds = |commit: &&Commit| {
        let own = |at| commit.consumer == receipt.consumer && commit.asked >= placed && at < receipt.at;
        covers(commit) && commit.answered.is_some_and(|at| at < placed || own(at))
    };
    of_partition().filter(binds).any(|commit| !set_back(commit))
}
