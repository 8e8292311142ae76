//! The systems side by side.

use super::elements::{class, scrolling, titled};
use crate::render::cells::{Cell, Mark, Row, Section, Weight};
use crate::render::comparison::Comparison;
use crate::render::text::width;
use maud::{Markup, html};

/// Columns of a figure at most; `100,000 msg/s` has less.
const LONG: usize = 15;

pub(super) fn section(comparison: &Comparison) -> Markup {
    if comparison.columns.is_empty() {
        return titled("comparison", "Side by side", &html! { p { "No trial was judged." } });
    }
    let body = html! {
        (tables(comparison, Weight::Main))
        @if marks(comparison, Mark::Best) {
            p class="key" {
                span class="best" { "Marked" } " figures are better than every other system's by at least 5 %, in every repeat."
            }
        }
        @if cells(comparison).any(|cell| cell.interval.is_some()) {
            p class="key" {
                "Small figures say where the one above lies with 95 % confidence, by how it varies within its trial. Repeats \
                 differ by more."
            }
        }
        @if marks(comparison, Mark::Doubtful) {
            p class="key" { span class="doubtful" { "Pale" } " figures were measured, but cannot be compared." }
        }
        @for remark in &comparison.remarks { p class="remark" { (remark) } }
        details {
            summary { "All figures" }
            (tables(comparison, Weight::Detail))
        }
    };
    titled("comparison", "Side by side", &body)
}

fn marks(comparison: &Comparison, mark: Mark) -> bool {
    cells(comparison).any(|cell| cell.mark == mark)
}

fn cells(comparison: &Comparison) -> impl Iterator<Item = &Cell> {
    comparison.sections.iter().flat_map(|section| &section.rows).flat_map(|row| &row.cells)
}

fn tables(comparison: &Comparison, down_to: Weight) -> Markup {
    let columns = comparison.columns.len();
    html! {
        div class="tables" style={ "--systems:" (columns) } {
            @for section in &comparison.sections { (scrolling(&section.heading, &table(comparison, section, down_to))) }
        }
    }
}

fn table(comparison: &Comparison, section: &Section, down_to: Weight) -> Markup {
    let wanted = |row: &&Row| down_to == Weight::Detail || row.weight == Weight::Main;
    html! {
        table class="figures" {
            thead { tr {
                th scope="col" { (section.heading) }
                @for column in &comparison.columns { th scope="col" { (column) } }
            } }
            tbody { @for row in section.rows.iter().filter(wanted) {
                tr {
                    th scope="row" { (row.label) }
                    @for cell in &row.cells { td class=[is_long(cell).then_some("long")] { (figure(cell)) } }
                }
            } }
        }
    }
}

/// Words, and not a figure: they may be broken.
fn is_long(cell: &Cell) -> bool {
    width(&cell.text) > LONG
}

fn figure(cell: &Cell) -> Markup {
    html! {
        span class=[class(cell.mark)] { (cell.text) @if cell.mark == Mark::Best { span class="hidden" { " (best)" } } }
        @if let Some(interval) = &cell.interval { span class="interval" { (interval) } }
    }
}
