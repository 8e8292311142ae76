//! Reads at the broker: they wait until there is something for them, or for as long as they may.

use super::event::{Event, Handed, Reply};
use super::parts::Waiting;
use super::state::World;
use crate::plan::BrokerKind;

impl World<'_> {
    pub(super) fn wait_for_entries(&mut self, client: usize, epoch: u32, id: u64, from: Vec<(usize, usize)>) {
        self.readers.push(Waiting { client, epoch, id, from });
        self.agenda.at(self.now.plus(self.plan.policy.reading.block), Event::Unblock { client, id });
    }

    /// Serves reads that wait, in their order, as long as there is something for them.
    pub(super) fn wake_readers(&mut self) {
        let mut index = 0;
        while index < self.readers.len() {
            let reader = self.readers[index].clone();
            let handed = self.hand(&reader);
            if !handed.is_empty() {
                self.readers.remove(index);
                self.answer(reader.client, reader.epoch, reader.id, Reply::Entries(handed));
            } else if self.plan.shape.kind == BrokerKind::Log {
                index += 1;
            } else {
                // What is not there for one is there for none.
                return;
            }
        }
    }

    fn hand(&mut self, reader: &Waiting) -> Vec<Handed> {
        let consumer = reader.client - self.plan.shape.producers;
        match self.plan.shape.kind {
            BrokerKind::Log => self.hand_from(&reader.from),
            BrokerKind::Entries => self.hand_new(consumer),
            BrokerKind::Queue => self.hand_ready(consumer),
        }
    }

    pub(super) fn unblock(&mut self, client: usize, id: u64) {
        if let Some(index) = self.readers.iter().position(|reader| reader.client == client && reader.id == id) {
            let reader = self.readers.remove(index);
            self.answer(client, reader.epoch, id, Reply::Entries(Vec::new()));
        }
    }

    /// The broker learns that a connection is gone.
    pub(super) fn gone(&mut self, client: usize, epoch: u32) {
        self.readers.retain(|reader| reader.client != client || reader.epoch > epoch);
        let Some(consumer) = client.checked_sub(self.plan.shape.producers) else { return };
        match self.plan.shape.kind {
            BrokerKind::Log => self.member_gone(consumer, epoch),
            BrokerKind::Entries => {}
            BrokerKind::Queue => {
                self.requeue(consumer);
                self.wake_readers();
            }
        }
    }
}
