//! Yes or no.

use super::ColumnProblem;
use super::integers::refuse_nulls;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::DataType;

/// The column's values, one for each row.
pub(super) fn required(array: &dyn Array) -> Result<BooleanBuffer, ColumnProblem> {
    refuse_nulls(array)?;
    match array.as_boolean_opt() {
        Some(flags) => Ok(flags.values().clone()),
        None => Err(ColumnProblem::Type { found: array.data_type().clone(), wanted: "a boolean" }),
    }
}

/// The column's values, with `absent` where a row has none.
pub(super) fn optional(array: &dyn Array, absent: bool) -> Result<BooleanBuffer, ColumnProblem> {
    // A writer that infers types gives this one to a column in which no row has a value.
    if *array.data_type() == DataType::Null {
        return Ok(all(array.len(), absent));
    }
    match array.as_boolean_opt() {
        Some(flags) => Ok(flags.iter().map(|flag| flag.unwrap_or(absent)).collect()),
        None => Err(ColumnProblem::Type { found: array.data_type().clone(), wanted: "a boolean" }),
    }
}

/// A column of yes or no in which a row may have neither.
#[derive(Clone, Debug)]
pub(in crate::history) struct OptionalFlags {
    values: BooleanBuffer,
    nulls: Option<NullBuffer>,
}

impl OptionalFlags {
    /// The value of a row, counted from 0.
    ///
    /// # Panics
    ///
    /// Where there is no such row.
    pub(in crate::history) fn get(&self, row: usize) -> Option<bool> {
        match &self.nulls {
            Some(nulls) if nulls.is_null(row) => None,
            _ => Some(self.values.value(row)),
        }
    }

    /// A column of a file that does not have it.
    pub(super) fn none(rows: usize) -> Self {
        Self { values: all(rows, false), nulls: Some(NullBuffer::new_null(rows)) }
    }

    /// The column's values and which of them there are.
    pub(super) fn of(array: &dyn Array) -> Result<Self, ColumnProblem> {
        if *array.data_type() == DataType::Null {
            return Ok(Self::none(array.len()));
        }
        match array.as_boolean_opt() {
            Some(flags) => Ok(Self { values: flags.values().clone(), nulls: array.nulls().cloned() }),
            None => Err(ColumnProblem::Type { found: array.data_type().clone(), wanted: "a boolean" }),
        }
    }
}

/// A column of a file that does not have it.
pub(super) fn all(rows: usize, value: bool) -> BooleanBuffer {
    if value { BooleanBuffer::new_set(rows) } else { BooleanBuffer::new_unset(rows) }
}
