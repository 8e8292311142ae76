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

/// Until when nothing was consumed after a heal although much was long overdue: more than one in a hundred of what is due
/// in any second. The heal, where that is not certain.
pub(super) fn unconsumed(known: &Known<'_>, fault: &FaultPlan) -> Nanos {
    let (load, healed) = (&known.plan.load, fault.healed());
    let faults_from = known.plan.faults.iter().map(|fault| fault.at).min().unwrap_or(load.to);
    let first: Vec<_> = (known.truth.entries.iter())
        .filter(|entry| entry.valid)
        .filter_map(|entry| {
            let due = load.schedule[entry.scheduled?].at;
            entry.receipts.iter().map(|receipt| receipt.at).min().map(|at| (due, at))
        })
        .collect();
    let before = first.iter().filter(|(due, at)| load.from <= *due && *at < faults_from);
    let Some(slowest) = before.map(|(due, at)| at.since(*due).0).max() else { return healed };
    // What took longer than this is slow by any percentile.
    let slow = Nanos(slowest.max(5_000_000) * 2 + 10_000_000);
    let Some(ended) = first.iter().map(|(_, at)| *at).filter(|at| *at >= healed).min() else { return healed };
    let overdue = first.iter().filter(|(due, at)| load.from <= *due && due.plus(slow) < healed && *at >= ended).count();
    let due = load.schedule.iter().filter(|due| healed <= due.at && due.at < ended.plus(Nanos::SECOND)).count();
    if overdue * 100 > due { ended } else { healed }
}
