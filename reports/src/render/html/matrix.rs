//! `index.html` of a matrix: its charts, and one row for each cell and system.

use super::elements::{document, scrolling, titled};
use super::style;
use crate::matrix::Matrix;
use crate::render::chart::DrawnMatrix;
use crate::render::matrices::{
    MatrixChart, MatrixColumn, MatrixRow, columns, finding, headline, remarks, rows, sign, values,
};
use crate::render::nights::address;
use crate::render::text::{one_line, without_controls};
use maud::{Markup, PreEscaped, html};
use std::path::Path;

const ORDER: &str = "Each cell is a run of its own, on brokers that were started anew; its verdict leads to its report. From run to run every key took \
    another value, so that what changed on the machine meanwhile met all values alike.";

/// The page. `drawn`: the charts of which there is something to draw.
pub(in crate::render) fn render(matrix: &Matrix, drawn: &[(MatrixChart, DrawnMatrix)]) -> String {
    let word = matrix.verdict().word();
    let question = one_line(&matrix.question);
    let body = html! {
        header class={ "headline " (word) } {
            p class="eyebrow" { "Matrix · " (one_line(&matrix.scenario)) " · " (one_line(&matrix.started)) }
            h1 { span class={ "badge " (word) } { (word) } " " (one_line(&matrix.title)) }
            @if !question.is_empty() && question != one_line(&matrix.title) { p class="question" { (question) } }
            p class="sentence" { (headline(matrix)) "." }
            @for told in remarks(matrix) { p class="remark" { (told) } }
        }
        main {
            @for (chart, drawn) in drawn { (figure(matrix, *chart, drawn)) }
            @if drawn.is_empty() { section { p class="absent" { "Nothing was measured so far." } } }
            (titled("cells", "Every cell", &table(matrix)))
            (not_passed(matrix))
        }
    };
    let title = format!("{}: {}", word.to_uppercase(), one_line(&matrix.title));
    without_controls(document(&title, &style(), &body).into_string())
}

fn figure(matrix: &Matrix, chart: MatrixChart, drawn: &DrawnMatrix) -> Markup {
    let body = html! {
        ul class="finding" { @for told in finding(matrix, chart) { li { (told) } } }
        figure {
            div class="wide" { (PreEscaped(&drawn.wide)) }
            div class="narrow" { (PreEscaped(&drawn.narrow)) }
            figcaption { (chart.how_to_read()) }
        }
    };
    titled(&format!("chart-{}", chart.name()), chart.title(), &body)
}

fn table(matrix: &Matrix) -> Markup {
    let columns = columns(matrix);
    let table = html! {
        table class="cells stacks" {
            thead { tr {
                @for column in &columns { th scope="col" class=[column.is_figure.then_some("figure")] { (column.name) } }
                th scope="col" { "verdict" }
            } }
            tbody { @for row in rows(matrix) { (line(matrix, &row, &columns)) } }
        }
    };
    html! {
        p class="lead" { (ORDER) }
        (scrolling("Every cell", &table))
        p class="key" {
            "Latencies and rates are those of the load phase. Below a figure stands its 95 % interval, and where a system was tried several \
             times, from the lowest to the highest of all trials. Figures in italics are doubtful: their words say why where the pointer rests."
        }
    }
}

fn line(matrix: &Matrix, row: &MatrixRow<'_>, columns: &[MatrixColumn]) -> Markup {
    let verdict = sign(row.cell);
    let report = address(&Path::new(&row.cell.name).join("report.html"));
    let badge = html! {
        span class={ "badge " (verdict.class) } { span aria-hidden="true" { (verdict.sign) " " } (verdict.word) }
    };
    html! {
        tr {
            @for ((text, interval), column) in row.texts.iter().zip(columns) {
                @if column.is_figure {
                    td class="figure" data-is=(column.name) {
                        @if row.doubt.is_empty() { (text) } @else { span class="doubtful" title=(row.doubt) { (text) } }
                        @if let Some(interval) = interval { span class="interval" { (interval) } }
                    }
                } @else {
                    td data-is=(column.name) { (text) }
                }
            }
            td data-is="verdict" {
                @if row.cell.systems.is_empty() { (badge) } @else {
                    a href=(report) aria-label={ "Report of " (values(matrix, row.cell)) ": " (verdict.word) } { (badge) }
                }
            }
        }
    }
}

/// Why cells did not pass.
fn not_passed(matrix: &Matrix) -> Markup {
    let open: Vec<_> = matrix.in_order().into_iter().filter(|cell| sign(cell).word != "pass").collect();
    let list = html! {
        ul class="open" {
            @for cell in &open {
                li { strong { (values(matrix, cell)) } ": " (one_line(&cell.why)) "." }
            }
        }
    };
    if open.is_empty() {
        html! {}
    } else {
        titled("open", "What did not pass", &list)
    }
}
