//! The cells of a matrix as people and file systems name them.

use super::matrix::Grid;
use std::collections::BTreeSet;

/// Longer values are cut in a cell's name.
const LONGEST_VALUE: usize = 32;
/// Longer names are not fit for a folder's; such cells are numbered.
const LONGEST_NAME: usize = 150;

/// A key that a matrix sweeps over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweptKey {
    /// As `--set` takes it: `workload.message.size`.
    pub key: String,
    /// As few of its last parts as tell it from the others: `size`.
    pub name: String,
    /// Its values as the file has them, text without its quotes; at least one.
    pub values: Vec<String>,
}

/// One choice of a value for each key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Fit for a folder's name, and no other cell's: `size=1KiB,partitions=6`.
    pub name: String,
    /// For each key, the place of its value among the key's.
    pub choice: Vec<usize>,
}

/// A key of a matrix that has one value only, because something from outside the file sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacedKey {
    /// As `--set` takes it.
    pub key: String,
    /// What sets it: `--set workload.partitions=6`, or a variable's name.
    pub by: String,
}

/// The keys of a matrix.
pub(super) fn swept(grid: &Grid) -> Vec<SweptKey> {
    let keys = grid.axes.iter().zip(grid.names());
    keys.map(|(axis, name)| SweptKey { key: axis.key.clone(), name, values: axis.written.clone() }).collect()
}

/// The cells of a matrix, in the order in which they are run.
pub(super) fn cells(grid: &Grid) -> Vec<Cell> {
    let keys = swept(grid);
    let mut taken = BTreeSet::new();
    let cell = |(number, choice): (usize, Vec<usize>)| {
        let named = keys.iter().zip(&choice).map(|(key, value)| {
            let value = key.values.get(*value).map_or("", String::as_str);
            format!("{}={}", fit(&key.name), fit(value))
        });
        let mut name = named.collect::<Vec<_>>().join(",");
        if name.len() > LONGEST_NAME {
            name = format!("cell-{}", number + 1);
        }
        // Different values may differ in signs only that no folder's name has.
        if !taken.insert(name.to_lowercase()) {
            name = format!("{name}-{}", number + 1);
            taken.insert(name.to_lowercase());
        }
        Cell { name, choice }
    };
    grid.choices().into_iter().enumerate().map(cell).collect()
}

/// A text with nothing in it but what stands in names of files everywhere.
fn fit(text: &str) -> String {
    let mut fit = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() || "-_.+".contains(letter) {
            fit.push(letter);
        } else if letter == 'µ' {
            fit.push('u');
        } else if !fit.ends_with('-') {
            fit.push('-');
        }
    }
    let fit = fit.trim_matches(['-', '.']);
    fit.chars().take(LONGEST_VALUE).collect()
}
