//! Searches for the highest rate as people read them: on the console, in Markdown, on a page.
//! From here searches may be read; no rate is chosen and nothing is judged.
//! To show one more thing of an answer: add it to `words`, which all of them use.

mod files;
mod markdown;
mod words;

pub use files::write_search;
pub(super) use markdown::COLUMNS;
pub(super) use words::{answer, headline, limits, path};
