//! Causes of redeliveries: the broker knows why it gave an entry away again; a history may show less of it.

use super::known::{Disagreement, Known};
use crate::plan::Journal;
use crate::truth::{Receipt, Why};
use reports::result::TrialResult;
use reports::units::{MessageId, Nanos};
use std::collections::{BTreeMap, HashMap};

/// Every cause that the definition knows.
const CAUSES: [&str; 8] =
    ["duplicate", "claim", "rebalance", "rebalance-without-fault", "reconnect", "crash", "own-pending", "unexplained"];

pub(super) fn compare(known: &Known<'_>, result: &TrialResult) -> Vec<Disagreement> {
    let mut histories: HashMap<MessageId, Vec<(usize, Receipt)>> = HashMap::new();
    for (index, entry) in known.truth.entries.iter().enumerate().filter(|(_, entry)| entry.valid) {
        histories.entry(entry.id).or_default().extend(entry.receipts.iter().map(|receipt| (index, *receipt)));
    }
    let mut bounds: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for receipts in histories.values_mut() {
        receipts.sort_by_key(|(_, receipt)| receipt.at);
        let mut last: BTreeMap<usize, Receipt> = BTreeMap::new();
        for (entry, receipt) in receipts {
            let causes = match last.get(entry) {
                Some(last) => causes(known, *entry, last, receipt),
                None if last.is_empty() => Vec::new(),
                None => vec!["duplicate"],
            };
            for cause in &causes {
                let (least, most) = bounds.entry(cause).or_default();
                *least += u64::from(causes.len() == 1);
                *most += 1;
            }
            last.insert(*entry, *receipt);
        }
    }
    let said = |cause: &str| result.recovery.redelivered_by_cause.get(cause).copied().unwrap_or(0);
    let wrong = CAUSES.into_iter().filter_map(|cause| {
        let (least, most) = bounds.get(cause).copied().unwrap_or_default();
        (!(least..=most).contains(&said(cause))).then(|| Disagreement {
            about: format!("redelivered by {cause}"),
            truth: format!("{least} to {most}"),
            judge: said(cause).to_string(),
        })
    });
    wrong.collect()
}

/// The causes that may be named for a delivery after another one of the same entry.
fn causes(known: &Known<'_>, entry: usize, last: &Receipt, now: &Receipt) -> Vec<&'static str> {
    let stored = &known.truth.entries[entry];
    let client = known.plan.shape.producers + now.consumer;
    let lost = known.truth.connected[client].iter().any(|(_, to)| to.is_some_and(|to| last.at < to && to <= now.at));
    let same = last.consumer == now.consumer;
    let had = known.plan.shape.producers + last.consumer;
    let crashed = known.plan.kills[had].is_some_and(|at| at <= now.at);
    let everything = || CAUSES.into_iter().filter(|cause| *cause != "duplicate").collect();
    if crashed && now.why != Why::Claim {
        // Only files that say how they ended tell of it.
        return match now.why {
            _ if !known.plan.ending.told || known.plan.ending.journal != Journal::Kept => everything(),
            // It is one's own because one took it over, and the answer was lost.
            Why::Own if !same => vec!["crash", "claim"],
            _ => vec!["crash"],
        };
    }
    match now.why {
        Why::Claim => vec!["claim"],
        // Takeovers are dated by partition too: one of another entry may have come in between.
        Why::Own if same && lost => vec!["reconnect", "claim"],
        Why::Rebalance if now.placed.is_some_and(|placed| last.at < placed) => rebalances(known, last.at, now.at),
        Why::Requeued if same && lost && stored.settled.is_none() => vec!["reconnect"],
        Why::New | Why::Own | Why::Rebalance | Why::Requeued => everything(),
    }
}

/// Whether anything that the trial knows of gave the group a reason: a fault, a kill, a lost connection.
fn rebalances(known: &Known<'_>, from: Nanos, to: Nanos) -> Vec<&'static str> {
    let plan = known.plan;
    let quiet = plan.faults.is_empty()
        && plan.kills.iter().all(Option::is_none)
        && known.truth.connected.iter().flatten().all(|(_, lost)| lost.is_none());
    if quiet {
        vec!["rebalance-without-fault"]
    } else if plan.faults.iter().any(|fault| fault.at <= to && from <= fault.off()) {
        vec!["rebalance"]
    } else {
        vec!["rebalance", "rebalance-without-fault"]
    }
}
