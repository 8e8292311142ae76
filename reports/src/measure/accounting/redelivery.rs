//! The second pass: what happened to each message that was delivered more than once.

use super::close::Example;
use super::commits::Commits;
use super::groups::GroupTimes;
use super::ledger::{Claim, EXAMPLES, Ledger};
use crate::facts::Settling;
use crate::history::{Delivery, Outcome, Settlement, SettlementKind};
use crate::measure::bits::BitSet;
use crate::measure::source::Event;
use crate::units::{ConsumerId, MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use std::collections::{BTreeMap, HashMap};

/// What is remembered of a message that was delivered more than once.
#[derive(Clone, Debug, Default)]
struct Past {
    positions: Vec<Position>,
    last: Option<(ConsumerId, Nanos)>,
    confirmed: Option<Nanos>,
    highest_count: u16,
    /// When the last takeover that brought it was asked for.
    last_claim: Option<Nanos>,
}

/// Looks again at the messages that the ledger marked. Memory grows with their number only.
#[derive(Debug)]
pub struct Inquiry<'a> {
    ledger: &'a Ledger,
    groups: &'a GroupTimes,
    settlements: SettlementRows,
    pasts: HashMap<MessageId, Past>,
    commits: Commits,
    phantoms_wanted: Vec<MessageId>,
    /// Messages at more than one position.
    pub(super) duplicated: u64,
    pub(super) duplicated_examples: Vec<Example>,
    pub(super) resurrected: u64,
    pub(super) resurrected_examples: Vec<Example>,
    pub(super) causes: BTreeMap<&'static str, u64>,
    pub(super) unexplained_examples: Vec<Example>,
    pub(super) phantom_examples: Vec<Example>,
    pub(super) delivery_counts: BTreeMap<u16, u64>,
    /// Delivered at a position that was not committed in the end, for certain and perhaps.
    pub(super) uncommitted: BTreeMap<(ProducerId, Partition), BitSet>,
    pub(super) surely_uncommitted: BTreeMap<(ProducerId, Partition), BitSet>,
}

/// Whether all settlements are there: without them a takeover may have gone unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettlementRows {
    /// They are.
    Whole,
    /// Some are missing.
    Cut,
}

impl<'a> Inquiry<'a> {
    /// To be shown every event once more, in the same order.
    pub fn new(ledger: &'a Ledger, groups: &'a GroupTimes, settlements: SettlementRows) -> Self {
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
            commits: Commits::new(groups),
            duplicated: 0,
            duplicated_examples: Vec::new(),
            resurrected: 0,
            resurrected_examples: Vec::new(),
            causes: BTreeMap::new(),
            unexplained_examples: Vec::new(),
            phantom_examples: Vec::new(),
            delivery_counts: ledger.delivery_counts.clone(),
            uncommitted: BTreeMap::new(),
            surely_uncommitted: BTreeMap::new(),
        }
    }

    /// Takes an event.
    pub fn event(&mut self, event: Event<'_>) {
        self.commits.advance(event.at());
        match event {
            Event::Delivery(delivery) if delivery.payload_ok => self.delivery(delivery),
            Event::Delivery(_) => {}
            Event::Settlement(settlement) => self.settlement(settlement),
        }
    }

    fn settlement(&mut self, settlement: &Settlement) {
        if settlement.outcome != Outcome::Ok {
            return;
        }
        match (settlement.kind, settlement.message, settlement.position) {
            (SettlementKind::Commit, _, Some(position)) => self.commits.confirm(settlement, position),
            (SettlementKind::Ack | SettlementKind::DeadLetter, Some((producer, seq)), _) => {
                let message = MessageId { producer, partition: settlement.partition, seq };
                if self.marked(message) {
                    self.pasts.entry(message).or_default().confirmed.get_or_insert(settlement.settled);
                }
            }
            _ => {}
        }
    }

    fn delivery(&mut self, delivery: &Delivery) {
        self.note_phantom(delivery);
        self.note_uncommitted(delivery);
        if !self.marked(delivery.message) {
            return;
        }
        let mut past = self.pasts.remove(&delivery.message).unwrap_or_default();
        let claim = self.claim_of(delivery, &past);
        let cause = past.last.map(|last| self.cause(delivery, &past, last, claim));
        if let Some(cause) = cause {
            *self.causes.entry(cause).or_default() += 1;
            if cause == "unexplained" {
                keep(&mut self.unexplained_examples, || Example::of_delivery(delivery));
            }
        }
        if let Some(confirmed) = self.settled_before(delivery, &past, claim) {
            self.resurrected += 1;
            keep(&mut self.resurrected_examples, || Example {
                earlier: Some(confirmed),
                ..Example::of_delivery(delivery)
            });
        }
        self.remember(&mut past, delivery, claim);
        self.pasts.insert(delivery.message, past);
    }

    fn remember(&mut self, past: &mut Past, delivery: &Delivery, claim: Option<Claim>) {
        past.last_claim = claim.map(|claim| claim.requested).or(past.last_claim);
        if past.last.is_some() && delivery.delivery_count > past.highest_count {
            if let Some(messages) = self.delivery_counts.get_mut(&past.highest_count) {
                *messages = messages.saturating_sub(1);
            }
            *self.delivery_counts.entry(delivery.delivery_count).or_default() += 1;
        }
        past.highest_count = past.highest_count.max(delivery.delivery_count);
        past.last = Some((delivery.consumer, delivery.received));
        if past.positions.contains(&delivery.position) {
            return;
        }
        past.positions.push(delivery.position);
        if past.positions.len() == 2 {
            self.duplicated += 1;
            let note = format!("also at position {}", past.positions[0].0);
            keep(&mut self.duplicated_examples, || Example { note: Some(note), ..Example::of_delivery(delivery) });
        }
    }

    /// The takeover that brought this delivery: this consumer's, asked for before, and not used up by an earlier one.
    fn claim_of(&self, delivery: &Delivery, past: &Past) -> Option<Claim> {
        let claims = self.ledger.claims.get(&delivery.message)?;
        let own_before = past.last.filter(|(consumer, _)| *consumer == delivery.consumer).map(|(_, received)| received);
        let fits = |claim: &&Claim| claim.consumer == delivery.consumer && claim.requested <= delivery.received;
        let fresh = |claim: &&Claim| Some(claim.requested) > past.last_claim && Some(claim.requested) >= own_before;
        claims.iter().rev().filter(fits).find(fresh).copied()
    }

    fn cause(
        &self,
        delivery: &Delivery,
        past: &Past,
        (consumer, before): (ConsumerId, Nanos),
        claim: Option<Claim>,
    ) -> &'static str {
        let (who, now) = ((delivery.consumer, delivery.message.partition), delivery.received);
        let same = consumer == delivery.consumer;
        if !past.positions.contains(&delivery.position) {
            "duplicate"
        } else if claim.is_some() || self.groups.claimed_between(who, before, now) {
            "claim"
        } else if self.groups.assigned_between(who, before, now) {
            "rebalance"
        } else if same && self.groups.lost_between(delivery.consumer, before, now) {
            "reconnect"
        } else if same && self.ledger.settling == Settling::Message && past.confirmed.is_none() {
            "own-pending"
        } else {
            "unexplained"
        }
    }

    /// When the entry's settlement had been confirmed, if that was before the broker can have handed it out this time.
    fn settled_before(&self, delivery: &Delivery, past: &Past, claim: Option<Claim>) -> Option<Nanos> {
        if !past.positions.is_empty() && !past.positions.contains(&delivery.position) {
            return None;
        }
        match self.ledger.settling {
            Settling::Message => {
                let unseen_takeover = self.settlements == SettlementRows::Cut
                    && claim.is_none()
                    && past.last.is_none_or(|(consumer, _)| consumer != delivery.consumer);
                let handed_out = claim.map_or(delivery.received, |claim| claim.requested);
                past.confirmed.filter(|confirmed| *confirmed < handed_out && !unseen_takeover)
            }
            Settling::Position => past.last.and_then(|_| self.commits.covering(delivery)),
        }
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
        let progress = self.ledger.progress.get(&partition).copied().unwrap_or_default();
        if Some(delivery.position) >= progress.committed {
            self.uncommitted.entry((producer, partition)).or_default().insert(seq.0);
        }
        if Some(delivery.position) >= progress.maybe_committed {
            self.surely_uncommitted.entry((producer, partition)).or_default().insert(seq.0);
        }
    }
}

fn keep(examples: &mut Vec<Example>, example: impl FnOnce() -> Example) {
    if examples.len() < EXAMPLES {
        examples.push(example());
    }
}
