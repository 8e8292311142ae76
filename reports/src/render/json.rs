//! `result.json`: the whole result, for programmes; and its schema.

use super::renderer::{RenderError, Renderer};
use crate::judge::Judged;
use crate::result::{RESULT_SCHEMA, RunResult};

/// Renders `result.json`.
pub struct Json;

impl Renderer for Json {
    fn file_name(&self) -> &'static str {
        "result.json"
    }

    fn about(&self) -> &'static str {
        "the whole result for programmes, in the order of docs/result.schema.json"
    }

    fn render(&self, judged: &Judged) -> Result<String, RenderError> {
        let mut text =
            serde_json::to_string_pretty(&judged.result).map_err(|why| RenderError::format(self.file_name(), &why))?;
        text.push('\n');
        Ok(text)
    }
}

/// The JSON Schema (draft 2020-12) of `result.json`, as it is committed in `docs/result.schema.json`.
///
/// # Errors
///
/// When it cannot be written as JSON.
pub fn schema() -> Result<String, RenderError> {
    let mut schema = schemars::schema_for!(RunResult);
    schema.insert("title".to_owned(), format!("The result of a run, {RESULT_SCHEMA}").into());
    if let Some(version) = schema.pointer_mut("/properties/schema").and_then(|version| version.as_object_mut()) {
        version.insert("const".to_owned(), RESULT_SCHEMA.into());
    }
    let mut text =
        serde_json::to_string_pretty(&schema).map_err(|why| RenderError::format("result.schema.json", &why))?;
    text.push('\n');
    Ok(text)
}
