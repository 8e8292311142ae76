//! Doubts that concern every check, known from what was planned and from what really happened.

use super::expected::{Bad, Expected};
use super::known::{Known, NOTICED};
use crate::plan::{BrokerKind, FaultKind, FaultPlan, Journal};
use reports::facts::Cut;
use reports::history::Outcome;
use reports::units::Nanos;

/// A truth with the doubts that concern every check.
pub(super) fn expected(known: &Known<'_>, bad: Bad, what: String) -> Expected {
    let mut expected = Expected { bad, what, doubts: Vec::new(), excuses: Vec::new() };
    let (plan, truth) = (known.plan, known.truth);
    if !plan.ending.told {
        expected.doubts.push("nobody said how it ended".to_owned());
    }
    if plan.ending.interrupted.is_some() {
        expected.doubts.push("interrupted".to_owned());
    }
    let in_load = |message: usize| {
        let at = plan.load.schedule[message].at;
        plan.load.from <= at && at < plan.load.to
    };
    if !truth.sends.iter().enumerate().any(|(message, send)| send.ended.is_some() && in_load(message)) {
        expected.doubts.push("nothing was sent in the load phase".to_owned());
    }
    if !plan.faults.is_empty() && plan.ending.proxied_bytes.is_none_or(|bytes| bytes == 0) {
        expected.doubts.push("nothing is known to have passed the proxy".to_owned());
    }
    for fault in &plan.faults {
        if !fault.confirmed || fault.healed() >= truth.end {
            expected.doubts.push(format!("{} was not confirmed", fault.name));
        } else {
            match shows(known, fault) {
                Shows::Surely => {}
                Shows::Perhaps => expected.excuses.push(format!("{} may not have shown", fault.name)),
                Shows::Never => expected.doubts.push(format!("{} did not show", fault.name)),
            }
        }
    }
    expected
}

/// The schedule is not in the history as a whole.
pub(super) fn unsent(known: &Known<'_>) -> Option<String> {
    let missing = known.truth.sends.iter().filter(|send| send.ended.is_none()).count();
    (missing > 0).then(|| format!("{missing} sends of the schedule have no row"))
}

/// Some of these may have been begun all the same: nobody said that each begun send has a row.
pub(super) fn unrecorded(known: &Known<'_>) -> Option<String> {
    let ending = &known.plan.ending;
    unsent(known).filter(|_| !ending.told || ending.journal == Journal::None)
}

/// More may still come, and the broker does not say otherwise: of all partitions, or of these.
pub(super) fn undrained(known: &Known<'_>) -> Option<String> {
    if known.truth.drained {
        return None;
    }
    let open = (0..known.plan.shape.partitions).any(|partition| !exhausted(known, partition));
    open.then(|| "it was not drained, and the broker has more".to_owned())
}

/// The broker says that a partition has nothing more to give.
pub(super) fn exhausted(known: &Known<'_>, partition: usize) -> bool {
    let ending = &known.plan.ending;
    let said = &known.truth.inspections[partition];
    let empty = known.plan.shape.kind != BrokerKind::Queue && said.length == 0;
    let settled = said.pending == 0 && tells_lag(known, partition) && lag_of(known, partition) == 0;
    ending.unasked != Some(partition) && (!said.group || empty || settled)
}

/// The broker says what the group has not had: as a number, or because it says that the group is at the log's end.
pub(super) fn tells_lag(known: &Known<'_>, partition: usize) -> bool {
    let said = &known.truth.inspections[partition];
    !said.group || said.lag.is_some() || (said.committed.is_some() && said.end.is_some() && said.committed >= said.end)
}

fn lag_of(known: &Known<'_>, partition: usize) -> u64 {
    known.truth.held[partition].1
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    Surely,
    Perhaps,
    Never,
}

/// Whether a fault's effect is there to be seen.
fn shows(known: &Known<'_>, fault: &FaultPlan) -> Shows {
    let (plan, truth) = (known.plan, known.truth);
    let alone = plan
        .faults
        .iter()
        .all(|other| other.name == fault.name || other.off() < fault.on() || fault.off() < other.on());
    if fault.hollow {
        let others = plan.faults.iter().any(|other| !other.hollow) || plan.kills.iter().any(Option::is_some);
        let others = others || (0..plan.shape.clients()).any(|client| loses(known, fault, client));
        return if others { Shows::Perhaps } else { Shows::Never };
    }
    // A connection that is lost when another cut has been asked for is that one's.
    let anothers = |client: usize, lost: Nanos| {
        let mut later =
            plan.faults.iter().filter(|other| other.at > fault.at && matches!(other.kind, FaultKind::Cut(_)));
        later.any(|other| other.at <= lost && lost <= other.healed() && other.clients.contains(&client))
    };
    let connected = |client: &usize| {
        let lost = |to: Nanos| to >= fault.on() && !anothers(*client, to);
        truth.connected[*client].iter().any(|(from, to)| *from < fault.on() && to.is_none_or(lost))
    };
    match fault.kind {
        FaultKind::Cut(Cut::Refused) if fault.clients.iter().any(connected) => Shows::Surely,
        FaultKind::Cut(Cut::Refused) if kept_away(known, fault) => Shows::Surely,
        FaultKind::Cut(Cut::Silent) if alone && fault.everybody => {
            let length = fault.off().since(fault.on()).0;
            // A silence as short as a round trip lets pass what was under way.
            if length / 4 < (plan.policy.one_way.0 + plan.policy.jitter.0) * 2 {
                return Shows::Perhaps;
            }
            let from = fault.on().plus(Nanos(length / 2));
            // Who waited no longer than answers took before shows nothing.
            let usual = slowest_answer(known);
            let due = plan.load.schedule.iter().zip(&truth.sends);
            let intended = due.filter(|(due, send)| {
                let waited = due.at.plus(usual) < fault.until;
                from <= due.at && waited && send.ended.is_some_and(|(outcome, _)| outcome != Outcome::Ok)
            });
            if intended.count() > 0 { Shows::Surely } else { Shows::Perhaps }
        }
        _ => Shows::Perhaps,
    }
}

/// A client lost a connection while a fault was in force or shortly after it, so that nobody can tell whether it was the fault.
pub(super) fn loses(known: &Known<'_>, fault: &FaultPlan, client: usize) -> bool {
    let near = |at: Nanos| fault.at <= at && at <= fault.healed().plus(NOTICED);
    known.truth.connected[client].iter().any(|(_, lost)| lost.is_some_and(near))
}

/// The longest that an acknowledgement took before the first fault.
fn slowest_answer(known: &Known<'_>) -> Nanos {
    let faults_from = known.plan.faults.iter().map(|fault| fault.at).min().unwrap_or(known.plan.load.to);
    let took = known.truth.sends.iter().filter_map(|send| match (send.started, send.ended) {
        (Some(started), Some((Outcome::Ok, at))) if at < faults_from => Some(at.since(started)),
        _ => None,
    });
    took.max().unwrap_or_default()
}

/// Who was away already tried in vain while this cut was in force, and no other one.
fn kept_away(known: &Known<'_>, fault: &FaultPlan) -> bool {
    let others = || known.plan.faults.iter().filter(|other| other.name != fault.name);
    let cuts = |other: &FaultPlan, client: usize, at: Nanos| {
        let done = other.everybody || other.clients.contains(&client);
        matches!(other.kind, FaultKind::Cut(_)) && done && other.at <= at && at <= other.healed()
    };
    // An attempt that arrives when the cut is over finds the broker.
    let way = known.plan.policy.one_way.plus(known.plan.policy.jitter);
    let alone = |client: usize, at: Nanos| {
        fault.on() <= at && at.plus(way) < fault.off() && !others().any(|other| cuts(other, client, at))
    };
    let mut clients = fault.clients.iter().copied();
    clients.any(|client| known.truth.attempts[client].iter().any(|at| alone(client, *at)))
}
