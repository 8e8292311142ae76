//! A matrix's files: `matrix.json`, `matrix.md`, `index.html`, and the charts by themselves.

use super::charts::MatrixChart;
use super::markdown;
use super::words::finding;
use crate::matrix::{MATRIX_FILE, MATRIX_SCHEMA, Matrix};
use crate::render::RenderError;
use crate::render::chart::{self, DrawnMatrix};
use crate::render::files::{make_folder, replace};
use crate::render::html;
use std::path::Path;

/// Writes the files into a folder, which is made; each is whole or not there. A chart of which nothing was measured is not written.
///
/// # Errors
///
/// When a folder or a file cannot be written, or a chart cannot be drawn. What was written before stays.
pub fn write_matrix(matrix: &Matrix, dir: &Path) -> Result<(), RenderError> {
    make_folder(dir)?;
    let json = serde_json::to_string_pretty(matrix).map_err(|why| RenderError::format(MATRIX_FILE, &why))?;
    replace(&dir.join(MATRIX_FILE), &(json + "\n"))?;
    replace(&dir.join("matrix.md"), &markdown::render(matrix))?;
    let mut drawn: Vec<(MatrixChart, DrawnMatrix)> = Vec::new();
    for chart in MatrixChart::ALL {
        if let Some(one) = chart::matrix(matrix, chart, &finding(matrix, chart).join(" "))? {
            make_folder(&dir.join("charts"))?;
            replace(&dir.join("charts").join(format!("{}.svg", chart.name())), &one.file)?;
            drawn.push((chart, one));
        }
    }
    replace(&dir.join("index.html"), &html::matrix::render(matrix, &drawn))
}

/// The JSON Schema (draft 2020-12) of `matrix.json`, as it is committed in `docs/matrix.schema.json`.
///
/// # Errors
///
/// When it cannot be written as JSON.
pub fn schema() -> Result<String, RenderError> {
    let mut schema = schemars::schema_for!(Matrix);
    schema.insert("title".to_owned(), format!("What came of a matrix, {MATRIX_SCHEMA}").into());
    if let Some(version) = schema.pointer_mut("/properties/schema").and_then(|version| version.as_object_mut()) {
        version.insert("const".to_owned(), MATRIX_SCHEMA.into());
    }
    let mut text =
        serde_json::to_string_pretty(&schema).map_err(|why| RenderError::format("matrix.schema.json", &why))?;
    text.push('\n');
    Ok(text)
}
