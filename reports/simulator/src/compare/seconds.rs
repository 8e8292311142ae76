//! Seconds after a heal that no definition of steady service can call good.

use super::Known;
use crate::plan::FaultPlan;
use reports::history::Outcome;
use reports::units::Nanos;

/// Seconds are judged from every such step of the load on.
const STEP: u64 = 100_000_000;
/// So many begin within the five seconds that must be good, and end in them.
const JUDGED: u64 = 41;

/// None of the seconds that make an instant steady has more than one in twenty of what is due in it never acknowledged.
pub(super) fn all_good(known: &Known<'_>, steady: Nanos) -> bool {
    let load = &known.plan.load;
    let first = steady.since(load.from).0.div_ceil(STEP);
    (first..first + JUDGED).all(|step| {
        let from = load.from.plus(Nanos(step * STEP));
        let sends = load.schedule.iter().zip(&known.truth.sends);
        let due = sends.filter(|(due, send)| {
            from <= due.at && due.at < from.plus(Nanos::SECOND).min(load.to) && send.ended.is_some()
        });
        let (all, left) = due.fold((0, 0), |(all, left), (_, send)| {
            (all + 1, left + u64::from(!matches!(send.ended, Some((Outcome::Ok, _)))))
        });
        left * 20 <= all
    })
}

/// What a side of the service carried: when each message was due, and when it came.
type Carried = Vec<(Nanos, Nanos)>;

/// What was acknowledged.
fn sent(known: &Known<'_>) -> Carried {
    let sends = known.plan.load.schedule.iter().zip(&known.truth.sends);
    let acknowledged = sends.filter_map(|(due, send)| match send.ended {
        Some((Outcome::Ok, at)) => Some((due.at, at)),
        _ => None,
    });
    acknowledged.collect()
}

/// What was consumed unharmed, when it first was.
fn consumed(known: &Known<'_>) -> Carried {
    let entries = known.truth.entries.iter().filter(|entry| entry.valid);
    let first = entries.filter_map(|entry| {
        let due = known.plan.load.schedule[entry.scheduled?].at;
        entry.receipts.iter().map(|receipt| receipt.at).min().map(|at| (due, at))
    });
    first.collect()
}

/// What takes longer than this is slow by any percentile of what was carried before the first fault.
fn slow(known: &Known<'_>, carried: &Carried) -> Option<Nanos> {
    let load = &known.plan.load;
    let faults_from = known.plan.faults.iter().map(|fault| fault.at).min().unwrap_or(load.to);
    let before = carried.iter().filter(|(due, at)| load.from <= *due && *at < faults_from);
    let slowest = before.map(|(due, at)| at.since(*due).0).max()?;
    Some(Nanos(slowest.max(5_000_000) * 2 + 10_000_000))
}

/// By either side's measure. `None`: one of them carried nothing before the first fault.
pub(super) fn slow_by_any(known: &Known<'_>) -> Option<Nanos> {
    Some(slow(known, &sent(known))?.max(slow(known, &consumed(known))?))
}

/// Until when a side carried nothing after a heal although much was long overdue: more than one in a hundred of what is due
/// in any second. The heal, where that is not certain.
fn idle(known: &Known<'_>, carried: &Carried, healed: Nanos) -> Nanos {
    let load = &known.plan.load;
    let Some(slow) = slow(known, carried) else { return healed };
    let Some(ended) = carried.iter().map(|(_, at)| *at).filter(|at| *at >= healed).min() else { return healed };
    let long_due = |due: Nanos| load.from <= due && due.plus(slow) < healed;
    let overdue = carried.iter().filter(|(due, at)| long_due(*due) && *at >= ended).count();
    let due = load.schedule.iter().filter(|due| healed <= due.at && due.at < ended.plus(Nanos::SECOND)).count();
    if overdue * 100 > due { ended } else { healed }
}

/// Until when a heal had not yet brought anything back.
pub(super) fn without_service(known: &Known<'_>, fault: &FaultPlan) -> Nanos {
    let healed = fault.healed();
    idle(known, &sent(known), healed).max(idle(known, &consumed(known), healed))
}
