//! What can be wrong with a column, before anybody knows in which file.

use arrow_schema::DataType;

/// A column and what is wrong with it.
#[derive(Debug)]
pub struct ColumnError {
    /// Which column.
    pub column: &'static str,
    /// What is wrong with it.
    pub problem: ColumnProblem,
}

/// What is wrong with a column.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnProblem {
    /// The table needs it, and the file does not have it.
    #[error("is missing; it must be {wanted}")]
    Missing {
        /// What it must be.
        wanted: &'static str,
    },
    /// Its type cannot serve.
    #[error("is of the type {found}; it must be {wanted}")]
    Type {
        /// Its Arrow type.
        found: DataType,
        /// What it must be.
        wanted: &'static str,
    },
    /// A row has no value, though each must have one.
    #[error("has no value in row {row} of its batch; each row must have one")]
    Null {
        /// Counted from 0 in its batch.
        row: usize,
    },
    /// A number does not fit.
    #[error("is {value} in row {row} of its batch; it must be {wanted}, and not negative")]
    Range {
        /// Counted from 0 in its batch.
        row: usize,
        /// The number.
        value: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// A word is not one of those that the column knows.
    #[error("is \"{found}\" in row {row} of its batch; it must be one of {known}")]
    Word {
        /// Counted from 0 in its batch.
        row: usize,
        /// The word.
        found: String,
        /// Those that it knows, separated by commas.
        known: String,
    },
}
