//! What makes a table: its name, its columns, how rows become a batch and a batch becomes rows.

use super::builders::{Builders, Column, Presence};
use super::column::{ColumnError, Found};
use crate::units::Nanos;
use arrow_schema::{Field, Schema, SchemaRef};
use std::sync::Arc;

/// A table of the history. One type without values for each; the rows' types are in `rows.rs`.
pub trait HistoryTable: 'static {
    /// Its name: the part before the first dot of its files' names.
    const NAME: &'static str;
    /// What a row is and when it is appended, in one line.
    const ABOUT: &'static str;
    /// One row.
    type Row;
    /// The columns of the rows that were appended and not yet written.
    type Builders: Builders;
    /// Rows as they are read: columns for the big tables, a `Vec` of rows for the small ones.
    type Batch;

    /// Its columns, in the order in which they are written.
    fn columns() -> Vec<Column> {
        Self::Builders::columns()
    }

    /// Adds a row to the columns.
    fn append(builders: &mut Self::Builders, row: &Self::Row);

    /// Reads the rows of a batch.
    ///
    /// # Errors
    ///
    /// Where a column lacks, has a type that cannot serve, or a value that its row cannot have.
    fn read(found: &Found<'_>) -> Result<Self::Batch, ColumnError>;

    /// The Arrow schema of its files.
    fn schema() -> SchemaRef {
        let field = |column: Column| Field::new(column.name, column.data_type, column.presence == Presence::Optional);
        Arc::new(Schema::new(Self::columns().into_iter().map(field).collect::<Vec<_>>()))
    }
}

/// A table that is small enough to be held in memory whole, and is read in the order of time.
pub trait SmallTable: HistoryTable<Batch = Vec<<Self as HistoryTable>::Row>> {
    /// The time by which rows are sorted.
    fn at(row: &Self::Row) -> Nanos;
}

/// A table's entry in the registry.
#[derive(Clone, Copy, Debug)]
pub struct TableInfo {
    /// Its name.
    pub name: &'static str,
    /// What a row is and when it is appended.
    pub about: &'static str,
    /// Its columns.
    pub columns: fn() -> Vec<Column>,
}

impl TableInfo {
    pub(super) const fn of<T: HistoryTable>() -> Self {
        Self { name: T::NAME, about: T::ABOUT, columns: T::columns }
    }
}
