//! `trend.md`: figures over many runs in GitHub-flavoured Markdown.

use super::words::{changes, headline, machine, unchanged};
use crate::plural::plural;
use crate::render::differences::quantity;
use crate::render::markdown::{Align, escape, table};
use crate::render::text::ABSENT;
use crate::trend::{Trend, TrendOf};
use std::fmt::Write as _;

/// The text.
pub(super) fn render(trend: &Trend) -> String {
    let mut text = format!("## {}\n\n", escape(&headline(trend)));
    for one in &trend.trends {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "### {} on {}\n", escape(&one.scenario), escape(&one.system));
        let _ = writeln!(text, "{}, {}\n", plural(one.points.len() as u64, "run"), escape(&machine(one)));
        let told = changes(one);
        if told.is_empty() {
            let _ = writeln!(text, "{}", escape(&unchanged(one)));
        }
        for (worse, words) in told {
            let _ = writeln!(text, "- {} {}", if worse { "❌" } else { "⬆️" }, escape(&words));
        }
        text.push('\n');
        text.push_str(&figures(one));
        text.push('\n');
    }
    for note in &trend.notes {
        let _ = writeln!(text, "> {}\n", escape(note));
    }
    text
}

/// The newest values, with the span of all. A newest run that is doubtful has none.
fn figures(trend: &TrendOf) -> String {
    let headings = ["", "newest", "lowest", "highest"].map(str::to_owned);
    let rows: Vec<Vec<String>> = trend
        .lines
        .iter()
        .map(|line| {
            let told = |value: Option<f64>| value.map_or_else(|| ABSENT.to_owned(), |value| quantity(value, line.unit));
            let values = || line.values.iter().flatten().copied();
            let figures = [line.values.last().copied().flatten(), values().reduce(f64::min), values().reduce(f64::max)];
            std::iter::once(escape(&line.name)).chain(figures.map(|value| escape(&told(value)))).collect()
        })
        .collect();
    table(&headings, Align::Figures, &rows)
}
