//! What is done to a history before it is judged once more: rows at the end of a table go missing, and its reader says so.

use crate::plan::Cut;
use reports::measure::{IncompleteFile, Rows, Table};

/// A history without the last rows of a table.
pub(crate) fn cut(rows: &Rows, cut: Cut) -> Rows {
    let mut rows = rows.clone();
    match cut.table {
        Table::Sends => shorten(&mut rows.sends, cut),
        Table::Deliveries => shorten(&mut rows.deliveries, cut),
        Table::Settlements => shorten(&mut rows.settlements, cut),
        Table::Connections => shorten(&mut rows.connections, cut),
        Table::GroupEvents => shorten(&mut rows.group_changes, cut),
        Table::Faults => shorten(&mut rows.faults, cut),
        Table::Inspections => shorten(&mut rows.inspections, cut),
        Table::Log => shorten(&mut rows.log, cut),
        Table::Nodes | Table::Gauges | Table::Resources | Table::DeadLetters => {}
    }
    let file = format!("{}.simulated.arrows", cut.table.name());
    rows.truncations.push(IncompleteFile {
        table: Some(cut.table),
        what: format!("{file}: ends within a batch"),
        file,
    });
    rows
}

fn shorten<T>(rows: &mut Vec<T>, cut: Cut) {
    rows.truncate((rows.len() as f64 * cut.kept) as usize);
}
