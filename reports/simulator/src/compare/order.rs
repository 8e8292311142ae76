//! `out-of-order`, where order is promised: a message came first behind one that was sent after it had been acknowledged.
//!
//! Sends that overlap have no order. Neither has one whose outcome nobody knows, to all that follows it. What lies between,
//! later in its sequence but begun before the earlier one was acknowledged, is counted by neither.

use super::Known;
use super::doubts;
use super::expected::{Bad, Expected};
use crate::plan::BrokerKind;
use crate::truth::{Entry, Receipt};
use reports::history::Outcome;
use reports::units::Nanos;
use std::collections::{HashMap, HashSet};

pub(super) fn expected(known: &Known<'_>) -> Option<Expected> {
    if known.plan.shape.kind == BrokerKind::Queue {
        return None;
    }
    let behind = behind(known);
    let bad = if behind > known.limits.out_of_order { Bad::Yes } else { Bad::No };
    let mut expected = doubts::expected(known, bad, format!("{behind} behind a later one"));
    if known.truth.entries.iter().all(|entry| !entry.valid || entry.receipts.is_empty()) {
        expected.doubts.push("nothing was delivered".to_owned());
    }
    Some(expected)
}

/// First deliveries that came behind that of a message whose send began after theirs was acknowledged.
pub(super) fn behind(known: &Known<'_>) -> u64 {
    let mut firsts: Vec<(&Entry, &Receipt)> = first_receipts(known);
    firsts.sort_by_key(|(_, receipt)| receipt.at);
    let mut latest_begin: HashMap<_, Nanos> = HashMap::new();
    let mut behind = 0;
    for (entry, receipt) in firsts {
        let Some(message) = entry.scheduled else { continue };
        let exempt = known.plan.shape.kind == BrokerKind::Entries && receipt.count > 1;
        let consumer = (known.plan.shape.kind == BrokerKind::Entries).then_some(receipt.consumer);
        let scope = (consumer, entry.id.producer, entry.id.partition);
        let send = known.truth.sends[message];
        if exempt {
            continue;
        }
        let before = latest_begin.get(&scope).copied().unwrap_or_default();
        if let Some((Outcome::Ok, acknowledged)) = send.ended {
            behind += u64::from(before > acknowledged);
        }
        latest_begin.insert(scope, before.max(send.started.unwrap_or_default()));
    }
    behind
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
