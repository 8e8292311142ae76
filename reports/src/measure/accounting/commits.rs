//! Confirmed commits, as far as they bind what a consumer may be given afterwards.

use super::groups::GroupTimes;
use crate::history::{Delivery, Settlement};
use crate::units::{ConsumerId, Nanos, Partition, Position};
use std::collections::BTreeMap;
use std::iter::Peekable;
use std::vec::IntoIter;

/// A commit that was confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Confirmed {
    position: Position,
    at: Nanos,
}

/// What one consumer of one partition must not be given again.
#[derive(Clone, Copy, Debug, Default)]
struct Bound {
    /// When it was given the partition, and asked from where to read.
    assigned: Nanos,
    /// The furthest commit until then, by anyone, or since by itself.
    furthest: Option<Confirmed>,
}

/// Follows commits and assignments through time.
///
/// A consumer asks from where to read when it is given a partition. What was committed by then must not come again;
/// what another one commits later (a late answer from before the rebalance) does not bind it; what it asked to commit
/// itself since then does. A consumer that was never given anything is bound by every commit.
#[derive(Debug)]
pub(super) struct Commits {
    assignments: Peekable<IntoIter<(Nanos, (ConsumerId, Partition))>>,
    furthest: BTreeMap<Partition, Confirmed>,
    bounds: BTreeMap<(ConsumerId, Partition), Bound>,
}

impl Commits {
    pub(super) fn new(groups: &GroupTimes) -> Self {
        Self {
            assignments: groups.assignments().into_iter().peekable(),
            furthest: BTreeMap::new(),
            bounds: BTreeMap::new(),
        }
    }

    /// Time passes: assignments up to now take effect.
    pub(super) fn advance(&mut self, now: Nanos) {
        while let Some((at, who)) = self.assignments.next_if(|(at, _)| *at <= now) {
            self.bounds.insert(who, Bound { assigned: at, furthest: self.furthest.get(&who.1).copied() });
        }
    }

    pub(super) fn confirm(&mut self, settlement: &Settlement, position: Position) {
        let confirmed = Confirmed { position, at: settlement.settled };
        let further = |before: &Confirmed| position > before.position;
        let furthest = self.furthest.entry(settlement.partition).or_insert(confirmed);
        if further(furthest) {
            *furthest = confirmed;
        }
        let bound = self.bounds.get_mut(&(settlement.consumer, settlement.partition));
        if let Some(bound) = bound.filter(|bound| settlement.requested >= bound.assigned) {
            bound.furthest = Some(bound.furthest.filter(|before| !further(before)).unwrap_or(confirmed));
        }
    }

    /// When the position had been committed, if that was before this consumer can have asked from where to read.
    pub(super) fn covering(&self, delivery: &Delivery) -> Option<Nanos> {
        let partition = delivery.message.partition;
        let furthest = match self.bounds.get(&(delivery.consumer, partition)) {
            Some(bound) => bound.furthest,
            None => self.furthest.get(&partition).copied(),
        };
        furthest.filter(|confirmed| confirmed.position > delivery.position).map(|confirmed| confirmed.at)
    }
}
