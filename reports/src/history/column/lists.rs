//! Lists of small integers, for tables of few rows.

use super::ColumnProblem;
use super::integers::{self, refuse_nulls};
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt16Type;
use arrow_schema::{DataType, Field};
use std::sync::Arc;

/// The Arrow type of a column of lists.
pub(in crate::history) fn list_of_u16() -> DataType {
    // Name and nullability as the builder makes them, and as most other writers do.
    DataType::List(Arc::new(Field::new_list_field(DataType::UInt16, true)))
}

/// The column's lists, one for each row.
pub(super) fn required(array: &dyn Array) -> Result<Vec<Vec<u16>>, ColumnProblem> {
    refuse_nulls(array)?;
    let lists: Vec<_> = match array.data_type() {
        DataType::List(_) => array.as_list::<i32>().iter().flatten().collect(),
        DataType::LargeList(_) => array.as_list::<i64>().iter().flatten().collect(),
        found => return Err(ColumnProblem::Type { found: found.clone(), wanted: "a list of integers of 16 bits" }),
    };
    lists.iter().map(|list| elements(list)).collect()
}

fn elements(list: &dyn Array) -> Result<Vec<u16>, ColumnProblem> {
    // An empty list's elements may have no type to speak of.
    if list.is_empty() {
        return Ok(Vec::new());
    }
    Ok(integers::required::<UInt16Type>(list)?.to_vec())
}
