//! What the broker stores, and what it does wrong while it stores.

use super::event::Reply;
use super::state::World;
use crate::plan::{BrokerKind, Bug, Forgets};
use crate::truth::Entry;
use reports::units::{MessageId, Position, Sequence};
use std::collections::BTreeMap;

impl World<'_> {
    /// A message of the schedule reaches the broker.
    pub(super) fn store(&mut self, message: usize) -> Reply {
        let refusing = self.plan.bugs.refusing.is_some_and(|(from, to)| from <= self.now && self.now < to);
        let bug = self.plan.bugs.bug.filter(|(_, often)| self.chance.happens(*often)).map(|(bug, _)| bug);
        if refusing {
            return Reply::Refused;
        }
        let id = self.plan.load.schedule[message].id;
        match bug {
            Some(Bug::Lose) => return Reply::Stored(self.next_position(id)),
            Some(Bug::RefuseAndKeep) => {
                self.append(id, Some(message), true);
                return Reply::Refused;
            }
            Some(Bug::Phantom) => {
                let phantoms = &mut self.partitions[usize::from(id.partition.0)].phantoms;
                *phantoms += 1;
                let seq = Sequence(self.plan.load.schedule.len() as u64 + *phantoms);
                self.append(MessageId { seq, ..id }, None, true);
            }
            Some(Bug::Duplicate) if self.plan.bugs.apart => {
                let position = self.append(id, Some(message), true);
                let behind = self.answers.between(1, 8) as u8;
                self.partitions[usize::from(id.partition.0)].held_back.get_or_insert((message, behind));
                return Reply::Stored(position);
            }
            Some(Bug::Duplicate) => {
                self.append(id, Some(message), true);
            }
            Some(Bug::Reorder) if self.partitions[usize::from(id.partition.0)].held_back.is_none() => {
                let behind = self.chance.between(1, 3) as u8;
                self.partitions[usize::from(id.partition.0)].held_back = Some((message, behind));
                return Reply::Stored(self.next_position(id));
            }
            _ => {}
        }
        let position = self.append(id, Some(message), bug != Some(Bug::Corrupt));
        Reply::Stored(position)
    }

    fn next_position(&mut self, id: MessageId) -> Position {
        let partition = &self.partitions[usize::from(id.partition.0)];
        match self.plan.shape.kind {
            BrokerKind::Log => Position(partition.appended),
            BrokerKind::Entries => Position(((self.now.0 / 1_000_000) << 20).max(partition.last + 1)),
            BrokerKind::Queue => Position(0),
        }
    }

    fn append(&mut self, id: MessageId, scheduled: Option<usize>, valid: bool) -> Position {
        let position = self.next_position(id);
        let entry = self.truth.entries.len();
        self.truth.entries.push(Entry {
            id,
            scheduled,
            valid,
            position,
            kept: true,
            handed: 0,
            receipts: Vec::new(),
            settled: None,
            confirmed: None,
            unanswered: false,
            known_by: BTreeMap::new(),
            processed: false,
            left_at_the_end: false,
        });
        let partition = &mut self.partitions[usize::from(id.partition.0)];
        partition.log.push(entry);
        partition.ever.push(entry);
        partition.appended += 1;
        partition.last = position.0;
        self.trim(usize::from(id.partition.0));
        let held_back = &mut self.partitions[usize::from(id.partition.0)].held_back;
        match held_back {
            Some((message, 1)) => {
                let message = *message;
                *held_back = None;
                self.append(self.plan.load.schedule[message].id, Some(message), true);
            }
            Some((_, behind)) => *behind -= 1,
            None => {}
        }
        position
    }

    /// Nothing more comes: what is held back is stored at last.
    pub(super) fn release_held_back(&mut self) {
        for partition in 0..self.partitions.len() {
            if let Some((message, _)) = self.partitions[partition].held_back.take() {
                self.append(self.plan.load.schedule[message].id, Some(message), true);
            }
        }
    }

    /// Drops the oldest beyond what a partition may hold, whoever still needs them.
    fn trim(&mut self, partition: usize) {
        let Some(longest) = self.plan.bugs.longest else { return };
        let partition = &mut self.partitions[partition];
        let gone = partition.log.len().saturating_sub(longest);
        for entry in partition.log.drain(..gone) {
            self.truth.entries[entry].kept = false;
        }
        partition.next = partition.next.saturating_sub(gone);
    }

    /// The broker forgets entries and groups.
    pub(super) fn forget(&mut self) {
        let Some((_, what)) = self.plan.bugs.forgets else { return };
        let (chosen, all) = match what {
            Forgets::Everything { partition } => (partition, true),
            Forgets::Group { partition } => (partition, false),
        };
        for index in (0..self.partitions.len()).filter(|index| chosen.is_none_or(|chosen| chosen == *index)) {
            let partition = &mut self.partitions[index];
            partition.groupless = true;
            partition.pending.clear();
            partition.read = None;
            if all {
                for entry in partition.log.drain(..) {
                    self.truth.entries[entry].kept = false;
                }
                (partition.next, partition.appended, partition.held_back) = (0, 0, None);
            }
        }
    }
}
