//! **resurrected**: a message came again although its settlement had been confirmed before the broker can have handed it
//! out this time.
//!
//! Where single messages are settled: an ack of the message was confirmed, and then the same position of the log was
//! delivered again. If a takeover brought it, the moment at which it was asked for counts, not the receipt: an ack that
//! was confirmed in between was concurrent. Where positions are committed: a delivery beyond the first lies below what
//! had been committed when this consumer was given the partition, or below what it has committed itself since.
//!
//! Each is a fail, even in a history that is cut or interrupted, unless what is missing could explain it: a takeover that
//! was not recorded (such deliveries are not counted while settlements are cut), or an assignment.
//! Unknown, where none was found: rows of deliveries, settlements or (for commits) group events are missing; the trial
//! was not drained; anything that concerns every check.

use super::answer::Answer;
use super::doubt;
use super::evidence::Evidence;
use crate::facts::Settling;
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "resurrected";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let (account, limit) = (&evidence.measures.account, evidence.facts.limits.resurrected);
    let resurrected = account.counts.resurrected;
    let mut answer = Answer {
        limit: limit.to_string(),
        observed: resurrected.to_string(),
        doubts: doubt::standing(evidence, &[Table::Deliveries, Table::Settlements]),
        held: format!(
            "{} deliveries beyond the first, {resurrected} of them after a confirmed settlement",
            account.counts.redelivered
        ),
        ..Answer::default()
    };
    let unassigned = doubt::cut(evidence, &[Table::GroupEvents])
        .filter(|_| evidence.facts.system.settling == Settling::Position);
    let artefact = doubt::disordered(evidence).or(unassigned);
    answer.doubts.extend(artefact.clone());
    answer.doubts.extend(doubt::undrained(evidence));
    if resurrected > limit {
        let examples = evidence.examples(&account.findings.resurrected, "received");
        let what = format!("{resurrected} deliveries after the message's settlement had been confirmed{examples}");
        answer.break_unless(artefact, what);
    }
    vec![answer.settle(NAME)]
}
