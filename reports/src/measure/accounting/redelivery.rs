//! The second pass: what happened to each message that was delivered more than once.

use super::causes::{self, Repeat};
use super::commits::Commits;
use super::example::{EXAMPLES, Example};
use super::groups::GroupTimes;
use super::handover::Marks;
use super::ledger::{Claim, Ledger, SettlementKey};
use super::past::{Copy, Past};
use crate::facts::{Positions, Settling};
use crate::history::{Delivery, Settlement, SettlementKind};
use crate::measure::bits::BitSet;
use crate::measure::source::{Completeness, ConsumerEvent};
use crate::units::{MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use std::collections::{BTreeMap, HashMap};

/// Looks again at the messages that the ledger marked. Memory grows with their number only.
#[derive(Debug)]
pub struct Inquiry<'a> {
    ledger: &'a Ledger,
    groups: &'a GroupTimes,
    settlements: Completeness,
    pasts: HashMap<MessageId, Past>,
    /// Which message stands where; kept only where acknowledgements name no message.
    places: HashMap<(Partition, Position), MessageId>,
    commits: Commits<Example>,
    phantoms_wanted: Vec<MessageId>,
    /// Messages at more than one position.
    pub(super) duplicated: u64,
    pub(super) duplicated_examples: Vec<Example>,
    resurrected: u64,
    /// After their message's settlement had been confirmed, and nothing says when they were asked for.
    pub(super) undated: u64,
    resurrected_examples: Vec<Example>,
    pub(super) causes: BTreeMap<&'static str, u64>,
    pub(super) unexplained_examples: Vec<Example>,
    pub(super) phantom_examples: Vec<Example>,
    pub(super) delivery_counts: BTreeMap<u16, u64>,
    /// When messages were delivered again, and to whom.
    pub(super) again: Marks,
    /// Delivered at a position that was not committed in the end, for certain and perhaps.
    pub(super) uncommitted: BTreeMap<(ProducerId, Partition), BitSet>,
    pub(super) surely_uncommitted: BTreeMap<(ProducerId, Partition), BitSet>,
    /// Settled by an acknowledgement that named only the place, for certain and perhaps.
    pub(super) settled: BTreeMap<(ProducerId, Partition), BitSet>,
    pub(super) maybe_settled: BTreeMap<(ProducerId, Partition), BitSet>,
}

impl<'a> Inquiry<'a> {
    /// To be shown every event once more, in the same order.
    /// Where settlements are missing, a takeover may have gone unseen.
    pub fn new(ledger: &'a Ledger, groups: &'a GroupTimes, settlements: Completeness) -> Self {
        let phantoms = ledger.streams.iter().flat_map(|((producer, partition), stream)| {
            let (_, first) = stream.phantoms();
            first.into_iter().map(|seq| MessageId { producer: *producer, partition: *partition, seq: Sequence(seq) })
        });
        Self {
            phantoms_wanted: phantoms.take(EXAMPLES).collect(),
            ledger,
            groups,
            settlements,
            pasts: HashMap::new(),
            places: HashMap::new(),
            commits: Commits::new(groups),
            duplicated: 0,
            duplicated_examples: Vec::new(),
            resurrected: 0,
            undated: 0,
            resurrected_examples: Vec::new(),
            causes: BTreeMap::new(),
            unexplained_examples: Vec::new(),
            phantom_examples: Vec::new(),
            delivery_counts: ledger.delivery_counts.clone(),
            again: Marks::default(),
            uncommitted: BTreeMap::new(),
            surely_uncommitted: BTreeMap::new(),
            settled: BTreeMap::new(),
            maybe_settled: BTreeMap::new(),
        }
    }

    /// Takes an event.
    pub fn event(&mut self, event: ConsumerEvent<'_>) {
        self.commits.advance(event.at());
        match event {
            ConsumerEvent::Delivery(delivery) if delivery.payload_ok => self.delivery(delivery),
            ConsumerEvent::Delivery(_) => {}
            ConsumerEvent::Settlement(settlement) => self.settlement(settlement),
        }
    }

    /// Deliveries after their message's settlement had been confirmed: how many, and the first few.
    pub(super) fn resurrected(&mut self) -> (u64, Vec<Example>) {
        match self.ledger.settling {
            Settling::Message => (self.resurrected, std::mem::take(&mut self.resurrected_examples)),
            Settling::Position => {
                let suspects = std::mem::replace(&mut self.commits, Commits::new(self.groups)).finish();
                (suspects.len() as u64, suspects.take(EXAMPLES).collect())
            }
        }
    }

    /// Messages of which one copy is settled and another one is not: how many, and of these those with a copy of which not
    /// even an answer is missing.
    pub(super) fn half_settled(&self) -> (u64, u64) {
        let half = || self.pasts.values().filter(|past| past.half_settled());
        (half().count() as u64, half().filter(|past| past.surely_half_settled()).count() as u64)
    }

    fn settlement(&mut self, settlement: &Settlement) {
        match (settlement.kind, settlement.message, settlement.position) {
            (SettlementKind::Commit, _, Some(position)) => self.commits.enter(settlement, position),
            (SettlementKind::Ack | SettlementKind::DeadLetter | SettlementKind::Nack, Some((producer, seq)), _) => {
                let message = MessageId { producer, partition: settlement.partition, seq };
                if self.marked(message) {
                    self.pasts.entry(message).or_default().settle(settlement, self.ledger.positions);
                }
            }
            (SettlementKind::Ack | SettlementKind::DeadLetter, None, Some(position))
                if self.ledger.positions == Positions::Log =>
            {
                let message =
                    self.places.get(&(settlement.partition, position)).filter(|message| self.marked(**message));
                if let Some(message) = message.copied() {
                    self.pasts.entry(message).or_default().settle(settlement, self.ledger.positions);
                }
            }
            _ => {}
        }
    }

    fn delivery(&mut self, delivery: &Delivery) {
        self.note_phantom(delivery);
        self.note_uncommitted(delivery);
        self.note_nameless(delivery);
        if !self.marked(delivery.message) {
            return;
        }
        let mut past = self.pasts.remove(&delivery.message).unwrap_or_default();
        let claim = self.claim_of(delivery, &past);
        if past.was_delivered() {
            self.note_cause(delivery, &past, claim);
            if self.ledger.settling == Settling::Position && !past.is_new_copy(delivery, self.ledger.positions) {
                let evidence = |earlier| Example { earlier: Some(earlier), ..Example::of_delivery(delivery) };
                self.commits.redelivery(delivery, evidence);
            }
        }
        let confirmed = self.settled_before(delivery, &past, claim);
        // Nobody asks a queue, but whatever stands in a log was asked for, and its answer may have taken its time.
        let undated = delivery.asked.is_none() && claim.is_none() && self.ledger.positions == Positions::Log;
        if confirmed.is_some() && undated {
            self.undated += 1;
        } else if let Some(confirmed) = confirmed {
            self.resurrected += 1;
            keep(&mut self.resurrected_examples, || Example {
                earlier: Some(confirmed),
                ..Example::of_delivery(delivery)
            });
        }
        self.remember(&mut past, delivery, claim);
        self.pasts.insert(delivery.message, past);
    }

    fn note_cause(&mut self, delivery: &Delivery, past: &Past, claim: Option<Claim>) {
        let repeat = Repeat {
            delivery,
            before: past.copy(delivery, self.ledger.positions).and_then(|copy| copy.last),
            new_copy: past.is_new_copy(delivery, self.ledger.positions),
            claimed: claim.is_some(),
            refused: past.copy(delivery, self.ledger.positions).is_some_and(|copy| copy.refused),
            settled: past.settled_before(delivery.received, delivery, self.ledger.positions).is_some(),
            settling: self.ledger.settling,
        };
        let cause = causes::of(&repeat, self.groups);
        *self.causes.entry(cause).or_default() += 1;
        self.again.add(delivery.received, delivery.consumer);
        if cause == causes::UNEXPLAINED {
            keep(&mut self.unexplained_examples, || Example::of_delivery(delivery));
        }
    }

    fn remember(&mut self, past: &mut Past, delivery: &Delivery, claim: Option<Claim>) {
        if past.was_delivered() && delivery.delivery_count > past.highest_count {
            if let Some(messages) = self.delivery_counts.get_mut(&past.highest_count) {
                *messages = messages.saturating_sub(1);
            }
            *self.delivery_counts.entry(delivery.delivery_count).or_default() += 1;
        }
        let copies = past.copies_delivered();
        past.deliver(delivery, self.ledger.positions, claim.map(|claim| claim.requested));
        if self.ledger.was_killed_after(delivery) {
            past.leave_open();
        }
        if copies == 1 && past.copies_delivered() == 2 {
            self.duplicated += 1;
            let note = past.first_position().map(|position| format!("also at position {}", position.0));
            keep(&mut self.duplicated_examples, || Example { note, ..Example::of_delivery(delivery) });
        }
    }

    /// The takeover that brought this delivery: this consumer's, asked for before, and not used up by an earlier one.
    fn claim_of(&self, delivery: &Delivery, past: &Past) -> Option<Claim> {
        let subject = SettlementKey::of_delivery(delivery, self.ledger.positions);
        let named = SettlementKey::Message(delivery.message);
        let claims = self.ledger.claims.get(&subject).or_else(|| self.ledger.claims.get(&named))?;
        let copy = past.copy(delivery, self.ledger.positions);
        let last = copy.and_then(|copy| copy.last);
        // A consumer may take over what an answer that is still under way brings it too.
        let own_before = last.filter(|(consumer, _)| *consumer == delivery.consumer);
        let own_before = own_before.and_then(|_| copy.and_then(|copy| copy.last_asked));
        let used = copy.and_then(|copy| copy.last_takeover_by(delivery.consumer));
        // What was asked for before brings nothing of what a takeover asks for.
        let asked = delivery.asked.unwrap_or(delivery.received);
        let fits = |claim: &&Claim| claim.consumer == delivery.consumer && claim.requested <= asked;
        let fresh = |claim: &&Claim| Some(claim.requested) > used && Some(claim.requested) >= own_before;
        claims.iter().rev().filter(fits).find(fresh).copied()
    }

    /// When the entry's settlement had been confirmed, if that was before the broker can have handed it out this time: not
    /// before the request was made that brought it, or that took it over.
    fn settled_before(&self, delivery: &Delivery, past: &Past, claim: Option<Claim>) -> Option<Nanos> {
        if self.ledger.settling == Settling::Position || past.is_new_copy(delivery, self.ledger.positions) {
            return None;
        }
        let last = past.copy(delivery, self.ledger.positions).and_then(|copy: &Copy| copy.last);
        let unseen_takeover = self.settlements == Completeness::Cut
            && claim.is_none()
            && last.is_none_or(|(consumer, _)| consumer != delivery.consumer);
        let asked = [delivery.asked, claim.map(|claim| claim.requested)];
        let handed_out = asked.into_iter().flatten().min().unwrap_or(delivery.received);
        past.settled_before(handed_out, delivery, self.ledger.positions).filter(|_| !unseen_takeover)
    }

    fn marked(&self, message: MessageId) -> bool {
        let stream = self.ledger.streams.get(&(message.producer, message.partition));
        stream.is_some_and(|stream| stream.again.contains(message.seq.0))
    }

    fn note_phantom(&mut self, delivery: &Delivery) {
        if let Some(index) = self.phantoms_wanted.iter().position(|wanted| *wanted == delivery.message) {
            self.phantoms_wanted.swap_remove(index);
            self.phantom_examples.push(Example::of_delivery(delivery));
        }
    }

    fn note_uncommitted(&mut self, delivery: &Delivery) {
        if self.ledger.settling != Settling::Position {
            return;
        }
        let MessageId { producer, partition, seq } = delivery.message;
        let progress = self.ledger.progress.get(&partition);
        if Some(delivery.position) >= progress.and_then(|progress| progress.commits.confirmed()) {
            self.uncommitted.entry((producer, partition)).or_default().insert(seq.0);
        }
        let perhaps = progress.and_then(|progress| progress.delivered_to_killed);
        if Some(delivery.position) >= progress.and_then(|progress| progress.commits.furthest())
            && Some(delivery.position) > perhaps
        {
            self.surely_uncommitted.entry((producer, partition)).or_default().insert(seq.0);
        }
    }

    fn note_nameless(&mut self, delivery: &Delivery) {
        let MessageId { producer, partition, seq } = delivery.message;
        let place = (partition, delivery.position);
        if self.ledger.nameless.is_empty() {
            return;
        }
        self.places.insert(place, delivery.message);
        if self.ledger.nameless.settled.contains(&place) {
            self.settled.entry((producer, partition)).or_default().insert(seq.0);
        }
        if self.ledger.nameless.maybe_settled.contains(&place) {
            self.maybe_settled.entry((producer, partition)).or_default().insert(seq.0);
        }
    }
}

fn keep(examples: &mut Vec<Example>, example: impl FnOnce() -> Example) {
    if examples.len() < EXAMPLES {
        examples.push(example());
    }
}
