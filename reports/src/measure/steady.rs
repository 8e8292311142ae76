//! Steady: from the heal to the return of full service.
//!
//! A second is *good* if at least 95 % of what it had to carry was acknowledged in it and the 99th percentile of the
//! response time of what settled in it is at most twice that of before, but never asked to be below 10 ms. What it had
//! to carry is the rate acknowledged before the first fault, or what the schedule offered in that second where that is
//! less; one message is forgiven for the second's edges. Catching up at a higher rate is good as soon as its times are.
//! The system is *steady* at the first instant, to 100 ms, from which every second within the next five is good.

use super::source::Sent;
use super::timeline::{Span, Timeline};
use crate::history::Outcome;
use crate::units::Nanos;

/// The step by which the second slides.
pub const STEP: Nanos = Nanos::from_millis(100);
/// Steps of a judged second.
const STEPS: usize = 10;
/// How long it must hold.
pub const HOLD: Nanos = Nanos::from_secs(5);
/// Seconds that begin within the hold and end within it.
const HELD: usize = 41;
/// The share of the demand that must be acknowledged.
const SHARE: f64 = 0.95;
/// A p99 below this counts as this: nobody waits for microseconds to come back.
const FLOOR: Nanos = Nanos::from_millis(5);

/// What service was like before the first fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Before {
    /// Acknowledged a second.
    pub per_second: f64,
    /// 99th percentile of the response time.
    pub p99: Nanos,
}

/// What came of one fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steady {
    /// Steady from this instant on.
    From(Nanos),
    /// It was not reached. `open`: from here on every second was good, but the load or the quiet ended too early.
    NotReached {
        /// The begin of the good seconds at the end.
        open: Option<Nanos>,
    },
    /// There is nothing before the fault to compare with.
    NoReference,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    offered: u32,
    acknowledged: u32,
    settled: u32,
    slow: u32,
}

/// What was offered and answered in each step of the load phase.
#[derive(Clone, Debug)]
pub struct Service {
    load: Span,
    before: Option<Before>,
    slots: Vec<Slot>,
}

impl Service {
    /// Empty. `before` is absent where nothing was acknowledged before the first fault.
    pub fn new(timeline: &Timeline, before: Option<Before>) -> Self {
        let steps = timeline.load.length().0 / STEP.0;
        Self { load: timeline.load, before, slots: vec![Slot::default(); steps as usize] }
    }

    /// A send.
    pub fn send(&mut self, sent: &Sent) {
        let slow_from = self.before.map_or(Nanos(u64::MAX), |before| Nanos(before.p99.max(FLOOR).0.saturating_mul(2)));
        if let Some(slot) = self.slot(sent.intended) {
            slot.offered += 1;
        }
        if let Some(slot) = self.slot(sent.settled) {
            slot.settled += 1;
            slot.acknowledged += u32::from(sent.outcome == Outcome::Ok);
            slot.slow += u32::from(sent.settled.since(sent.intended) > slow_from);
        }
    }

    /// When service was steady again after `healed`, judged up to `until`.
    pub fn steady(&self, healed: Nanos, until: Nanos) -> Steady {
        let Some(before) = self.before else { return Steady::NoReference };
        let first = healed.since(self.load.from).0.div_ceil(STEP.0) as usize;
        let end = (until.min(self.load.to).since(self.load.from).0 / STEP.0) as usize;
        let last = end.min(self.slots.len()).saturating_sub(STEPS);
        let mut good_since = None;
        for step in first..=last {
            if last == 0 || !self.good(step, before) {
                good_since = None;
                continue;
            }
            let since = *good_since.get_or_insert(step);
            if step + 1 - since >= HELD {
                return Steady::From(self.instant(since).max(healed));
            }
        }
        Steady::NotReached { open: good_since.map(|since| self.instant(since)) }
    }

    fn good(&self, step: usize, before: Before) -> bool {
        let Some(slots) = self.slots.get(step..step + STEPS) else { return false };
        let sum = |part: fn(&Slot) -> u32| slots.iter().map(|slot| u64::from(part(slot))).sum::<u64>();
        let (offered, acknowledged) = (sum(|slot| slot.offered), sum(|slot| slot.acknowledged));
        let (settled, slow) = (sum(|slot| slot.settled), sum(|slot| slot.slow));
        let needed = SHARE * before.per_second.min(offered as f64);
        settled > 0 && acknowledged > 0 && acknowledged as f64 + 1.0 >= needed && slow * 100 <= settled
    }

    fn instant(&self, step: usize) -> Nanos {
        self.load.from.plus(Nanos(step as u64 * STEP.0))
    }

    fn slot(&mut self, at: Nanos) -> Option<&mut Slot> {
        let since = at.0.checked_sub(self.load.from.0)?;
        self.slots.get_mut((since / STEP.0) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{MessageId, Partition, ProducerId, Sequence};

    const LOAD: Span = Span { from: Nanos::from_secs(100), to: Nanos::from_secs(130) };

    fn service(sends: impl IntoIterator<Item = Sent>) -> Service {
        let before = Some(Before { per_second: 100.0, p99: Nanos::from_millis(2) });
        let mut service = Service::new(&Timeline { load: LOAD, faults: Vec::new() }, before);
        sends.into_iter().for_each(|sent| service.send(&sent));
        service
    }

    /// 100 a second, each answered after `late(ms)` milliseconds.
    fn load(late: impl Fn(u64) -> u64) -> Vec<Sent> {
        let each = (0..3000).map(|seq| {
            let intended = LOAD.from.plus(Nanos::from_millis(seq * 10));
            let message = MessageId { producer: ProducerId(0), partition: Partition(0), seq: Sequence(seq) };
            let settled = intended.plus(Nanos::from_millis(late(seq * 10)));
            Sent { message, intended, started: intended, settled, outcome: Outcome::Ok }
        });
        each.collect()
    }

    /// What was intended between 10 and 15 s waits for 15 s.
    fn outage(ms: u64) -> u64 {
        if (10_000..15_000).contains(&ms) { 15_000 - ms + 1 } else { 1 }
    }

    #[test]
    fn service_is_steady_when_the_late_ones_have_left_the_judged_second() {
        let steady = service(load(outage)).steady(LOAD.from.plus(Nanos::from_secs(15)), Nanos(u64::MAX));
        assert_eq!(steady, Steady::From(LOAD.from.plus(Nanos::from_millis(15_100))));
    }

    #[test]
    fn slow_answers_are_not_steady_at_full_rate() {
        let slow = |ms| if ms < 15_000 { outage(ms) } else { 20 };
        let steady = service(load(slow)).steady(LOAD.from.plus(Nanos::from_secs(15)), Nanos(u64::MAX));
        assert_eq!(steady, Steady::NotReached { open: None });
    }

    #[test]
    fn one_bad_second_within_five_starts_the_hold_again() {
        let stumbling = |ms| if ms == 17_000 { 50 } else { outage(ms) };
        let sends = load(stumbling).into_iter().filter(|sent| {
            let at = sent.intended.since(LOAD.from).0 / 1_000_000;
            !(17_000..17_200).contains(&at)
        });
        let steady = service(sends.chain(late_again())).steady(LOAD.from.plus(Nanos::from_secs(15)), Nanos(u64::MAX));
        let Steady::From(at) = steady else { panic!("{steady:?}") };
        assert!(at > LOAD.from.plus(Nanos::from_secs(17)), "{at:?}");
    }

    fn late_again() -> Vec<Sent> {
        load(|_| 500).into_iter().filter(|sent| (1700..1720).contains(&sent.message.seq.0)).collect()
    }

    #[test]
    fn good_seconds_that_the_load_cuts_short_leave_it_open() {
        let healed = LOAD.from.plus(Nanos::from_secs(27));
        let steady = service(load(|_| 1)).steady(healed, Nanos(u64::MAX));
        assert_eq!(steady, Steady::NotReached { open: Some(healed) });
    }

    #[test]
    fn silence_is_not_steady() {
        let until = LOAD.from.plus(Nanos::from_secs(10));
        let early = load(|_| 1).into_iter().filter(|sent| sent.intended < until);
        let steady = service(early).steady(until, Nanos(u64::MAX));
        assert_eq!(steady, Steady::NotReached { open: None });
    }

    #[test]
    fn nothing_before_the_fault_is_no_reference() {
        let service = Service::new(&Timeline { load: LOAD, faults: Vec::new() }, None);
        assert_eq!(service.steady(LOAD.from, Nanos(u64::MAX)), Steady::NoReference);
    }
}
