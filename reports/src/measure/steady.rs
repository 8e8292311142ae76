//! Steady: from a heal to the return of full service.
//!
//! Service has two sides. *Sending* carries what the schedule makes due; *consuming* carries what was acknowledged. What
//! a side carried is *slow* if it took more than twice the 99th percentile of before, a limit that is never asked to be
//! below 10 ms: response time for sending, end-to-end time for consuming.
//!
//! A second is *bad* for a side if of the messages due in it more than 5 % were not carried (acknowledged, or consumed) or
//! more than 1 % were slow, or if more than 1 % of what arrived in it was slow, or if at its beginning more was overdue
//! (already slow, and arriving later) than 1 % of what is due in it: that is how a backlog shows. A second in which nothing
//! was due, overdue or arrived says nothing. A side is *steady* at the first instant, to 100 ms, from which
//! no second within the next five is bad, and one is good. Service is steady at the first from which this holds for both.
//!
//! A fault's return is judged while no other fault is in force and until the next one begins; messages that were due so
//! late that the next fault can have made them slow are left out.

use super::timeline::Span;
use crate::units::Nanos;

/// How finely the instant is dated.
pub const STEP: Nanos = Nanos::from_millis(100);

/// How long service must stay good.
pub const HOLD: Nanos = Nanos::from_secs(5);

/// Steps in a judged second.
const STEPS: usize = 10;
/// Judged seconds that begin within the hold and end in it.
const HELD: usize = 41;
/// Of the messages that were due, one in this many may be left.
const LEFT_OUT_OF: u64 = 20;
/// Of the messages, one in this many may be slow.
const SLOW_OUT_OF: u64 = 100;
/// Twice this is the lowest limit of what is slow: below it, only the scheduler's noise would be judged.
const FLOOR: Nanos = Nanos::from_millis(5);

/// What came of a fault's return to service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steady {
    /// Steady from this instant on.
    From(Nanos),
    /// Steady was not shown while it could be judged.
    NotShown {
        /// It was certainly not steady before: the last bad second, or the heal where none was bad.
        earliest: Nanos,
        /// Judging ended here.
        until: Nanos,
    },
    /// There is nothing to compare with: nothing was carried before the first fault.
    NoReference,
}

/// What a side carried in a tenth of a second.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// Due in it.
    due: u32,
    /// Of these, carried at some time.
    carried: u32,
    /// Of these, slow.
    slow: u32,
    /// Arrived in it.
    arrived: u32,
    /// Of these, slow.
    arrived_slow: u32,
    /// What became overdue in it, less what was overdue and arrived in it.
    overdue: i32,
}

/// One side of the service over the load phase.
#[derive(Clone, Debug)]
pub struct Side {
    load: Span,
    /// What takes longer is slow. `None`: there is nothing to compare with.
    limit: Option<Nanos>,
    slots: Vec<Slot>,
}

impl Side {
    /// Empty. `before`: the 99th percentile of before the first fault.
    pub fn new(load: Span, before: Option<Nanos>) -> Self {
        let limit = before.map(|p99| Nanos(p99.max(FLOOR).0.saturating_mul(2)));
        Self { load, limit, slots: vec![Slot::default(); (load.length().0 / STEP.0) as usize] }
    }

    /// A message that was due then.
    #[inline]
    pub fn due(&mut self, at: Nanos) {
        if let Some(slot) = self.slot(at) {
            slot.due += 1;
        }
    }

    /// A message that was due then was carried.
    #[inline]
    pub fn carried(&mut self, due: Nanos) {
        if let Some(slot) = self.slot(due) {
            slot.carried += 1;
        }
    }

    /// A message that was due at one instant arrived at another: where it was to go, or at the end of patience.
    #[inline]
    pub fn arrived(&mut self, due: Nanos, at: Nanos) {
        if let Some(slot) = self.slot(at) {
            slot.arrived += 1;
        }
        if let Some(limit) = self.limit.filter(|limit| at.since(due) > *limit) {
            self.arrived_slow(due, at, limit);
        }
    }

    fn arrived_slow(&mut self, due: Nanos, at: Nanos, limit: Nanos) {
        if let Some(slot) = self.slot(due) {
            slot.slow += 1;
        }
        if let Some(slot) = self.slot(at) {
            slot.arrived_slow += 1;
            slot.overdue -= 1;
        }
        // What arrived before the load began is overdue in none of its seconds.
        let overdue = due.plus(limit).max(self.load.from);
        if at >= self.load.from
            && let Some(slot) = self.slot(overdue)
        {
            slot.overdue += 1;
        }
    }

    /// How much was overdue at the beginning of this step.
    fn overdue_at(&self, step: usize) -> i64 {
        self.slots.iter().take(step).map(|slot| i64::from(slot.overdue)).sum()
    }

    /// What the second that begins with this step says, where so much was overdue at its beginning.
    fn second(&self, step: usize, overdue: i64) -> Second {
        let Some(slots) = self.slots.get(step..step + STEPS) else { return Second::Silent };
        let sum = |part: fn(&Slot) -> u32| slots.iter().map(|slot| u64::from(part(slot))).sum::<u64>();
        let (due, carried, slow) = (sum(|slot| slot.due), sum(|slot| slot.carried), sum(|slot| slot.slow));
        let (arrived, arrived_slow) = (sum(|slot| slot.arrived), sum(|slot| slot.arrived_slow));
        let overdue = u64::try_from(overdue).unwrap_or(0);
        if due == 0 && arrived == 0 && overdue == 0 {
            return Second::Silent;
        }
        let left = due.saturating_sub(carried);
        let bad = left * LEFT_OUT_OF > due
            || overdue * SLOW_OUT_OF > due
            || slow * SLOW_OUT_OF > due.max(carried)
            || arrived_slow * SLOW_OUT_OF > arrived;
        if bad { Second::Bad } else { Second::Good }
    }

    fn slot(&mut self, at: Nanos) -> Option<&mut Slot> {
        let since = at.0.checked_sub(self.load.from.0)?;
        self.slots.get_mut((since / STEP.0) as usize)
    }
}

/// When sides of the same service were all steady after a heal, if that shows before the end of judging. What was due less
/// than a side's limit before a fault that ends it is not judged.
pub fn steady(sides: &[&Side], healed: Nanos, judged: JudgedUntil) -> Steady {
    let limits: Option<Vec<Nanos>> = sides.iter().map(|side| side.limit).collect();
    let (Some(load), Some(limit)) = (sides.first().map(|side| side.load), limits.and_then(|all| all.into_iter().max()))
    else {
        return Steady::NoReference;
    };
    let (end, usable) = match judged {
        JudgedUntil::ToLoadEnd => (load.to, load.to),
        JudgedUntil::ToFault(at) => (at.min(load.to), at.min(load.to).since(limit)),
    };
    let instant = |step: usize| load.from.plus(Nanos(step as u64 * STEP.0));
    let slots = sides.iter().map(|side| side.slots.len()).min().unwrap_or(0);
    let first = healed.since(load.from).0.div_ceil(STEP.0) as usize;
    let steps = (usable.since(load.from).0 / STEP.0) as usize;
    let after = (steps.min(slots) + 1).saturating_sub(STEPS);
    // Each with what is overdue at the step, and whether it had a good second since the last bad one of any.
    let mut walk: Vec<_> = sides.iter().map(|side| (side, side.overdue_at(first), false)).collect();
    let (mut since, mut earliest) = (first, healed);
    for step in first..after {
        let mut bad = false;
        for (side, overdue, shown) in &mut walk {
            match side.second(step, *overdue) {
                Second::Bad => bad = true,
                Second::Good => *shown = true,
                Second::Silent => {}
            }
            *overdue += i64::from(side.slots[step].overdue);
        }
        if bad {
            since = step + 1;
            earliest = instant(since);
            walk.iter_mut().for_each(|(_, _, shown)| *shown = false);
        }
        if walk.iter().all(|(_, _, shown)| *shown) && step + 1 >= since + HELD {
            return Steady::From(instant(since).max(healed));
        }
    }
    Steady::NotShown { earliest, until: end.max(healed) }
}

/// How long a return can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JudgedUntil {
    /// To the end of the load; what was due in it goes on being carried after it.
    ToLoadEnd,
    /// Until another fault is in force.
    ToFault(Nanos),
}

/// What a second says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Second {
    Good,
    Bad,
    Silent,
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOAD: Span = Span { from: Nanos::from_secs(100), to: Nanos::from_secs(130) };

    fn at(millis: u64) -> Nanos {
        LOAD.from.plus(Nanos::from_millis(millis))
    }

    /// A side over which a message is due every so often, and arrives as late as this says; `None`: never.
    fn side(every_ms: usize, late: impl Fn(u64) -> Option<u64>) -> Side {
        let mut side = Side::new(LOAD, Some(Nanos::from_millis(2)));
        for ms in (0..30_000).step_by(every_ms) {
            side.due(at(ms));
            if let Some(late) = late(ms) {
                side.carried(at(ms));
                side.arrived(at(ms), at(ms + late));
            }
        }
        side
    }

    /// Nothing passes from 10 to 15 s; what was due in between arrives a millisecond after.
    fn outage(ms: u64) -> Option<u64> {
        Some(if (10_000..15_000).contains(&ms) { 15_000 - ms + 1 } else { 1 })
    }

    #[test]
    fn a_side_is_steady_when_the_late_ones_have_left_the_judged_second() {
        assert_eq!(steady(&[&side(10, outage)], at(15_000), JudgedUntil::ToLoadEnd), Steady::From(at(15_100)));
    }

    #[test]
    fn a_message_every_ten_seconds_is_enough_to_be_steady() {
        let rare = side(10_000, |ms| Some(if ms == 10_000 { 5_300 } else { 1 }));
        assert_eq!(steady(&[&rare], at(15_000), JudgedUntil::ToLoadEnd), Steady::From(at(15_400)));
    }

    #[test]
    fn what_is_overdue_and_still_to_arrive_keeps_a_side_from_being_steady() {
        let claimed_late = side(10, |ms| Some(if (12_000..12_500).contains(&ms) { 24_000 - ms } else { 1 }));
        let Steady::From(steady) = steady(&[&claimed_late], at(15_000), JudgedUntil::ToLoadEnd) else { panic!() };
        assert!(steady > at(23_900) && steady < at(24_200), "{steady:?}");
    }

    #[test]
    fn seconds_in_which_nothing_was_due_alone_never_show_it() {
        let silent = Side::new(LOAD, Some(Nanos::from_millis(2)));
        let steady = steady(&[&silent], at(15_000), JudgedUntil::ToLoadEnd);
        assert_eq!(steady, Steady::NotShown { earliest: at(15_000), until: LOAD.to });
    }

    #[test]
    fn slow_messages_of_the_warm_up_are_forgotten_when_they_have_arrived() {
        let mut slow_start = side(10, outage);
        for ms in (0..2_000).step_by(10) {
            let due = Nanos(LOAD.from.0 - Nanos::from_millis(3_000 - ms).0);
            slow_start.arrived(due, due.plus(Nanos::from_millis(900)));
        }
        let after = |side: &Side| steady(&[side], at(15_000), JudgedUntil::ToLoadEnd);
        assert_eq!(after(&slow_start), Steady::From(at(15_100)));
        assert_eq!(after(&slow_start), after(&side(10, outage)));
    }

    #[test]
    fn slow_messages_at_the_full_rate_are_not_steady() {
        let slow = side(10, |ms| if ms < 15_000 { outage(ms) } else { Some(20) });
        let steady = steady(&[&slow], at(15_000), JudgedUntil::ToLoadEnd);
        assert_eq!(steady, Steady::NotShown { earliest: at(29_100), until: LOAD.to });
    }

    #[test]
    fn messages_that_never_arrive_are_not_steady() {
        let deaf = side(10, |ms| (ms < 10_000).then_some(1));
        let steady = steady(&[&deaf], at(15_000), JudgedUntil::ToLoadEnd);
        assert_eq!(steady, Steady::NotShown { earliest: at(29_100), until: LOAD.to });
    }

    #[test]
    fn one_bad_second_within_five_starts_the_hold_again() {
        let stumbling = side(10, |ms| if (17_000..17_100).contains(&ms) { Some(50) } else { outage(ms) });
        let Steady::From(steady) = steady(&[&stumbling], at(15_000), JudgedUntil::ToLoadEnd) else { panic!() };
        assert!(steady > at(17_000) && steady < at(17_300), "{steady:?}");
    }

    #[test]
    fn good_seconds_that_the_next_fault_cuts_short_leave_it_open_and_its_own_seconds_do_not_count() {
        let cut = side(10, |ms| if ms >= 18_000 { None } else { outage(ms) });
        let steady = steady(&[&cut], at(15_000), JudgedUntil::ToFault(at(18_000)));
        assert_eq!(steady, Steady::NotShown { earliest: at(15_100), until: at(18_000) });
    }

    #[test]
    fn what_was_due_just_before_the_next_fault_is_not_judged() {
        let caught = side(10, |ms| if ms >= 20_590 { None } else { outage(ms) });
        assert_eq!(steady(&[&caught], at(15_000), JudgedUntil::ToFault(at(20_600))), Steady::From(at(15_100)));
    }

    #[test]
    fn nothing_before_the_fault_is_no_reference() {
        let side = Side::new(LOAD, None);
        assert_eq!(steady(&[&side], at(0), JudgedUntil::ToLoadEnd), Steady::NoReference);
    }

    #[test]
    fn service_is_steady_when_both_sides_are_for_the_same_five_seconds() {
        let late = side(10, |ms| Some(if (10_000..18_000).contains(&ms) { 18_000 - ms + 1 } else { 1 }));
        let both = |one: &Side, other: &Side| steady(&[one, other], at(15_000), JudgedUntil::ToLoadEnd);
        assert_eq!(both(&side(10, outage), &late), Steady::From(at(18_100)));
        // Alone, each is steady for five seconds.
        let brief = side(10, |ms| if ms < 21_000 { outage(ms) } else { None });
        assert_eq!(steady(&[&brief], at(15_000), JudgedUntil::ToLoadEnd), Steady::From(at(15_100)));
        assert_eq!(both(&brief, &late), Steady::NotShown { earliest: at(29_100), until: LOAD.to });
    }

    #[test]
    fn a_side_that_is_silent_does_not_show_the_other() {
        let silent = Side::new(LOAD, Some(Nanos::from_millis(2)));
        let both = steady(&[&side(10, outage), &silent], at(15_000), JudgedUntil::ToLoadEnd);
        assert_eq!(both, Steady::NotShown { earliest: at(15_100), until: LOAD.to });
        let unknown = Side::new(LOAD, None);
        assert_eq!(steady(&[&silent, &unknown], at(15_000), JudgedUntil::ToLoadEnd), Steady::NoReference);
    }
}
