//! Yes or no.

use super::ColumnProblem;
use super::integers::refuse_nulls;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_buffer::BooleanBuffer;

/// The column's values, one for each row.
pub(super) fn required(array: &dyn Array) -> Result<BooleanBuffer, ColumnProblem> {
    refuse_nulls(array)?;
    match array.as_boolean_opt() {
        Some(flags) => Ok(flags.values().clone()),
        None => Err(ColumnProblem::Type { found: array.data_type().clone(), wanted: "a boolean" }),
    }
}
