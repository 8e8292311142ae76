//! What differs between two runs, as people read it: on the console, in Markdown, on a page.
//! From here a comparison may be read; nothing is compared and no result is looked at.
//! To show one more thing of a figure: add it to `DifferenceLine`, and to the tables of `markdown.rs`, `console/differences.rs` and `html/differences.rs`.

mod files;
mod line;
mod markdown;

pub use files::write_comparison;
pub(super) use line::{DifferenceLine, method, percent, quantity, reasons};
