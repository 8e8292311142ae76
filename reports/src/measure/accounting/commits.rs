//! Commits as intervals: which of them may stand at an instant, and what each consumer must not be given again.
//!
//! A commit is superseded only by one that was asked for after its answer. Two that overlap may have reached the broker in
//! either order, and one whose answer never came may have reached it at any time since.

use super::groups::GroupTimes;
use crate::history::{Delivery, Outcome, Settlement};
use crate::units::{ConsumerId, Nanos, Partition, Position};
use std::collections::BTreeMap;
use std::iter::Peekable;
use std::vec::IntoIter;

/// A commit that may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) position: Position,
    /// When its answer was known, or when nobody waited for it any more.
    pub(super) at: Nanos,
}

/// The commits of one partition of which each may be the broker's last.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// Confirmed, and none was asked for since.
    confirmed: Vec<Commit>,
    /// Without an answer: the lowest and the highest of all.
    unanswered: Option<(Commit, Commit)>,
}

impl Standing {
    /// Enters a commit, in order of `settled`.
    pub(super) fn enter(&mut self, settlement: &Settlement, position: Position) {
        let commit = Commit { position, at: settlement.settled };
        match settlement.outcome {
            Outcome::Ok => {
                self.confirmed.retain(|before| before.at > settlement.requested);
                self.confirmed.push(commit);
            }
            Outcome::Indeterminate => {
                let (low, high) = self.unanswered.unwrap_or((commit, commit));
                let low = if position < low.position { commit } else { low };
                let high = if position > high.position { commit } else { high };
                self.unanswered = Some((low, high));
            }
            Outcome::Failed => {}
        }
    }

    /// The furthest that is confirmed and may stand.
    pub(super) fn confirmed(&self) -> Option<Position> {
        self.confirmed.iter().map(|commit| commit.position).max()
    }

    /// The furthest that may stand.
    pub(super) fn furthest(&self) -> Option<Position> {
        self.confirmed().max(self.unanswered.map(|(_, high)| high.position))
    }

    /// The least far that may stand: everything below it is committed, whichever came last.
    pub(super) fn certain(&self) -> Option<Commit> {
        let least = self.confirmed.iter().copied().min_by_key(|commit| commit.position)?;
        let unanswered = self.unanswered.map(|(low, _)| low);
        Some(unanswered.filter(|low| low.position < least.position).unwrap_or(least))
    }
}

/// What one consumer of one partition must not be given again.
#[derive(Clone, Copy, Debug, Default)]
struct Bound {
    /// When it was given the partition, and asked from where to read.
    assigned: Nanos,
    /// How far everything was committed by then, and what it has committed since itself.
    certain: Option<Commit>,
}

/// A delivery below what was committed, by what is known so far.
#[derive(Clone, Debug)]
struct Suspect<T> {
    partition: Partition,
    position: Position,
    /// When its consumer asked from where to read; none: it was never given the partition.
    assigned: Option<Nanos>,
    evidence: T,
}

/// Follows commits and assignments through time, and keeps the deliveries that contradict them.
///
/// A consumer asks from where to read when it is given a partition. What was certainly committed by then must not come
/// again; what another one commits later (a late answer from before the rebalance) does not bind it; what it asked to
/// commit itself since then does. A consumer that was never given anything is bound by every commit.
///
/// An answer that comes after the assignment to a commit that was asked for before may set the group back to where the
/// consumer began: it clears the deliveries that it explains.
#[derive(Debug)]
pub(super) struct Commits<T> {
    assignments: Peekable<IntoIter<(Nanos, (ConsumerId, Partition))>>,
    standing: BTreeMap<Partition, Standing>,
    bounds: BTreeMap<(ConsumerId, Partition), Bound>,
    /// The last assignment of each partition.
    last_assigned: BTreeMap<Partition, Nanos>,
    suspects: Vec<Suspect<T>>,
}

impl<T> Commits<T> {
    pub(super) fn new(groups: &GroupTimes) -> Self {
        Self {
            assignments: groups.assignments().into_iter().peekable(),
            standing: BTreeMap::new(),
            bounds: BTreeMap::new(),
            last_assigned: BTreeMap::new(),
            suspects: Vec::new(),
        }
    }

    /// Time passes: assignments up to now take effect.
    pub(super) fn advance(&mut self, now: Nanos) {
        while let Some((at, who)) = self.assignments.next_if(|(at, _)| *at <= now) {
            let certain = self.standing.get(&who.1).and_then(Standing::certain);
            self.bounds.insert(who, Bound { assigned: at, certain });
            self.last_assigned.insert(who.1, at);
        }
    }

    /// A commit, whether it was answered or not, in order of `settled`.
    pub(super) fn enter(&mut self, settlement: &Settlement, position: Position) {
        let (partition, requested) = (settlement.partition, settlement.requested);
        if settlement.outcome == Outcome::Failed {
            return;
        }
        self.standing.entry(partition).or_default().enter(settlement, position);
        if self.last_assigned.get(&partition).is_some_and(|assigned| requested < *assigned) {
            self.set_back(partition, requested, Commit { position, at: settlement.settled });
        }
        let bound = self.bounds.get_mut(&(settlement.consumer, partition));
        if let Some(bound) = bound.filter(|bound| settlement.outcome == Outcome::Ok && requested >= bound.assigned) {
            let further = |before: &Commit| position > before.position;
            let before = bound.certain.filter(|before| !further(before));
            bound.certain = Some(before.unwrap_or(Commit { position, at: settlement.settled }));
        }
    }

    /// A commit that was under way when the partition was given to somebody may be where that one began.
    fn set_back(&mut self, partition: Partition, requested: Nanos, commit: Commit) {
        let explains = |assigned: Option<Nanos>| assigned.is_some_and(|assigned| requested < assigned);
        for ((_, of), bound) in &mut self.bounds {
            if *of == partition && explains(Some(bound.assigned)) {
                // Where nothing bound it, this does not: it may have begun before that commit came to be.
                let least = |certain: Commit| if certain.position <= commit.position { certain } else { commit };
                bound.certain = bound.certain.map(least);
            }
        }
        self.suspects.retain(|suspect| {
            suspect.partition != partition || !explains(suspect.assigned) || suspect.position < commit.position
        });
    }

    /// Takes a delivery beyond a message's first: it is suspect if its position was committed before its consumer can have
    /// asked from where to read. `evidence` is given the time of that commit.
    pub(super) fn redelivery(&mut self, delivery: &Delivery, evidence: impl FnOnce(Nanos) -> T) {
        let partition = delivery.message.partition;
        let bound = self.bounds.get(&(delivery.consumer, partition)).copied();
        let certain = match bound {
            Some(bound) => bound.certain,
            None => self.standing.get(&partition).and_then(Standing::certain),
        };
        if let Some(commit) = certain.filter(|commit| commit.position > delivery.position) {
            self.suspects.push(Suspect {
                partition,
                position: delivery.position,
                assigned: bound.map(|bound| bound.assigned),
                evidence: evidence(commit.at),
            });
        }
    }

    /// The deliveries that nothing explains, in order of time.
    pub(super) fn finish(self) -> impl ExactSizeIterator<Item = T> {
        self.suspects.into_iter().map(|suspect| suspect.evidence)
    }
}
