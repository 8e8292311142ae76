//! **unprocessed**: a message was delivered, and no consumer processed it to its end. Asked only where messages are settled when
//! they are received (`ack = "before-processing"`), because then the broker does not give out again what its consumer had in
//! hand when it died. Where messages are settled after processing, what was not processed is not settled, and comes again.
//!
//! A message that was given up to the dead-letter queue counts as processed. One that a consumer was at when it was told to
//! end, at the end of the trial, does not count: the trial ended, not the consumer.
//! A message that nobody processed is a counterexample only if nothing can come any more and all rows are there.
//! Unknown: no consumer recorded any processing; the trial was not drained; rows of deliveries or settlements are missing; somebody was still at a message at the
//! end; anything that concerns every check.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::{Evidence, messages};
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "unprocessed";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let Some(limit) = evidence.facts.limits.unprocessed else { return Vec::new() };
    let account = &evidence.measures.account;
    let unprocessed = account.counts.unprocessed.unwrap_or(0);
    let mut answer = Answer {
        limit: Demanded::count(limit),
        observed: Observed::count(unprocessed),
        doubts: doubt::standing(evidence, &[Table::Deliveries, Table::Settlements]),
        held: format!(
            "{} delivered messages, {unprocessed} of them processed to the end by nobody",
            account.counts.distinct
        ),
        ..Answer::default()
    };
    answer.doubts.extend(doubt::undrained(evidence));
    let untold = (unprocessed > 0 && unprocessed == account.counts.distinct)
        .then(|| "no consumer records when it has processed a message".to_owned());
    answer.doubts.extend(untold.clone());
    if account.left_at_the_end > 0 {
        answer.doubts.push(format!(
            "{} still being processed when the trial ended",
            messages(account.left_at_the_end, ("was", "were"))
        ));
    }
    if unprocessed > limit {
        let what = format!(
            "{} settled on receipt, and processed to the end by nobody{}",
            messages(unprocessed, ("was", "were")),
            evidence.examples(&account.findings.unprocessed, "received")
        );
        let missing = doubt::cut(evidence, &[Table::Settlements]);
        answer.break_unless(missing.or(untold).or_else(|| doubt::undrained(evidence)), what);
    }
    vec![answer.settle(NAME)]
}

#[cfg(test)]
mod tests {
    use super::super::trial::{answers, cut, expect, undrained};
    use super::*;
    use crate::history::{Outcome, SettlementKind};
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;

    /// Of message 1000 no row says that it was processed.
    fn unfinished(rows: Rows) -> Rows {
        let mut rows = sample::settled_first(rows);
        let message = rows.deliveries[1000].message;
        rows.settlements.retain(|row| {
            row.kind != SettlementKind::Processed
                || (row.partition, row.message) != (message.partition, Some((message.producer, message.seq)))
        });
        rows
    }

    #[test]
    fn is_not_asked_where_messages_are_settled_after_processing() {
        assert!(answers(&sample::healthy(), NAME).is_empty());
    }

    #[test]
    fn passes_when_each_message_was_processed_to_its_end() {
        expect(&sample::settled_first(sample::healthy()), NAME, Verdict::Pass, &["3200 delivered messages, 0 of them"]);
        expect(&sample::settled_first(sample::committed()), NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn fails_when_nobody_processed_a_message_to_its_end() {
        for rows in [sample::healthy(), sample::committed()] {
            expect(&unfinished(rows), NAME, Verdict::Fail, &["1 message was settled on receipt, and processed"]);
        }
    }

    #[test]
    fn whoever_processed_it_later_makes_up_for_it_and_so_does_the_dead_letter_queue() {
        for kind in [SettlementKind::Processed, SettlementKind::DeadLetter] {
            let mut rows = unfinished(sample::healthy());
            let mut later = sample::ack_of(&rows.deliveries[1000]);
            later.kind = kind;
            rows.settlements.push(later);
            expect(&rows, NAME, Verdict::Pass, &[]);
        }
    }

    #[test]
    fn is_unknown_while_somebody_was_at_it_when_the_trial_ended() {
        let mut rows = unfinished(sample::healthy());
        let mut left = sample::ack_of(&rows.deliveries[1000]);
        (left.kind, left.outcome) = (SettlementKind::Processed, Outcome::Indeterminate);
        rows.settlements.push(left);
        expect(&rows, NAME, Verdict::Unknown, &["1 message was still being processed"]);
    }

    #[test]
    fn is_unknown_where_consumers_do_not_record_what_they_process() {
        let mut rows = sample::settled_first(sample::healthy());
        rows.settlements.retain(|row| row.kind != SettlementKind::Processed);
        expect(&rows, NAME, Verdict::Unknown, &["no consumer records"]);
    }

    #[test]
    fn is_unknown_when_more_may_come_or_rows_are_missing() {
        expect(&undrained(unfinished(sample::healthy())), NAME, Verdict::Unknown, &["may still come"]);
        expect(&cut(unfinished(sample::healthy()), Table::Settlements), NAME, Verdict::Unknown, &["cut"]);
        expect(&cut(sample::settled_first(sample::healthy()), Table::Deliveries), NAME, Verdict::Unknown, &["cut"]);
    }
}
