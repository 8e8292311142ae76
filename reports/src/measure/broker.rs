//! The broker's own account of the end: what it still holds for the group, how much it ever got, and whether anything can
//! still come of it.

use crate::facts::{LogFacts, Positions, Settling, TrialFacts};
use crate::history::Inspection;
use crate::units::{Nanos, Partition, Position};
use std::collections::{BTreeMap, BTreeSet};

/// What the broker said last about each partition.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerAccount {
    settling: Settling,
    log: LogFacts,
    /// The inspection of each partition that was inspected.
    pub partitions: BTreeMap<Partition, Inspection>,
    /// Partitions of the workload that it was not asked about at the end, or did not answer for with one voice.
    pub missing: Vec<Partition>,
}

impl BrokerAccount {
    /// From the inspections in order of time. One that cannot be the account of the trial's end is no answer.
    pub fn of(facts: &TrialFacts, inspections: &[Inspection]) -> Self {
        let mut partitions: BTreeMap<Partition, Inspection> = BTreeMap::new();
        let mut disputed = BTreeSet::new();
        let load_ends = facts.phases.iter().find(|phase| phase.name == "load").map_or(Nanos::ZERO, |load| load.to);
        let cut_short = facts.end.as_ref().is_none_or(|end| end.interrupted || !end.unplanned.is_empty());
        for inspection in inspections {
            if !cut_short && inspection.at < load_ends {
                disputed.insert(inspection.partition);
            } else if let Some(other) = partitions.insert(inspection.partition, inspection.clone())
                && (Inspection { at: inspection.at, ..other }) != *inspection
            {
                disputed.insert(inspection.partition);
            }
        }
        partitions.retain(|partition, _| !disputed.contains(partition));
        let missing = (0..facts.workload.partitions).map(Partition).filter(|one| !partitions.contains_key(one));
        let missing = missing.collect();
        Self { settling: facts.system.settling, log: facts.system.log, partitions, missing }
    }

    /// Whether it answered for every partition.
    pub const fn complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// Partitions of which it knows no consumer group.
    pub fn without_group(&self) -> Vec<Partition> {
        self.partitions.values().filter(|last| !last.group).map(|last| last.partition).collect()
    }

    /// Entries delivered to the group and not acknowledged. Where positions are committed this is the lag by another name.
    pub fn pending(&self) -> u64 {
        self.partitions.values().map(|last| self.pending_of(last)).sum()
    }

    /// Entries not yet delivered or committed. Absent where it cannot say so for some partition.
    pub fn lag(&self) -> Option<u64> {
        self.partitions.values().map(|last| self.lag_of(last)).sum()
    }

    /// What it still held for the group: pending and lag. Absent unless it answered for every partition.
    pub fn held(&self) -> Option<u64> {
        if !self.complete() {
            return None;
        }
        Some(self.pending() + self.lag()?)
    }

    /// How many entries of a partition that were handed out it holds unsettled at most; where positions are committed, how
    /// many lie behind the last commit. Absent where it cannot say so, or knows no group any more.
    pub fn unsettled(&self, partition: Partition) -> Option<u64> {
        let last = self.partitions.get(&partition).filter(|last| last.group)?;
        match self.settling {
            Settling::Message => Some(last.pending),
            Settling::Position => self.lag_of(last),
        }
    }

    /// Whether it says of a partition how much the group has not had yet.
    pub fn tells(&self, partition: Partition) -> bool {
        self.partitions.get(&partition).is_some_and(|last| self.lag_of(last).is_some())
    }

    /// Whether nothing of a partition can still come to the group: it has had and settled all that is there, nothing is
    /// there, or the group is no more.
    pub fn exhausted(&self, partition: Partition) -> bool {
        self.partitions.get(&partition).is_some_and(|last| {
            !last.group
                || (self.log.positions == Positions::Log && last.length == 0)
                || (self.pending_of(last) == 0 && self.lag_of(last) == Some(0))
        })
    }

    /// Whether a message that was never delivered can certainly not come any more. `position`: where the broker said that it
    /// put it. Beside what holds of the whole partition: the log begins behind it, or the group has gone past it.
    pub fn beyond_reach(&self, partition: Partition, position: Option<Position>) -> bool {
        let Some(last) = self.partitions.get(&partition) else { return false };
        let Some(position) = position.filter(|_| self.log.positions == Positions::Log) else {
            return self.exhausted(partition);
        };
        let trimmed = last.first.is_some_and(|first| position < first);
        let passed = match self.settling {
            Settling::Position => last.committed.is_some_and(|next| position < next),
            Settling::Message => last.pending == 0 && last.committed.is_some_and(|read| position <= read),
        };
        trimmed || passed || self.exhausted(partition)
    }

    fn pending_of(&self, last: &Inspection) -> u64 {
        match (self.settling, last.lag) {
            (Settling::Position, Some(_)) => 0,
            _ => last.pending,
        }
    }

    /// A broker that lost count, or counts entries that it has trimmed, still says where the group stands and the log ends.
    fn lag_of(&self, last: &Inspection) -> Option<u64> {
        let read_to_the_end = last.committed.is_some() && last.end.is_some() && last.committed >= last.end;
        match last.lag {
            _ if !last.group => Some(0),
            _ if read_to_the_end && self.log.positions == Positions::Log => Some(0),
            lag => lag,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn account(settling: Settling, change: impl Fn(&mut Inspection)) -> BrokerAccount {
        let mut rows = sample::healthy();
        rows.facts.system.settling = settling;
        rows.inspections.iter_mut().for_each(change);
        BrokerAccount::of(&rows.facts, &rows.inspections)
    }

    #[test]
    fn an_answer_that_cannot_be_that_of_the_end_is_none() {
        let missing = |change: &dyn Fn(&mut Vec<Inspection>)| {
            let mut rows = sample::healthy();
            change(&mut rows.inspections);
            BrokerAccount::of(&rows.facts, &rows.inspections).missing
        };
        assert_eq!(missing(&|_| {}), []);
        assert_eq!(missing(&|rows| rows.push(rows[0].clone())), [], "the same twice");
        assert_eq!(missing(&|rows| rows[0].at = Nanos::from_secs(sample::LOAD_S)), [Partition(0)], "before the end");
        let two_voices = |rows: &mut Vec<Inspection>| {
            rows.push(Inspection { pending: rows[0].pending + 1, ..rows[0].clone() });
        };
        assert_eq!(missing(&two_voices), [Partition(0)]);
    }

    #[test]
    fn what_is_pending_and_what_lags_are_one_thing_where_positions_are_committed() {
        let behind =
            |last: &mut Inspection| (last.pending, last.lag, last.committed) = (3, Some(3), Some(Position(1597)));
        assert_eq!(account(Settling::Position, behind).held(), Some(6), "3 in each of two partitions");
        assert_eq!(account(Settling::Message, behind).held(), Some(12));
    }

    #[test]
    fn a_broker_that_lost_count_of_its_lag_still_says_that_the_group_has_read_to_the_end() {
        for lag in [None, Some(6)] {
            assert_eq!(account(Settling::Message, |last| last.lag = lag).held(), Some(0));
        }
        let behind = |last: &mut Inspection| (last.lag, last.committed) = (None, Some(Position(7)));
        assert_eq!(account(Settling::Message, behind).held(), None);
    }

    #[test]
    fn nothing_can_come_of_an_empty_log_or_to_a_group_that_is_no_more() {
        let some = |last: &mut Inspection| (last.pending, last.lag, last.committed) = (0, Some(4), None);
        assert!(!account(Settling::Message, some).exhausted(Partition(0)));
        let gone = |last: &mut Inspection| (last.pending, last.lag, last.group) = (0, None, false);
        assert!(account(Settling::Message, gone).exhausted(Partition(0)));
        let empty = |last: &mut Inspection| (last.pending, last.lag, last.length) = (3, Some(4), 0);
        assert!(account(Settling::Message, empty).exhausted(Partition(0)));
    }

    #[test]
    fn a_message_before_the_logs_beginning_or_behind_the_groups_place_cannot_come() {
        let trimmed = |last: &mut Inspection| {
            (last.pending, last.lag) = (1, Some(9));
            (last.first, last.committed) = (Some(Position(100)), Some(Position(50)));
        };
        let account = account(Settling::Message, trimmed);
        assert!(account.beyond_reach(Partition(0), Some(Position(99))));
        assert!(!account.beyond_reach(Partition(0), Some(Position(100))));
        assert!(!account.beyond_reach(Partition(0), None));
    }
}
