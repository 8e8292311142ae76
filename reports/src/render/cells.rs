//! The cells of the comparison table.

use super::text::ABSENT;
use crate::result::{RunResult, TrialResult};

/// Rows that belong together.
pub(super) struct Section {
    pub(super) heading: String,
    pub(super) rows: Vec<Row>,
}

/// One figure of every trial.
pub(super) struct Row {
    pub(super) label: &'static str,
    pub(super) weight: Weight,
    /// It tells of what consumers got or did.
    pub(super) of_consumers: bool,
    pub(super) cells: Vec<Cell>,
}

/// Whether a row is shown where there is little room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Main,
    Detail,
}

/// One figure.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) mark: Mark,
    /// Where it lies with 95 % confidence: `187 µs to 214 µs`.
    pub(super) interval: Option<String>,
}

/// What is special about a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nothing.
    None,
    /// The best of its row.
    Best,
    /// Something went wrong.
    Alarm,
    /// It was measured, but under conditions under which it says little.
    Doubtful,
}

impl Section {
    /// Without what cannot be: rows about consumers where no trial has any, and their cells in a trial that has none.
    pub(super) fn possible(mut self, result: &RunResult) -> Self {
        self.rows.retain(|row| !row.of_consumers || result.has_consumers());
        for row in self.rows.iter_mut().filter(|row| row.of_consumers) {
            let without = row.cells.iter_mut().zip(&result.trials).filter(|(_, trial)| !trial.has_consumers);
            without.for_each(|(cell, _)| *cell = Cell::plain(ABSENT.to_owned()));
        }
        self
    }
}

impl Row {
    pub(super) fn new(
        label: &'static str,
        weight: Weight,
        result: &RunResult,
        cell: impl Fn(&TrialResult) -> Cell,
    ) -> Self {
        Self { label, weight, of_consumers: false, cells: result.trials.iter().map(cell).collect() }
    }

    pub(super) fn marked(label: &'static str, weight: Weight, cells: impl Iterator<Item = (String, Mark)>) -> Self {
        Self { label, weight, of_consumers: false, cells: cells.map(|(text, mark)| Cell::new(text, mark)).collect() }
    }

    /// The same with where each figure lies.
    pub(super) fn within(mut self, intervals: impl Iterator<Item = Option<String>>) -> Self {
        self.cells.iter_mut().zip(intervals).for_each(|(cell, interval)| cell.interval = interval);
        self
    }

    /// The same, about consumers.
    pub(super) fn of_consumers(self) -> Self {
        Self { of_consumers: true, ..self }
    }

    /// A detail that found something is no detail.
    pub(super) fn raised(mut self) -> Self {
        if self.cells.iter().any(|cell| cell.mark == Mark::Alarm) {
            self.weight = Weight::Main;
        }
        self
    }
}

impl Cell {
    pub(super) const fn plain(text: String) -> Self {
        Self::new(text, Mark::None)
    }

    pub(super) const fn new(text: String, mark: Mark) -> Self {
        Self { text, mark, interval: None }
    }

    /// The cell with a mark, unless something went wrong.
    pub(super) fn marked(self, mark: Mark) -> Self {
        if self.mark == Mark::None { Self { mark, ..self } } else { self }
    }
}
