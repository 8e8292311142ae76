//! Matrices as people read them: on the console, in Markdown, on a page, in charts.
//! From here matrices may be read; nothing is run and nothing is judged.
//! To show one more figure: add its row to `FIGURES` of the room `matrix`, and its column to `table.rs`.

mod charts;
mod files;
mod markdown;
mod table;
mod words;

pub(super) use charts::MatrixChart;
pub use files::{schema, write_matrix};
pub(super) use table::{MatrixColumn, MatrixRow, columns, rows};
pub use words::sentence;
pub(super) use words::{choice, figure_words, finding, headline, quantity, remarks, sign, values};
