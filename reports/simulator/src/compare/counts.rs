//! Counts: each message counted where it happened.

use super::lost::in_hand;
use super::{Disagreement, Known};
use reports::history::Outcome;
use reports::result::TrialResult;
use reports::units::MessageId;
use std::collections::{HashMap, HashSet};

pub(super) fn compare(known: &Known<'_>, result: &TrialResult) -> Vec<Disagreement> {
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
    let lost = truth
        .sends
        .iter()
        .enumerate()
        .filter(|(message, send)| matches!(send.ended, Some((Outcome::Ok, _))) && !had.contains(message));
    let failed_and_kept =
        had.iter().filter(|message| matches!(truth.sends[**message].ended, Some((Outcome::Failed, _))));
    let made_up: HashSet<_> = valid.iter().filter(|entry| entry.scheduled.is_none()).map(|entry| entry.id).collect();
    let counts = &result.counts;
    let all = [
        ("offered", ended(None), counts.offered),
        ("acknowledged", ended(Some(Outcome::Ok)), counts.acknowledged),
        ("failed", ended(Some(Outcome::Failed)), counts.failed),
        ("indeterminate", ended(Some(Outcome::Indeterminate)), counts.indeterminate),
        ("delivered", delivered, counts.delivered),
        ("distinct", distinct.len() as u64, counts.distinct),
        ("redelivered", delivered - distinct.len() as u64, counts.redelivered),
        ("corrupted", harmed.map(|entry| entry.receipts.len() as u64).sum(), counts.corrupted),
        ("duplicated", places.values().filter(|places| **places > 1).count() as u64, counts.duplicated),
        ("lost", lost.count() as u64, counts.lost),
        ("phantom", failed_and_kept.count() as u64 + made_up.len() as u64, counts.phantom),
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
