//! `unrecovered` and `resurrected`: what the broker still holds, and what it gave away after it had been settled.

use super::Known;
use super::doubts::{self, tells_lag, undrained};
use super::expected::{Bad, Expected};
use crate::plan::{AckMode, BrokerKind, Journal};
use crate::truth::{Entry, Receipt};
use reports::history::Outcome;
use reports::units::Nanos;

/// `unrecovered`: by the broker's own account, or delivered and never settled.
pub(super) fn unrecovered(known: &Known<'_>) -> Option<Expected> {
    let (plan, truth, limit) = (known.plan, known.truth, known.limits.unrecovered);
    let held: u64 = truth.held.iter().map(|(pending, lag)| pending + lag).sum();
    // What it says itself, as far as it was asked.
    let said: u64 = truth
        .held
        .iter()
        .enumerate()
        .filter(|(partition, _)| plan.ending.unasked != Some(*partition))
        .map(|(_, (pending, lag))| {
            pending + if plan.ending.tells_lag || plan.shape.kind == BrokerKind::Log { *lag } else { 0 }
        })
        .sum();
    let open =
        truth.entries.iter().filter(|entry| entry.valid && !entry.receipts.is_empty() && entry.confirmed.is_none());
    let open = open.filter(|entry| !entry.unanswered);
    // A settlement has no row before its answer: what a consumer had that was killed, only the broker knows. Where nobody
    // tells of the kill, it may be missed all the same.
    let (of_killed, of_others): (Vec<_>, Vec<_>) = open.partition(|entry| was_killed(known, entry));
    let kills_are_told = plan.ending.told && plan.ending.journal == Journal::Kept;
    let never = of_others.len() as u64;
    let perhaps = never + if kills_are_told { 0 } else { of_killed.len() as u64 };
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
    Some(expected)
}

/// Whether a commit may have set the group back to an entry, before a consumer began: one that was answered after the commit
/// that settled the entry was asked for, or of which nobody heard an answer.
fn set_back(known: &Known<'_>, entry: &Entry, receipt: &Receipt) -> bool {
    let partition = usize::from(entry.id.partition.0);
    let commits = || known.truth.commits.iter().filter(|commit| commit.partition == partition);
    let settling = commits().find(|commit| commit.answered == entry.confirmed && commit.below > entry.position.0);
    let later = |answered: Nanos| settling.is_none_or(|settling| answered > settling.asked);
    commits().any(|commit| {
        commit.below <= entry.position.0 && Some(commit.asked) < receipt.placed && commit.answered.is_none_or(later)
    })
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
                BrokerKind::Log | BrokerKind::Entries => {
                    entry.confirmed < receipt.placed && entry.confirmed.is_some() && !set_back(known, entry, receipt)
                }
            };
            surely += u64::from(proven);
        }
    }
    if known.plan.policy.reading.ack == AckMode::Never { (0, 0) } else { (surely, perhaps) }
}
