//! Trends as people read them: on the console, in Markdown, on a page.
//! From here trends may be read; nothing is measured and no change is looked for.
//! To show one more thing of a change: add it to `words`, which all of them use.

mod files;
mod markdown;
mod words;

pub use files::write_trend;
pub(super) use words::{changes, headline, is_short, machine, unchanged};
