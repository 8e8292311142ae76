//! `phantom`, `corrupted`, `duplicated`, `redelivered`, `failed`, `indeterminate`: findings that are counted where they happened.

use super::doubts::{self, undrained, unrecorded};
use super::expected::{Bad, Expected};
use super::known::{AFTERMATH, Known};
use super::lost::in_hand;
use super::refusals;
use reports::history::Outcome;
use reports::units::MessageId;
use std::collections::{HashMap, HashSet};

/// `phantom`. Unknown is demanded where what was delivered has no row of a send, and sends of the schedule may have been begun
/// and have none: then one of them may be it. What was refused is a phantom whatever is missing.
pub(super) fn phantom(known: &Known<'_>) -> Option<Expected> {
    let truth = known.truth;
    let failed = |message: &usize| matches!(truth.sends[*message].ended, Some((Outcome::Failed, _)));
    let kept = in_hand(known).into_iter().filter(failed).count();
    let made_up: HashSet<_> = received(known).filter(|entry| entry.scheduled.is_none()).map(|entry| entry.id).collect();
    let (kept, made_up, limit) = (kept as u64, made_up.len() as u64, known.limits.phantom);
    let bad = if kept + made_up > limit { Bad::Yes } else { Bad::No };
    let mut expected =
        doubts::expected(known, bad, format!("{kept} refused and kept, {made_up} made up, limit {limit}"));
    let traceless = kept + made_up + untraced(known);
    expected.doubts.extend(unrecorded(known).filter(|_| kept <= limit && traceless > limit));
    Some(expected)
}

/// Messages that were sent and delivered, and have no row of a send.
pub(super) fn untraced(known: &Known<'_>) -> u64 {
    in_hand(known).into_iter().filter(|message| known.truth.sends[*message].ended.is_none()).count() as u64
}

/// `corrupted`.
pub(super) fn corrupted(known: &Known<'_>) -> Option<Expected> {
    let harmed = known.truth.entries.iter().filter(|entry| !entry.valid).map(|entry| entry.receipts.len() as u64);
    let harmed = harmed.sum::<u64>();
    let bad = if harmed > known.limits.corrupted { Bad::Yes } else { Bad::No };
    let mut expected = doubts::expected(known, bad, format!("{harmed} damaged payloads"));
    if received(known).next().is_none() {
        expected.doubts.push("nothing was delivered".to_owned());
    }
    Some(expected)
}

/// `duplicated`.
pub(super) fn duplicated(known: &Known<'_>) -> Option<Expected> {
    let mut places: HashMap<MessageId, u64> = HashMap::new();
    for entry in received(known) {
        *places.entry(entry.id).or_default() += 1;
    }
    let twice = places.values().filter(|places| **places > 1).count() as u64;
    let bad = if twice > known.limits.duplicated { Bad::Yes } else { Bad::No };
    let mut expected = doubts::expected(known, bad, format!("{twice} at two positions"));
    open_end(known, &mut expected);
    Some(expected)
}

/// `redelivered`, where there is a limit.
pub(super) fn redelivered(known: &Known<'_>) -> Option<Expected> {
    let limit = known.limits.redelivered?;
    let deliveries = received(known).map(|entry| entry.receipts.len() as u64).sum::<u64>();
    let distinct: HashSet<_> = received(known).map(|entry| entry.id).collect();
    let again = deliveries - distinct.len() as u64;
    let bad = if again > limit { Bad::Yes } else { Bad::No };
    let mut expected = doubts::expected(known, bad, format!("{again} redelivered, limit {limit}"));
    open_end(known, &mut expected);
    Some(expected)
}

/// `failed`, where there is a limit: refused although no fault kept the producer from the broker.
pub(super) fn failed(known: &Known<'_>) -> Option<Expected> {
    let limit = known.limits.failed?;
    let sends = || known.truth.sends.iter().filter(|send| matches!(send.ended, Some((Outcome::Failed, _))));
    let (refused, all) = (sends().filter(|send| send.refused).count() as u64, sends().count() as u64);
    // A refusal that falls into a fault may be explained by it.
    let bare = known.truth.sends.iter().filter(|send| match send.ended {
        Some((Outcome::Failed, at)) => {
            let from = send.started.unwrap_or(at);
            send.refused && known.plan.faults.iter().all(|fault| at < fault.at || fault.healed().plus(AFTERMATH) < from)
        }
        _ => false,
    });
    let bare = (bare.count() as u64).max(refusals::surely_unexcused(known));
    let bad = match () {
        () if bare > limit => Bad::Yes,
        () if all <= limit || (refused <= limit && bare == refused && refused == all) => Bad::No,
        () if refused <= limit => Bad::No,
        () => Bad::Either,
    };
    let mut expected = doubts::expected(
        known,
        bad,
        format!("{all} failed, {refused} refused, {bare} of these apart from faults, limit {limit}"),
    );
    expected.doubts.extend(unrecorded(known));
    Some(expected)
}

/// `indeterminate`, where there is a limit.
pub(super) fn indeterminate(known: &Known<'_>) -> Option<Expected> {
    let limit = known.limits.indeterminate?;
    let open =
        known.truth.sends.iter().filter(|send| matches!(send.ended, Some((Outcome::Indeterminate, _)))).count() as u64;
    let bad = if open > limit { Bad::Yes } else { Bad::No };
    let mut expected = doubts::expected(known, bad, format!("{open} indeterminate, limit {limit}"));
    expected.doubts.extend(unrecorded(known));
    Some(expected)
}

/// More may still come, and may be another one.
fn open_end(known: &Known<'_>, expected: &mut Expected) {
    expected.doubts.extend(undrained(known));
}

fn received<'a>(known: &Known<'a>) -> impl Iterator<Item = &'a crate::truth::Entry> {
    known.truth.entries.iter().filter(|entry| entry.valid && !entry.receipts.is_empty())
}
