//! The log, as another client read it: its counts, and what it alone shows of messages that consumers never had.

use super::expected::{Bad, Expected};
use super::{Disagreement, Known, doubts};
use crate::plan::BrokerKind;
use crate::truth::Entry;
use reports::history::Outcome;
use reports::result::{LogResult, TrialResult};
use reports::units::MessageId;
use std::collections::{HashMap, HashSet};

/// The truth of the log.
struct Log {
    /// As the judge is to count; what is missing and what was trimmed stand together in `missing`.
    counts: LogResult,
    /// Of what is missing, that which stood in partitions that were certainly not trimmed.
    surely_missing: u64,
    /// Messages that stand there although their sends failed.
    refused: u64,
    /// Of what nobody had, that which was not acknowledged.
    unacknowledged: u64,
}

/// What the log shows of a check beside what the consumers had.
pub(super) fn also(name: &str, known: &Known<'_>, mut expected: Expected) -> Expected {
    if !was_read(known) {
        return expected;
    }
    let (log, limits) = (truth(known), known.limits);
    let surely = match name {
        "duplicated" => log.counts.duplicated > limits.duplicated,
        "corrupted" => log.counts.corrupted > limits.corrupted,
        "phantom" => log.counts.unsent > limits.phantom,
        "unrecovered" => log.surely_missing > limits.unrecovered || log.unacknowledged > limits.unrecovered,
        _ => false,
    };
    // What stands there without a row of a send may have been sent all the same, where rows can be missing.
    let refused = log.refused > limits.phantom;
    if let Some(doubt) = doubts::unrecorded(known).filter(|_| name == "phantom" && surely && !refused) {
        expected.doubts.push(doubt);
    } else if surely {
        expected.bad = Bad::Yes;
        expected.what.push_str("; the log shows too many");
    } else if name == "unrecovered" && log.counts.missing > limits.unrecovered && expected.bad == Bad::No {
        expected.bad = Bad::Either;
    }
    expected
}

pub(super) fn compare(known: &Known<'_>, result: &TrialResult) -> Vec<Disagreement> {
    if !was_read(known) {
        return Vec::new();
    }
    let truth = truth(known).counts;
    let judge = result.log.clone().unwrap_or_default();
    let all = [
        ("entries", truth.entries, judge.entries),
        ("distinct", truth.distinct, judge.distinct),
        ("duplicated", truth.duplicated, judge.duplicated),
        ("corrupted", truth.corrupted, judge.corrupted),
        ("unsent", truth.unsent, judge.unsent),
        ("missing and trimmed", truth.missing, judge.missing + judge.trimmed),
        ("undelivered", truth.undelivered, judge.undelivered),
        ("happened", truth.happened, judge.happened),
        ("complete", 1, u64::from(judge.complete)),
    ];
    let wrong = all.into_iter().filter(|(_, truth, judge)| truth != judge);
    wrong
        .map(|(name, truth, judge)| Disagreement {
            about: format!("log {name}"),
            truth: truth.to_string(),
            judge: judge.to_string(),
        })
        .collect()
}

fn was_read(known: &Known<'_>) -> bool {
    let ending = &known.plan.ending;
    known.plan.shape.kind != BrokerKind::Queue && ending.told && ending.interrupted.is_none()
}

fn truth(known: &Known<'_>) -> Log {
    let truth = known.truth;
    let standing: Vec<&Entry> = truth.entries.iter().filter(|entry| entry.kept).collect();
    let mut places: HashMap<MessageId, u64> = HashMap::new();
    for entry in standing.iter().filter(|entry| entry.valid) {
        *places.entry(entry.id).or_default() += 1;
    }
    let had: HashSet<MessageId> =
        truth.entries.iter().filter(|entry| entry.valid && !entry.receipts.is_empty()).map(|entry| entry.id).collect();
    let spoilt: HashSet<usize> =
        standing.iter().filter(|entry| !entry.valid).filter_map(|entry| entry.scheduled).collect();
    let mut ended: HashMap<MessageId, Outcome> = HashMap::new();
    let mut log = Log { counts: LogResult::default(), surely_missing: 0, unacknowledged: 0, refused: 0 };
    for (index, (due, send)) in known.plan.load.schedule.iter().zip(&truth.sends).enumerate() {
        let Some((outcome, _)) = send.ended else { continue };
        ended.insert(due.id, outcome);
        let there = places.contains_key(&due.id);
        log.counts.happened += u64::from(outcome == Outcome::Indeterminate && there);
        if outcome == Outcome::Ok && !there && !spoilt.contains(&index) {
            let partition = usize::from(due.id.partition.0);
            let said = &truth.inspections[partition];
            let asked = known.plan.ending.unasked != Some(partition);
            log.counts.missing += 1;
            log.surely_missing += u64::from(asked && said.appended == Some(said.length));
        }
    }
    let unsent = |id: &&MessageId| !matches!(ended.get(id), Some(Outcome::Ok | Outcome::Indeterminate));
    let unread: Vec<&MessageId> = places.keys().filter(|id| !had.contains(id)).collect();
    log.unacknowledged = unread.iter().filter(|id| ended.get(**id) != Some(&Outcome::Ok)).count() as u64;
    log.counts.undelivered = unread.len() as u64;
    log.counts.unsent = places.keys().filter(unsent).count() as u64;
    log.refused = places.keys().filter(|id| ended.get(*id) == Some(&Outcome::Failed)).count() as u64;
    log.counts.entries = standing.len() as u64;
    log.counts.distinct = places.len() as u64;
    log.counts.duplicated = places.values().filter(|places| **places > 1).count() as u64;
    log.counts.corrupted = standing.iter().filter(|entry| !entry.valid).count() as u64;
    log
}
