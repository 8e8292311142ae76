//! A broker of logs: each partition has one owner in the group, who reads from what was committed and commits how far it is.

use super::event::{Event, Handed, Reply, What};
use super::state::World;
use crate::plan::Bug;
use crate::truth::Why;
use reports::history::Outcome;

impl World<'_> {
    pub(super) fn log_request(&mut self, client: usize, epoch: u32, id: u64, what: What) -> Option<Reply> {
        let consumer = client - self.plan.shape.producers;
        match what {
            What::Join => {
                self.join(consumer, epoch);
                Some(Reply::Fine)
            }
            What::AskCommitted(partitions) => Some(Reply::Offsets(
                partitions.into_iter().map(|index| (index, self.partitions[index].committed)).collect(),
            )),
            What::ReadNew(from) => {
                self.wait_for_entries(client, epoch, id, from);
                None
            }
            What::Commit { partition, below, generation } => {
                Some(Reply::Committed(self.commit(partition, below, generation)))
            }
            _ => Some(Reply::Fine),
        }
    }

    fn join(&mut self, consumer: usize, epoch: u32) {
        self.group.lapses[consumer] += 1;
        if self.group.members.insert(consumer, epoch).is_none() {
            self.rebalance();
        } else {
            self.tell(consumer);
        }
    }

    pub(super) fn member_gone(&mut self, consumer: usize, epoch: u32) {
        if self.group.members.get(&consumer) == Some(&epoch) {
            let at = self.now.plus(self.plan.policy.reading.session);
            self.agenda.at(at, Event::SessionEnds { consumer, lapse: self.group.lapses[consumer] });
        }
    }

    /// A member works longer on what it read than it may.
    pub(super) fn poll_passes(&mut self, consumer: usize) {
        let at = self.now.plus(self.plan.policy.reading.session);
        self.agenda.at(at, Event::SessionEnds { consumer, lapse: self.group.lapses[consumer] });
    }

    /// The broker counts it among the group.
    pub(super) fn is_member(&self, consumer: usize) -> bool {
        self.group.members.contains_key(&consumer)
    }

    pub(super) fn session_ends(&mut self, consumer: usize, lapse: u32) {
        if self.group.lapses[consumer] == lapse && self.group.members.remove(&consumer).is_some() {
            self.rebalance();
        }
    }

    fn rebalance(&mut self) {
        self.group.generation += 1;
        for member in self.group.members.keys().copied().collect::<Vec<_>>() {
            self.tell(member);
        }
    }

    /// Tells a member its partitions: every n-th, n being how many members there are.
    fn tell(&mut self, consumer: usize) {
        let members = &self.group.members;
        let (Some(rank), Some(&epoch)) =
            (members.keys().position(|member| *member == consumer), members.get(&consumer))
        else {
            return;
        };
        let partitions = (rank..self.partitions.len()).step_by(members.len()).collect();
        let client = self.plan.shape.producers + consumer;
        let generation = self.group.generation;
        self.tell_client(client, epoch, Event::Assigned { client, epoch, generation, partitions });
    }

    /// Entries from these offsets on; what is no longer there is passed over.
    pub(super) fn hand_from(&mut self, from: &[(usize, usize)]) -> Vec<Handed> {
        let mut handed = Vec::new();
        for (partition, offset) in from {
            let partition = &self.partitions[*partition];
            let base = partition.appended as usize - partition.log.len();
            let room = self.plan.policy.reading.count - handed.len();
            for entry in partition.log.iter().skip(offset.saturating_sub(base)).take(room) {
                let stored = &mut self.truth.entries[*entry];
                let why = if stored.handed == 0 { Why::New } else { Why::Rebalance };
                stored.handed += 1;
                handed.push(Handed { entry: *entry, why, count: 0, at: self.now });
            }
        }
        handed
    }

    fn commit(&mut self, partition: usize, below: usize, generation: u32) -> Outcome {
        if generation != self.group.generation {
            return Outcome::Failed;
        }
        let forgets =
            self.plan.bugs.bug.is_some_and(|(bug, often)| bug == Bug::Resurrect && self.chance.happens(often));
        let state = &mut self.partitions[partition];
        for entry in state.ever.iter().take(below).skip(state.taken) {
            self.truth.entries[*entry].settled.get_or_insert(self.now);
        }
        state.taken = state.taken.max(below);
        if !forgets {
            state.committed = below;
        }
        Outcome::Ok
    }
}
