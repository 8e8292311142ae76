//! What is missing of a history: the end of one of its tables.

use super::feature::{Allowed, Feature};
use crate::chance::Chance;
use reports::measure::Table;

/// A table that lacks its last rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// Which.
    pub table: Table,
    /// The share of its rows that is there.
    pub kept: f64,
}

/// Tables that verdicts hang on.
const TABLES: [Table; 7] = [
    Table::Sends,
    Table::Deliveries,
    Table::Settlements,
    Table::Connections,
    Table::GroupEvents,
    Table::Faults,
    Table::Inspections,
];

pub(super) fn draw(chance: &mut Chance, allowed: Allowed) -> Option<Cut> {
    let (happens, table, kept) = (chance.happens(0.1), chance.pick(&TABLES), chance.share(0.0, 1.0));
    (happens && allowed.has(Feature::Cuts)).then_some(Cut { table, kept })
}
