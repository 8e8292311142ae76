//! A search's files on disk: `search.json`, `search.md`, `search.html`.

use super::markdown;
use crate::render::files::{make_folder, replace};
use crate::render::html;
use crate::render::renderer::RenderError;
use crate::search::Search;
use std::path::Path;

/// Writes the three files into a folder, which is made; each is whole or not there.
///
/// # Errors
///
/// When the folder or a file cannot be written, or a chart cannot be drawn. What was written before stays.
pub fn write_search(search: &Search, dir: &Path) -> Result<(), RenderError> {
    make_folder(dir)?;
    let json = serde_json::to_string_pretty(search).map_err(|why| RenderError::format("search.json", &why))?;
    replace(&dir.join("search.json"), &(json + "\n"))?;
    replace(&dir.join("search.md"), &markdown::render(search))?;
    replace(&dir.join("search.html"), &html::search::render(search)?)
}
