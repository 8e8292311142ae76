//! What the log held, and who recovered what others had not acknowledged: lines of the comparison.

use super::cells::{Cell, Mark, Row, Section, Weight};
use super::number;
use super::text::{ABSENT, one_line};
use crate::result::{AckRecovery, CrashRecovery, LogResult, RunResult, TrialResult};
use crate::units::Nanos;

/// Crashes of consumers that have lines of their own.
const MOST_CRASHES: usize = 5;

/// What another client than those under test read of the log; none where that was tried nowhere.
pub(super) fn log(result: &RunResult) -> Vec<Row> {
    if result.trials.iter().all(|trial| trial.log.is_none()) {
        return Vec::new();
    }
    let row = |label, alarm, pick: fn(&LogResult) -> u64| {
        Row::new(label, Weight::Detail, result, |trial| cell(trial.log.as_ref().map(pick), alarm)).raised()
    };
    let whole = Row::new("log read to its end", Weight::Detail, result, |trial| match &trial.log {
        None => Cell::plain(ABSENT.to_owned()),
        Some(log) if log.complete => Cell::plain("yes".to_owned()),
        Some(_) => Cell::new("no".to_owned(), Mark::Alarm),
    });
    let trims = result.trials.iter().any(|trial| trial.log.as_ref().is_some_and(|log| log.trimmed > 0));
    let weight = if trims { Weight::Main } else { Weight::Detail };
    let trimmed = Row::new("trimmed from the log", weight, result, |trial| {
        cell(trial.log.as_ref().map(|log| log.trimmed), Mark::None)
    });
    vec![
        whole.raised(),
        row("entries in the log", Mark::None, |log| log.entries),
        row("gone from the log", Mark::Alarm, |log| log.missing),
        trimmed,
        row("never read from the log", Mark::Alarm, |log| log.undelivered).of_consumers(),
        row("indeterminate, in the log", Mark::None, |log| log.happened),
    ]
}

/// What became of unacknowledged messages, if anything did anywhere.
pub(super) fn ack(result: &RunResult) -> Option<Section> {
    let shared_out = |ack: &AckRecovery| ack.partitions_given_up + ack.partitions_moved > 0;
    let happened =
        |ack: &AckRecovery| !ack.takeovers.is_empty() || !ack.crashes.is_empty() || ack.rewinds > 0 || shared_out(ack);
    if !result.trials.iter().any(|trial| happened(&trial.recovery.ack)) {
        return None;
    }
    let count = |label, pick: fn(&AckRecovery) -> u64| {
        Row::new(label, Weight::Main, result, |trial| Cell::plain(number::count(pick(&trial.recovery.ack))))
    };
    let mut rows = vec![
        count("entries taken over", |ack| ack.takeovers.iter().map(|takeover| takeover.messages).sum()),
        Row::new("stolen", Weight::Main, result, |trial| cell(Some(trial.recovery.ack.stolen), Mark::Alarm)).raised(),
        count("rewinds", |ack| ack.rewinds),
        count("rewound messages", |ack| ack.rewound_messages),
    ];
    if result.trials.iter().any(|trial| shared_out(&trial.recovery.ack)) {
        rows.push(count("partitions given up", |ack| ack.partitions_given_up));
        rows.push(count("partitions moved", |ack| ack.partitions_moved));
    }
    for nth in
        0..result.trials.iter().map(|trial| trial.recovery.ack.crashes.len()).max().unwrap_or(0).min(MOST_CRASHES)
    {
        let crash = |trial: &TrialResult| trial.recovery.ack.crashes.get(nth).cloned();
        let time = |label, pick: fn(&CrashRecovery) -> Option<Nanos>| {
            Row::new(label, Weight::Main, result, move |trial| {
                Cell::plain(number::time(crash(trial).as_ref().and_then(pick)))
            })
        };
        rows.push(Row::new("crash of", Weight::Main, result, |trial| {
            let told = crash(trial)
                .map(|crash| format!("{}, {} in hand", one_line(&crash.consumer), number::count(crash.held)));
            Cell::plain(told.unwrap_or_else(|| ABSENT.to_owned()))
        }));
        rows.push(time("crash → taken over", |crash| crash.first_taken_over_ns));
        rows.push(time("crash → all settled", |crash| crash.recovered_ns));
        let left = Row::new("left unsettled", Weight::Main, result, |trial| {
            cell(crash(trial).map(|crash| crash.left), Mark::Alarm)
        });
        rows.push(left.raised());
    }
    Some(Section { heading: "Unacknowledged messages".to_owned(), rows })
}

/// A count; marked where it is above zero.
fn cell(count: Option<u64>, alarm: Mark) -> Cell {
    let mark = if count.is_some_and(|count| count > 0) { alarm } else { Mark::None };
    Cell::new(count.map_or_else(|| ABSENT.to_owned(), number::count), mark)
}
