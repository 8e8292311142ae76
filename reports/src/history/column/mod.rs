//! Columns: from the Arrow types that a writer may have chosen to the one type that a row has, and back.
//! From here Arrow arrays may be touched; no file, and no table by name.
//! To add a column type: copy `flags.rs`, and add its method to `Found`.

mod flags;
mod floats;
mod integers;
mod lists;
mod problem;
mod text;
mod words;

pub use integers::OptionalColumn;
pub use problem::{ColumnError, ColumnProblem};
pub use text::TextColumn;
pub use words::Word;

pub(super) use flags::OptionalFlags;
pub(super) use integers::{null_integers, optional_integers};
pub(super) use lists::list_of_u16;
pub(super) use words::{WordBuilder, word_type};

use arrow_array::types::{UInt8Type, UInt16Type, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_buffer::{BooleanBuffer, ScalarBuffer};

/// A batch as it was found in a file, whose columns are taken by name. Columns that nobody takes do not matter.
#[derive(Debug)]
pub struct Found<'a> {
    batch: &'a RecordBatch,
}

impl<'a> Found<'a> {
    pub(super) fn new(batch: &'a RecordBatch) -> Self {
        Self { batch }
    }

    /// Rows of the batch.
    pub(super) fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    pub(super) fn u64(&self, name: &'static str) -> Result<ScalarBuffer<u64>, ColumnError> {
        self.required(name, "an integer of 64 bits", integers::required::<UInt64Type>)
    }

    pub(super) fn u16(&self, name: &'static str) -> Result<ScalarBuffer<u16>, ColumnError> {
        self.required(name, "an integer of 16 bits", integers::required::<UInt16Type>)
    }

    pub(super) fn u8(&self, name: &'static str) -> Result<ScalarBuffer<u8>, ColumnError> {
        self.required(name, "an integer of 8 bits", integers::required::<UInt8Type>)
    }

    pub(super) fn optional_u64(&self, name: &'static str) -> Result<OptionalColumn<u64>, ColumnError> {
        self.optional(name, optional_integers::<UInt64Type>, null_integers)
    }

    pub(super) fn optional_u16(&self, name: &'static str) -> Result<OptionalColumn<u16>, ColumnError> {
        self.optional(name, optional_integers::<UInt16Type>, null_integers)
    }

    pub(super) fn f64(&self, name: &'static str) -> Result<ScalarBuffer<f64>, ColumnError> {
        self.required(name, "a floating-point number of 64 bits", floats::required)
    }

    pub(super) fn flags(&self, name: &'static str) -> Result<BooleanBuffer, ColumnError> {
        self.required(name, "a boolean", flags::required)
    }

    /// A column of booleans in which a row without a value, and every row of a file without the column, has this one.
    pub(super) fn flags_or(&self, name: &'static str, absent: bool) -> Result<BooleanBuffer, ColumnError> {
        self.optional(name, |array| flags::optional(array, absent), |rows| flags::all(rows, absent))
    }

    pub(super) fn optional_flags(&self, name: &'static str) -> Result<OptionalFlags, ColumnError> {
        self.optional(name, OptionalFlags::of, OptionalFlags::none)
    }

    pub(super) fn words<W: Word>(&self, name: &'static str) -> Result<Vec<W>, ColumnError> {
        self.required(name, "a string", words::required)
    }

    pub(super) fn text(&self, name: &'static str) -> Result<TextColumn, ColumnError> {
        self.required(name, "a string", text::required)
    }

    pub(super) fn optional_text(&self, name: &'static str) -> Result<TextColumn, ColumnError> {
        self.optional(name, text::optional, TextColumn::null)
    }

    pub(super) fn lists_of_u16(&self, name: &'static str) -> Result<Vec<Vec<u16>>, ColumnError> {
        self.required(name, "a list of integers of 16 bits", lists::required)
    }

    fn required<C>(
        &self,
        name: &'static str,
        wanted: &'static str,
        read: impl FnOnce(&dyn Array) -> Result<C, ColumnProblem>,
    ) -> Result<C, ColumnError> {
        let found = self.batch.column_by_name(name).ok_or(ColumnProblem::Missing { wanted });
        found.and_then(|array| read(array)).map_err(|problem| ColumnError { column: name, problem })
    }

    fn optional<C>(
        &self,
        name: &'static str,
        read: impl FnOnce(&dyn Array) -> Result<C, ColumnProblem>,
        null: impl FnOnce(usize) -> C,
    ) -> Result<C, ColumnError> {
        match self.batch.column_by_name(name) {
            Some(array) => read(array).map_err(|problem| ColumnError { column: name, problem }),
            None => Ok(null(self.rows())),
        }
    }
}
