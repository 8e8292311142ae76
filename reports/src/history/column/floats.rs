//! Floating-point numbers: either width is read, and whole numbers too.

use super::ColumnProblem;
use super::integers::refuse_nulls;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int32Type, Int64Type, UInt64Type};
use arrow_buffer::ScalarBuffer;
use arrow_schema::DataType;

/// The column's values, one for each row.
pub(super) fn required(array: &dyn Array) -> Result<ScalarBuffer<f64>, ColumnProblem> {
    refuse_nulls(array)?;
    match array.data_type() {
        DataType::Float64 => Ok(array.as_primitive::<Float64Type>().values().clone()),
        DataType::Float32 => Ok(array.as_primitive::<Float32Type>().values().iter().map(|v| f64::from(*v)).collect()),
        DataType::Int32 => Ok(array.as_primitive::<Int32Type>().values().iter().map(|v| f64::from(*v)).collect()),
        DataType::Int64 => Ok(array.as_primitive::<Int64Type>().values().iter().map(|v| *v as f64).collect()),
        DataType::UInt64 => Ok(array.as_primitive::<UInt64Type>().values().iter().map(|v| *v as f64).collect()),
        found => Err(ColumnProblem::Type { found: found.clone(), wanted: "a number" }),
    }
}
