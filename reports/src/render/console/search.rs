//! A search for a terminal of 80 columns.

use super::grid::{Ink, WIDTH, paint};
use super::style::Style;
use crate::render::searches::{answer, headline, limits};
use crate::render::text::{one_line, wrap};
use crate::result::Verdict;
use crate::search::Search;

/// The answer in lines of at most 80 columns, ending with a line break.
pub fn search(search: &Search, style: Style) -> String {
    let ink = if search.verdict() == Verdict::Pass { Ink::Green } else { Ink::Yellow };
    let word = search.verdict().word().to_uppercase();
    let head = format!("{word}  {}.", headline(search));
    let mut lines: Vec<String> = wrap(&head, WIDTH).into_iter().map(|line| paint(&line, ink, style)).collect();
    lines.extend(wrap(&limits(search), WIDTH).into_iter().map(|line| paint(&line, Ink::Dim, style)));
    for system in &search.systems {
        lines.push(String::new());
        lines.push(paint(&one_line(&system.system), Ink::Bold, style));
        for told in answer(system) {
            lines.extend(wrap(&told, WIDTH - 2).into_iter().map(|line| format!("  {line}")));
        }
    }
    lines.join("\n") + "\n"
}
