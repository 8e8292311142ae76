//! Nights of scenarios, as people and CI services read them: the archive's index, and the answer of one night.
//! From here nights, results and comparisons may be read; nothing is compared, and no file is looked for.
//! To tell one more thing of a scenario: add it to `reports/src/night.rs`, and to the rows of `markdown.rs` and `html/nights.rs`.

mod junit;
mod markdown;
mod words;

pub use super::html::nights::{Links, ShownNight, index};
pub use junit::junit;
pub use markdown::summary;
pub(super) use words::{Sign, compared, headline, sign};
pub use words::{Told, sentence, told};

use super::files::replace;
use super::renderer::RenderError;
use std::path::Path;

/// Writes a text as a file that is whole or not there.
///
/// # Errors
///
/// When it cannot be written.
pub fn write(path: &Path, text: &str) -> Result<(), RenderError> {
    replace(path, text)
}
