//! One file's rows in the order of time, though they were written nearly so.

use super::error::HistoryError;
use super::file::FileBatches;
use super::table::HistoryTable;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// How many rows a row may stand after its place in a sorted file, and still be put there.
pub const WINDOW: usize = 16_384;

/// A table whose rows have a time to be sorted by.
pub(super) trait Timed: HistoryTable {
    /// The times of a batch's rows, in ns.
    fn times(batch: &Self::Batch) -> &[u64];
}

/// Rows of one batch that follow each other in the order of time.
#[derive(Clone, Debug)]
pub struct RowRun<B> {
    /// The batch, other rows of which may belong elsewhere.
    pub batch: Arc<B>,
    /// Which rows.
    pub rows: Range<usize>,
}

/// The rows of one file, sorted within a window.
#[derive(Debug)]
pub(super) struct Sorted<T: Timed> {
    file: FileBatches<T>,
    /// The rows that wait, in the order in which they are taken: a batch that lies in order is one run.
    runs: VecDeque<RowRun<T::Batch>>,
    /// How many rows wait.
    waiting: usize,
    /// How many of them no row that is still unread can precede.
    ready: usize,
    /// The latest time that was read.
    read: u64,
    /// The latest time that was taken.
    taken: u64,
    late: u64,
}

impl<T: Timed> Sorted<T> {
    pub(super) fn new(file: FileBatches<T>) -> Self {
        Self { file, runs: VecDeque::new(), waiting: 0, ready: 0, read: 0, taken: 0, late: 0 }
    }

    /// The time of the next row.
    pub(super) fn peek(&mut self) -> Result<Option<u64>, HistoryError> {
        if self.ready == 0 {
            self.refill()?;
        }
        Ok(self.runs.front().map(|next| T::times(&next.batch)[next.rows.start]))
    }

    /// Takes the row that [`Sorted::peek`] told of, and with it as many of those after it as precede something, lie beside it, and
    /// are no more than `most` in all.
    pub(super) fn take(&mut self, most: usize, precedes: impl Fn(u64) -> bool) -> Option<RowRun<T::Batch>> {
        let most = most.min(self.ready);
        let next = self.runs.front_mut().filter(|_| most > 0)?;
        let rows = next.rows.start..next.rows.end.min(next.rows.start + most);
        let times = &T::times(&next.batch)[rows.clone()];
        let times = &times[..leading(times, precedes).max(1)];
        self.late += times.partition_point(|at| *at < self.taken) as u64;
        self.taken = times.last().map_or(self.taken, |last| self.taken.max(*last));
        let taken = RowRun { batch: Arc::clone(&next.batch), rows: rows.start..rows.start + times.len() };
        (self.waiting, self.ready) = (self.waiting - times.len(), self.ready - times.len());
        next.rows.start = taken.rows.end;
        if next.rows.is_empty() {
            self.runs.pop_front();
        }
        Some(taken)
    }

    /// How many rows came out of order so far.
    pub(super) fn late(&self) -> u64 {
        self.late
    }

    /// Reads until more than a window of rows is waiting, or the file ends, and sorts them where they are out of order.
    fn refill(&mut self) -> Result<(), HistoryError> {
        let (mut is_sorted, mut has_ended) = (true, false);
        while self.waiting < 2 * WINDOW && !has_ended {
            match self.file.next()? {
                Some(batch) => is_sorted &= self.add(batch),
                None => has_ended = true,
            }
        }
        if !is_sorted {
            self.sort();
        }
        self.ready = if has_ended { self.waiting } else { self.waiting - WINDOW };
        Ok(())
    }

    /// Whether no row of a batch must be taken before one that was read earlier.
    fn add(&mut self, batch: T::Batch) -> bool {
        let times = T::times(&batch);
        let follows = times.first().is_none_or(|first| *first >= self.read) && times.is_sorted();
        self.read = times.iter().fold(self.read, |latest, at| latest.max(*at));
        self.waiting += times.len();
        let rows = 0..times.len();
        self.runs.push_back(RowRun { batch: Arc::new(batch), rows });
        follows
    }

    /// Sorts the rows that wait by time; those of one instant stay in the order in which they were written.
    fn sort(&mut self) {
        let unsorted = std::mem::take(&mut self.runs);
        let mut places = Vec::with_capacity(self.waiting);
        for (index, run) in unsorted.iter().enumerate() {
            let times = T::times(&run.batch);
            places.extend(run.rows.clone().map(|row| (times[row], index, row)));
        }
        // Quick on rows that are nearly in order.
        places.sort_by_key(|(at, ..)| *at);
        for (_, index, row) in places {
            let batch = &unsorted[index].batch;
            match self.runs.back_mut() {
                Some(last) if last.rows.end == row && Arc::ptr_eq(&last.batch, batch) => last.rows.end += 1,
                _ => self.runs.push_back(RowRun { batch: Arc::clone(batch), rows: row..row + 1 }),
            }
        }
    }
}

/// How many of ascending times, from the first on, precede something; looks at few where few do.
fn leading(times: &[u64], precedes: impl Fn(u64) -> bool) -> usize {
    let mut end = 1;
    while end < times.len() && precedes(times[end - 1]) {
        end *= 2;
    }
    times[..end.min(times.len())].partition_point(|at| precedes(*at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn those_that_precede_are_counted_wherever_they_end(mut times in prop::collection::vec(0..50_u64, 0..100), limit in 0..60_u64) {
            times.sort_unstable();
            prop_assert_eq!(leading(&times, |at| at < limit), times.iter().filter(|at| **at < limit).count());
        }
    }
}
