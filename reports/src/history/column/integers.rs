//! Integers: any width and sign of Arrow's is read, as long as its values fit.

use super::ColumnProblem;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, DurationNanosecondType, Int8Type, Int16Type, Int32Type, Int64Type, TimestampNanosecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, PrimitiveArray};
use arrow_buffer::{ArrowNativeType, NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, TimeUnit};
use std::fmt;

/// A column in which a row may have no value.
#[derive(Clone, Debug)]
pub struct OptionalColumn<T: ArrowNativeType> {
    values: ScalarBuffer<T>,
    nulls: Option<NullBuffer>,
}

impl<T: ArrowNativeType> OptionalColumn<T> {
    /// The value of a row, counted from 0.
    ///
    /// # Panics
    ///
    /// Where there is no such row.
    pub fn get(&self, row: usize) -> Option<T> {
        match &self.nulls {
            Some(nulls) if nulls.is_null(row) => None,
            _ => Some(self.values[row]),
        }
    }

    /// How many rows have no value.
    pub fn null_count(&self) -> usize {
        self.nulls.as_ref().map_or(0, NullBuffer::null_count)
    }
}

/// A column of a file that does not have it.
pub(in crate::history) fn null_integers<T: ArrowNativeType>(rows: usize) -> OptionalColumn<T> {
    OptionalColumn { values: vec![T::default(); rows].into(), nulls: Some(NullBuffer::new_null(rows)) }
}

/// The column's values and which of them there are.
pub(in crate::history) fn optional_integers<T>(array: &dyn Array) -> Result<OptionalColumn<T::Native>, ColumnProblem>
where
    T: ArrowPrimitiveType,
    T::Native: FromAnyInteger,
{
    Ok(OptionalColumn { values: values::<T>(array)?, nulls: array.nulls().cloned() })
}

/// The column's values, one for each row.
pub(super) fn required<T>(array: &dyn Array) -> Result<ScalarBuffer<T::Native>, ColumnProblem>
where
    T: ArrowPrimitiveType,
    T::Native: FromAnyInteger,
{
    refuse_nulls(array)?;
    values::<T>(array)
}

/// Each row must have a value.
pub(super) fn refuse_nulls(array: &dyn Array) -> Result<(), ColumnProblem> {
    match array.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => Ok(()),
        Some(nulls) => Err(ColumnProblem::Null { row: nulls.iter().position(|valid| !valid).unwrap_or(0) }),
    }
}

/// An integer that any of Arrow's integers may become where its value fits.
pub(in crate::history) trait FromAnyInteger:
    ArrowNativeType
    + TryFrom<i8>
    + TryFrom<i16>
    + TryFrom<i32>
    + TryFrom<i64>
    + TryFrom<u8>
    + TryFrom<u16>
    + TryFrom<u32>
    + TryFrom<u64>
{
    /// Its name in errors.
    const WANTED: &'static str;
}

impl FromAnyInteger for u64 {
    const WANTED: &'static str = "an integer of 64 bits";
}
impl FromAnyInteger for u16 {
    const WANTED: &'static str = "an integer of 16 bits";
}
impl FromAnyInteger for u8 {
    const WANTED: &'static str = "an integer of 8 bits";
}

/// The values as they lie in the file where the type is the writer's own, else converted one by one.
fn values<T>(array: &dyn Array) -> Result<ScalarBuffer<T::Native>, ColumnProblem>
where
    T: ArrowPrimitiveType,
    T::Native: FromAnyInteger,
{
    if let Some(own) = array.as_primitive_opt::<T>() {
        return Ok(own.values().clone());
    }
    match array.data_type() {
        DataType::Int8 => convert::<Int8Type, T>(array.as_primitive()),
        DataType::Int16 => convert::<Int16Type, T>(array.as_primitive()),
        DataType::Int32 => convert::<Int32Type, T>(array.as_primitive()),
        DataType::Int64 => convert::<Int64Type, T>(array.as_primitive()),
        DataType::UInt8 => convert::<UInt8Type, T>(array.as_primitive()),
        DataType::UInt16 => convert::<UInt16Type, T>(array.as_primitive()),
        DataType::UInt32 => convert::<UInt32Type, T>(array.as_primitive()),
        DataType::UInt64 => convert::<UInt64Type, T>(array.as_primitive()),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => convert::<TimestampNanosecondType, T>(array.as_primitive()),
        DataType::Duration(TimeUnit::Nanosecond) => convert::<DurationNanosecondType, T>(array.as_primitive()),
        found => Err(ColumnProblem::Type { found: found.clone(), wanted: T::Native::WANTED }),
    }
}

fn convert<S, T>(array: &PrimitiveArray<S>) -> Result<ScalarBuffer<T::Native>, ColumnProblem>
where
    S: ArrowPrimitiveType,
    S::Native: fmt::Display,
    T: ArrowPrimitiveType,
    T::Native: FromAnyInteger + TryFrom<S::Native>,
{
    let value = |(row, value): (usize, &S::Native)| match T::Native::try_from(*value) {
        Ok(value) => Ok(value),
        // What stands in a row without a value means nothing.
        Err(_) if array.is_null(row) => Ok(T::Native::default()),
        Err(_) => Err(ColumnProblem::Range { row, value: value.to_string(), wanted: T::Native::WANTED }),
    };
    array.values().iter().enumerate().map(value).collect::<Result<Vec<_>, _>>().map(ScalarBuffer::from)
}
