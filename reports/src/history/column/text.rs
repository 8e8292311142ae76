//! Free text: plain strings of any layout, or dictionaries of them with any index type.

use super::ColumnProblem;
use super::integers::refuse_nulls;
use arrow_array::cast::AsArray;
use arrow_array::{AnyDictionaryArray, Array, StringArray};
use arrow_schema::DataType;

/// A column of texts, of which a row may have none where the column is optional.
#[derive(Clone, Debug)]
pub struct TextColumn(StringArray);

impl TextColumn {
    /// The text of a row, counted from 0.
    ///
    /// # Panics
    ///
    /// Where there is no such row.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }

    /// A column of a file that does not have it.
    pub(super) fn null(rows: usize) -> Self {
        Self(StringArray::new_null(rows))
    }

    /// The text of a row of a required column.
    pub(in crate::history) fn owned(&self, row: usize) -> String {
        self.get(row).unwrap_or_default().to_owned()
    }

    /// The text of a row of an optional column.
    pub(in crate::history) fn owned_if_any(&self, row: usize) -> Option<String> {
        self.get(row).map(str::to_owned)
    }
}

/// The column's texts, one for each row.
pub(super) fn required(array: &dyn Array) -> Result<TextColumn, ColumnProblem> {
    let column = optional(array)?;
    refuse_nulls(&column.0)?;
    Ok(column)
}

/// The column's texts, as far as there are any.
pub(super) fn optional(array: &dyn Array) -> Result<TextColumn, ColumnProblem> {
    strings(array).map(TextColumn)
}

/// As plain strings of the writer's own layout. Others are copied.
pub(super) fn strings(array: &dyn Array) -> Result<StringArray, ColumnProblem> {
    match array.data_type() {
        // Texts of which there is none would lie in what the file's batch was read into, and keep all of it.
        DataType::Utf8 if array.null_count() == array.len() => Ok(StringArray::new_null(array.len())),
        DataType::Utf8 => Ok(array.as_string::<i32>().clone()),
        DataType::LargeUtf8 => Ok(array.as_string::<i64>().iter().collect()),
        DataType::Utf8View => Ok(array.as_string_view().iter().collect()),
        // A writer that infers types gives this one to a column in which no row has a value.
        DataType::Null => Ok(StringArray::new_null(array.len())),
        DataType::Dictionary(_, _) => expand(array.as_any_dictionary()),
        found => Err(ColumnProblem::Type { found: found.clone(), wanted: "a string" }),
    }
}

fn expand(dictionary: &dyn AnyDictionaryArray) -> Result<StringArray, ColumnProblem> {
    let values = strings(dictionary.values())?;
    if values.is_empty() {
        return Ok(StringArray::new_null(dictionary.len()));
    }
    let keys = dictionary.normalized_keys();
    let text = |(row, key): (usize, usize)| {
        (dictionary.keys().is_valid(row) && values.is_valid(key)).then(|| values.value(key))
    };
    Ok(keys.into_iter().enumerate().map(text).collect())
}
