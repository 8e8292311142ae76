//! What a consumer that was killed had in hand, and when others had it: taken over for the first time, and all of it settled.

use super::groups::GroupTimes;
use super::ledger::{Ledger, SettlementKey};
use crate::history::{Outcome, Settlement, SettlementKind};
use crate::measure::broker::BrokerAccount;
use crate::measure::source::ConsumerEvent;
use crate::units::{ConsumerId, Nanos, Partition, Position};
use std::collections::{BTreeMap, BTreeSet};

/// The end of a consumer's process, and what became of what it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    /// Whose.
    pub consumer: ConsumerId,
    /// When it was killed.
    pub at: Nanos,
    /// Messages that it had been given and that were not settled.
    pub held: u64,
    /// Beside these, messages that nobody is seen to have settled and that the broker does not hold either: it had settled
    /// them itself, and was killed before the answer was recorded.
    pub unseen: u64,
    /// When the first of them was taken over, or given to somebody.
    pub first: Option<Nanos>,
    /// When the last of them was settled; only where none is left.
    pub recovered: Option<Nanos>,
    /// How many never were.
    pub left: u64,
}

/// Looks at every event once more, in the same order. Memory grows with what the killed ones had in hand.
#[derive(Debug)]
pub(super) struct Crashes<'a> {
    ledger: &'a Ledger,
    broker: &'a BrokerAccount,
    /// Not yet reached, the next one last.
    coming: Vec<(Nanos, ConsumerId)>,
    in_hand: BTreeMap<ConsumerId, BTreeSet<SettlementKey>>,
    watched: Vec<(Crash, BTreeSet<SettlementKey>)>,
}

impl<'a> Crashes<'a> {
    pub(super) fn new(ledger: &'a Ledger, groups: &GroupTimes, broker: &'a BrokerAccount) -> Self {
        let mut coming = groups.kills();
        coming.reverse();
        let in_hand = coming.iter().map(|(_, consumer)| (*consumer, BTreeSet::new())).collect();
        Self { ledger, broker, coming, in_hand, watched: Vec::new() }
    }

    pub(super) fn event(&mut self, event: ConsumerEvent<'_>) {
        self.advance(event.at());
        match event {
            ConsumerEvent::Delivery(delivery) => {
                let subject = SettlementKey::of_delivery(delivery, self.ledger.positions);
                for (crash, left) in &mut self.watched {
                    if left.contains(&subject) {
                        crash.first.get_or_insert(delivery.received);
                    }
                }
                for (consumer, held) in &mut self.in_hand {
                    if *consumer == delivery.consumer {
                        held.insert(subject);
                    } else {
                        held.remove(&subject);
                    }
                }
            }
            ConsumerEvent::Settlement(settlement) if settlement.outcome == Outcome::Ok => self.settlement(settlement),
            ConsumerEvent::Settlement(_) => {}
        }
    }

    pub(super) fn finish(mut self) -> Vec<Crash> {
        self.advance(Nanos(u64::MAX));
        let crash = |(crash, nobodys): (Crash, BTreeSet<SettlementKey>)| {
            let unseen = self.unseen(&nobodys);
            let left = nobodys.len() as u64 - unseen;
            let recovered = crash.recovered.filter(|_| left == 0);
            Crash { held: crash.held - unseen, unseen, left, recovered, ..crash }
        };
        self.watched.iter().cloned().map(crash).collect()
    }

    /// Of what nobody is seen to have settled, that which the broker cannot hold any more.
    fn unseen(&self, nobodys: &BTreeSet<SettlementKey>) -> u64 {
        let mut left: BTreeMap<Partition, u64> = BTreeMap::new();
        for key in nobodys {
            *left.entry(key.partition()).or_default() += 1;
        }
        let unseen = |(partition, left): (Partition, u64)| {
            self.broker.unsettled(partition).map_or(0, |unsettled| left.saturating_sub(unsettled))
        };
        left.into_iter().map(unseen).sum()
    }

    fn advance(&mut self, now: Nanos) {
        while let Some((at, consumer)) = self.coming.pop_if(|(at, _)| *at < now) {
            let held = self.in_hand.get_mut(&consumer).map(std::mem::take).unwrap_or_default();
            let crash =
                Crash { consumer, at, held: held.len() as u64, unseen: 0, first: None, recovered: None, left: 0 };
            self.watched.push((crash, held));
        }
    }

    fn settlement(&mut self, settlement: &Settlement) {
        let subject = SettlementKey::of(settlement, self.ledger.positions);
        match (settlement.kind, subject) {
            (SettlementKind::Claim, Some(subject)) => {
                for (crash, left) in &mut self.watched {
                    if left.contains(&subject) {
                        crash.first.get_or_insert(settlement.settled);
                    }
                }
                for (_, held) in self.in_hand.iter_mut().filter(|(consumer, _)| **consumer != settlement.consumer) {
                    held.remove(&subject);
                }
            }
            (SettlementKind::Commit, Some(SettlementKey::Place(partition, end))) => {
                let below = SettlementKey::Place(partition, Position(0))..SettlementKey::Place(partition, end);
                self.remove(settlement.settled, |held| {
                    let settled: Vec<_> = held.range(below.clone()).copied().collect();
                    settled.iter().for_each(|subject| {
                        held.remove(subject);
                    });
                });
            }
            (SettlementKind::Ack | SettlementKind::DeadLetter, Some(subject)) => {
                self.remove(settlement.settled, |held| {
                    held.remove(&subject);
                });
            }
            _ => {}
        }
    }

    fn remove(&mut self, at: Nanos, remove: impl Fn(&mut BTreeSet<SettlementKey>)) {
        self.in_hand.values_mut().for_each(&remove);
        for (crash, left) in &mut self.watched {
            let before = left.len();
            remove(left);
            if left.len() < before {
                crash.recovered = Some(at);
            }
        }
    }
}
