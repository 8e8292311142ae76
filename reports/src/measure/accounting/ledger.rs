//! The first pass: one line for each message, as bits.

use super::close::Example;
use super::order::Order;
use crate::facts::{Settling, SystemFacts};
use crate::history::{Delivery, Outcome, Settlement, SettlementKind};
use crate::measure::bits::BitSet;
use crate::measure::source::Sent;
use crate::units::{ConsumerId, MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use std::collections::{BTreeMap, HashMap};

/// How many examples a finding keeps.
pub(super) const EXAMPLES: usize = 3;

/// What is known of each message of one producer and partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    pub(super) acknowledged: BitSet,
    pub(super) failed: BitSet,
    pub(super) indeterminate: BitSet,
    pub(super) delivered: BitSet,
    /// Delivered more than once, or first delivered after it had been settled: what the second pass looks at.
    pub(super) again: BitSet,
    /// A settlement was confirmed.
    pub(super) settled: BitSet,
    /// A settlement was asked for and its answer is not known.
    pub(super) maybe_settled: BitSet,
}

/// A pending entry taken over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) consumer: ConsumerId,
    pub(super) requested: Nanos,
}

/// How far a partition was committed and delivered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// The last confirmed commit, in order of time: a group can also go back.
    pub(super) committed: Option<Position>,
    /// The furthest commit that was asked for and not refused.
    pub(super) maybe_committed: Option<Position>,
    /// The furthest position that was delivered.
    pub(super) delivered: Option<Position>,
}

/// All streams, and the counts that need no second look.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(super) settling: Settling,
    pub(super) streams: BTreeMap<(ProducerId, Partition), Stream>,
    pub(super) progress: BTreeMap<Partition, Progress>,
    pub(super) claims: HashMap<MessageId, Vec<Claim>>,
    pub(super) order: Order,
    pub(super) offered: u64,
    pub(super) delivered: u64,
    pub(super) redelivered: u64,
    pub(super) corrupted: u64,
    pub(super) corrupted_examples: Vec<Example>,
    pub(super) delivery_counts: BTreeMap<u16, u64>,
    pub(super) last_event: Option<Nanos>,
}

impl Ledger {
    /// An empty ledger for a system.
    pub fn new(system: &SystemFacts) -> Self {
        Self {
            settling: system.settling,
            streams: BTreeMap::new(),
            progress: BTreeMap::new(),
            claims: HashMap::new(),
            order: Order::new(system.ordering),
            offered: 0,
            delivered: 0,
            redelivered: 0,
            corrupted: 0,
            corrupted_examples: Vec::new(),
            delivery_counts: BTreeMap::new(),
            last_event: None,
        }
    }

    /// Enters a send.
    pub fn send(&mut self, sent: &Sent) {
        self.offered += 1;
        let MessageId { producer, partition, seq } = sent.message;
        let stream = self.streams.entry((producer, partition)).or_default();
        match sent.outcome {
            Outcome::Ok => stream.acknowledged.insert(seq.0),
            Outcome::Failed => stream.failed.insert(seq.0),
            Outcome::Indeterminate => stream.indeterminate.insert(seq.0),
        };
    }

    /// Enters a delivery, in order of time among deliveries and settlements. Whether it is its message's first.
    pub fn delivery(&mut self, delivery: &Delivery) -> bool {
        self.last_event = Some(delivery.received);
        if !delivery.payload_ok {
            self.corrupted += 1;
            if self.corrupted_examples.len() < EXAMPLES {
                self.corrupted_examples.push(Example::of_position(delivery));
            }
            return false;
        }
        self.delivered += 1;
        let MessageId { producer, partition, seq } = delivery.message;
        let progress = self.progress.entry(partition).or_default();
        progress.delivered = progress.delivered.max(Some(delivery.position));
        let stream = self.streams.entry((producer, partition)).or_default();
        let first = stream.delivered.insert(seq.0);
        if !first || stream.settled.contains(seq.0) {
            stream.again.insert(seq.0);
        }
        if first {
            self.order.first_delivery(delivery);
            if delivery.delivery_count > 0 {
                *self.delivery_counts.entry(delivery.delivery_count).or_default() += 1;
            }
        } else {
            self.redelivered += 1;
        }
        first
    }

    /// Enters a settlement, in order of time among deliveries and settlements.
    pub fn settlement(&mut self, settlement: &Settlement) {
        self.last_event = Some(settlement.settled);
        match (settlement.kind, settlement.message, settlement.position) {
            (SettlementKind::Commit, _, Some(position)) => self.commit(settlement, position),
            (SettlementKind::Ack | SettlementKind::DeadLetter, Some((producer, seq)), _) => {
                self.acknowledgement(settlement, producer, seq);
            }
            (SettlementKind::Claim, Some((producer, seq)), _) if settlement.outcome == Outcome::Ok => {
                let message = MessageId { producer, partition: settlement.partition, seq };
                let claim = Claim { consumer: settlement.consumer, requested: settlement.requested };
                self.claims.entry(message).or_default().push(claim);
            }
            // A refusal leaves the message pending, and a row without its subject says nothing.
            _ => {}
        }
    }

    fn commit(&mut self, settlement: &Settlement, position: Position) {
        let progress = self.progress.entry(settlement.partition).or_default();
        match settlement.outcome {
            Outcome::Ok => {
                progress.committed = Some(position);
                progress.maybe_committed = Some(position);
            }
            Outcome::Indeterminate => progress.maybe_committed = progress.maybe_committed.max(Some(position)),
            Outcome::Failed => {}
        }
    }

    fn acknowledgement(&mut self, settlement: &Settlement, producer: ProducerId, seq: Sequence) {
        let stream = self.streams.entry((producer, settlement.partition)).or_default();
        match settlement.outcome {
            Outcome::Ok => stream.settled.insert(seq.0),
            Outcome::Indeterminate => stream.maybe_settled.insert(seq.0),
            Outcome::Failed => false,
        };
    }

    /// Whether the deliveries must be read a second time, because bits do not answer everything.
    pub fn needs_inquiry(&self) -> bool {
        let uncommitted =
            |progress: &Progress| progress.delivered.is_some() && progress.delivered >= progress.committed;
        self.streams.values().any(|stream| !stream.again.is_empty() || stream.has_phantoms())
            || (self.settling == Settling::Position && self.progress.values().any(uncommitted))
    }
}

impl Stream {
    pub(super) fn phantoms(&self) -> (u64, Vec<u64>) {
        self.delivered.outside(&[&self.acknowledged, &self.indeterminate], EXAMPLES)
    }

    /// Delivered without any row of a send.
    pub(super) fn never_sent(&self) -> u64 {
        self.delivered.outside(&[&self.acknowledged, &self.indeterminate, &self.failed], 0).0
    }

    fn has_phantoms(&self) -> bool {
        self.phantoms().0 > 0
    }
}
