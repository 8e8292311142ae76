//! The summary for a terminal: a verdict line, the comparison, who came back when, and what did not hold.
//! From here the comparison and its rows may be read; nothing is measured and nothing is printed.
//! To add a part: write a function like `checks`, and call it in `summary`.

mod differences;
mod grid;
mod matrix;
mod search;
mod style;
mod trend;

pub use differences::differences;
pub use matrix::matrix;
pub use search::search;
pub use style::Style;
pub use trend::trend;

use super::cells::{Mark, Weight};
use super::comparison::Comparison;
use super::label::{Shown, shown};
use super::reconnects::{self, ReturnLine};
use super::story::stories;
use super::text::{counted, fit, listed, one_line, wrap};
use super::verdict;
use crate::judge::Judged;
use crate::result::{CheckResult, RunResult, TrialResult, Verdict};
use grid::{Alignment, Ink, Piece, WIDTH, paint};

/// Columns of a verdict before what it is about.
const MARGIN: usize = 9;
/// Clients of one trial that are listed; more are only counted, the report has them all.
const LISTED: usize = 12;

/// Columns of a return's cells at most; `connected` may name a connection: `1.33 s (coordinator)`.
const WIDTHS: [usize; 6] = [11, 12, 9, 5, 20, 9];
const SIDES: [Alignment; 6] =
    [Alignment::Left, Alignment::Left, Alignment::Right, Alignment::Right, Alignment::Right, Alignment::Right];
const HEADINGS: [&str; 6] = ["fault", "client", "error", "tries", "connected", "working"];

/// The summary of a run in lines of at most 80 columns, ending with a line break.
pub fn summary(judged: &Judged, style: Style) -> String {
    let shown = shown(judged);
    let comparison = Comparison::of(&judged.result);
    let mut lines = headline(&judged.result, style);
    lines.extend(table(&comparison, style));
    lines.extend(returns(&shown, style));
    lines.extend(checks(&shown, style));
    for words in verdict::known(&judged.result).into_iter().chain(verdict::warned(&judged.result)) {
        lines.extend(wrap(&format!("! {words}"), WIDTH).into_iter().map(|line| paint(&line, Ink::Yellow, style)));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

/// What became of the checks of a run, in one sentence without its stop.
pub fn sentence(result: &RunResult) -> String {
    verdict::sentence(result)
}

fn headline(result: &RunResult, style: Style) -> Vec<String> {
    let word = result.verdict.word().to_uppercase();
    let title = wrap(&one_line(&result.scenario.title), WIDTH - word.len() - 2);
    let mut title = title.iter().map(|line| paint(line, Ink::Bold, style));
    let first = title.next().unwrap_or_default();
    let mut lines = vec![format!("{}  {first}", paint(&word, ink(result.verdict), style))];
    lines.extend(title.map(|line| format!("{:indent$}{line}", "", indent = word.len() + 2)));
    let question = verdict::question(result).into_iter().flat_map(|question| wrap(&question, WIDTH));
    lines.extend(question.map(|line| paint(&line, Ink::Dim, style)));
    lines.extend(wrap(&(verdict::sentence(result) + "."), WIDTH));
    lines.extend(
        stories(result).iter().flat_map(|story| told(story.verdict, &format!("{} {}", story.label, story.told), style)),
    );
    lines
}

fn table(comparison: &Comparison, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    let label_width = grid::widest(comparison.sections.iter().flat_map(|section| &section.rows).map(|row| row.label));
    for columns in grid::blocks(comparison, label_width + 2, WIDTH) {
        let names = columns.iter().map(|column| Piece::plain(&comparison.columns[*column]).inked(Ink::Bold));
        lines.push(String::new());
        lines.push(grid::row(&Piece::plain(""), names, label_width + 2, comparison, &columns, style));
        for section in &comparison.sections {
            lines.push(paint(&fit(&section.heading, WIDTH), Ink::Dim, style));
            for row in section.rows.iter().filter(|row| row.weight == Weight::Main) {
                let cells = columns.iter().map(|column| &row.cells[*column]).map(|cell| match cell.mark {
                    Mark::None => Piece::plain(&cell.text),
                    Mark::Best => Piece::plain(&cell.text).inked(Ink::Green),
                    Mark::Alarm => Piece::plain(&cell.text).inked(Ink::Red),
                    Mark::Doubtful => Piece::plain(&format!("({})", cell.text)).inked(Ink::Dim),
                });
                let label = Piece::plain(&format!("  {}", row.label));
                lines.push(grid::row(&label, cells, label_width + 2, comparison, &columns, style));
            }
        }
    }
    for remark in &comparison.remarks {
        lines.extend(wrap(&format!("! {remark}"), WIDTH).into_iter().map(|line| paint(&line, Ink::Yellow, style)));
    }
    lines
}

fn returns(shown: &[Shown<'_>], style: Style) -> Vec<String> {
    let mut returned = Vec::new();
    for one in shown {
        let mut lines = reconnects::lines(std::slice::from_ref(one));
        // Who never came back is named first, whatever is left out.
        lines.sort_by_key(|line| line.mark != Mark::Alarm);
        if lines.is_empty() {
            continue;
        }
        let left_out = lines.len().saturating_sub(LISTED);
        lines.truncate(LISTED);
        returned.push(paint(&fit(&one.label, WIDTH), Ink::Bold, style));
        returned.extend(grid::aligned(&rows(&lines), SIDES, style));
        if left_out > 0 {
            returned.push(format!("  and {left_out} more: see report.html"));
        }
    }
    if returned.is_empty() {
        return returned;
    }
    let explained = "Who came back when: error since the injection, connected and working since heal";
    [vec![String::new(), paint(explained, Ink::Dim, style)], returned].concat()
}

fn rows(lines: &[ReturnLine]) -> Vec<[Piece; 6]> {
    let headings = HEADINGS.map(|heading| Piece::plain(heading).inked(Ink::Bold));
    let row = |line: &ReturnLine| {
        let ink = if line.mark == Mark::Alarm { Ink::Red } else { Ink::None };
        let [_, fault, client, error, attempts, connected, working] = line.parts();
        let parts = [fault, client, error, attempts, connected, working];
        let mut widths = WIDTHS.into_iter();
        parts.map(|part| Piece::plain(&fit(part, widths.next().unwrap_or_default())).inked(ink))
    };
    std::iter::once(headings).chain(lines.iter().map(row)).collect()
}

fn checks(shown: &[Shown<'_>], style: Style) -> Vec<String> {
    let mut lines = vec![String::new()];
    for one in shown {
        for check in one.trial.checks.iter().filter(|check| check.counts_as() == Verdict::Fail) {
            lines.extend(told(Verdict::Fail, &format!("{} on {}: {}", named(check), one.label, seen(check)), style));
            lines.extend(indented(&one_line(&check.why)));
        }
    }
    for one in shown {
        for (why, checks) in unknown_by_reason(one.trial) {
            lines.extend(told(Verdict::Unknown, &format!("{} on {}", listed(&counted(&checks)), one.label), style));
            lines.extend(indented(&why));
        }
    }
    for one in shown {
        for (check, tracked) in one.trial.checks.iter().filter_map(|check| Some((check, verdict::tracked(check)?))) {
            let what = format!("{} on {}: {}", named(check), one.label, seen(check));
            lines.extend(marked("known", Ink::Yellow, &what, style));
            lines.extend(indented(&tracked));
        }
    }
    for (labels, checks) in held_together(shown) {
        lines.extend(told(Verdict::Pass, &format!("{} on {}", listed(&counted(&checks)), listed(&labels)), style));
    }
    lines
}

fn named(check: &CheckResult) -> String {
    one_line(&check.name)
}

fn seen(check: &CheckResult) -> String {
    format!("{}, limit {}", one_line(&check.observed), one_line(&check.limit))
}

/// An interrupted trial has one reason for a dozen unknowns: it is told once.
fn unknown_by_reason(trial: &TrialResult) -> Vec<(String, Vec<String>)> {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for check in trial.checks.iter().filter(|check| check.verdict == Verdict::Unknown) {
        let why = one_line(&check.why);
        match reasons.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, checks)) => checks.push(named(check)),
            None => reasons.push((why, vec![named(check)])),
        }
    }
    reasons
}

/// Trials on which the same checks held share a line.
fn held_together(shown: &[Shown<'_>]) -> Vec<(Vec<String>, Vec<String>)> {
    let mut groups: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for one in shown {
        let held = one.trial.checks.iter().filter(|check| check.verdict == Verdict::Pass);
        let held: Vec<String> = held.map(named).collect();
        match groups.iter_mut().find(|(_, checks)| *checks == held) {
            _ if held.is_empty() => {}
            Some((labels, _)) => labels.push(one.label.clone()),
            None => groups.push((vec![one.label.clone()], held)),
        }
    }
    groups
}

/// A verdict and what it is about, continued below where it is long.
fn told(verdict: Verdict, what: &str, style: Style) -> Vec<String> {
    marked(verdict.word(), ink(verdict), what, style)
}

fn marked(word: &str, ink: Ink, what: &str, style: Style) -> Vec<String> {
    let word = paint(&format!("{word:<MARGIN$}"), ink, style);
    let mut lines = indented(what);
    if let Some(first) = lines.first_mut() {
        first.replace_range(..MARGIN, &word);
    }
    lines
}

fn indented(text: &str) -> Vec<String> {
    wrap(text, WIDTH - MARGIN).into_iter().map(|line| format!("{:MARGIN$}{line}", "")).collect()
}

const fn ink(verdict: Verdict) -> Ink {
    match verdict {
        Verdict::Pass => Ink::Green,
        Verdict::Unknown => Ink::Yellow,
        Verdict::Fail => Ink::Red,
    }
}
