//! A matrix: a scenario with several values for some of its keys, and what came of each cell.
//! From here results may be read; nothing is run and nothing is drawn.
//! To tell one more figure of a system: add its row to `FIGURES` in `figures.rs`.

mod figures;
mod found;

pub use figures::{CellFigure, FIGURES};
pub use found::{CellOutcome, CellSystem, FixedKey, MATRIX_FILE, MATRIX_SCHEMA, Matrix, MatrixCell, MatrixKey};
