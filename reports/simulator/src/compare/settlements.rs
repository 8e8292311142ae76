//! `unrecovered` and `resurrected`: what the broker still holds, and what it gave away after it had been settled.

use super::commits;
use super::doubts::{self, tells_lag, undrained};
use super::expected::{Bad, Expected};
use super::known::{Disagreement, Known};
use crate::plan::{AckMode, BrokerKind, Journal};
use crate::truth::{Entry, Why};
use reports::history::Outcome;
use reports::result::TrialResult;
use std::collections::BTreeSet;

/// What the broker says that it holds, as far as it was asked.
fn said(known: &Known<'_>) -> u64 {
    let (plan, truth) = (known.plan, known.truth);
    truth
        .held
        .iter()
        .enumerate()
        .filter(|(partition, _)| plan.ending.unasked != Some(*partition))
        .map(|(_, (pending, lag))| {
            pending + if plan.ending.tells_lag || plan.shape.kind == BrokerKind::Log { *lag } else { 0 }
        })
        .sum()
}

/// Messages that a consumer had, and of which no settlement was confirmed: for certain, and perhaps.
fn never_settled(known: &Known<'_>) -> (u64, u64) {
    let (plan, truth) = (known.plan, known.truth);
    let open =
        truth.entries.iter().filter(|entry| entry.valid && !entry.receipts.is_empty() && entry.confirmed.is_none());
    let open = open.filter(|entry| !entry.unanswered);
    // A settlement has no row before its answer: what a consumer had that was killed, only the broker knows. Where nobody
    // tells of the kill, it may be missed all the same.
    let (of_killed, of_others): (Vec<_>, Vec<_>) = open.partition(|entry| was_killed(known, entry));
    let kills_are_told = plan.ending.told && plan.ending.journal == Journal::Kept;
    let messages = |entries: &[&Entry]| entries.iter().map(|entry| entry.id).collect::<BTreeSet<_>>();
    let (never, killed) = (messages(&of_others), messages(&of_killed));
    let perhaps = never.union(&killed).count() as u64;
    let never = never.len() as u64;
    (never, if kills_are_told { never } else { perhaps })
}

/// How many messages were left by the history, as the answer tells: had by a consumer, and a copy of them never known to be
/// settled. Of commits the last ones count, and which these are a history may leave open.
pub(super) fn compare(known: &Known<'_>, result: &TrialResult) -> Vec<Disagreement> {
    let answer = result.checks.iter().find(|check| check.name == "unrecovered");
    let Some(answer) = answer.filter(|_| known.plan.shape.kind != BrokerKind::Log) else { return Vec::new() };
    let had = known.truth.entries.iter().filter(|entry| entry.valid && !entry.receipts.is_empty());
    let left: BTreeSet<_> = had.filter(|entry| entry.confirmed.is_none()).map(|entry| entry.id).collect();
    let truth = format!("{} by the history", left.len());
    let wrong = (!answer.observed.starts_with(&format!("{truth},"))).then(|| Disagreement {
        about: "count left by the history".to_owned(),
        truth,
        judge: answer.observed.clone(),
    });
    wrong.into_iter().collect()
}

/// What was left by the account that counts more.
pub(crate) fn left(known: &Known<'_>) -> u64 {
    said(known).max(never_settled(known).0)
}

/// `unrecovered`: by the broker's own account, or delivered and never settled.
pub(super) fn unrecovered(known: &Known<'_>) -> Option<Expected> {
    let (plan, truth, limit) = (known.plan, known.truth, known.limits.unrecovered);
    let held: u64 = truth.held.iter().map(|(pending, lag)| pending + lag).sum();
    let (said, (never, perhaps)) = (said(known), never_settled(known));
    let forgotten = (0..plan.shape.partitions).any(|partition| {
        let acknowledged = plan.load.schedule.iter().zip(&truth.sends).filter(|(due, send)| {
            usize::from(due.id.partition.0) == partition && matches!(send.ended, Some((Outcome::Ok, _)))
        });
        let appended = truth.inspections[partition].appended;
        appended.is_some_and(|appended| appended < acknowledged.count() as u64)
    });
    let bad = match () {
        () if said > limit || never > limit => Bad::Yes,
        () if held > limit || perhaps > limit || forgotten => Bad::Either,
        () => Bad::No,
    };
    let what = format!("the broker holds {held} and says {said}; {never} delivered and never settled; limit {limit}");
    let mut expected = doubts::expected(known, bad, what);
    let told = (0..plan.shape.partitions).all(|partition| tells_lag(known, partition));
    if plan.ending.unasked.is_some() || !told {
        expected.doubts.push("the broker's account has a gap".to_owned());
    }
    let asked = truth.inspections.iter().enumerate().filter(|(partition, _)| plan.ending.unasked != Some(*partition));
    if asked.map(|(_, said)| said.group).any(|group| !group) {
        expected.doubts.push("the broker knows no such group any more".to_owned());
    }
    if perhaps > held {
        expected.excuses.push("the accounts contradict each other".to_owned());
    }
    if plan.ending.unasked.is_some() && bad == Bad::Yes && said <= limit && never <= limit {
        expected.bad = Bad::Either;
    }
    Some(expected)
}

/// Whether somebody who had it was killed after that.
fn was_killed(known: &Known<'_>, entry: &Entry) -> bool {
    let kills = &known.plan.kills[known.plan.shape.producers..];
    entry.receipts.iter().any(|receipt| kills[receipt.consumer].is_some_and(|at| receipt.at <= at))
}

/// `resurrected`: given away by a request that was made after a consumer knew that it was settled.
///
/// Counted only where that is certain; where the broker gave it away after it had taken it as settled, but nobody can know,
/// both may be said.
pub(super) fn resurrected(known: &Known<'_>) -> Option<Expected> {
    let (surely, perhaps) = resurrections(known);
    let limit = known.limits.resurrected;
    let bad = match () {
        () if surely > limit => Bad::Yes,
        () if perhaps <= limit => Bad::No,
        () => Bad::Either,
    };
    let mut expected =
        doubts::expected(known, bad, format!("{surely} to {perhaps} given away after they were settled"));
    expected.doubts.extend(undrained(known));
    let undated = |entry: &Entry| {
        entry.receipts.iter().any(|receipt| entry.confirmed.is_some_and(|confirmed| confirmed < receipt.at))
    };
    let is_told = known.plan.policy.reading.tells_asked;
    if known.plan.shape.kind == BrokerKind::Entries && !is_told && known.truth.entries.iter().any(undated) {
        expected.excuses.push("nobody says when deliveries were asked for".to_owned());
    }
    Some(expected)
}

/// Deliveries after the settlement: those that a history proves, and those that happened.
pub(super) fn resurrections(known: &Known<'_>) -> (u64, u64) {
    let (mut surely, mut perhaps) = (0, 0);
    for entry in known.truth.entries.iter().filter(|entry| entry.valid) {
        for receipt in &entry.receipts {
            let Some(settled) = entry.settled else { continue };
            if receipt.handed < settled {
                continue;
            }
            perhaps += 1;
            let proven = match known.plan.shape.kind {
                // Nobody asks a queue; but to who had its own answer before, the broker gave it away after it.
                BrokerKind::Queue => entry.known_by.get(&receipt.consumer).is_some_and(|known| *known < receipt.at),
                BrokerKind::Log => commits::forbid(known, entry, receipt),
                // Who does not tell when it asked proves nothing, unless a takeover has its own row.
                BrokerKind::Entries => {
                    let told = known.plan.policy.reading.tells_asked || receipt.why == Why::Claim;
                    told && entry.confirmed < receipt.placed && entry.confirmed.is_some()
                }
            };
            surely += u64::from(proven);
        }
    }
    if known.plan.policy.reading.ack == AckMode::Never { (0, 0) } else { (surely, perhaps) }
}
