//! A matrix for a terminal of 80 columns.

use super::grid::{Ink, WIDTH, paint};
use super::style::Style;
use crate::matrix::Matrix;
use crate::render::matrices::{MatrixChart, finding, headline, quantity, remarks, sign};
use crate::render::text::{ABSENT, fit, one_line, width, wrap};
use crate::result::Verdict;

/// Columns of the figures and of the verdict.
const FIGURE: usize = 12;
const VERDICT: usize = 15;
const SYSTEM: usize = 10;

/// The answer in lines of at most 80 columns, ending with a line break.
pub fn matrix(matrix: &Matrix, style: Style) -> String {
    let ink = ink(matrix.verdict());
    let word = matrix.verdict().word().to_uppercase();
    let title = wrap(&one_line(&matrix.title), WIDTH - word.len() - 2).into_iter().enumerate();
    let indented = |(number, line)| match number {
        0 => format!("{}  {line}", paint(&word, ink, style)),
        _ => format!("{:indent$}{line}", "", indent = word.len() + 2),
    };
    let mut lines: Vec<String> = title.map(indented).collect();
    lines.extend(wrap(&format!("{}.", headline(matrix)), WIDTH));
    for told in MatrixChart::ALL.iter().flat_map(|chart| finding(matrix, *chart)).chain(remarks(matrix)) {
        lines.extend(wrap(&told, WIDTH).into_iter().map(|line| paint(&line, Ink::Dim, style)));
    }
    lines.push(String::new());
    let cell = WIDTH - SYSTEM - 2 * FIGURE - VERDICT - 4;
    let line = |texts: [&str; 5]| {
        let left = |text: &str, columns: usize| {
            let text = fit(text, columns);
            format!("{text}{}", " ".repeat(columns.saturating_sub(width(&text))))
        };
        let right = |text: &str| {
            let text = fit(text, FIGURE);
            format!("{}{text}", " ".repeat(FIGURE.saturating_sub(width(&text))))
        };
        let [name, system, throughput, p99, verdict] = texts;
        let parts = [left(name, cell), left(system, SYSTEM), right(throughput), right(p99), left(verdict, VERDICT)];
        parts.join(" ").trim_end().to_owned()
    };
    lines.push(paint(&line(["cell", "system", "acknowledged", "e2e p99", "verdict"]), Ink::Dim, style));
    for one in matrix.in_order() {
        let name = one_line(&one.name);
        let word = sign(one).word;
        if one.systems.is_empty() {
            lines.push(line([&name, ABSENT, ABSENT, ABSENT, word]));
        }
        for (number, system) in one.systems.iter().enumerate() {
            let told = |figure: &str| {
                system.figure(figure).map_or_else(|| ABSENT.to_owned(), |figure| quantity(figure.value, figure.unit))
            };
            let name = if number == 0 { name.as_str() } else { "" };
            let verdict = if number == 0 { word } else { "" };
            lines.push(line([name, &one_line(&system.system), &told("throughput"), &told("end-to-end-p99"), verdict]));
        }
    }
    for one in matrix.in_order().into_iter().filter(|cell| sign(cell).word != "pass") {
        let told = format!("{}: {}.", one_line(&one.name), one_line(&one.why));
        lines.extend(wrap(&told, WIDTH).into_iter().map(|line| paint(&line, Ink::Yellow, style)));
    }
    lines.join("\n") + "\n"
}

const fn ink(verdict: Verdict) -> Ink {
    match verdict {
        Verdict::Pass => Ink::Green,
        Verdict::Unknown => Ink::Yellow,
        Verdict::Fail => Ink::Red,
    }
}
