//! **redelivered**: deliveries beyond each message's first are more than the scenario allows. Asked only where it sets
//! a limit: at-least-once systems repeat themselves after a fault by design.
//!
//! The cause of each is the first of these that the history shows since the same copy's delivery before: another
//! position of the log (`duplicate`); a takeover by this consumer (`claim`); the process of the consumer that had it was
//! killed (`crash`); the consumer was given the partition while or after a fault was in force, or a consumer was killed or
//! lost a connection (`rebalance`), or without any of these: it took longer over a batch than its poll interval, or joined
//! or left (`rebalance-without-fault`); the consumer that had it lost a connection (`reconnect`); the same consumer, where
//! single messages are settled and this one was not (`own-pending`); nothing (`unexplained`).
//!
//! Too many is a fail, however much of the history is missing: missing rows only hide more.
//! Unknown, where there are not too many: rows of deliveries are missing; the trial was not drained; anything that
//! concerns every check.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::Evidence;
use crate::measure::Table;
use crate::plural::plural;
use crate::result::{CheckResult, Quantity};

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
        limit: Demanded::other(format!("≤ {limit}"), Some(Quantity::messages(limit).at_most())),
        observed: Observed::told(format!("{redelivered}{by}"), Quantity::messages(redelivered)),
        doubts: doubt::standing(evidence, &[Table::Deliveries]),
        held: format!("{} deliveries, {redelivered} of them repeated{by}", account.counts.delivered),
        ..Answer::default()
    };
    answer.doubts.extend(doubt::undrained(evidence));
    if redelivered > limit {
        let examples = evidence.examples(&account.findings.unexplained, "received");
        let unexplained = if examples.is_empty() { String::new() } else { format!("; unexplained{examples}") };
        answer.broken.push(format!("{} beyond the first{by}{unexplained}", plural(redelivered, "delivery")));
    }
    vec![answer.settle(NAME)]
}

#[cfg(test)]
mod tests {
    use super::super::trial::{answers, cut, expect, result};
    use super::*;
    use crate::facts::{FileEnd, FileFacts, WriterEnd};
    use crate::history::{ConnectionEvent, GroupChange, GroupEvent, SettlementKind};
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;
    use crate::units::{ConsumerId, Nanos};

    /// Message 1000, received at 108.002 s and not settled by its first consumer, comes again at 112 s.
    fn again_to(consumer: u16, rows: Rows) -> Rows {
        let mut rows = rows;
        rows.facts.limits.redelivered = Some(0);
        let first = rows.deliveries[1000].clone();
        if rows.settlements[1000].kind == SettlementKind::Ack {
            rows.settlements.remove(1000);
        }
        let second = sample::again(&first, consumer, 112_000);
        rows.settlements.push(sample::ack_of(&second));
        rows.deliveries.push(second);
        rows
    }

    fn cause_of(rows: &Rows) -> Vec<String> {
        result(rows).recovery.redelivered_by_cause.into_keys().collect()
    }

    #[test]
    fn is_not_asked_without_a_limit() {
        assert_eq!(answers(&sample::healthy(), NAME), []);
    }

    #[test]
    fn passes_when_nothing_came_twice() {
        let mut rows = sample::healthy();
        rows.facts.limits.redelivered = Some(0);
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn fails_when_more_came_again_than_allowed_and_names_what_nothing_explains() {
        let rows = again_to(1, sample::healthy());
        expect(&rows, NAME, Verdict::Fail, &["1 unexplained", "seq 250 (received at +12.000 s by consumer-1"]);
    }

    #[test]
    fn is_unknown_when_rows_are_missing_that_may_have_come_again() {
        let mut rows = again_to(1, sample::healthy());
        rows.facts.limits.redelivered = Some(1);
        expect(&rows, NAME, Verdict::Pass, &[]);
        expect(&cut(rows, Table::Deliveries), NAME, Verdict::Unknown, &["cut"]);
    }

    #[test]
    fn a_takeover_explains_it() {
        let mut rows = again_to(1, sample::healthy());
        let claim = sample::claim(&rows.deliveries[1000], 1, 111_990);
        rows.settlements.push(claim);
        assert_eq!(cause_of(&rows), ["claim"]);
    }

    #[test]
    fn one_takeover_explains_one_delivery_only() {
        let mut rows = again_to(1, sample::healthy());
        let claim = sample::claim(&rows.deliveries[1000], 1, 111_990);
        rows.settlements.push(claim);
        rows.settlements.retain(|ack| ack.settled != Nanos::from_millis(112_002));
        let third = sample::again(&rows.deliveries[1000], 0, 113_000);
        let fourth = sample::again(&rows.deliveries[1000], 1, 114_000);
        rows.deliveries.extend([third, fourth]);
        assert_eq!(cause_of(&rows), ["claim", "unexplained"]);
    }

    #[test]
    fn the_same_consumer_reads_its_own_pending_entry_again() {
        assert_eq!(cause_of(&again_to(0, sample::healthy())), ["own-pending"]);
    }

    #[test]
    fn a_lost_connection_in_between_explains_it() {
        let mut rows = again_to(0, sample::healthy());
        rows.connections.push(sample::connection("consumer-0", ConnectionEvent::Lost, 110_000));
        assert_eq!(cause_of(&rows), ["reconnect"]);
    }

    #[test]
    fn a_lost_connection_before_the_first_delivery_explains_nothing() {
        let mut rows = again_to(0, sample::healthy());
        rows.connections.push(sample::connection("consumer-0", ConnectionEvent::Lost, 105_000));
        assert_eq!(cause_of(&rows), ["own-pending"]);
    }

    #[test]
    fn a_partition_that_changed_hands_explains_it() {
        let mut rows = again_to(1, sample::committed());
        rows.settlements.retain(|commit| commit.consumer != ConsumerId(0) || commit.settled < Nanos::from_secs(108));
        rows.group_changes.push(sample::assigned(1, 0, 111_000));
        assert_eq!(cause_of(&rows), ["rebalance-without-fault"]);
        rows.connections.push(sample::connection("consumer-0", ConnectionEvent::Lost, 110_000));
        assert_eq!(cause_of(&rows), ["rebalance"]);
    }

    #[test]
    fn the_death_of_the_consumer_that_had_it_explains_it() {
        let mut rows = again_to(1, sample::healthy());
        rows.facts.files.push(FileFacts {
            name: "deliveries.consumer-0.arrows".into(),
            table: "deliveries".into(),
            writer: "consumer-0".into(),
            end: Some(FileEnd {
                how: WriterEnd::Killed { at: Nanos::from_secs(110) },
                bytes: 0,
                rows: 0,
                digest: String::new(),
            }),
        });
        assert_eq!(cause_of(&rows), ["crash"]);
    }

    #[test]
    fn that_the_consumer_that_had_it_left_explains_it() {
        let mut rows = again_to(1, sample::healthy());
        let left = |at| GroupChange { event: GroupEvent::Left, ..sample::assigned(0, 0, at) };
        rows.group_changes.push(left(105_000));
        assert_eq!(cause_of(&rows), ["unexplained"]);
        rows.group_changes.push(left(110_000));
        assert_eq!(cause_of(&rows), ["leave"]);
    }

    #[test]
    fn delivery_counts_are_those_of_the_end() {
        let rows = again_to(1, sample::healthy());
        let counts = result(&rows).recovery.delivery_counts;
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), [(1, 3199), (2, 1)]);
    }
}
