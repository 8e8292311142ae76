//! **duplicated**: one message was delivered from two positions of its partition's log: the broker stored it twice.
//! The same position delivered twice is a redelivery, not a duplicate.
//!
//! Two accounts: the deliveries, and what was read of the log by a client apart from those under test. Too many by either
//! is a fail.
//!
//! Each is a fail, however much of the history is missing: two rows are proof.
//! Unknown, where none was found: rows of deliveries are missing; the trial was not drained, so the second one may
//! still come; anything that concerns every check.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::{Evidence, messages};
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "duplicated";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let (account, limit) = (&evidence.measures.account, evidence.facts.limits.duplicated);
    let consumed = evidence.facts.has_consumers();
    let duplicated = if consumed { account.counts.duplicated } else { 0 };
    let log = evidence.measures.log.counted();
    let stored = log.duplicated;
    let mut answer = Answer {
        limit: Demanded::count(limit),
        observed: Observed::count(duplicated.max(stored)),
        doubts: doubt::standing(evidence, &[Table::Deliveries]),
        held: format!(
            "{} distinct messages, {} of them at two positions",
            if consumed { account.counts.distinct } else { log.distinct },
            duplicated.max(stored)
        ),
        ..Answer::default()
    };
    answer.doubts.extend(doubt::unread(evidence));
    answer.doubts.extend(doubt::undrained(evidence));
    if duplicated > limit {
        let examples = evidence.examples(&account.findings.duplicated, "received");
        let count = messages(duplicated, ("stands", "stand"));
        answer.broken.push(format!("{count} at more than one position of the log{examples}"));
    }
    if stored > limit {
        let examples = evidence.examples(&evidence.measures.log.duplicated, "read");
        let count = messages(stored, ("stands", "stand"));
        answer.broken.push(format!("whoever read the log found that {count} at more than one position{examples}"));
    }
    vec![answer.settle(NAME)]
}

#[cfg(test)]
mod tests {
    use super::super::trial::{answer, cut, expect, undrained};
    use super::*;
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;
    use crate::units::Position;

    fn at_two_positions() -> Rows {
        let mut rows = sample::healthy();
        let mut second = sample::again(&rows.deliveries[1000], 1, 112_000);
        second.position = Position(5000);
        rows.deliveries.push(second);
        rows
    }

    #[test]
    fn passes_when_every_message_stands_once() {
        expect(&sample::healthy(), NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn fails_when_one_stands_at_two_positions_even_in_a_history_that_is_cut() {
        let rows = cut(at_two_positions(), Table::Deliveries);
        expect(&rows, NAME, Verdict::Fail, &["1 message stands", "seq 250", "position 5000", "also at position 500"]);
    }

    #[test]
    fn the_second_position_is_neither_resurrected_nor_unexplained() {
        let mut rows = at_two_positions();
        rows.facts.limits.redelivered = Some(0);
        assert_eq!(answer(&rows, "resurrected").verdict, Verdict::Pass);
        assert_eq!(answer(&rows, "redelivered").observed, "1 (1 duplicate)");
    }

    #[test]
    fn one_position_delivered_twice_is_a_redelivery_and_no_duplicate() {
        let mut rows = sample::healthy();
        let second = sample::again(&rows.deliveries[1000], 1, 112_000);
        rows.deliveries.push(second);
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn is_unknown_when_the_second_one_may_still_come() {
        expect(&undrained(sample::healthy()), NAME, Verdict::Unknown, &["more may still come"]);
    }
}
