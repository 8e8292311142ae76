//! Availability: how long a send was due and nobody's was acknowledged.
//!
//! A gap ends with an acknowledged send, and begins with the one before it (or with the load) if a send was due and not
//! settled then, else with the first send that became due in between. Time in which nothing was due is no gap. What is
//! due at the load's end is waited for: the last gap ends with the first acknowledgement after it, or with the load where
//! none came.
//!
//! Acknowledgements are kept as the first and last of each slot of time, so a gap that spans slots is exact at its end; it
//! is exact at its beginning too where an acknowledgement began it, or a send that was the first due in its slot. Within a
//! slot a gap is seen where acknowledgements come in order of time.

use super::source::Sent;
use super::timeline::Span;
use crate::history::Outcome;
use crate::units::{Nanos, ProducerId};
use std::collections::BTreeMap;

/// The width of a slot over all producers.
const SLOT: Nanos = Nanos::from_millis(10);
/// The width of a slot of one producer.
const PRODUCER_SLOT: Nanos = Nanos::from_millis(100);
/// For how much of a load room is made before anything is known of it.
const LONGEST_AT_ONCE: Nanos = Nanos::from_secs(3600);
/// Gaps from here on count as unavailable time.
const UNAVAILABLE_FROM: Nanos = Nanos::SECOND;

/// Collects due and settled sends of the load phase.
#[derive(Clone, Debug)]
pub struct Availability {
    load: Span,
    all: Slots<{ SLOT.0 }>,
    /// By number.
    producers: Vec<Slots<{ PRODUCER_SLOT.0 }>>,
}

/// Gaps without a success while something was due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// The longest over all producers.
    pub longest: Nanos,
    /// When it began.
    pub longest_from: Nanos,
    /// Sum of the gaps over all producers that lasted at least a second.
    pub unavailable: Nanos,
    /// The longest of each producer.
    pub by_producer: BTreeMap<ProducerId, Nanos>,
}

/// A slot of time. Instants count from its start, in ns, so that a slot is small: a long load has many.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// The first send that became due in it.
    first_due: u32,
    /// Sends that became due in it.
    due: u32,
    /// Sends that settled in it, however they ended.
    settled: u32,
    /// The first acknowledgement in it.
    first: u32,
    /// The last.
    last: u32,
    /// The longest time between two of them in a row.
    widest: u32,
}

/// No such instant.
const NEVER: u32 = u32::MAX;

const EMPTY: Slot = Slot { first_due: NEVER, due: 0, settled: 0, first: NEVER, last: NEVER, widest: 0 };

/// Slots of so many nanoseconds, from the load's start.
#[derive(Clone, Debug)]
struct Slots<const WIDTH: u64> {
    slots: Vec<Slot>,
    /// The first acknowledgement after the load.
    after: Option<Nanos>,
}

impl Availability {
    /// Empty; every producer has its own gaps, also one that never succeeds.
    pub fn new(load: Span, producers: u16) -> Self {
        let each = (0..producers).map(|_| Slots::new());
        Self { load, all: Slots::new().with_room_for(load.length()), producers: each.collect() }
    }

    /// A send. One that was due before the load counts as due at its start, unless it had settled by then.
    #[inline]
    pub fn send(&mut self, sent: &Sent) {
        if sent.settled < self.load.from || sent.intended >= self.load.to {
            return;
        }
        let due = sent.intended.since(self.load.from);
        let settled = sent.settled.since(self.load.from);
        let length = self.load.length();
        self.all.record(due, settled, sent.outcome, length);
        let index = usize::from(sent.message.producer.0);
        if index >= self.producers.len() {
            self.producers.resize_with(index + 1, Slots::new);
        }
        self.producers[index].record(due, settled, sent.outcome, length);
    }

    /// The gaps.
    pub fn gaps(&self) -> Gaps {
        let length = self.load.length();
        let mut gaps = Gaps { longest_from: self.load.from, ..Gaps::default() };
        self.all.each_gap(length, |from, gap| {
            if gap > gaps.longest {
                gaps.longest = gap;
                gaps.longest_from = self.load.from.plus(from);
            }
            if gap >= UNAVAILABLE_FROM {
                gaps.unavailable = gaps.unavailable.plus(gap);
            }
        });
        let longest = self.producers.iter().map(|slots| slots.longest(length));
        gaps.by_producer = (0..).map(ProducerId).zip(longest).collect();
        gaps
    }
}

impl<const WIDTH: u64> Slots<WIDTH> {
    const fn new() -> Self {
        Self { slots: Vec::new(), after: None }
    }

    /// The slots of a load this long find room without being copied.
    fn with_room_for(mut self, load: Nanos) -> Self {
        self.slots.reserve_exact(load.0.min(LONGEST_AT_ONCE.0).div_ceil(WIDTH) as usize);
        self
    }

    #[inline]
    fn record(&mut self, due: Nanos, settled: Nanos, outcome: Outcome, length: Nanos) {
        let (slot, at) = self.at(due);
        slot.due += 1;
        slot.first_due = slot.first_due.min(at);
        if settled >= length {
            if outcome == Outcome::Ok {
                self.after = Some(self.after.map_or(settled, |after| after.min(settled)));
            }
            return;
        }
        let (slot, at) = self.at(settled);
        slot.settled += 1;
        if outcome != Outcome::Ok {
            return;
        }
        if slot.first == NEVER {
            (slot.first, slot.last) = (at, at);
        } else if at >= slot.last {
            slot.widest = slot.widest.max(at - slot.last);
            slot.last = at;
        } else {
            slot.first = slot.first.min(at);
        }
    }

    /// The slot that an instant is in, and where in it.
    #[inline]
    fn at(&mut self, at: Nanos) -> (&mut Slot, u32) {
        let index = (at.0 / WIDTH) as usize;
        if index >= self.slots.len() {
            self.slots.resize(index + 1, EMPTY);
        }
        (&mut self.slots[index], (at.0 % WIDTH) as u32)
    }

    /// Visits every gap: when it begins, since the load's start, and its length.
    fn each_gap(&self, length: Nanos, mut visit: impl FnMut(Nanos, Nanos)) {
        // Where the current gap began, once something is due; the time of the last acknowledgement, where nothing is yet.
        let (mut waiting, mut open) = (None, 0_u64);
        for (index, slot) in (0..).zip(&self.slots) {
            let instant = |at: u32| (at != NEVER).then(|| Nanos(index * WIDTH + u64::from(at)));
            waiting = waiting.or(instant(slot.first_due));
            open += u64::from(slot.due);
            if let Some(first) = instant(slot.first) {
                if let Some(from) = waiting.filter(|from| *from < first) {
                    visit(from, first.since(from));
                }
                visit(first, Nanos(slot.widest.into()));
            }
            open = open.saturating_sub(u64::from(slot.settled));
            if slot.first != NEVER {
                waiting = instant(slot.last).filter(|_| open > 0);
            }
        }
        if let Some(from) = waiting {
            let to = self.after.filter(|_| open > 0).unwrap_or(length);
            visit(from, to.since(from));
        }
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

    /// A send that was due at one time and settled at another, in milliseconds of the clock on which the load begins at
    /// one second and ends at eleven.
    fn send(producer: u16, due: u64, settled: u64, outcome: Outcome) -> Sent {
        let message = MessageId { producer: ProducerId(producer), partition: Partition(0), seq: Sequence(due) };
        let (intended, settled) = (Nanos::from_millis(due), Nanos::from_millis(settled));
        Sent { message, intended, started: intended, settled, outcome }
    }

    fn ok(producer: u16, due: u64, settled: u64) -> Sent {
        send(producer, due, settled, Outcome::Ok)
    }

    fn gaps_of(producers: u16, sends: impl IntoIterator<Item = Sent>) -> Gaps {
        let load = Span { from: Nanos::from_secs(1), to: Nanos::from_secs(11) };
        let mut availability = Availability::new(load, producers);
        sends.into_iter().for_each(|sent| availability.send(&sent));
        availability.gaps()
    }

    #[test]
    fn a_load_without_a_success_is_one_gap_from_the_first_send_that_was_due() {
        let gaps = gaps_of(1, (1200..11_000).step_by(100).map(|due| send(0, due, due + 50, Outcome::Indeterminate)));
        assert_eq!((gaps.longest, gaps.unavailable), (Nanos::from_millis(9800), Nanos::from_millis(9800)));
        assert_eq!(gaps.by_producer[&ProducerId(0)], Nanos::from_millis(9800));
    }

    #[test]
    fn a_load_in_which_nothing_was_due_has_no_gap() {
        assert_eq!(gaps_of(1, []).longest, Nanos::ZERO);
    }

    #[test]
    fn the_gap_between_two_successes_is_exact_and_dated() {
        let sends = (1000..11_000).step_by(3).map(|due| ok(0, due, if due > 4000 { due.max(6501) } else { due + 1 }));
        let gaps = gaps_of(1, sends);
        assert_eq!(gaps.longest, Nanos::from_millis(6501 - 4001));
        assert_eq!(gaps.longest_from, Nanos::from_millis(4001));
        assert_eq!(gaps.unavailable, gaps.longest);
    }

    #[test]
    fn time_in_which_nothing_was_due_is_no_gap() {
        let gaps = gaps_of(1, [ok(0, 2000, 2001), ok(0, 4000, 6400), ok(0, 8000, 8001)]);
        assert_eq!((gaps.longest, gaps.longest_from), (Nanos::from_millis(2400), Nanos::from_millis(4000)));
        assert_eq!(gaps.unavailable, Nanos::from_millis(2400));
    }

    #[test]
    fn one_silent_producer_shows_in_its_own_gap_only() {
        let silent = (1000..11_000).step_by(10).map(|due| match due {
            ..=3000 => ok(0, due, due + 1),
            _ => send(0, due, due + 5, Outcome::Failed),
        });
        let gaps = gaps_of(2, silent.chain((1000..11_000).step_by(10).map(|due| ok(1, due, due + 1))));
        assert!(gaps.longest < Nanos::from_millis(20), "{gaps:?}");
        let own = gaps.by_producer[&ProducerId(0)];
        assert!(own > Nanos::from_millis(7890) && own <= Nanos::from_millis(8000), "{own:?}");
        assert_eq!(gaps.unavailable, Nanos::ZERO);
    }

    #[test]
    fn what_failed_or_was_due_outside_the_load_fills_no_gap() {
        let failed = send(0, 5000, 5000, Outcome::Indeterminate);
        let gaps = gaps_of(1, [ok(0, 500, 501), send(0, 1000, 1001, Outcome::Failed), failed, ok(0, 12_000, 12_001)]);
        assert_eq!(gaps.longest, Nanos::from_secs(10));
    }

    #[test]
    fn the_last_instant_of_a_slot_is_an_instant_like_any_other() {
        let at =
            |nanos: u64| Sent { intended: Nanos(nanos), started: Nanos(nanos), settled: Nanos(nanos), ..ok(0, 0, 0) };
        let (last, first) = (1_999_999_999, 4_000_000_000);
        let gaps = gaps_of(1, [at(last), Sent { settled: Nanos(first), ..at(last) }]);
        assert_eq!((gaps.longest, gaps.longest_from), (Nanos(first - last), Nanos(last)));
    }

    #[test]
    fn what_is_due_at_the_end_of_the_load_is_waited_for() {
        let gaps = gaps_of(1, [ok(0, 2000, 2001), ok(0, 9000, 14_000)]);
        assert_eq!((gaps.longest, gaps.longest_from), (Nanos::from_secs(5), Nanos::from_secs(9)));
        let never = gaps_of(1, [ok(0, 2000, 2001), send(0, 9000, 14_000, Outcome::Indeterminate)]);
        assert_eq!(never.longest, Nanos::from_secs(2));
    }
}
