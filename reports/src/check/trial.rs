//! A trial on the bench: what a check answers about a history by hand.

use crate::facts::{FileEnd, FileFacts, WriterEnd};
use crate::history::{Sends, Writer};
use crate::judge::judge_history;
use crate::measure::{IncompleteFile, Rows, Table};
use crate::result::{CheckResult, TrialResult, Verdict};
use crate::units::Nanos;

/// The whole result.
pub(super) fn result(rows: &Rows) -> TrialResult {
    judge_history(rows, "sample-1").unwrap().result
}

/// A check's only answer.
pub(super) fn answer(rows: &Rows, check: &str) -> CheckResult {
    let mut answers = answers(rows, check);
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers.remove(0)
}

/// A check's answers.
pub(super) fn answers(rows: &Rows, check: &str) -> Vec<CheckResult> {
    result(rows).checks.into_iter().filter(|answer| answer.name == check).collect()
}

/// Asserts a verdict, and that each of these stands in the reason.
#[track_caller]
pub(super) fn expect(rows: &Rows, check: &str, verdict: Verdict, reasons: &[&str]) {
    let answer = answer(rows, check);
    assert_eq!(answer.verdict, verdict, "{answer:?}");
    for reason in reasons {
        assert!(answer.why.contains(reason), "`{reason}` is not in: {}", answer.why);
    }
}

/// The same history with a file of a table cut short, as its reader would say.
pub(super) fn cut(mut rows: Rows, table: Table) -> Rows {
    let file = format!("{}.consumer-0.arrows", table.name());
    rows.truncations.push(IncompleteFile { table: Some(table), what: format!("{file}: ends within a batch"), file });
    rows
}

/// The same history, in which five sends of the schedule have no row.
pub(super) fn unsent(mut rows: Rows) -> Rows {
    rows.facts.workload.offered += 5;
    rows
}

/// The same history, of which every file of sends says how it ended: one producer was killed.
pub(super) fn told(mut rows: Rows) -> Rows {
    let end = |how| FileEnd { how, bytes: 0, rows: 0, digest: String::new() };
    let file = |writer, how| FileFacts { end: Some(end(how)), ..Writer::<Sends>::facts(writer) };
    let killed = WriterEnd::Killed { at: Nanos::from_secs(129) };
    rows.facts.files = vec![file("producer-0", WriterEnd::Finished), file("producer-1", killed)];
    rows
}

/// The same history, not drained in time, and of whose end the broker was not asked.
pub(super) fn undrained(mut rows: Rows) -> Rows {
    if let Some(end) = &mut rows.facts.end {
        end.drained = false;
    }
    rows.inspections.clear();
    rows
}
