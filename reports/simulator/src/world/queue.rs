//! A work queue: what is handed out belongs to the connection that got it; settled, it vanishes; unsettled when the connection
//! is gone, it is ready again.

use super::event::{Handed, Reply, What};
use super::parts::Pending;
use super::state::World;
use crate::plan::Bug;
use crate::truth::Why;
use reports::history::Outcome;
use reports::units::Position;

impl World<'_> {
    pub(super) fn queue_request(&mut self, client: usize, epoch: u32, id: u64, what: What) -> Option<Reply> {
        let consumer = client - self.plan.shape.producers;
        match what {
            What::ReadNew(from) => {
                self.wait_for_entries(client, epoch, id, from);
                None
            }
            What::Ack(entries) => {
                Some(Reply::Acked(entries.into_iter().map(|entry| self.take_out(consumer, entry)).collect()))
            }
            _ => Some(Reply::Fine),
        }
    }

    pub(super) fn hand_ready(&mut self, consumer: usize) -> Vec<Handed> {
        let mut handed = Vec::new();
        for partition in &mut self.partitions {
            while handed.len() < self.plan.policy.reading.count && partition.next < partition.log.len() {
                let entry = partition.log.remove(partition.next);
                let stored = &mut self.truth.entries[entry];
                let why = if stored.handed == 0 { Why::New } else { Why::Requeued };
                stored.handed += 1;
                let pending = Pending { entry, consumer, since: self.now, count: 0 };
                partition.pending.insert(Position(entry as u64), pending);
                handed.push(Handed { entry, why, count: 0, at: self.now });
            }
        }
        handed
    }

    /// A connection is gone: what it had is ready again, before all else.
    pub(super) fn requeue(&mut self, consumer: usize) {
        for partition in &mut self.partitions {
            let of_consumer = |pending: &Pending| pending.consumer == consumer;
            let back: Vec<_> = partition.pending.values().filter(|one| of_consumer(one)).map(|one| one.entry).collect();
            partition.pending.retain(|_, pending| !of_consumer(pending));
            partition.log.splice(0..0, back);
        }
    }

    fn take_out(&mut self, consumer: usize, entry: usize) -> Outcome {
        let forgets =
            self.plan.bugs.bug.is_some_and(|(bug, often)| bug == Bug::Resurrect && self.chance.happens(often));
        let stored = &mut self.truth.entries[entry];
        let partition = &mut self.partitions[usize::from(stored.id.partition.0)];
        let key = Position(entry as u64);
        if partition.pending.get(&key).is_none_or(|pending| pending.consumer != consumer) {
            return Outcome::Failed;
        }
        stored.settled.get_or_insert(self.now);
        partition.pending.remove(&key);
        if forgets {
            partition.log.push(entry);
        } else {
            stored.kept = false;
        }
        Outcome::Ok
    }
}
