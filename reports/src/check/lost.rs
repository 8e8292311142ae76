//! **lost**: a send whose outcome is ok was never delivered with a valid payload, to any consumer, warm-up included.
//!
//! Indeterminate and failed sends are never lost. That a message did not come is known only when nothing more can
//! come: the trial was drained, or the broker's own account says for the message's partition that the group has had
//! and settled everything (pending 0, lag 0). Then a lost message is a fail, whatever the workers believed.
//! Unknown: neither is the case; rows of deliveries are missing (it may stand among them) or rows of sends (an
//! acknowledged one may stand among them); anything that concerns every check.

use super::answer::Answer;
use super::doubt;
use super::evidence::{Evidence, messages};
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "lost";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let (account, limit) = (&evidence.measures.account, evidence.facts.limits.lost);
    let lost = account.counts.lost;
    let mut answer = Answer {
        limit: limit.to_string(),
        observed: lost.to_string(),
        doubts: doubt::standing(evidence, &[Table::Sends, Table::Deliveries]),
        held: format!("{} acknowledged messages, {lost} of them never delivered", account.counts.acknowledged),
        ..Answer::default()
    };
    answer.doubts.extend(doubt::unsent(evidence));
    answer.doubts.extend(doubt::undrained(evidence));
    if lost > limit {
        let what = format!(
            "{} acknowledged and never delivered{}",
            messages(lost, ("was", "were")),
            evidence.examples(&account.findings.lost, "sent")
        );
        let certain = certainly_lost(evidence) > limit;
        let missing = doubt::cut(evidence, &[Table::Deliveries]);
        let open = (!certain).then(|| "the trial was not drained, so they may still come".to_owned());
        answer.break_unless(missing.or(open), what);
    }
    vec![answer.settle(NAME)]
}

/// Lost messages in partitions of which nothing more can come.
fn certainly_lost(evidence: &Evidence<'_>) -> u64 {
    let drained = doubt::undrained(evidence).is_none();
    let lost = evidence.measures.account.lost_by_partition.iter();
    let exhausted = lost.filter(|(partition, _)| drained || evidence.measures.broker.exhausted(**partition));
    exhausted.map(|(_, count)| count).sum()
}
