//! Rows that break the history's contract. Each is a doubt that is said: what such a row wanted to say, nobody knows.

use crate::facts::{Positions, Settling, SystemFacts};
use crate::history::{Delivery, Settlement, SettlementKind};
use crate::measure::source::{Sent, Table};
use crate::units::{Nanos, Position};
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
    breaches: BTreeMap<(Table, &'static str), (u64, Nanos)>,
}

impl Contract {
    pub(super) const fn new(system: &SystemFacts) -> Self {
        Self { positions: system.log.positions, settling: system.settling, breaches: BTreeMap::new() }
    }

    #[inline]
    pub(super) fn send(&mut self, sent: &Sent) {
        if sent.settled < sent.started {
            self.broken(Table::Sends, "sends answered before they were begun", sent.settled);
        }
    }

    #[inline]
    pub(super) fn delivery(&mut self, delivery: &Delivery) {
        if delivery.asked.is_some_and(|asked| asked > delivery.received) {
            self.broken(Table::Deliveries, "deliveries received before they were asked for", delivery.received);
        }
        if self.positions == Positions::None && delivery.position != Position(0) {
            self.broken(Table::Deliveries, "positions of a broker that has none", delivery.received);
        }
    }

    #[inline]
    pub(super) fn settlement(&mut self, settlement: &Settlement) {
        let at = settlement.settled;
        if at < settlement.requested {
            self.broken(Table::Settlements, "settlements answered before they were asked for", at);
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

    pub(super) fn breaches(&self) -> Vec<Breach> {
        let each = self.breaches.iter();
        each.map(|((table, what), (rows, first))| Breach { table: *table, what, rows: *rows, first: *first }).collect()
    }

    #[cold]
    fn broken(&mut self, table: Table, what: &'static str, at: Nanos) {
        self.breaches.entry((table, what)).or_insert((0, at)).0 += 1;
    }
}
