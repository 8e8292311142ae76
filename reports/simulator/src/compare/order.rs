//! `out-of-order`, where order is promised: a message came first behind one that was sent after it had been acknowledged.
//!
//! Sends that overlap have no order. Neither has one whose outcome nobody knows, to all that follows it. What lies between,
//! later in its sequence but begun before the earlier one was acknowledged, is counted by neither.

use super::doubts;
use super::expected::{Bad, Expected};
use super::known::Known;
use crate::plan::BrokerKind;
use crate::truth::{Entry, Receipt};
use reports::history::Outcome;
use reports::units::Nanos;
use std::collections::{HashMap, HashSet};

pub(super) fn expected(known: &Known<'_>) -> Option<Expected> {
    if known.plan.shape.kind == BrokerKind::Queue {
        return None;
    }
    let (surely, perhaps) = behind(known);
    let limit = known.limits.out_of_order;
    let bad = match () {
        () if surely > limit => Bad::Yes,
        () if perhaps <= limit => Bad::No,
        () => Bad::Either,
    };
    let mut expected = doubts::expected(known, bad, format!("{surely} to {perhaps} behind a later one"));
    // One whose send nobody recorded may be one of those.
    expected.excuses.extend(doubts::unrecorded(known));
    if known.truth.entries.iter().all(|entry| !entry.valid || entry.receipts.is_empty()) {
        expected.doubts.push("nothing was delivered".to_owned());
    }
    Some(expected)
}

/// First deliveries that came behind that of a message whose send began after theirs was acknowledged, and those that came
/// behind one that is later in the sequence.
pub(super) fn behind(known: &Known<'_>) -> (u64, u64) {
    let mut latest: HashMap<_, (Nanos, u64)> = HashMap::new();
    let (mut surely, mut perhaps) = (0, 0);
    for (entry, receipt) in first_receipts(known) {
        let Some(message) = entry.scheduled else { continue };
        let shared = known.plan.shape.kind == BrokerKind::Entries;
        if shared && receipt.count > 1 {
            continue;
        }
        let scope = (shared.then_some(receipt.consumer), entry.id.producer, entry.id.partition);
        let send = known.truth.sends[message];
        let (begun, seq) = latest.get(&scope).copied().unwrap_or_default();
        if let Some((Outcome::Ok, acknowledged)) = send.ended {
            surely += u64::from(begun > acknowledged);
            perhaps += u64::from(seq > entry.id.seq.0);
        }
        latest.insert(scope, (begun.max(send.started.unwrap_or_default()), seq.max(entry.id.seq.0)));
    }
    (surely, perhaps)
}

/// Each message's first receipt of any of its copies.
fn first_receipts<'a>(known: &Known<'a>) -> Vec<(&'a Entry, &'a Receipt)> {
    let mut all: Vec<_> = known
        .truth
        .entries
        .iter()
        .filter(|entry| entry.valid)
        .flat_map(|entry| entry.receipts.iter().map(move |receipt| (entry, receipt)))
        .collect();
    all.sort_by_key(|(_, receipt)| receipt.at);
    let mut seen = HashSet::new();
    all.retain(|(entry, _)| seen.insert(entry.id));
    all
}
