//! `search.md`: a search in GitHub-flavoured Markdown.

use super::words::{answer, headline, limits, path};
use crate::render::markdown::{Align, escape, table};
use crate::search::Search;
use std::fmt::Write as _;

/// What the columns of a path are.
pub(in crate::render) const COLUMNS: [&str; 8] =
    ["rate", "tried to", "verdict", "response p99", "end-to-end p99", "broker cores", "client cores", "why"];

/// The text.
pub(super) fn render(search: &Search) -> String {
    let mut text = format!("## {}\n\n{}\n", escape(&headline(search)), escape(&limits(search)));
    for system in &search.systems {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n### {}\n", escape(&system.system));
        for told in answer(system) {
            let _ = writeln!(text, "- {}", escape(&told));
        }
        let rows: Vec<Vec<String>> =
            path(system).iter().map(|row| row.iter().map(|cell| escape(cell)).collect()).collect();
        let _ = write!(text, "\n{}", table(&COLUMNS.map(str::to_owned), Align::Figures, &rows));
    }
    text
}
