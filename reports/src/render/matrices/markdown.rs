//! `matrix.md`: a matrix in GitHub-flavoured Markdown.

use super::charts::MatrixChart;
use super::table::{columns, rows};
use super::words::{finding, headline, remarks, sign};
use crate::matrix::Matrix;
use crate::render::markdown::{Align, escape, table};
use crate::render::nights::address;
use crate::render::text::one_line;
use std::fmt::Write as _;
use std::path::Path;

/// The text.
pub(super) fn render(matrix: &Matrix) -> String {
    let word = matrix.verdict().word().to_uppercase();
    let mut text = format!("## {word}: {}\n\n", escape(&one_line(&matrix.title)));
    // Writing to a string cannot fail, here and below.
    if !matrix.question.is_empty() {
        let _ = writeln!(text, "*{}*\n", escape(&one_line(&matrix.question)));
    }
    let _ = writeln!(text, "{}.\n", escape(&headline(matrix)));
    for told in MatrixChart::ALL.iter().flat_map(|chart| finding(matrix, *chart)).chain(remarks(matrix)) {
        let _ = writeln!(text, "- {}", escape(&told));
    }
    let names: Vec<String> =
        columns(matrix).into_iter().map(|column| escape(&column.name)).chain(["verdict".to_owned()]).collect();
    let rows: Vec<Vec<String>> = rows(matrix)
        .iter()
        .map(|row| {
            let verdict = sign(row.cell);
            let report = address(&Path::new(&row.cell.name).join("report.html"));
            let word = format!("{} {}", verdict.sign, verdict.word);
            let link = if row.cell.systems.is_empty() { word } else { format!("[{word}]({report})") };
            row.texts.iter().map(|(text, _)| escape(text)).chain([link]).collect()
        })
        .collect();
    let _ = write!(text, "\n{}", table(&names, Align::Figures, &rows));
    text
}
