//! Messages that cannot be processed. Kafka has no NACK: the consumer keeps what it refused, hands it out again itself, and
//! commits nothing from there on until it is done. What others behind it have settled is committed then.

use crate::worker::client::Processed;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

/// How far each partition was processed, and what holds its commit back.
#[derive(Debug, Default)]
pub(super) struct Commitments {
    /// Processed up to here (exclusive), by partition, and not yet in a commit that succeeded.
    processed: BTreeMap<i32, i64>,
    /// Refused and not yet given up: no commit may pass them.
    open: BTreeMap<i32, BTreeSet<i64>>,
    /// The last commit that was held back, so that it is not asked for again and again.
    held: BTreeMap<i32, i64>,
    /// Partitions that are this consumer's; what is another's now must not be committed any more.
    pub(super) owned: BTreeSet<i32>,
    again: VecDeque<Retry>,
}

/// A message that was refused, to be handed out again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Retry {
    due: Instant,
    pub(super) partition: i32,
    pub(super) offset: i64,
    pub(super) payload: Vec<u8>,
}

impl Commitments {
    /// A message is settled.
    pub(super) fn settle(&mut self, processed: &Processed) {
        let (partition, offset) = place(processed);
        if let Some(open) = self.open.get_mut(&partition) {
            open.remove(&offset);
        }
        let next = offset.saturating_add(1);
        // What was refused is settled after others behind it: they stay settled.
        let reached = self.processed.get(&partition).copied().filter(|_| self.held.contains_key(&partition));
        self.processed.insert(partition, reached.map_or(next, |reached| reached.max(next)));
    }

    /// A message is refused, and is handed out again after this time.
    pub(super) fn refuse(&mut self, processed: &Processed, payload: &[u8], after: Duration) {
        let (partition, offset) = place(processed);
        self.open.entry(partition).or_default().insert(offset);
        self.held.entry(partition).or_insert(-1);
        self.again.push_back(Retry { due: Instant::now() + after, partition, offset, payload: payload.to_vec() });
    }

    /// A refused message whose time has come.
    pub(super) fn due(&mut self) -> Option<Retry> {
        let due = self.again.iter().position(|kept| kept.due <= Instant::now())?;
        self.again.remove(due)
    }

    /// How long until the next one, at most `patience`.
    pub(super) fn until_due(&self, patience: Duration) -> Duration {
        let next = self.again.iter().map(|kept| kept.due).min();
        next.map_or(patience, |due| due.saturating_duration_since(Instant::now()).min(patience))
    }

    /// What is to be committed now.
    pub(super) fn take(&mut self) -> BTreeMap<i32, i64> {
        let mut commits = BTreeMap::new();
        for (partition, offset) in std::mem::take(&mut self.processed) {
            let first_open = self.open.get(&partition).and_then(|open| open.first()).copied();
            match first_open.filter(|open| *open < offset) {
                None => {
                    self.held.remove(&partition);
                    commits.insert(partition, offset);
                }
                Some(open) => {
                    self.processed.insert(partition, offset);
                    if self.held.insert(partition, open) != Some(open) {
                        commits.insert(partition, open);
                    }
                }
            }
        }
        commits
    }

    /// What a failed commit covered is asked for again with the next, unless more has been processed since.
    pub(super) fn put_back(&mut self, commits: BTreeMap<i32, i64>) {
        for (partition, offset) in commits {
            if self.owned.contains(&partition) {
                self.processed.entry(partition).or_insert(offset);
                self.held.entry(partition).and_modify(|held| *held = -1);
            }
        }
    }

    /// These partitions are another's from now on: what is to be committed of them before, and nothing is handed out again.
    pub(super) fn give_up(&mut self, partitions: &[i32]) -> BTreeMap<i32, i64> {
        let mut leaving = self.take();
        let staying = leaving.extract_if(.., |partition, _| !partitions.contains(partition)).collect();
        self.put_back(staying);
        for partition in partitions {
            self.owned.remove(partition);
            self.processed.remove(partition);
            self.open.remove(partition);
            self.held.remove(partition);
        }
        self.again.retain(|kept| !partitions.contains(&kept.partition));
        leaving
    }
}

fn place(processed: &Processed) -> (i32, i64) {
    (i32::from(processed.partition.0), i64::try_from(processed.position.0).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reports::units::{Partition, Position};

    fn message(partition: u16, offset: u64) -> Processed {
        Processed { message: None, partition: Partition(partition), position: Position(offset) }
    }

    fn progress() -> Commitments {
        Commitments { owned: [0, 1].into(), ..Commitments::default() }
    }

    #[test]
    fn all_that_is_processed_is_committed_once() {
        let mut progress = progress();
        [4, 5, 6].iter().for_each(|offset| progress.settle(&message(0, *offset)));
        assert_eq!(progress.take(), [(0, 7)].into());
        assert_eq!(progress.take(), [].into());
        progress.put_back([(0, 7)].into());
        assert_eq!(progress.take(), [(0, 7)].into(), "the commit had failed");
    }

    #[test]
    fn a_group_that_goes_back_commits_from_there() {
        let mut progress = progress();
        progress.settle(&message(0, 9));
        progress.settle(&message(0, 4));
        assert_eq!(progress.take(), [(0, 5)].into());
    }

    #[test]
    fn no_commit_passes_what_was_refused_until_it_is_settled() {
        let mut progress = progress();
        progress.settle(&message(0, 4));
        progress.refuse(&message(0, 5), b"x", Duration::ZERO);
        progress.settle(&message(0, 6));
        progress.settle(&message(1, 3));
        assert_eq!(progress.take(), [(0, 5), (1, 4)].into());
        progress.settle(&message(0, 7));
        assert_eq!(progress.take(), [].into(), "it is held back and need not be asked for again");
        let again = progress.due().expect("its time has come");
        assert_eq!((again.offset, again.payload.as_slice()), (5, b"x".as_slice()));
        assert_eq!(progress.due(), None);
        progress.settle(&message(0, 5));
        assert_eq!(progress.take(), [(0, 8)].into());
    }

    #[test]
    fn a_refused_message_waits_and_reading_waits_no_longer_than_that() {
        let mut progress = progress();
        let (short, long) = (Duration::from_secs(100), Duration::from_secs(1000));
        assert_eq!(progress.until_due(long), long);
        progress.refuse(&message(0, 5), b"x", short);
        assert_eq!(progress.due(), None);
        assert!(progress.until_due(long) <= short);
    }

    #[test]
    fn what_is_anothers_now_is_neither_committed_nor_handed_out_again() {
        let mut progress = progress();
        progress.settle(&message(0, 4));
        progress.refuse(&message(0, 5), b"x", Duration::ZERO);
        progress.settle(&message(0, 6));
        progress.settle(&message(1, 3));
        assert_eq!(progress.give_up(&[0]), [(0, 5)].into());
        assert_eq!((progress.due(), progress.take()), (None, [(1, 4)].into()));
        progress.put_back([(0, 5)].into());
        assert_eq!(progress.take(), [].into());
    }
}
