//! Virtual time: what happens when.

use super::event::Event;
use reports::units::Nanos;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

#[derive(Debug)]
struct Entry {
    at: Nanos,
    /// What was entered first happens first, where times are equal.
    number: u64,
    event: Event,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// What is still to happen.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    entries: BinaryHeap<Reverse<Entry>>,
    entered: u64,
}

impl Agenda {
    pub(super) fn at(&mut self, at: Nanos, event: Event) {
        self.entered += 1;
        self.entries.push(Reverse(Entry { at, number: self.entered, event }));
    }

    /// What will not happen any more, in no order.
    pub(super) fn rest(&mut self) -> impl Iterator<Item = Event> {
        std::mem::take(&mut self.entries).into_iter().map(|Reverse(entry)| entry.event)
    }

    pub(super) fn next(&mut self) -> Option<(Nanos, Event)> {
        self.entries.pop().map(|Reverse(entry)| (entry.at, entry.event))
    }
}
