//! Availability: how long nobody's send was acknowledged.
//!
//! A gap runs from one acknowledged send to the next, from the load's start to the first, or from the last to the
//! load's end, by the time of the acknowledgement. Acknowledgements are kept as the first and last of each slot of
//! time, so a gap that spans slots is exact; within a slot it is seen where acknowledgements come in order of time.

use super::source::Sent;
use super::timeline::Span;
use crate::history::Outcome;
use crate::units::{Nanos, ProducerId};
use std::collections::BTreeMap;

/// Slots for all producers together: gaps below are the rhythm of the load.
const SLOT: Nanos = Nanos::from_millis(10);
/// Slots for one producer; coarser, since there may be many.
const PRODUCER_SLOT: Nanos = Nanos::from_millis(100);
/// A gap counts as unavailable time from here on.
const UNAVAILABLE_FROM: Nanos = Nanos::SECOND;

/// Acknowledgements of the load phase.
#[derive(Clone, Debug)]
pub struct Availability {
    load: Span,
    all: Slots,
    producers: BTreeMap<ProducerId, Slots>,
}

/// Gaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// The longest, over all producers.
    pub longest: Nanos,
    /// Where it began.
    pub longest_from: Nanos,
    /// The sum of those of at least one second.
    pub unavailable: Nanos,
    /// The longest of each producer.
    pub by_producer: BTreeMap<ProducerId, Nanos>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    first: Nanos,
    last: Nanos,
    widest: Nanos,
}

#[derive(Clone, Debug)]
struct Slots {
    width: Nanos,
    slots: Vec<Option<Slot>>,
}

impl Availability {
    /// Nothing acknowledged yet, by any of these producers.
    pub fn new(load: Span, producers: u16) -> Self {
        let each = (0..producers).map(|producer| (ProducerId(producer), Slots::new(PRODUCER_SLOT)));
        Self { load, all: Slots::new(SLOT), producers: each.collect() }
    }

    /// A send.
    pub fn send(&mut self, sent: &Sent) {
        if sent.outcome != Outcome::Ok || !self.load.contains(sent.settled) {
            return;
        }
        let since = sent.settled.since(self.load.from);
        self.all.record(since);
        let slots = self.producers.entry(sent.message.producer).or_insert_with(|| Slots::new(PRODUCER_SLOT));
        slots.record(since);
    }

    /// The gaps.
    pub fn gaps(&self) -> Gaps {
        let length = self.load.length();
        let mut gaps = Gaps::default();
        self.all.each_gap(length, |from, gap| {
            if gap > gaps.longest {
                gaps.longest = gap;
                gaps.longest_from = self.load.from.plus(from);
            }
            if gap >= UNAVAILABLE_FROM {
                gaps.unavailable = gaps.unavailable.plus(gap);
            }
        });
        gaps.by_producer = self.producers.iter().map(|(producer, slots)| (*producer, slots.longest(length))).collect();
        gaps
    }
}

impl Slots {
    const fn new(width: Nanos) -> Self {
        Self { width, slots: Vec::new() }
    }

    fn record(&mut self, at: Nanos) {
        let index = (at.0 / self.width.0) as usize;
        if index >= self.slots.len() {
            self.slots.resize(index + 1, None);
        }
        match &mut self.slots[index] {
            Some(slot) if at >= slot.last => {
                slot.widest = slot.widest.max(at.since(slot.last));
                slot.last = at;
            }
            Some(slot) => slot.first = slot.first.min(at),
            empty => *empty = Some(Slot { first: at, last: at, widest: Nanos::ZERO }),
        }
    }

    fn each_gap(&self, length: Nanos, mut visit: impl FnMut(Nanos, Nanos)) {
        let mut before = Nanos::ZERO;
        for slot in self.slots.iter().flatten() {
            visit(before, slot.first.since(before));
            visit(slot.first, slot.widest);
            before = slot.last;
        }
        visit(before, length.since(before));
    }

    fn longest(&self, length: Nanos) -> Nanos {
        let mut longest = Nanos::ZERO;
        self.each_gap(length, |_, gap| longest = longest.max(gap));
        longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{MessageId, Partition, Sequence};

    fn acknowledged(producer: u16, millis: u64) -> Sent {
        let at = Nanos::from_millis(millis);
        let message = MessageId { producer: ProducerId(producer), partition: Partition(0), seq: Sequence(millis) };
        Sent { message, intended: at, started: at, settled: at, outcome: Outcome::Ok }
    }

    fn gaps_of(producers: u16, sends: &[Sent]) -> Gaps {
        let load = Span { from: Nanos::from_secs(1), to: Nanos::from_secs(11) };
        let mut availability = Availability::new(load, producers);
        sends.iter().for_each(|sent| availability.send(sent));
        availability.gaps()
    }

    #[test]
    fn a_load_without_a_success_is_one_gap() {
        let gaps = gaps_of(1, &[]);
        assert_eq!((gaps.longest, gaps.unavailable), (Nanos::from_secs(10), Nanos::from_secs(10)));
        assert_eq!(gaps.by_producer[&ProducerId(0)], Nanos::from_secs(10));
    }

    #[test]
    fn the_gap_between_two_successes_is_exact_and_dated() {
        let sends: Vec<_> =
            (1000..4003).step_by(3).chain((6501..11000).step_by(3)).map(|ms| acknowledged(0, ms)).collect();
        let gaps = gaps_of(1, &sends);
        assert_eq!(gaps.longest, Nanos::from_millis(6501 - 4000));
        assert_eq!(gaps.longest_from, Nanos::from_millis(4000));
        assert_eq!(gaps.unavailable, gaps.longest);
    }

    #[test]
    fn one_silent_producer_shows_in_its_own_gap_only() {
        let sends: Vec<_> = (1000..11000).map(|ms| acknowledged(u16::from(ms > 3000), ms)).collect();
        let gaps = gaps_of(2, &sends);
        assert!(gaps.longest < Nanos::from_millis(20));
        assert_eq!(gaps.by_producer[&ProducerId(0)], Nanos::from_secs(8));
        assert_eq!(gaps.unavailable, Nanos::ZERO);
    }

    #[test]
    fn what_failed_or_was_acknowledged_outside_the_load_fills_no_gap() {
        let failed = Sent { outcome: Outcome::Indeterminate, ..acknowledged(0, 5000) };
        let gaps = gaps_of(1, &[acknowledged(0, 500), failed, acknowledged(0, 12_000)]);
        assert_eq!(gaps.longest, Nanos::from_secs(10));
    }
}
