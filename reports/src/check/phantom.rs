//! **phantom**: a distinct message was delivered, with a valid payload of this trial, that no producer sent, or whose
//! send certainly failed. One whose send is indeterminate may be delivered.
//!
//! A delivered message whose send is recorded as failed is a fail, however much of the history is missing. One without
//! a row in sends is a fail only where sends are whole and hold the whole schedule: a producer that was killed leaves
//! messages under way without a row.
//! Unknown, where nothing was found: rows of sends or deliveries are missing; anything that concerns every check.

use super::answer::Answer;
use super::doubt;
use super::evidence::{Evidence, messages};
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "phantom";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let (account, limit) = (&evidence.measures.account, evidence.facts.limits.phantom);
    let phantom = account.counts.phantom;
    let mut answer = Answer {
        limit: limit.to_string(),
        observed: phantom.to_string(),
        doubts: doubt::standing(evidence, &[Table::Sends, Table::Deliveries]),
        held: format!("{} distinct messages delivered, {phantom} of them not sent", account.counts.distinct),
        ..Answer::default()
    };
    if phantom > limit {
        let what = format!(
            "{} delivered that nobody sent, {} of them after a send that failed{}",
            messages(phantom, ("was", "were")),
            account.phantom_failed,
            evidence.examples(&account.findings.phantom, "received")
        );
        let missing = doubt::cut(evidence, &[Table::Sends]).or(doubt::unsent(evidence));
        answer.break_unless(missing.filter(|_| account.phantom_failed <= limit), what);
    }
    vec![answer.settle(NAME)]
}
