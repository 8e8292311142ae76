//! Counts: each message counted where it happened.

use super::doubts::tells_lag;
use super::known::{Disagreement, Known};
use super::lost::in_hand;
use super::messages::untraced;
use super::order::behind;
use super::processing::unprocessed;
use super::settlements::resurrections;
use crate::plan::BrokerKind;
use reports::history::Outcome;
use reports::result::{Counts, TrialResult};
use reports::units::MessageId;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The truth's counts. `resurrected` and `out_of_order` are those that are certain.
pub fn counted(known: &Known<'_>) -> Counts {
    let truth = known.truth;
    let ended = |wanted: Option<Outcome>| {
        let ended = truth.sends.iter().filter_map(|send| send.ended);
        ended.filter(|(outcome, _)| wanted.is_none_or(|wanted| wanted == *outcome)).count() as u64
    };
    let valid: Vec<_> = truth.entries.iter().filter(|entry| entry.valid && !entry.receipts.is_empty()).collect();
    let delivered = valid.iter().map(|entry| entry.receipts.len() as u64).sum::<u64>();
    let distinct: HashSet<MessageId> = valid.iter().map(|entry| entry.id).collect();
    let harmed = truth.entries.iter().filter(|entry| !entry.valid);
    let mut places: HashMap<MessageId, u64> = HashMap::new();
    for entry in &valid {
        *places.entry(entry.id).or_default() += 1;
    }
    let had = in_hand(known);
    let lost = (truth.sends.iter().enumerate())
        .filter(|(message, send)| matches!(send.ended, Some((Outcome::Ok, _))) && !had.contains(message));
    let failed_and_kept =
        had.iter().filter(|message| matches!(truth.sends[**message].ended, Some((Outcome::Failed, _))));
    let made_up: HashSet<_> = valid.iter().filter(|entry| entry.scheduled.is_none()).map(|entry| entry.id).collect();
    let told = (0..known.plan.shape.partitions).all(|partition| tells_lag(known, partition));
    let asked = known.plan.ending.unasked.is_none() && told;
    Counts {
        offered: ended(None),
        acknowledged: ended(Some(Outcome::Ok)),
        failed: ended(Some(Outcome::Failed)),
        indeterminate: ended(Some(Outcome::Indeterminate)),
        delivered,
        distinct: distinct.len() as u64,
        redelivered: delivered - distinct.len() as u64,
        corrupted: harmed.map(|entry| entry.receipts.len() as u64).sum(),
        duplicated: places.values().filter(|places| **places > 1).count() as u64,
        lost: lost.count() as u64,
        phantom: failed_and_kept.count() as u64 + made_up.len() as u64,
        out_of_order: behind(known).0,
        resurrected: resurrections(known).0,
        unprocessed: unprocessed(known).map(|(never, _)| never),
        pending_at_end: asked.then(|| truth.held.iter().map(|(pending, lag)| pending + lag).sum()),
    }
}

pub(super) fn compare(known: &Known<'_>, result: &TrialResult) -> Vec<Disagreement> {
    let (truth, judge) = (counted(known), &result.counts);
    let ordered = known.plan.shape.kind != BrokerKind::Queue;
    let resurrected = judge.resurrected.clamp(truth.resurrected, resurrections(known).1);
    let out_of_order = judge.out_of_order.clamp(truth.out_of_order, behind(known).1);
    let none = |count: Option<u64>| count.map_or(u64::MAX, |count| count);
    let all = [
        ("offered", truth.offered, judge.offered),
        ("acknowledged", truth.acknowledged, judge.acknowledged),
        ("failed", truth.failed, judge.failed),
        ("indeterminate", truth.indeterminate, judge.indeterminate),
        ("delivered", truth.delivered, judge.delivered),
        ("distinct", truth.distinct, judge.distinct),
        ("redelivered", truth.redelivered, judge.redelivered),
        ("corrupted", truth.corrupted, judge.corrupted),
        ("duplicated", truth.duplicated, judge.duplicated),
        ("lost", truth.lost, judge.lost),
        ("phantom", judge.phantom.clamp(truth.phantom, truth.phantom + untraced(known)), judge.phantom),
        ("out_of_order", if ordered { out_of_order } else { 0 }, judge.out_of_order),
        ("resurrected", resurrected, judge.resurrected),
        ("unprocessed", none(truth.unprocessed), none(judge.unprocessed)),
        ("pending_at_end", none(truth.pending_at_end), none(judge.pending_at_end)),
        ("failed, by reason", truth.failed, result.reasons.failed.iter().map(|reason| reason.sends).sum()),
        (
            "indeterminate, by reason",
            truth.indeterminate,
            result.reasons.indeterminate.iter().map(|reason| reason.sends).sum(),
        ),
        ("handed out", 0, handed_out(known, &result.recovery.delivery_counts)),
    ];
    let wrong = all.into_iter().filter(|(_, truth, judge)| truth != judge);
    wrong
        .map(|(name, truth, judge)| Disagreement {
            about: format!("count {name}"),
            truth: truth.to_string(),
            judge: judge.to_string(),
        })
        .collect()
}

/// By how much the broker's delivery counts, one for each message, are not what is told of them.
fn handed_out(known: &Known<'_>, told: &BTreeMap<u16, u64>) -> u64 {
    let mut highest: HashMap<MessageId, u16> = HashMap::new();
    for entry in known.truth.entries.iter().filter(|entry| entry.valid) {
        for receipt in &entry.receipts {
            let count = highest.entry(entry.id).or_default();
            *count = (*count).max(receipt.count);
        }
    }
    let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
    for count in highest.into_values().filter(|count| *count > 0) {
        *counts.entry(count).or_default() += 1;
    }
    let all: HashSet<_> = counts.keys().chain(told.keys()).collect();
    all.into_iter().map(|count| counts.get(count).unwrap_or(&0).abs_diff(*told.get(count).unwrap_or(&0))).sum()
}
