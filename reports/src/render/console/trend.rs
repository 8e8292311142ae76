//! Trends for a terminal of 80 columns.

use super::grid::{Ink, WIDTH, paint};
use super::style::Style;
use crate::plural::plural;
use crate::render::text::{fit, one_line, wrap};
use crate::render::trends::{changes, headline, is_short, machine};
use crate::trend::Trend;

/// The changes in lines of at most 80 columns, ending with a line break.
pub fn trend(trend: &Trend, style: Style) -> String {
    let mut lines: Vec<String> =
        wrap(&format!("{}.", headline(trend)), WIDTH).into_iter().map(|line| paint(&line, Ink::Bold, style)).collect();
    let (changed, steady): (Vec<_>, Vec<_>) =
        trend.trends.iter().map(|one| (one, changes(one))).partition(|(_, told)| !told.is_empty());
    for (one, told) in changed {
        let head = format!(
            "{} on {}: {}",
            one_line(&one.scenario),
            one_line(&one.system),
            plural(one.points.len() as u64, "run")
        );
        lines.push(String::new());
        lines.push(paint(&fit(&head, WIDTH), Ink::Bold, style));
        lines.push(paint(&fit(&format!("  {}", machine(one)), WIDTH), Ink::Dim, style));
        for (worse, words) in told {
            let ink = if worse { Ink::Red } else { Ink::Green };
            lines.extend(wrap(&words, WIDTH - 2).into_iter().map(|line| format!("  {}", paint(&line, ink, style))));
        }
    }
    if !steady.is_empty() {
        lines.push(String::new());
        lines.push(paint("Nothing changed for good:", Ink::Bold, style));
    }
    for (one, _) in steady {
        let runs = plural(one.points.len() as u64, "run");
        let few = if is_short(one) { ", too few to tell" } else { "" };
        lines.push(fit(&format!("  {} on {}: {runs}{few}", one_line(&one.scenario), one_line(&one.system)), WIDTH));
    }
    for note in &trend.notes {
        lines.extend(
            wrap(&format!("! {}", one_line(note)), WIDTH).into_iter().map(|line| paint(&line, Ink::Yellow, style)),
        );
    }
    lines.join("\n") + "\n"
}
