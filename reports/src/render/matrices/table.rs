//! The table of a matrix: one row for each cell and system.

use super::words::{interval, quantity};
use crate::matrix::{CellFigure, CellSystem, Matrix, MatrixCell};
use crate::render::text::{ABSENT, one_line};

/// The figures that are shown: their names, and the headings of their columns.
const SHOWN: [(&str, &str); 8] = [
    ("throughput", "acknowledged"),
    ("service-p50", "service p50"),
    ("service-p99", "service p99"),
    ("response-p50", "response p50"),
    ("response-p99", "response p99"),
    ("end-to-end-p50", "end-to-end p50"),
    ("end-to-end-p99", "end-to-end p99"),
    ("broker-cpu", "broker CPU / msg"),
];

/// Of which the interval stands below the figure; those of all are in `matrix.json`.
const WITH_INTERVAL: [&str; 2] = ["throughput", "end-to-end-p99"];

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::render) struct MatrixColumn {
    pub(in crate::render) name: String,
    /// It holds figures.
    pub(in crate::render) is_figure: bool,
}

/// A row, without its verdict.
pub(in crate::render) struct MatrixRow<'m> {
    pub(in crate::render) cell: &'m MatrixCell,
    /// What the speed of the system is doubtful for; empty: it is not.
    pub(in crate::render) doubt: String,
    /// One text for each column, and where a figure has one, its interval.
    pub(in crate::render) texts: Vec<(String, Option<String>)>,
}

/// The columns: the keys, the system, the figures.
pub(in crate::render) fn columns(matrix: &Matrix) -> Vec<MatrixColumn> {
    let words = matrix.keys.iter().map(|key| one_line(&key.name)).chain(["system".to_owned()]);
    let words = words.map(|name| MatrixColumn { name, is_figure: false });
    words.chain(SHOWN.map(|(_, name)| MatrixColumn { name: name.to_owned(), is_figure: true })).collect()
}

/// The rows, by the values of the keys, then the systems. A cell of which nothing is known has one.
pub(in crate::render) fn rows(matrix: &Matrix) -> Vec<MatrixRow<'_>> {
    matrix.in_order().into_iter().flat_map(|cell| of_cell(matrix, cell)).collect()
}

fn of_cell<'m>(matrix: &'m Matrix, cell: &'m MatrixCell) -> Vec<MatrixRow<'m>> {
    let values: Vec<(String, Option<String>)> = matrix.values(cell).map(|(_, value)| (one_line(value), None)).collect();
    let absent = || (ABSENT.to_owned(), None);
    if cell.systems.is_empty() {
        let texts = values.into_iter().chain(std::iter::repeat_with(absent).take(1 + SHOWN.len())).collect();
        return vec![MatrixRow { cell, doubt: String::new(), texts }];
    }
    let row = |system: &'m CellSystem| {
        let figures = SHOWN.iter().map(|(name, _)| {
            let told = |figure: &CellFigure| {
                let interval = WITH_INTERVAL.contains(name).then(|| interval(figure)).flatten();
                (quantity(figure.value, figure.unit), interval)
            };
            system.figure(name).map_or_else(absent, told)
        });
        let name = (one_line(&system.system), None);
        let texts = values.iter().cloned().chain([name]).chain(figures).collect();
        MatrixRow { cell, doubt: one_line(&system.doubt), texts }
    };
    cell.systems.iter().map(row).collect()
}
