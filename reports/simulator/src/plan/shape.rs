//! Who takes part in a trial.

use super::feature::{Allowed, Feature};
use crate::chance::Chance;

/// What kind of broker is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerKind {
    /// Offsets, partitions with an owner each, committed positions: Kafka-like.
    Log,
    /// A shared stream, pending entries, claims, delivery counts: Redis-like.
    Entries,
    /// No positions; what was settled vanishes: AMQP-like.
    Queue,
}

/// Who takes part. Clients are numbered: producers first, then consumers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The broker.
    pub kind: BrokerKind,
    /// Producers.
    pub producers: usize,
    /// Consumers.
    pub consumers: usize,
    /// Partitions.
    pub partitions: usize,
}

impl Shape {
    /// Of both kinds.
    pub const fn clients(&self) -> usize {
        self.producers + self.consumers
    }

    /// A client's name in the history.
    pub fn name(&self, client: usize) -> String {
        match client.checked_sub(self.producers) {
            None => format!("producer-{client}"),
            Some(consumer) => format!("consumer-{consumer}"),
        }
    }

    pub(super) fn draw(chance: &mut Chance, allowed: Allowed) -> Self {
        let kind = chance.pick(&[BrokerKind::Log, BrokerKind::Entries, BrokerKind::Entries, BrokerKind::Queue]);
        let (producers, consumers, partitions) =
            (chance.between(1, 3) as usize, chance.between(1, 4) as usize, chance.between(1, 4) as usize);
        if allowed.has(Feature::Crowd) {
            Self { kind, producers, consumers, partitions }
        } else {
            Self { kind, producers: 1, consumers: 1, partitions: 1 }
        }
    }
}
