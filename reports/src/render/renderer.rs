//! What a renderer is, and why one may not succeed.

use crate::judge::Judged;
use std::path::PathBuf;

/// One file of a run's folder, made from a judged run.
pub trait Renderer: Sync {
    /// The file's name in the run's folder.
    fn file_name(&self) -> &'static str;

    /// For whom it is, in one line.
    fn about(&self) -> &'static str;

    /// The file's text.
    ///
    /// # Errors
    ///
    /// When the format's own library refuses, or a chart could not be drawn.
    fn render(&self, judged: &Judged) -> Result<String, RenderError>;
}

/// A report could not be made or written.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The file system refused.
    #[error(
        "cannot write {path}: {source}. Check that the folder is writable and the disk has space, then run `harness report` on the run's folder"
    )]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// Why it was not.
        source: std::io::Error,
    },
    /// A format's library refused.
    #[error("cannot render {file}: {why}. The history is unharmed: `harness report` on the run's folder tries again")]
    Format {
        /// The file's name.
        file: String,
        /// What the library said.
        why: String,
    },
}

impl RenderError {
    pub(super) fn format(file: &str, why: &impl ToString) -> Self {
        Self::Format { file: file.to_owned(), why: why.to_string() }
    }
}
