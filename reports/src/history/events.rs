//! Deliveries and settlements of all consumers, merged in the order of time.

use super::deliveries::Deliveries;
use super::error::HistoryError;
use super::readable::HistoryFile;
use super::reorder::{RowRun, Sorted, Timed};
use super::settlements::Settlements;
use super::{DeliveryBatch, SettlementBatch};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Rows that are handed over together: enough that handing over costs nothing, few enough to stay in the processor's cache.
const ROWS_AT_ONCE: usize = 2048;

/// Consecutive events of one file, with none of another file between them.
#[derive(Clone, Debug)]
pub enum Events {
    /// It received messages; ordered by `received`.
    Deliveries(RowRun<DeliveryBatch>),
    /// It learnt how settlements ended; ordered by `settled`.
    Settlements(RowRun<SettlementBatch>),
}

/// The deliveries and settlements of all consumers in the order of time, `received` of the ones and `settled` of the others; at one
/// instant deliveries come first, so that no message is settled before it was delivered. Events of one file and instant keep the
/// order in which they were written. They come in small groups.
///
/// A file's rows are nearly in the order of time: several threads append to it. The order is exact where no row stands
/// more than [`WINDOW`](super::WINDOW) rows after its place in a sorted file. A row that is later still is delivered when
/// it is met, out of order, and counted in [`MergedEvents::late`].
///
/// Memory: of each file the batches that cover two windows, and those of groups that are still held.
#[derive(Debug)]
pub struct MergedEvents {
    sources: Vec<Source>,
    /// The first event of all, where it is known: a source goes on for long before it is another's turn.
    first: Option<Head>,
    /// The first event of every other source that has one.
    heads: BinaryHeap<Reverse<Head>>,
    failed: Option<HistoryError>,
}

/// When a source's next event happened, whether it is a settlement, and which source it is.
type Head = (u64, bool, usize);

#[derive(Debug)]
enum Source {
    Deliveries(Sorted<Deliveries>),
    Settlements(Sorted<Settlements>),
}

impl Timed for Deliveries {
    fn times(batch: &DeliveryBatch) -> &[u64] {
        &batch.received
    }
}

impl Timed for Settlements {
    fn times(batch: &SettlementBatch) -> &[u64] {
        &batch.settled
    }
}

impl Events {
    fn len(&self) -> usize {
        match self {
            Self::Deliveries(run) => run.rows.len(),
            Self::Settlements(run) => run.rows.len(),
        }
    }
}

impl Source {
    fn head(&mut self, index: usize) -> Result<Option<Head>, HistoryError> {
        Ok(match self {
            Self::Deliveries(sorted) => sorted.peek()?.map(|at| (at, false, index)),
            Self::Settlements(sorted) => sorted.peek()?.map(|at| (at, true, index)),
        })
    }

    /// Its next event, and those after it that precede the first one of all others.
    fn take(&mut self, index: usize, most: usize, other: Option<Head>) -> Option<Events> {
        let precedes = |head: Head| other.is_none_or(|other| head < other);
        match self {
            Self::Deliveries(sorted) => sorted.take(most, |at| precedes((at, false, index))).map(Events::Deliveries),
            Self::Settlements(sorted) => sorted.take(most, |at| precedes((at, true, index))).map(Events::Settlements),
        }
    }

    fn late(&self) -> u64 {
        match self {
            Self::Deliveries(sorted) => sorted.late(),
            Self::Settlements(sorted) => sorted.late(),
        }
    }
}

impl MergedEvents {
    pub(super) fn merge<'a>(
        deliveries: impl Iterator<Item = &'a HistoryFile>,
        settlements: impl Iterator<Item = &'a HistoryFile>,
    ) -> Result<Self, HistoryError> {
        let mut sources = Vec::new();
        for file in deliveries {
            sources.push(Source::Deliveries(Sorted::new(file.batches()?)));
        }
        for file in settlements {
            sources.push(Source::Settlements(Sorted::new(file.batches()?)));
        }
        let mut heads = BinaryHeap::with_capacity(sources.len());
        for (index, source) in sources.iter_mut().enumerate() {
            heads.extend(source.head(index)?.map(Reverse));
        }
        Ok(Self { sources, first: None, heads, failed: None })
    }

    /// How many events have come out of order so far, because their files were further out of order than the window.
    pub fn late(&self) -> u64 {
        self.sources.iter().map(Source::late).sum()
    }

    /// The next events of the source whose turn it is.
    fn take(&mut self, most: usize) -> Option<Events> {
        let (.., index) = self.first.take().or_else(|| self.heads.pop().map(|Reverse(head)| head))?;
        let other = self.heads.peek().map(|Reverse(head)| *head);
        let source = &mut self.sources[index];
        let events = source.take(index, most, other);
        match source.head(index) {
            Ok(Some(next)) if other.is_none_or(|other| next < other) => self.first = Some(next),
            Ok(Some(next)) => self.heads.push(Reverse(next)),
            Ok(None) => {}
            Err(error) => self.failed = Some(error),
        }
        events
    }
}

impl Iterator for MergedEvents {
    type Item = Result<Vec<Events>, HistoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.failed.take() {
            (self.first, self.heads) = (None, BinaryHeap::new());
            return Some(Err(error));
        }
        let (mut group, mut room) = (Vec::new(), ROWS_AT_ONCE);
        while room > 0
            && self.failed.is_none()
            && let Some(events) = self.take(room)
        {
            room -= events.len();
            group.push(events);
        }
        (!group.is_empty()).then_some(Ok(group))
    }
}
