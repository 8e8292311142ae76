//! **corrupted**: a delivery's payload has a wrong checksum, magic, trial or partition.
//!
//! Each is a fail, however much of the history is missing: no missing row makes a payload wrong. A corrupted delivery
//! counts as no delivery, so its message is lost too unless it also comes unharmed.
//! Unknown, where none was found: nothing was delivered at all; rows of deliveries are missing; anything that concerns
//! every check.

use super::answer::Answer;
use super::doubt;
use super::evidence::Evidence;
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "corrupted";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let (account, limit) = (&evidence.measures.account, evidence.facts.limits.corrupted);
    let corrupted = account.counts.corrupted;
    let mut answer = Answer {
        limit: limit.to_string(),
        observed: corrupted.to_string(),
        doubts: doubt::standing(evidence, &[Table::Deliveries]),
        held: format!("{} payloads checked, {corrupted} of them wrong", account.counts.delivered + corrupted),
        ..Answer::default()
    };
    if account.counts.delivered == 0 {
        answer.doubts.push("nothing was delivered, so no payload was checked".into());
    }
    if corrupted > limit {
        let examples = evidence.examples(&account.findings.corrupted, "received");
        answer.broken.push(format!("{corrupted} deliveries with a wrong payload{examples}"));
    }
    vec![answer.settle(NAME)]
}
