//! Who took pending entries over from whom, and which of them were still in their owner's work.
//!
//! Time is intervals: an owner that asked to settle an entry before the claim of it was answered was done with it, as far as
//! anybody can tell. Only who asked for it afterwards, and was neither dead nor kept from the broker meanwhile, was robbed.

use super::example::{EXAMPLES, Example};
use super::groups::GroupTimes;
use super::ledger::{Ledger, SettlementKey};
use crate::history::{Delivery, Outcome, Settlement, SettlementKind};
use crate::measure::source::ConsumerEvent;
use crate::units::{ConsumerId, MessageId, Nanos};
use std::collections::{BTreeMap, HashMap};

/// Who had an entry last, and since when.
#[derive(Clone, Copy, Debug)]
struct Holder {
    consumer: ConsumerId,
    message: Option<MessageId>,
    received: Nanos,
    /// From when it may have been its: the broker hands an entry out at some instant between request and answer.
    since: Nanos,
    /// It has asked to settle it: who takes it over now takes it from nobody's work.
    is_done: bool,
}

/// A claim of an entry whose owner was alive and had not asked to settle it, as far as is known yet.
#[derive(Clone, Copy, Debug)]
struct Suspect {
    owner: Holder,
    by: ConsumerId,
    claimed: Nanos,
}

/// Looks at every event once more, in the same order. Memory grows with the number of claimed entries only.
#[derive(Debug)]
pub(super) struct Takeovers<'a> {
    ledger: &'a Ledger,
    groups: &'a GroupTimes,
    holders: HashMap<SettlementKey, Holder>,
    /// Who had it before that: an entry that is taken over may be received in the very instant in which the claim is answered.
    earlier: HashMap<SettlementKey, Holder>,
    suspects: HashMap<SettlementKey, Vec<Suspect>>,
    /// Entries taken over: from whom, where it is known, and by whom.
    pub(super) counts: BTreeMap<(Option<ConsumerId>, ConsumerId), u64>,
    pub(super) stolen: u64,
    pub(super) stolen_examples: Vec<Example>,
}

impl<'a> Takeovers<'a> {
    pub(super) fn new(ledger: &'a Ledger, groups: &'a GroupTimes) -> Self {
        Self {
            ledger,
            groups,
            holders: HashMap::new(),
            earlier: HashMap::new(),
            suspects: HashMap::new(),
            counts: BTreeMap::new(),
            stolen: 0,
            stolen_examples: Vec::new(),
        }
    }

    pub(super) fn event(&mut self, event: ConsumerEvent<'_>) {
        match event {
            ConsumerEvent::Delivery(delivery) => self.delivery(delivery),
            ConsumerEvent::Settlement(settlement) => self.settlement(settlement),
        }
    }

    /// Claims of which nobody can say whether the owner was still at work: it was killed before it could tell.
    pub(super) fn undecided(&self) -> u64 {
        let killed =
            |suspect: &&Suspect| self.groups.killed_between(suspect.owner.consumer, suspect.claimed, Nanos(u64::MAX));
        self.suspects.values().flatten().filter(killed).count() as u64
    }

    fn delivery(&mut self, delivery: &Delivery) {
        let subject = SettlementKey::of_delivery(delivery, self.ledger.positions);
        if !self.ledger.claims.contains_key(&subject) {
            return;
        }
        let (consumer, received) = (delivery.consumer, delivery.received);
        let message = delivery.payload_ok.then_some(delivery.message);
        let since = delivery.asked.unwrap_or(received).min(received);
        let holder = Holder { consumer, message, received, since, is_done: false };
        match self.holders.insert(subject, holder) {
            Some(before) => self.earlier.insert(subject, before),
            None => self.earlier.remove(&subject),
        };
        // What it asks from now on may be about what it has been given again.
        if let Some(suspects) = self.suspects.get_mut(&subject) {
            suspects.retain(|suspect| suspect.owner.consumer != consumer);
        }
    }

    fn settlement(&mut self, settlement: &Settlement) {
        let Some(subject) = SettlementKey::of(settlement, self.ledger.positions) else { return };
        match settlement.kind {
            SettlementKind::Claim if settlement.outcome == Outcome::Ok => self.claim(settlement, subject),
            SettlementKind::Ack | SettlementKind::Nack | SettlementKind::DeadLetter => {
                self.settled(settlement, subject);
            }
            SettlementKind::Claim | SettlementKind::Commit | SettlementKind::Processed => {}
        }
    }

    fn claim(&mut self, claim: &Settlement, subject: SettlementKey) {
        let by = claim.consumer;
        let holder = self.owner_before(claim, subject);
        *self.counts.entry((holder.map(|holder| holder.consumer), by)).or_default() += 1;
        let Some(owner) =
            holder.filter(|holder| holder.consumer != by && !holder.is_done && holder.received < claim.requested)
        else {
            return;
        };
        let (since, until) = (owner.since, claim.settled);
        let excused = self.groups.killed_between(owner.consumer, since, until)
            || self.groups.lost_between(owner.consumer, since, until)
            || self.groups.cut_off_between(owner.consumer, since, until);
        if !excused {
            self.suspects.entry(subject).or_default().push(Suspect { owner, by, claimed: claim.settled });
        }
    }

    /// Who had the entry when it was claimed. If the claim's own delivery is known already, that is whoever had it before.
    fn owner_before(&mut self, claim: &Settlement, subject: SettlementKey) -> Option<Holder> {
        let is_its_own = |holder: &Holder| holder.consumer == claim.consumer && holder.received >= claim.requested;
        if self.holders.get(&subject).is_some_and(is_its_own) {
            return self.earlier.remove(&subject);
        }
        self.holders.remove(&subject)
    }

    fn settled(&mut self, settlement: &Settlement, subject: SettlementKey) {
        if let Some(holder) = self.holders.get_mut(&subject).filter(|holder| holder.consumer == settlement.consumer) {
            holder.is_done = true;
        }
        let Some(suspects) = self.suspects.get_mut(&subject) else { return };
        let Some(index) = suspects.iter().position(|suspect| suspect.owner.consumer == settlement.consumer) else {
            return;
        };
        let suspect = suspects.swap_remove(index);
        if settlement.requested <= suspect.claimed {
            return;
        }
        self.stolen += 1;
        if self.stolen_examples.len() < EXAMPLES {
            let lag = settlement.requested.since(suspect.claimed);
            self.stolen_examples.push(Example {
                message: suspect.owner.message,
                at: Some(suspect.owner.received),
                consumer: Some(suspect.owner.consumer),
                position: settlement.position,
                note: Some(format!("taken over by consumer-{} {lag} before its owner was done", suspect.by.0)),
                ..Example::default()
            });
        }
    }
}
