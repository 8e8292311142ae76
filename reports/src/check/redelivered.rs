//! **redelivered**: deliveries beyond each message's first are more than the scenario allows. Asked only where it sets
//! a limit: at-least-once systems repeat themselves after a fault by design.
//!
//! The cause of each is the first of these that the history shows since the message's delivery before: another
//! position of the log (`duplicate`); a takeover by this consumer (`claim`); the consumer was given the partition
//! (`rebalance`); the same consumer lost a connection (`reconnect`); the same consumer, where single messages are
//! settled and this one was not (`own-pending`); nothing (`unexplained`).
//!
//! Too many is a fail, however much of the history is missing: missing rows only hide more.
//! Unknown, where there are not too many: rows of deliveries are missing; the trial was not drained; anything that
//! concerns every check.

use super::answer::Answer;
use super::doubt;
use super::evidence::Evidence;
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "redelivered";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let Some(limit) = evidence.facts.limits.redelivered else { return Vec::new() };
    let account = &evidence.measures.account;
    let redelivered = account.counts.redelivered;
    let causes: Vec<_> = account.redelivered_by_cause.iter().map(|(cause, count)| format!("{count} {cause}")).collect();
    let by = if causes.is_empty() { String::new() } else { format!(" ({})", causes.join(", ")) };
    let mut answer = Answer {
        limit: format!("≤ {limit}"),
        observed: format!("{redelivered}{by}"),
        doubts: doubt::standing(evidence, &[Table::Deliveries]),
        held: format!("{} deliveries, {redelivered} of them repeated{by}", account.counts.delivered),
        ..Answer::default()
    };
    answer.doubts.extend(doubt::undrained(evidence));
    if redelivered > limit {
        let examples = evidence.examples(&account.findings.unexplained, "received");
        let unexplained = if examples.is_empty() { String::new() } else { format!("; unexplained{examples}") };
        answer.broken.push(format!("{redelivered} deliveries beyond the first{by}{unexplained}"));
    }
    vec![answer.settle(NAME)]
}
