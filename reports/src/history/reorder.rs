//! One file's rows in the order of time, though they were written nearly so.

use super::error::HistoryError;
use super::file::FileBatches;
use super::table::HistoryTable;
use std::collections::VecDeque;

/// How many rows a row may stand after its place in a sorted file, and still be put there.
pub const WINDOW: usize = 16_384;

/// A table whose rows have a time to be sorted by.
pub(super) trait Timed: HistoryTable {
    /// The times of a batch's rows, in ns.
    fn times(batch: &Self::Batch) -> &[u64];
}

/// A row's time and place.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: u64,
    /// Counts the file's batches.
    batch: u32,
    row: u32,
}

/// The rows of one file, sorted within a window.
#[derive(Debug)]
pub(super) struct Sorted<T: Timed> {
    file: FileBatches<T>,
    /// The batches that `places` points into, with the number of rows of each that were not yet taken.
    batches: VecDeque<(T::Batch, usize)>,
    /// The number of the first of `batches`.
    first: u32,
    /// Sorted; what comes before `next` was taken.
    places: Vec<Place>,
    next: usize,
    /// How many of `places` no row that is still unread can precede.
    ready: usize,
    latest: u64,
    late: u64,
}

impl<T: Timed> Sorted<T> {
    pub(super) fn new(file: FileBatches<T>) -> Self {
        Self { file, batches: VecDeque::new(), first: 0, places: Vec::new(), next: 0, ready: 0, latest: 0, late: 0 }
    }

    /// The time of the next row.
    pub(super) fn peek(&mut self) -> Result<Option<u64>, HistoryError> {
        if self.next == self.ready {
            self.refill()?;
        }
        Ok(self.places[..self.ready].get(self.next).map(|place| place.at))
    }

    /// Takes the row that [`Sorted::peek`] told of.
    pub(super) fn next<R>(&mut self, row: impl FnOnce(&T::Batch, usize) -> R) -> Option<R> {
        let place = *self.places[..self.ready].get(self.next)?;
        self.next += 1;
        self.late += u64::from(place.at < self.latest);
        self.latest = self.latest.max(place.at);
        let (batch, left) = self.batches.get_mut((place.batch - self.first) as usize)?;
        let taken = row(batch, place.row as usize);
        *left -= 1;
        while self.batches.front().is_some_and(|(_, left)| *left == 0) {
            self.batches.pop_front();
            self.first += 1;
        }
        Some(taken)
    }

    /// How many rows came out of order so far.
    pub(super) fn late(&self) -> u64 {
        self.late
    }

    /// Reads until more than a window of rows is waiting, or the file ends, and sorts them.
    fn refill(&mut self) -> Result<(), HistoryError> {
        self.places.drain(..self.next);
        self.next = 0;
        let mut ended = false;
        while self.places.len() < 2 * WINDOW && !ended {
            match self.file.next()? {
                Some(batch) => self.add(batch),
                None => ended = true,
            }
        }
        // Stable, and quick on rows that are nearly in order.
        self.places.sort_by_key(|place| place.at);
        self.ready = if ended { self.places.len() } else { self.places.len() - WINDOW };
        Ok(())
    }

    fn add(&mut self, batch: T::Batch) {
        let number = self.first + self.batches.len() as u32;
        let times = T::times(&batch);
        self.places.extend((0..).zip(times).map(|(row, at)| Place { at: *at, batch: number, row }));
        let rows = times.len();
        self.batches.push_back((batch, rows));
    }
}
