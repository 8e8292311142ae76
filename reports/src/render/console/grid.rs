//! Cells of a terminal, aligned by display width.

use super::style::Style;
use crate::render::comparison::Comparison;
use crate::render::text::{fit, one_line, width};

/// Columns of a terminal that everything fits.
pub(super) const WIDTH: usize = 80;
const GAP: usize = 2;
/// No column of a name or a figure is wider.
const WIDEST: usize = 24;

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    None,
    Bold,
    Dim,
    Red,
    Yellow,
    Green,
}

/// The text in a colour, where colour is wanted.
pub(super) fn paint(text: &str, ink: Ink, style: Style) -> String {
    let code = match ink {
        Ink::None => return text.to_owned(),
        Ink::Bold => "1",
        Ink::Dim => "2",
        Ink::Red => "1;31",
        Ink::Yellow => "33",
        Ink::Green => "32",
    };
    match style {
        Style::Plain => text.to_owned(),
        Style::Coloured => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
    }
}

/// A cell's text and colour.
#[derive(Clone)]
pub(super) struct Piece {
    text: String,
    ink: Ink,
}

impl Piece {
    pub(super) fn plain(text: &str) -> Self {
        // Leading blanks are an indent of our own; what came from elsewhere has none left.
        let indent = text.len() - text.trim_start_matches(' ').len();
        Self { text: format!("{:indent$}{}", "", fit(&one_line(text), WIDEST)), ink: Ink::None }
    }

    pub(super) fn inked(mut self, ink: Ink) -> Self {
        self.ink = ink;
        self
    }

    fn set(&self, side: Alignment, columns: usize, style: Style) -> String {
        let blank = " ".repeat(columns.saturating_sub(width(&self.text)));
        let text = paint(&self.text, self.ink, style);
        match side {
            Alignment::Left => format!("{text}{blank}"),
            Alignment::Right => format!("{blank}{text}"),
        }
    }
}

/// Where a cell's text stands.
#[derive(Clone, Copy)]
pub(super) enum Alignment {
    Left,
    Right,
}

/// The largest display width.
pub(super) fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(width).max().unwrap_or(0)
}

/// The comparison's columns in blocks that fit beside their labels.
pub(super) fn blocks(comparison: &Comparison, label_width: usize, columns: usize) -> Vec<Vec<usize>> {
    let mut blocks: Vec<Vec<usize>> = Vec::new();
    let mut used = columns;
    for column in 0..comparison.columns.len() {
        let needed = GAP + column_width(comparison, column);
        if used + needed > columns {
            blocks.push(Vec::new());
            used = label_width;
        }
        used += needed;
        if let Some(block) = blocks.last_mut() {
            block.push(column);
        }
    }
    blocks
}

fn column_width(comparison: &Comparison, column: usize) -> usize {
    let rows = comparison.sections.iter().flat_map(|section| &section.rows);
    // A doubtful figure stands in parentheses.
    let cells = rows.map(|row| width(&row.cells[column].text) + 2).max().unwrap_or(0);
    width(&comparison.columns[column]).max(cells).min(WIDEST)
}

/// One row of the comparison.
pub(super) fn row(
    label: &Piece,
    cells: impl Iterator<Item = Piece>,
    label_width: usize,
    comparison: &Comparison,
    columns: &[usize],
    style: Style,
) -> String {
    let mut line = label.set(Alignment::Left, label_width, style);
    for (cell, column) in cells.zip(columns) {
        line.push_str(&" ".repeat(GAP));
        line.push_str(&cell.set(Alignment::Right, column_width(comparison, *column), style));
    }
    line.trim_end().to_owned()
}

/// Rows of as many cells each, every column as wide as its widest cell, indented by two.
pub(super) fn aligned<const N: usize>(rows: &[[Piece; N]], sides: [Alignment; N], style: Style) -> Vec<String> {
    let mut widths = [0; N];
    for row in rows {
        for (columns, piece) in widths.iter_mut().zip(row) {
            *columns = width(&piece.text).max(*columns);
        }
    }
    let line = |row: &[Piece; N]| {
        let cells = row.iter().zip(sides).zip(widths).map(|((piece, side), columns)| piece.set(side, columns, style));
        format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
