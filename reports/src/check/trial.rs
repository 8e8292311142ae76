//! A trial on the bench: what a check answers about a history by hand.

use crate::judge::judge_history;
use crate::measure::{IncompleteFile, Rows, Table};
use crate::result::{CheckResult, TrialResult, Verdict};

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

/// The same history, not drained in time, and of whose end the broker was not asked.
pub(super) fn undrained(mut rows: Rows) -> Rows {
    if let Some(end) = &mut rows.facts.end {
        end.drained = false;
    }
    rows.inspections.clear();
    rows
}
