//! **out-of-order**: a message's first delivery came after that of a later message of the same producer and partition.
//! Asked only where the system promises order: over all consumers (`partition`), or for what one consumer gets
//! (`consumer`; there deliveries that the broker counts as the second or a later one are exempt: what a departed consumer
//! left comes late by design). Redeliveries never count.
//!
//! A fail only where deliveries are whole and in order of time: without its first delivery, a redelivery looks like one.
//! Unknown: rows of deliveries are missing or too far out of order; anything that concerns every check.

use super::answer::Answer;
use super::doubt;
use super::evidence::{Evidence, messages};
use crate::facts::Ordering;
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "out-of-order";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let within = match evidence.facts.system.ordering {
        Ordering::None => return Vec::new(),
        Ordering::Partition => "within a partition",
        Ordering::Consumer => "within what one consumer got",
    };
    let (account, limit) = (&evidence.measures.account, evidence.facts.limits.out_of_order);
    let behind = account.counts.out_of_order;
    let mut answer = Answer {
        limit: limit.to_string(),
        observed: behind.to_string(),
        doubts: doubt::standing(evidence, &[Table::Deliveries]),
        held: format!("{} first deliveries, {behind} of them behind a later one {within}", account.counts.distinct),
        ..Answer::default()
    };
    let disordered = doubt::disordered(evidence);
    answer.doubts.extend(disordered.clone());
    if account.counts.distinct == 0 {
        answer.doubts.push("nothing was delivered".into());
    }
    if behind > limit {
        let examples = evidence.examples(&account.findings.out_of_order, "received");
        let what = format!("{} first delivered behind a later one {within}{examples}", messages(behind, ("was", "were")));
        answer.break_unless(doubt::cut(evidence, &[Table::Deliveries]).or(disordered), what);
    }
    vec![answer.settle(NAME)]
}
