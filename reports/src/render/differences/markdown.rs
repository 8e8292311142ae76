//! `compare.md`: what differs, in GitHub-flavoured Markdown, for the summary of a CI job.

use super::line::{DifferenceLine, method, reasons};
use crate::compare::{Change, CompareVerdict, RunComparison};
use crate::plural::plural;
use crate::render::markdown::{Align, code, escape, table};
use std::fmt::Write as _;

/// The text.
pub(super) fn render(comparison: &RunComparison) -> String {
    let mut text = headline(comparison);
    for refusal in &comparison.refusals {
        let so = if comparison.anyway { "Compared all the same" } else { "Not comparable" };
        let _ = writeln!(text, "> {so}: {}\n", escape(&refusal.why));
    }
    for system in &comparison.systems {
        let trials = format!("{} against {}", plural(system.run_trials as u64, "trial"), system.base_trials);
        let _ = writeln!(text, "### {}: {trials}\n", escape(&system.system));
        let headings = ["", "base", "run", "change in %", "95 % interval", "threshold", "answer"].map(str::to_owned);
        let rows: Vec<Vec<String>> = system.differences.iter().map(|found| row(&DifferenceLine::of(found))).collect();
        text.push_str(&table(&headings, Align::Figures, &rows));
        text.push('\n');
    }
    for (change, why) in reasons(comparison) {
        let _ = writeln!(text, "- {} {}: {}", sign(change), change.word(), escape(&why));
    }
    for note in &comparison.notes {
        let _ = writeln!(text, "- {}", escape(note));
    }
    let _ = writeln!(text, "\n<sub>{}</sub>", escape(&method(comparison)));
    text
}

fn headline(comparison: &RunComparison) -> String {
    let symbol = match comparison.verdict {
        CompareVerdict::NothingConfirmed => "✅",
        CompareVerdict::Unknown => "❔",
        CompareVerdict::Regression => "❌",
    };
    let (base, run) = (&comparison.base, &comparison.run);
    let mut text = format!("## {symbol} {}: {}\n\n", comparison.verdict.word().to_uppercase(), escape(&run.scenario));
    let _ = writeln!(text, "{}.\n", escape(&comparison.why));
    let _ = writeln!(
        text,
        "Run `{}` ({}) against `{}` ({})\n",
        code(&run.id),
        escape(&run.started),
        code(&base.id),
        escape(&base.started)
    );
    text
}

fn row(line: &DifferenceLine) -> Vec<String> {
    let answer = format!("{} {}", sign(line.change), line.change.word());
    let answer = if line.change == Change::Worse { format!("**{answer}**") } else { answer };
    let cells = [&line.name, &line.base, &line.run, &line.difference, &line.interval, &line.threshold];
    cells.into_iter().map(|cell| escape(cell)).chain([answer]).collect()
}

const fn sign(change: Change) -> &'static str {
    match change {
        Change::Worse => "❌",
        Change::Better => "⬆️",
        Change::NoChange => "✅",
        Change::NotEnoughData => "…",
        Change::CannotBeCompared => "❔",
    }
}
