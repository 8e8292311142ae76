//! A comparison's files on disk: `compare.json`, `compare.md`, `compare.html`.

use super::markdown;
use crate::compare::RunComparison;
use crate::render::files::{make_folder, replace};
use crate::render::html;
use crate::render::renderer::RenderError;
use std::path::Path;

/// Writes the three files into a folder, which is made; each is whole or not there.
///
/// # Errors
///
/// When the folder or a file cannot be written. What was written before stays.
pub fn write_comparison(comparison: &RunComparison, dir: &Path) -> Result<(), RenderError> {
    make_folder(dir)?;
    let json = serde_json::to_string_pretty(comparison).map_err(|why| RenderError::format("compare.json", &why))?;
    replace(&dir.join("compare.json"), &(json + "\n"))?;
    replace(&dir.join("compare.md"), &markdown::render(comparison))?;
    replace(&dir.join("compare.html"), &html::differences::render(comparison))
}
