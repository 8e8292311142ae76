//! Trends for a terminal of 80 columns.

use super::grid::{Ink, WIDTH, paint};
use super::style::Style;
use crate::plural::plural;
use crate::render::text::{fit, one_line, wrap};
use crate::render::trends::{changes, headline, machine};
use crate::trend::Trend;

/// The changes in lines of at most 80 columns, ending with a line break.
pub fn trend(trend: &Trend, style: Style) -> String {
    let mut lines: Vec<String> =
        wrap(&format!("{}.", headline(trend)), WIDTH).into_iter().map(|line| paint(&line, Ink::Bold, style)).collect();
    for one in &trend.trends {
        let head = format!(
            "{} on {}: {}",
            one_line(&one.scenario),
            one_line(&one.system),
            plural(one.points.len() as u64, "run")
        );
        lines.push(String::new());
        lines.push(paint(&fit(&head, WIDTH), Ink::Bold, style));
        lines.push(paint(&fit(&format!("  {}", machine(one)), WIDTH), Ink::Dim, style));
        let told = changes(one);
        if told.is_empty() {
            lines.push("  no figure changed for good".to_owned());
        }
        for (worse, words) in told {
            let ink = if worse { Ink::Red } else { Ink::Green };
            lines.extend(wrap(&words, WIDTH - 2).into_iter().map(|line| format!("  {}", paint(&line, ink, style))));
        }
    }
    for note in &trend.notes {
        lines.extend(
            wrap(&format!("! {}", one_line(note)), WIDTH).into_iter().map(|line| paint(&line, Ink::Yellow, style)),
        );
    }
    lines.join("\n") + "\n"
}
