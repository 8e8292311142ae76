//! A broker of entries: one group reads each partition's stream; what it was given stays pending until it is settled.

use super::event::{Handed, Reply, What};
use super::parts::Pending;
use super::state::World;
use crate::plan::Bug;
use crate::truth::Why;
use reports::history::Outcome;

impl World<'_> {
    pub(super) fn entries_request(&mut self, client: usize, epoch: u32, id: u64, what: What) -> Option<Reply> {
        let consumer = client - self.plan.shape.producers;
        match what {
            What::ReadNew(_) if self.partitions.iter().any(|partition| partition.groupless) => Some(Reply::NoGroup),
            What::ReadNew(from) => {
                self.wait_for_entries(client, epoch, id, from);
                None
            }
            What::ReadOwn => Some(Reply::Entries(self.own_pending(consumer))),
            What::Claim => Some(Reply::Entries(self.claim(consumer))),
            What::Ack(entries) => Some(Reply::Acked(entries.into_iter().map(|entry| self.ack(entry)).collect())),
            _ => Some(Reply::Fine),
        }
    }

    pub(super) fn hand_new(&mut self, consumer: usize) -> Vec<Handed> {
        let mut handed = Vec::new();
        for partition in self.partitions.iter_mut().filter(|partition| !partition.groupless) {
            while handed.len() < self.plan.policy.reading.count && partition.next < partition.log.len() {
                let entry = partition.log[partition.next];
                partition.next += 1;
                let pending = Pending { entry, consumer, since: self.now, count: 1 };
                self.truth.entries[entry].handed += 1;
                partition.read = Some(self.truth.entries[entry].position);
                partition.pending.insert(self.truth.entries[entry].position, pending);
                handed.push(Handed { entry, why: Why::New, count: 1, at: self.now });
            }
        }
        handed
    }

    /// All that a consumer was given and that is still there.
    fn own_pending(&mut self, consumer: usize) -> Vec<Handed> {
        let mut handed = Vec::new();
        for partition in &mut self.partitions {
            for pending in partition.pending.values_mut().filter(|pending| pending.consumer == consumer) {
                (pending.since, pending.count) = (self.now, pending.count + 1);
                if self.truth.entries[pending.entry].kept {
                    handed.push(Handed { entry: pending.entry, why: Why::Own, count: pending.count, at: self.now });
                }
            }
        }
        handed
    }

    /// Takes over what is idle for too long. What was trimmed is dropped.
    fn claim(&mut self, consumer: usize) -> Vec<Handed> {
        let reading = &self.plan.policy.reading;
        let mut handed = Vec::new();
        for partition in &mut self.partitions {
            let entries = &self.truth.entries;
            let idle = |pending: &Pending| self.now.since(pending.since) >= reading.claim_idle;
            partition.pending.retain(|_, pending| !idle(pending) || entries[pending.entry].kept);
            for pending in partition.pending.values_mut().filter(|pending| idle(pending)).take(reading.count) {
                *pending = Pending { consumer, since: self.now, count: pending.count + 1, entry: pending.entry };
                handed.push(Handed { entry: pending.entry, why: Why::Claim, count: pending.count, at: self.now });
            }
        }
        handed
    }

    fn ack(&mut self, entry: usize) -> Outcome {
        let stored = &mut self.truth.entries[entry];
        let partition = &mut self.partitions[usize::from(stored.id.partition.0)];
        if partition.groupless {
            return Outcome::Failed;
        }
        stored.settled.get_or_insert(self.now);
        let forgets =
            self.plan.bugs.bug.is_some_and(|(bug, often)| bug == Bug::Resurrect && self.chance.happens(often));
        if !forgets {
            partition.pending.remove(&stored.position);
        }
        Outcome::Ok
    }
}
