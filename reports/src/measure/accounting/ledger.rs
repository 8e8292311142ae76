//! The first pass: one line for each message, as bits.

use super::commits::Standing;
use super::contract::Contract;
use super::example::{EXAMPLES, Example};
use super::groups::killed;
use super::order::{SendEnd, SequenceOrder};
use crate::facts::{Positions, Settling, TrialFacts};
use crate::history::{Delivery, Outcome, Settlement, SettlementKind};
use crate::measure::bits::BitSet;
use crate::measure::source::Sent;
use crate::units::{ConsumerId, MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What is known of each message of one producer and partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    pub(super) acknowledged: BitSet,
    pub(super) failed: BitSet,
    pub(super) indeterminate: BitSet,
    /// The furthest number of a send.
    pub(super) last_sent: Option<Sequence>,
    pub(super) delivered: BitSet,
    /// Delivered more than once, or first delivered after it had been settled: what the second pass looks at.
    pub(super) again: BitSet,
    /// A settlement was confirmed.
    pub(super) settled: BitSet,
    /// A settlement was asked for and its answer is not known.
    pub(super) maybe_settled: BitSet,
    /// Somebody processed it to its end, or gave it up to the dead-letter queue.
    pub(super) processed: BitSet,
    /// Somebody was at it when told to end.
    pub(super) left_at_the_end: BitSet,
}

/// What a settlement of a single message is about: a place in a log, or, where there is none, the message itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum SettlementKey {
    /// What stands there.
    Place(Partition, Position),
    /// Whichever copy of the message.
    Message(MessageId),
}

impl SettlementKey {
    pub(super) const fn partition(self) -> Partition {
        match self {
            Self::Place(partition, _) => partition,
            Self::Message(message) => message.partition,
        }
    }

    /// A delivery's.
    pub(super) const fn of_delivery(delivery: &Delivery, positions: Positions) -> Self {
        match positions {
            Positions::Log => Self::Place(delivery.message.partition, delivery.position),
            Positions::None => Self::Message(delivery.message),
        }
    }

    /// A settlement's; none where it names neither.
    pub(super) fn of(settlement: &Settlement, positions: Positions) -> Option<Self> {
        let place = settlement.position.filter(|_| positions == Positions::Log);
        let message = settlement
            .message
            .map(|(producer, seq)| Self::Message(MessageId { producer, partition: settlement.partition, seq }));
        place.map(|position| Self::Place(settlement.partition, position)).or(message)
    }
}

/// A pending entry taken over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) consumer: ConsumerId,
    pub(super) requested: Nanos,
}

/// How far a partition was committed and delivered.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    pub(super) commits: Standing,
    /// The furthest position that was delivered.
    pub(super) delivered: Option<Position>,
    /// The furthest that was delivered to a consumer whose process was killed afterwards: it may have committed it.
    pub(super) delivered_to_killed: Option<Position>,
}

/// Acknowledgements by consumers that could not say of which message: only where it stood.
#[derive(Clone, Debug, Default)]
pub(super) struct Nameless {
    pub(super) settled: HashSet<(Partition, Position)>,
    pub(super) maybe_settled: HashSet<(Partition, Position)>,
}

impl Nameless {
    pub(super) fn is_empty(&self) -> bool {
        self.settled.is_empty() && self.maybe_settled.is_empty()
    }
}

/// All streams, and the counts that need no second look.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(super) settling: Settling,
    pub(super) positions: Positions,
    /// Messages are settled before they are processed, so that their processing has rows of its own.
    pub(super) settles_first: bool,
    pub(super) contract: Contract,
    pub(super) streams: BTreeMap<(ProducerId, Partition), Stream>,
    pub(super) progress: BTreeMap<Partition, Progress>,
    pub(super) claims: HashMap<SettlementKey, Vec<Claim>>,
    pub(super) nameless: Nameless,
    pub(super) order: SequenceOrder,
    /// When consumers' processes were killed.
    killed: BTreeMap<ConsumerId, Vec<Nanos>>,
    pub(super) offered: u64,
    pub(super) delivered: u64,
    pub(super) redelivered: u64,
    pub(super) corrupted: u64,
    pub(super) corrupted_examples: Vec<Example>,
    pub(super) delivery_counts: BTreeMap<u16, u64>,
    pub(super) last_event: Option<Nanos>,
}

impl Ledger {
    /// An empty ledger for a trial. How the history's files ended says which consumers were killed.
    pub fn new(facts: &TrialFacts) -> Self {
        let system = &facts.system;
        Self {
            killed: killed(&facts.files),
            settling: system.settling,
            positions: system.log.positions,
            settles_first: facts.limits.unprocessed.is_some(),
            contract: Contract::new(facts),
            streams: BTreeMap::new(),
            progress: BTreeMap::new(),
            claims: HashMap::new(),
            nameless: Nameless::default(),
            order: SequenceOrder::new(system.ordering),
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
        self.contract.send(sent, stream.end_of(seq) != SendEnd::Unrecorded);
        stream.last_sent = stream.last_sent.max(Some(seq));
        match sent.outcome {
            Outcome::Ok => stream.acknowledged.insert(seq.0),
            Outcome::Failed => stream.failed.insert(seq.0),
            Outcome::Indeterminate => stream.indeterminate.insert(seq.0),
        };
    }

    /// Enters a delivery, in order of time among deliveries and settlements. Whether it is its message's first.
    pub fn delivery(&mut self, delivery: &Delivery) -> bool {
        self.last_event = Some(delivery.received);
        self.contract.delivery(delivery);
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
        if was_killed_later(&self.killed, delivery) {
            stream.maybe_settled.insert(seq.0);
            progress.delivered_to_killed = progress.delivered_to_killed.max(Some(delivery.position));
        }
        if !first || stream.settled.contains(seq.0) {
            stream.again.insert(seq.0);
        }
        if first {
            self.order.first_delivery(delivery, stream.end_of(seq));
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
        self.contract.settlement(settlement);
        match (settlement.kind, settlement.message, settlement.position) {
            (SettlementKind::Commit, _, Some(position)) => {
                self.progress.entry(settlement.partition).or_default().commits.enter(settlement, position);
            }
            (SettlementKind::Ack | SettlementKind::DeadLetter, Some((producer, seq)), _) => {
                self.acknowledgement(settlement, producer, seq);
            }
            // Without places, one that names no message settles what nobody can tell: a damaged payload.
            (SettlementKind::Ack | SettlementKind::DeadLetter, None, Some(position))
                if self.positions == Positions::Log =>
            {
                self.nameless(settlement, position);
            }
            (SettlementKind::Claim, ..) if settlement.outcome == Outcome::Ok => self.claim(settlement),
            (SettlementKind::Processed, Some((producer, seq)), _) => self.processed(settlement, producer, seq),
            // A refusal leaves the message pending, and a row without its subject is a breach of the contract.
            _ => {}
        }
    }

    fn claim(&mut self, settlement: &Settlement) {
        if let Some(subject) = SettlementKey::of(settlement, self.positions) {
            let claim = Claim { consumer: settlement.consumer, requested: settlement.requested };
            self.claims.entry(subject).or_default().push(claim);
        }
    }

    fn processed(&mut self, settlement: &Settlement, producer: ProducerId, seq: Sequence) {
        let stream = self.streams.entry((producer, settlement.partition)).or_default();
        match settlement.outcome {
            Outcome::Ok => stream.processed.insert(seq.0),
            Outcome::Failed | Outcome::Indeterminate => stream.left_at_the_end.insert(seq.0),
        };
    }

    fn nameless(&mut self, settlement: &Settlement, position: Position) {
        let place = (settlement.partition, position);
        match settlement.outcome {
            Outcome::Ok => self.nameless.settled.insert(place),
            Outcome::Indeterminate => self.nameless.maybe_settled.insert(place),
            Outcome::Failed => false,
        };
    }

    fn acknowledgement(&mut self, settlement: &Settlement, producer: ProducerId, seq: Sequence) {
        let stream = self.streams.entry((producer, settlement.partition)).or_default();
        match settlement.outcome {
            Outcome::Ok => stream.settled.insert(seq.0),
            Outcome::Indeterminate => stream.maybe_settled.insert(seq.0),
            Outcome::Failed => false,
        };
        if settlement.kind == SettlementKind::DeadLetter && settlement.outcome == Outcome::Ok {
            stream.processed.insert(seq.0);
        }
    }

    /// Whether its consumer was killed after this delivery. A settlement has no row until it is answered, so such a consumer
    /// may have settled what it had.
    pub(super) fn was_killed_after(&self, delivery: &Delivery) -> bool {
        was_killed_later(&self.killed, delivery)
    }

    /// Whether the deliveries must be read a second time, because bits do not answer everything.
    pub fn needs_inquiry(&self) -> bool {
        let uncommitted =
            |progress: &Progress| progress.delivered.is_some() && progress.delivered >= progress.commits.confirmed();
        !self.nameless.is_empty()
            || self.streams.values().any(|stream| !stream.again.is_empty() || stream.has_phantoms())
            || (self.settling == Settling::Position && self.progress.values().any(uncommitted))
    }
}

fn was_killed_later(killed: &BTreeMap<ConsumerId, Vec<Nanos>>, delivery: &Delivery) -> bool {
    let times = killed.get(&delivery.consumer);
    times.is_some_and(|times| times.last().is_some_and(|last| delivery.received <= *last))
}

impl Stream {
    fn end_of(&self, seq: Sequence) -> SendEnd {
        if self.acknowledged.contains(seq.0) {
            SendEnd::Acknowledged
        } else if self.indeterminate.contains(seq.0) {
            SendEnd::Indeterminate
        } else if self.failed.contains(seq.0) {
            SendEnd::Failed
        } else {
            SendEnd::Unrecorded
        }
    }

    /// Numbers below the furthest one of which no send has a row.
    pub(super) fn skipped(&self) -> u64 {
        let numbers = self.last_sent.map_or(0, |last| last.0.saturating_add(1));
        let failed = self.failed.outside(&[&self.acknowledged, &self.indeterminate], 0).0;
        let indeterminate = self.indeterminate.outside(&[&self.acknowledged], 0).0;
        numbers.saturating_sub(self.acknowledged.len() + failed + indeterminate)
    }

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
