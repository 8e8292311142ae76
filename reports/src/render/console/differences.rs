//! What differs between two runs, for a terminal of 80 columns.

use super::grid::{Alignment, Ink, Piece, WIDTH, aligned, paint};
use super::style::Style;
use crate::compare::{Change, CompareVerdict, RunComparison};
use crate::plural::plural;
use crate::render::differences::{DifferenceLine, reasons};
use crate::render::text::{fit, one_line, wrap};

const NAME: usize = 20;
const HEADINGS: [&str; 5] = ["", "base", "run", "change, interval in %", "answer"];

/// The comparison in lines of at most 80 columns, ending with a line break.
pub fn differences(comparison: &RunComparison, style: Style) -> String {
    let word = comparison.verdict.word().to_uppercase();
    let scenario = fit(&one_line(&comparison.run.scenario), WIDTH - word.len() - 2);
    let ink = match comparison.verdict {
        CompareVerdict::NothingConfirmed => Ink::Green,
        CompareVerdict::Unknown => Ink::Yellow,
        CompareVerdict::Regression => Ink::Red,
    };
    let mut lines = vec![format!("{}  {}", paint(&word, ink, style), paint(&scenario, Ink::Bold, style))];
    lines.extend(wrap(&format!("{}.", one_line(&comparison.why)), WIDTH));
    if comparison.anyway {
        let why = comparison.refusals.iter().map(|refusal| one_line(&refusal.why)).collect::<Vec<_>>().join("; ");
        lines.extend(painted(&format!("! compared all the same, although {why}"), Ink::Yellow, style));
    }
    for version in &comparison.versions {
        let words = format!("  {}: {} → {}", version.of, version.base, version.run);
        lines.push(fit(&format!("  {}", one_line(&words)), WIDTH));
    }
    for system in &comparison.systems {
        let trials = format!("{} against {}", plural(system.run_trials as u64, "trial"), system.base_trials);
        lines.push(String::new());
        lines.push(paint(&fit(&one_line(&format!("{}: {trials}", system.system)), WIDTH), Ink::Bold, style));
        let headings = HEADINGS.map(|heading| Piece::plain(heading).inked(Ink::Dim));
        let rows: Vec<[Piece; 5]> = system.differences.iter().map(|found| row(&DifferenceLine::of(found))).collect();
        let rows: Vec<[Piece; 5]> = std::iter::once(headings).chain(rows).collect();
        let sides = [Alignment::Left, Alignment::Right, Alignment::Right, Alignment::Right, Alignment::Left];
        lines.extend(aligned(&rows, sides, style));
    }
    lines.extend(words(comparison, style));
    lines.join("\n") + "\n"
}

fn row(line: &DifferenceLine) -> [Piece; 5] {
    let (answer, ink) = match line.change {
        Change::Worse => ("WORSE", Ink::Red),
        Change::Better => ("better", Ink::Green),
        Change::NoChange => ("no change", Ink::None),
        Change::NotEnoughData if line.doubtful => ("not confirmed", Ink::Yellow),
        Change::NotEnoughData => ("not enough data", Ink::Dim),
        Change::CannotBeCompared => ("not compared", Ink::Yellow),
    };
    let interval = line.interval.replace(" to ", ", ");
    let change =
        if interval.contains(", ") { format!("{} [{interval}]", line.difference) } else { line.difference.clone() };
    [
        Piece::plain(&fit(&line.name, NAME)),
        Piece::plain(&line.base),
        Piece::plain(&line.run),
        Piece::plain(&change),
        Piece::plain(answer).inked(ink),
    ]
}

fn words(comparison: &RunComparison, style: Style) -> Vec<String> {
    let mut lines = vec![String::new()];
    for (change, why) in reasons(comparison) {
        let ink = if change == Change::Worse { Ink::Red } else { Ink::None };
        lines.extend(painted(&format!("{}: {why}", change.word()), ink, style));
    }
    for note in &comparison.notes {
        lines.extend(painted(&format!("! {}", one_line(note)), Ink::Yellow, style));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn painted(words: &str, ink: Ink, style: Style) -> Vec<String> {
    wrap(words, WIDTH).into_iter().map(|line| paint(&line, ink, style)).collect()
}
