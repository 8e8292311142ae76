//! `unavailable` and `recovered`: how long nothing went, and when all went well again.
//!
//! Both are held between two bounds that follow from what happened to messages, not from how it is measured.

use super::doubts::{self, unsent};
use super::expected::{Bad, Expected};
use super::known::{Disagreement, Known};
use super::seconds;
use crate::plan::FaultPlan;
use reports::history::Outcome;
use reports::result::TrialResult;
use reports::units::Nanos;
use std::collections::HashMap;

/// How coarsely gaps are measured.
const GAP: Nanos = Nanos::from_millis(11);
/// A message may fall to either side of a second's edge.
const EDGE: Nanos = Nanos::from_millis(1200);
/// What takes no longer is not slow, whatever it took before.
const NEVER_SLOW: Nanos = Nanos::from_millis(9);
/// How long service must be good to be called steady, with the second that is judged and its steps.
const SHOWN: Nanos = Nanos::from_millis(6300);

/// How long service must stay good.
const HOLD: Nanos = Nanos::from_secs(5);
const STEP: Nanos = Nanos::from_millis(100);

/// `unavailable`, where there is a limit.
pub(super) fn unavailable(known: &Known<'_>) -> Option<Expected> {
    let limit = known.limits.unavailable?;
    let (least, most) = gap(known);
    let bad = match () {
        () if least > limit.plus(GAP) => Bad::Yes,
        () if most.plus(GAP) <= limit => Bad::No,
        () => Bad::Either,
    };
    let mut expected = doubts::expected(known, bad, format!("nothing went for {least} to {most}, limit {limit}"));
    expected.doubts.extend(unsent(known));
    Some(expected)
}

/// The longest time without an acknowledgement while something was due: at least one send's own wait, at most from the first
/// that was due.
pub(super) fn gap(known: &Known<'_>) -> (Nanos, Nanos) {
    let load = &known.plan.load;
    let mut acknowledged: Vec<_> = (known.truth.sends.iter())
        .filter_map(|send| send.ended.filter(|(outcome, _)| *outcome == Outcome::Ok).map(|(_, at)| at))
        .filter(|at| load.from <= *at && *at < load.to)
        .collect();
    acknowledged.sort_unstable();
    // What is due when the load ends is waited for.
    let after = load.schedule.iter().zip(&known.truth.sends).filter(|(due, _)| due.at < load.to);
    let after =
        after.filter_map(|(_, send)| send.ended.filter(|(outcome, at)| *outcome == Outcome::Ok && *at >= load.to));
    let after = after.map(|(_, at)| at).min().unwrap_or(load.to);
    acknowledged.push(after);
    // Each send with the time for which somebody waited for it.
    let waits: Vec<_> = (load.schedule.iter().zip(&known.truth.sends))
        .filter_map(|(due, send)| send.ended.map(|(_, ended)| (due.at, ended)))
        .collect();
    let (mut least, mut most) = (Nanos::ZERO, Nanos::ZERO);
    let mut from = load.from;
    for to in acknowledged {
        let within = waits.iter().filter(|(due, ended)| *due < to && *ended > from);
        let mut first = to;
        for (due, ended) in within {
            let begin = (*due).max(from);
            first = first.min(begin);
            least = least.max((*ended).min(to).since(begin));
        }
        most = most.max(to.since(first));
        from = to;
    }
    (least, most)
}

/// `recovered`, where there is a limit.
pub(super) fn recovered(known: &Known<'_>) -> Option<Expected> {
    let limit = known.limits.recovered?;
    let bounds: Vec<_> = known.plan.faults.iter().map(|fault| (fault, steady(known, fault))).collect();
    let late = bounds.iter().any(|(fault, (least, _))| {
        let shown = until(known, fault).since(fault.healed()) > limit.plus(SHOWN);
        shown && least.since(fault.healed()) > limit.plus(EDGE)
    });
    let in_time = |(fault, (_, most)): &(&FaultPlan, (Nanos, Option<Nanos>))| {
        most.is_some_and(|most| most.since(fault.healed()).plus(Nanos::from_millis(100)) <= limit)
    };
    let bad = match () {
        () if bounds.is_empty() => Bad::No,
        () if late => Bad::Yes,
        () if bounds.iter().all(in_time) => Bad::No,
        () => Bad::Either,
    };
    let words: Vec<_> = bounds
        .iter()
        .map(|(fault, (least, most))| {
            let most = most.map_or_else(|| "not shown".to_owned(), |most| most.since(fault.healed()).to_string());
            format!("{} after {} to {most}", fault.name, least.since(fault.healed()))
        })
        .collect();
    let mut expected = doubts::expected(known, bad, format!("steady {}, limit {limit}", words.join(", ")));
    expected.doubts.extend(unsent(known));
    if bounds.is_empty() {
        expected.doubts.push("there is no fault".to_owned());
    }
    // Too little of the load may be left before a fault, and after the return from it, to measure lag in.
    let measured_from = known.plan.load.from.plus(Nanos::SECOND);
    if known.plan.policy.stall.is_some() || known.plan.faults.iter().any(|fault| fault.on() < measured_from) {
        expected.excuses.push("the generator's lag".to_owned());
    }
    if known.plan.policy.in_flight < 1000 {
        expected.excuses.push("the generator may lag behind what is under way".to_owned());
    }
    Some(expected)
}

/// Until when what follows a fault can be judged.
fn until(known: &Known<'_>, fault: &FaultPlan) -> Nanos {
    let next = known.plan.faults.iter().filter(|other| other.name != fault.name && other.healed() > fault.healed());
    next.map(|other| other.at).min().unwrap_or(known.plan.load.to).min(known.plan.load.to)
}

/// Service cannot have been steady before the first instant, and was so from the second one on, if that can be shown.
pub(super) fn steady(known: &Known<'_>, fault: &FaultPlan) -> (Nanos, Option<Nanos>) {
    let (plan, truth) = (known.plan, known.truth);
    let (healed, until) = (fault.healed(), until(known, fault));
    let sends = || plan.load.schedule.iter().zip(&truth.sends);
    let least = seconds::without_service(known, fault).since(EDGE).max(healed);
    // From here on everything was sent, answered and consumed at once.
    let mut calm = healed;
    let quick = plan.policy.one_way.plus(plan.policy.jitter).0 * 2 + 1_000_000;
    for (due, send) in sends().filter(|(due, _)| due.at < until) {
        let well = matches!(send.ended, Some((Outcome::Ok, at)) if at.since(due.at).0 <= quick);
        if !well {
            calm = calm.max(send.ended.map_or(until, |(_, at)| at).max(due.at));
        }
    }
    let consumed = first_receipts(known);
    for (message, (due, send)) in sends().enumerate().filter(|(_, (due, _))| due.at < until) {
        // What was acknowledged and never comes spoils the seconds in which it was due; what comes late those until it came.
        match consumed.get(&message) {
            Some(first) if first.since(due.at) > NEVER_SLOW => calm = calm.max(*first),
            None if matches!(send.ended, Some((Outcome::Ok, _))) => calm = calm.max(due.at),
            Some(_) | None => {}
        }
    }
    for stretches in &truth.connected {
        if let Some((from, _)) = stretches.iter().rfind(|(from, _)| *from < until) {
            calm = calm.max(*from);
        }
        if stretches.iter().any(|(_, to)| to.is_some_and(|to| healed <= to && to < until)) {
            calm =
                calm.max(stretches.iter().map(|(from, _)| *from).filter(|from| *from >= healed).max().unwrap_or(until));
        }
    }
    let quiet_network =
        !plan.faults.iter().any(|other| other.name != fault.name && other.off() > healed && other.on() < until);
    // What is due shortly before the next fault is not judged.
    let usable = seconds::slow_by_any(known).map(|slow| if until < plan.load.to { until.since(slow) } else { until });
    // Seconds in which nothing was due show nothing, and what did not go well ends no sooner than it was due. One that shows
    // something must be among those that are held, which begin with a step.
    let begin = calm.plus(STEP);
    let good = sends().map(|(due, _)| due.at).find(|due| *due > begin && due.plus(EDGE).plus(EDGE) <= until);
    let calm = good.map_or(calm, |due| calm.max(due.since(HOLD)));
    let shown = good.is_some()
        && plan.load.even
        && quiet_network
        && Nanos(quick) < NEVER_SLOW
        && usable.is_some_and(|usable| calm.plus(SHOWN) <= usable);
    (least, shown.then_some(calm))
}

/// When each message of the schedule first reached a consumer unharmed.
fn first_receipts(known: &Known<'_>) -> HashMap<usize, Nanos> {
    let mut first: HashMap<usize, Nanos> = HashMap::new();
    for entry in known.truth.entries.iter().filter(|entry| entry.valid) {
        let Some(message) = entry.scheduled else { continue };
        for receipt in &entry.receipts {
            let at = first.entry(message).or_insert(receipt.at);
            *at = receipt.at.min(*at);
        }
    }
    first
}

/// The instants that the result shows, against the bounds.
pub(super) fn compare(known: &Known<'_>, result: &TrialResult) -> Vec<Disagreement> {
    let mut wrong = Vec::new();
    let (least, most) = gap(known);
    let said = result.recovery.longest_gap_ns;
    if said.plus(GAP) < least || said > most.plus(GAP) {
        wrong.push(Disagreement {
            about: "longest gap".to_owned(),
            truth: format!("{least} to {most}"),
            judge: said.to_string(),
        });
    }
    if known.truth.end < known.plan.load.to {
        return wrong;
    }
    for fault in known.plan.faults.iter().filter(|fault| fault.healed() < known.plan.load.to && fault.confirmed) {
        let Some(said) = result.recovery.faults.iter().find(|one| one.fault == fault.name) else { continue };
        let (least, most) = steady(known, fault);
        let most = most.map(|most| most.since(fault.healed()).plus(Nanos::from_millis(101)));
        let least = least.since(fault.healed());
        // Five good seconds must fit before another fault begins.
        let latest = until(known, fault).since(fault.healed()).since(HOLD);
        let right = match (said.steady_ns, most) {
            (Some(at), most) => {
                at >= least
                    && at <= latest
                    && seconds::all_good(known, fault.healed().plus(at))
                    && most.is_none_or(|most| at <= most)
            }
            (None, most) => most.is_none(),
        };
        if !right {
            let most = most.map_or_else(|| "whenever".to_owned(), |most| most.to_string());
            wrong.push(Disagreement {
                about: "steady".to_owned(),
                truth: format!("{} after {least} to {most}", fault.name),
                judge: format!("{:?}", said.steady_ns),
            });
        }
    }
    wrong
}
