//! **duplicated**: one message was delivered from two positions of its partition's log: the broker stored it twice.
//! The same position delivered twice is a redelivery, not a duplicate.
//!
//! Each is a fail, however much of the history is missing: two rows are proof.
//! Unknown, where none was found: rows of deliveries are missing; the trial was not drained, so the second one may
//! still come; anything that concerns every check.

use super::answer::Answer;
use super::doubt;
use super::evidence::{Evidence, messages};
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "duplicated";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let (account, limit) = (&evidence.measures.account, evidence.facts.limits.duplicated);
    let duplicated = account.counts.duplicated;
    let mut answer = Answer {
        limit: limit.to_string(),
        observed: duplicated.to_string(),
        doubts: doubt::standing(evidence, &[Table::Deliveries]),
        held: format!("{} distinct messages, {duplicated} of them at two positions", account.counts.distinct),
        ..Answer::default()
    };
    answer.doubts.extend(doubt::undrained(evidence));
    if duplicated > limit {
        let examples = evidence.examples(&account.findings.duplicated, "received");
        let count = messages(duplicated, ("stands", "stand"));
        answer.broken.push(format!("{count} at more than one position of the log{examples}"));
    }
    vec![answer.settle(NAME)]
}
