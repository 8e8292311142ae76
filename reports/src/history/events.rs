//! Deliveries and settlements of all consumers, merged in the order of time.

use super::deliveries::Deliveries;
use super::error::HistoryError;
use super::readable::HistoryFile;
use super::reorder::{Sorted, Timed};
use super::settlements::Settlements;
use super::{Delivery, DeliveryBatch, Settlement, SettlementBatch};
use crate::units::Nanos;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// One thing that a consumer did.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It received a message.
    Delivery(Delivery),
    /// It learnt how a settlement ended.
    Settlement(Settlement),
}

impl Event {
    /// When: received, or settled.
    pub fn at(&self) -> Nanos {
        match self {
            Self::Delivery(delivery) => delivery.received,
            Self::Settlement(settlement) => settlement.settled,
        }
    }
}

/// The deliveries and settlements of all consumers by [`Event::at`]; at one instant deliveries come first, so that no
/// message is settled before it was delivered. Events of one file and instant keep the order in which they were written.
///
/// A file's rows are nearly in the order of time: several threads append to it. The order is exact where no row stands
/// more than [`WINDOW`](super::WINDOW) rows after its place in a sorted file. A row that is later still is delivered when
/// it is met, out of order, and counted in [`Events::late`].
///
/// Memory: the batches that cover two windows of each file.
#[derive(Debug)]
pub struct Events {
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

impl Source {
    fn head(&mut self, index: usize) -> Result<Option<Head>, HistoryError> {
        Ok(match self {
            Self::Deliveries(sorted) => sorted.peek()?.map(|at| (at, false, index)),
            Self::Settlements(sorted) => sorted.peek()?.map(|at| (at, true, index)),
        })
    }

    fn next(&mut self) -> Option<Event> {
        match self {
            Self::Deliveries(sorted) => sorted.next(|batch, row| Event::Delivery(batch.row(row))),
            Self::Settlements(sorted) => sorted.next(|batch, row| Event::Settlement(batch.row(row))),
        }
    }

    fn late(&self) -> u64 {
        match self {
            Self::Deliveries(sorted) => sorted.late(),
            Self::Settlements(sorted) => sorted.late(),
        }
    }
}

impl Events {
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
}

impl Iterator for Events {
    type Item = Result<Event, HistoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.failed.take() {
            (self.first, self.heads) = (None, BinaryHeap::new());
            return Some(Err(error));
        }
        let (.., index) = self.first.take().or_else(|| self.heads.pop().map(|Reverse(head)| head))?;
        let source = &mut self.sources[index];
        let event = source.next();
        match source.head(index) {
            Ok(Some(next)) if self.heads.peek().is_none_or(|Reverse(other)| next < *other) => self.first = Some(next),
            Ok(Some(next)) => self.heads.push(Reverse(next)),
            Ok(None) => {}
            Err(error) => self.failed = Some(error),
        }
        event.map(Ok)
    }
}
