//! **phantom**: a distinct message was delivered, with a valid payload of this trial, that no producer sent, or whose
//! send certainly failed. One whose send is indeterminate may be delivered.
//!
//! The same holds of a message that stands in the log, read by a client apart from those under test, delivered or not.
//!
//! A message whose send is recorded as failed is a fail, however much of the history is missing. One without a row in
//! sends is a fail only where sends are whole, and hold the whole schedule or say of every file how it ended: else a
//! producer that was killed may have left messages under way without a row.
//! Unknown, where nothing was found: rows of sends or deliveries are missing; anything that concerns every check.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::{Evidence, messages};
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "phantom";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let (account, limit) = (&evidence.measures.account, evidence.facts.limits.phantom);
    let consumed = evidence.facts.has_consumers();
    let phantom = if consumed { account.counts.phantom } else { 0 };
    let log = &evidence.measures.log;
    let unsent = log.counted().unsent;
    let mut answer = Answer {
        limit: Demanded::count(limit),
        observed: Observed::count(phantom.max(unsent)),
        doubts: doubt::standing(evidence, &[Table::Sends, Table::Deliveries]),
        held: match consumed {
            true => format!("{} distinct messages delivered, {phantom} of them not sent", account.counts.distinct),
            false => format!("{} distinct messages in the log, {unsent} of them not sent", log.counted().distinct),
        },
        ..Answer::default()
    };
    answer.doubts.extend(doubt::unread(evidence));
    let missing = || doubt::cut(evidence, &[Table::Sends]).or(doubt::unrecorded(evidence));
    if phantom > limit {
        let what = format!(
            "{} delivered that nobody sent, {} of them after a send that failed{}",
            messages(phantom, ("was", "were")),
            account.phantom_failed,
            evidence.examples(&account.findings.phantom, "received")
        );
        answer.break_unless(missing().filter(|_| account.phantom_failed <= limit), what);
    }
    if unsent > limit {
        let what = format!(
            "in the log {} that nobody sent, {} of them after a send that failed{}",
            messages(unsent, ("stands", "stand")),
            log.unsent_failed,
            evidence.examples(&log.unsent, "read")
        );
        answer.break_unless(missing().filter(|_| log.unsent_failed <= limit), what);
    }
    vec![answer.settle(NAME)]
}

#[cfg(test)]
mod tests {
    use super::super::trial::{cut, expect, told, unsent};
    use super::*;
    use crate::history::Outcome;
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;
    use crate::units::Position;

    fn with_a_stranger(mut rows: Rows) -> Rows {
        let mut stranger = sample::again(&rows.deliveries[900], 0, 112_000);
        stranger.message = sample::message(7, 0, u64::MAX);
        stranger.position = Position(99_999);
        rows.settlements.push(sample::ack_of(&stranger));
        rows.deliveries.push(stranger);
        rows
    }

    #[test]
    fn passes_when_all_that_came_was_sent() {
        expect(&sample::healthy(), NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn fails_when_a_message_came_that_nobody_sent() {
        let rows = with_a_stranger(sample::healthy());
        expect(&rows, NAME, Verdict::Fail, &["producer-7 partition-0 seq 18446744073709551615", "+12.000 s", "99999"]);
    }

    #[test]
    fn is_unknown_when_sends_are_cut_and_its_send_may_stand_among_the_missing() {
        expect(&cut(with_a_stranger(sample::healthy()), Table::Sends), NAME, Verdict::Unknown, &["nobody sent"]);
    }

    #[test]
    fn is_unknown_when_a_producer_died_with_sends_under_way() {
        let mut rows = sample::healthy();
        let gone = rows.sends.pop().unwrap();
        expect(&rows, NAME, Verdict::Unknown, &["1 of the schedule's"]);
        assert_eq!(gone.outcome, Outcome::Ok);
    }

    #[test]
    fn fails_when_all_that_the_dead_producer_began_is_in_the_history() {
        let rows = told(with_a_stranger(unsent(sample::healthy())));
        expect(&rows, NAME, Verdict::Fail, &["producer-7 partition-0"]);
    }

    #[test]
    fn passes_when_sends_are_missing_and_none_of_them_was_delivered() {
        expect(&unsent(sample::healthy()), NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn fails_when_a_send_that_failed_was_delivered_however_much_is_missing() {
        let mut rows = cut(sample::healthy(), Table::Sends);
        rows.sends[1000].outcome = Outcome::Failed;
        expect(&rows, NAME, Verdict::Fail, &["1 of them after a send that failed", "seq 250"]);
    }

    #[test]
    fn an_indeterminate_send_may_be_delivered() {
        let mut rows = sample::healthy();
        rows.sends[1000].outcome = Outcome::Indeterminate;
        expect(&rows, NAME, Verdict::Pass, &[]);
    }
}
