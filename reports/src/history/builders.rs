//! The columns of a table, each declared once: what collects it, its name, and what it says.

use super::column::{Word, WordBuilder, list_of_u16, word_type};
use arrow_array::ArrayRef;
use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float64Builder, ListBuilder, StringBuilder, UInt8Builder, UInt16Builder,
    UInt64Builder,
};
use arrow_schema::DataType;

/// A column of a table, as it is written and as it is described.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name; the unit comes last (`settled_ns`).
    pub name: &'static str,
    /// The Arrow type that the writer gives it.
    pub data_type: DataType,
    /// Whether a row may have none.
    pub presence: Presence,
    /// What it says, in one line.
    pub about: &'static str,
}

/// Whether each row has a value in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Each has.
    Required,
    /// Some may have none; a file may lack the column altogether.
    Optional,
}

impl Column {
    /// A column in which each row has a value.
    pub(super) const fn required(name: &'static str, data_type: DataType, about: &'static str) -> Self {
        Self { name, data_type, presence: Presence::Required, about }
    }

    /// A column in which a row may have no value.
    pub(super) const fn optional(name: &'static str, data_type: DataType, about: &'static str) -> Self {
        Self { name, data_type, presence: Presence::Optional, about }
    }
}

/// The columns of the rows that were appended and not yet written.
pub trait Builders: Default {
    /// The columns, in the order in which they are written.
    fn columns() -> Vec<Column>;

    /// Takes what was collected, in the order of [`Builders::columns`], and leaves none behind.
    fn finish(&mut self) -> Vec<ArrayRef>;
}

/// Collects the values of one column.
pub(super) trait ColumnBuilder {
    /// The Arrow type that they are written in.
    fn data_type() -> DataType;

    /// Takes them, and leaves none behind.
    fn take(&mut self) -> ArrayRef;
}

macro_rules! collects {
    ($($builder:ty: $data_type:expr),+ $(,)?) => {$(
        impl ColumnBuilder for $builder {
            fn data_type() -> DataType {
                $data_type
            }

            fn take(&mut self) -> ArrayRef {
                ArrayBuilder::finish(self)
            }
        }
    )+};
}

collects! {
    UInt8Builder: DataType::UInt8,
    UInt16Builder: DataType::UInt16,
    UInt64Builder: DataType::UInt64,
    Float64Builder: DataType::Float64,
    BooleanBuilder: DataType::Boolean,
    StringBuilder: DataType::Utf8,
    ListBuilder<UInt16Builder>: list_of_u16(),
}

impl<W: Word> ColumnBuilder for WordBuilder<W> {
    fn data_type() -> DataType {
        word_type()
    }

    fn take(&mut self) -> ArrayRef {
        self.finish()
    }
}

/// Declares a table's builders: `field: builder = required("column_name", "what it says")`, or `optional`.
macro_rules! builders {
    ($(#[$about:meta])* $builders:ident {
        $($field:ident: $builder:ty = $presence:ident($name:literal, $says:literal)),+ $(,)?
    }) => {
        $(#[$about])*
        #[derive(Debug, Default)]
        pub struct $builders {
            $($field: $builder),+
        }

        impl $crate::history::builders::Builders for $builders {
            fn columns() -> Vec<$crate::history::builders::Column> {
                use $crate::history::builders::{Column, ColumnBuilder};
                vec![$(Column::$presence($name, <$builder>::data_type(), $says)),+]
            }

            fn finish(&mut self) -> Vec<arrow_array::ArrayRef> {
                use $crate::history::builders::ColumnBuilder;
                vec![$(self.$field.take()),+]
            }
        }
    };
}

pub(super) use builders;
