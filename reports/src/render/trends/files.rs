//! A trend's files on disk: `trend.json`, `trend.md`, `trend.html`.

use super::markdown;
use crate::render::files::{make_folder, replace};
use crate::render::html;
use crate::render::renderer::RenderError;
use crate::trend::Trend;
use std::path::Path;

/// Writes the three files into a folder, which is made; each is whole or not there.
///
/// # Errors
///
/// When the folder or a file cannot be written, or a chart cannot be drawn. What was written before stays.
pub fn write_trend(trend: &Trend, dir: &Path) -> Result<(), RenderError> {
    make_folder(dir)?;
    let json = serde_json::to_string_pretty(trend).map_err(|why| RenderError::format("trend.json", &why))?;
    replace(&dir.join("trend.json"), &(json + "\n"))?;
    replace(&dir.join("trend.md"), &markdown::render(trend))?;
    replace(&dir.join("trend.html"), &html::trend::render(trend)?)
}
