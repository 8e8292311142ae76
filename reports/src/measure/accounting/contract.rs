//! Rows that break the history's contract. Each is a doubt that is said: what such a row wanted to say, nobody knows.

use crate::facts::{Positions, Settling, TrialFacts};
use crate::history::{Delivery, Settlement, SettlementKind};
use crate::measure::signs::Client;
use crate::measure::source::{Sent, Table};
use crate::units::{ConsumerId, Nanos, Position};
use std::collections::BTreeMap;

/// Rows of one table that break the contract in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Of which table.
    pub table: Table,
    /// How: `a send was answered before it was begun`.
    pub what: &'static str,
    /// How many rows.
    pub rows: u64,
    /// The time in the first of them.
    pub first: Nanos,
}

/// Looks at every row as it passes.
#[derive(Clone, Debug)]
pub(super) struct Contract {
    positions: Positions,
    settling: Settling,
    producers: u16,
    partitions: u16,
    /// Whether the trial has the consumer of each number.
    consumers: Vec<bool>,
    /// When the trial ended; never, where nobody lived to say so.
    ended: Nanos,
    breaches: BTreeMap<(Table, &'static str), (u64, Nanos)>,
}

impl Contract {
    pub(super) fn new(facts: &TrialFacts) -> Self {
        let workload = &facts.workload;
        let mut consumers = vec![true; workload.consumers.into()];
        for client in &facts.clients {
            if let Some(Client::Consumer(consumer)) = Client::named(&client.name) {
                let number = usize::from(consumer.0);
                consumers.resize(consumers.len().max(number + 1), false);
                consumers[number] = true;
            }
        }
        Self {
            positions: facts.system.log.positions,
            settling: facts.system.settling,
            producers: workload.producers,
            partitions: workload.partitions,
            consumers,
            ended: facts.end.as_ref().map_or(Nanos(u64::MAX), |end| end.at),
            breaches: BTreeMap::new(),
        }
    }

    /// `again`: another row has told of this send.
    #[inline]
    pub(super) fn send(&mut self, sent: &Sent, again: bool) {
        let at = sent.settled;
        if again {
            self.broken(Table::Sends, "sends that another row tells of too", at);
        }
        if sent.message.producer.0 >= self.producers || sent.message.partition.0 >= self.partitions {
            self.broken(Table::Sends, "sends by a producer or to a partition that the trial does not have", at);
        }
        if sent.started < sent.intended {
            self.broken(Table::Sends, "sends begun before they were due", sent.started);
        }
        if sent.settled < sent.started {
            self.broken(Table::Sends, "sends answered before they were begun", at);
        }
        if sent.settled > self.ended {
            self.broken(Table::Sends, "sends answered after the trial's end", at);
        }
    }

    #[inline]
    pub(super) fn delivery(&mut self, delivery: &Delivery) {
        let at = delivery.received;
        if delivery.asked.is_some_and(|asked| asked > at) {
            self.broken(Table::Deliveries, "deliveries received before they were asked for", at);
        }
        if delivery.payload_ok && at < delivery.intended {
            self.broken(Table::Deliveries, "deliveries received before their message was due", at);
        }
        if at > self.ended {
            self.broken(Table::Deliveries, "deliveries received after the trial's end", at);
        }
        if !self.has(delivery.consumer) {
            self.broken(Table::Deliveries, "deliveries to a consumer that the trial does not have", at);
        }
        if self.positions == Positions::None && delivery.position != Position(0) {
            self.broken(Table::Deliveries, "positions of a broker that has none", at);
        }
    }

    #[inline]
    pub(super) fn settlement(&mut self, settlement: &Settlement) {
        let at = settlement.settled;
        if at < settlement.requested {
            self.broken(Table::Settlements, "settlements answered before they were asked for", at);
        }
        if at > self.ended {
            self.broken(Table::Settlements, "settlements answered after the trial's end", at);
        }
        if !self.has(settlement.consumer) {
            self.broken(Table::Settlements, "settlements by a consumer that the trial does not have", at);
        }
        if self.positions == Positions::None && settlement.position.is_some_and(|position| position != Position(0)) {
            self.broken(Table::Settlements, "positions of a broker that has none", at);
        }
        match (settlement.kind, self.settling) {
            (SettlementKind::Commit, Settling::Message) => {
                self.broken(Table::Settlements, "commits on a system that settles single messages", at);
            }
            (SettlementKind::Commit, Settling::Position) if settlement.position.is_none() => {
                self.broken(Table::Settlements, "commits without a position", at);
            }
            (SettlementKind::Commit, _) => {}
            _ if settlement.message.is_none() && settlement.position.is_none() => {
                self.broken(Table::Settlements, "settlements that name neither a message nor a position", at);
            }
            (SettlementKind::Ack | SettlementKind::Claim, Settling::Position) => {
                self.broken(Table::Settlements, "single messages settled on a system that commits positions", at);
            }
            _ => {}
        }
    }

    fn has(&self, consumer: ConsumerId) -> bool {
        self.consumers.get(usize::from(consumer.0)) == Some(&true)
    }

    pub(super) fn breaches(&self) -> Vec<Breach> {
        let each = self.breaches.iter();
        each.map(|((table, what), (rows, first))| Breach { table: *table, what, rows: *rows, first: *first }).collect()
    }

    #[cold]
    fn broken(&mut self, table: Table, what: &'static str, at: Nanos) {
        self.breaches.entry((table, what)).or_insert((0, at)).0 += 1;
    }
}
