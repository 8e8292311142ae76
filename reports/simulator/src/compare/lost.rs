//! `lost`: a message that the broker acknowledged is in nobody's hand, and the broker cannot give it to anybody any more.
//!
//! Unknown is demanded: where sends of the schedule may have been begun and have no row; where it was not drained and the broker's account does
//! not say of every partition that nothing more comes.

use super::doubts::{self, exhausted, undrained, unrecorded};
use super::expected::{Bad, Expected};
use super::known::Known;
use reports::history::Outcome;
use std::collections::HashSet;

pub(super) fn expected(known: &Known<'_>) -> Option<Expected> {
    let truth = known.truth;
    let still: HashSet<usize> = truth.deliverable.iter().filter_map(|entry| whole(known, *entry)).collect();
    let had: HashSet<usize> = in_hand(known);
    let acknowledged = truth.sends.iter().enumerate().filter(|(_, send)| matches!(send.ended, Some((Outcome::Ok, _))));
    let missing: Vec<_> = acknowledged.map(|(message, _)| message).filter(|message| !had.contains(message)).collect();
    let gone = missing.iter().filter(|message| !still.contains(message)).count() as u64;
    // The broker acknowledged it at a place that it does not stand at, and reordered it: where the group has gone past that
    // place, the broker's own word is that it cannot come.
    let misplaced =
        missing.iter().filter(|message| still.contains(message) && misplaced(known, **message)).count() as u64;
    let bad = match () {
        () if gone > known.limits.lost => Bad::Yes,
        () if gone + misplaced > known.limits.lost => Bad::Either,
        () => Bad::No,
    };
    let what = format!("{gone} lost for ever, {} more not delivered", missing.len() as u64 - gone);
    let mut expected = doubts::expected(known, bad, what);
    expected.doubts.extend(unrecorded(known));
    expected.doubts.extend(undrained(known));
    let partition = |message: &usize| usize::from(known.plan.load.schedule[*message].id.partition.0);
    let too_many = missing.len() as u64 > known.limits.lost;
    if bad != Bad::Yes && too_many && missing.iter().any(|message| !exhausted(known, partition(message))) {
        expected.doubts.push("the broker still has what is missing".to_owned());
    }
    // The workers gave up although the broker has more: its account decides, and says that more may come.
    if (0..known.plan.shape.partitions).any(|partition| !exhausted(known, partition)) {
        expected.excuses.push("the broker does not say that nothing more comes".to_owned());
    }
    Some(expected)
}

fn misplaced(known: &Known<'_>, message: usize) -> bool {
    let told = known.truth.sends[message].told;
    let mut copies = known.truth.entries.iter().filter(|entry| entry.scheduled == Some(message));
    copies.all(|entry| told.is_some_and(|told| told != entry.position))
}

fn whole(known: &Known<'_>, entry: usize) -> Option<usize> {
    let entry = &known.truth.entries[entry];
    entry.scheduled.filter(|_| entry.valid)
}

/// Messages of the schedule that reached a consumer unharmed.
pub(super) fn in_hand(known: &Known<'_>) -> HashSet<usize> {
    let valid = known.truth.entries.iter().filter(|entry| entry.valid && !entry.receipts.is_empty());
    valid.filter_map(|entry| entry.scheduled).collect()
}
