//! **corrupted**: a payload has a wrong checksum, magic, trial or partition: that of a delivery, or one that stands in the
//! log, read by a client apart from those under test.
//!
//! Each is a fail, however much of the history is missing: no missing row makes a payload wrong. A corrupted delivery
//! counts as no delivery, so its message is lost too unless it also comes unharmed.
//! Unknown, where none was found: nothing was delivered at all; rows of deliveries are missing; anything that concerns
//! every check.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::Evidence;
use crate::measure::Table;
use crate::plural::plural;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "corrupted";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let (account, limit) = (&evidence.measures.account, evidence.facts.limits.corrupted);
    let consumed = evidence.facts.has_consumers();
    let corrupted = if consumed { account.counts.corrupted } else { 0 };
    let log = evidence.measures.log.counted();
    let stored = log.corrupted;
    // Where nobody consumes, what was read of the log is what there is.
    let checked = if consumed { account.counts.delivered + corrupted } else { log.entries };
    let mut answer = Answer {
        limit: Demanded::count(limit),
        observed: Observed::count(corrupted.max(stored)),
        doubts: doubt::standing(evidence, &[Table::Deliveries]),
        held: format!("{checked} payloads checked, {} of them wrong", corrupted.max(stored)),
        ..Answer::default()
    };
    answer.doubts.extend(doubt::unread(evidence));
    if checked == corrupted {
        answer.doubts.push("nothing was delivered, so no payload was checked".into());
    }
    if corrupted > limit {
        let examples = evidence.examples(&account.findings.corrupted, "received");
        answer.broken.push(format!("{} with a wrong payload{examples}", plural(corrupted, "delivery")));
    }
    if stored > limit {
        let examples = evidence.examples(&evidence.measures.log.corrupted, "read");
        answer.broken.push(format!("{} of the log with a wrong payload{examples}", plural(stored, "entry")));
    }
    vec![answer.settle(NAME)]
}

#[cfg(test)]
mod tests {
    use super::super::trial::{cut, expect};
    use super::*;
    use crate::measure::sample;
    use crate::result::Verdict;

    #[test]
    fn passes_when_every_payload_is_right() {
        expect(&sample::healthy(), NAME, Verdict::Pass, &["3200 payloads"]);
    }

    #[test]
    fn fails_when_one_payload_is_wrong_even_in_a_history_that_is_cut_and_killed() {
        let mut rows = cut(sample::healthy(), Table::Deliveries);
        rows.facts.end = None;
        rows.deliveries[1000].payload_ok = false;
        expect(&rows, NAME, Verdict::Fail, &["a payload (received at +8.002 s by consumer-0; position 500)"]);
    }

    #[test]
    fn is_unknown_when_none_was_found_in_a_history_that_is_cut() {
        expect(&cut(sample::healthy(), Table::Deliveries), NAME, Verdict::Unknown, &["ends within a batch"]);
    }

    #[test]
    fn is_unknown_when_nothing_was_delivered() {
        let mut rows = sample::healthy();
        rows.deliveries.clear();
        expect(&rows, NAME, Verdict::Unknown, &["nothing was delivered"]);
    }
}
