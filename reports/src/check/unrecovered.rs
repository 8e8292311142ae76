//! **unrecovered**: after the drain, something is still not done, by either of two accounts that must agree.
//!
//! *The history*: a message was delivered, and no consumer's settlement of it was confirmed (where positions are
//! committed: it stands at or behind the last confirmed commit of its partition). Where a settlement was asked for and
//! its answer never came, only the broker knows: it counts if the broker still holds it.
//! *The broker*: pending entries and lag of all partitions; and its log must be at least as long as the sends that it
//! acknowledged, for what it forgot it cannot hand out.
//!
//! Too many by either account is a fail: the drain's limit is the time that the scenario gives. By the history only
//! where settlements are whole; by the broker always.
//! Unknown, where neither says too many: the broker was not asked about every partition, or cannot tell its lag; the two
//! accounts contradict each other; rows of deliveries or settlements are missing; anything that concerns every check.

use super::answer::Answer;
use super::doubt;
use super::evidence::{Evidence, messages};
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "unrecovered";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let (account, broker) = (&evidence.measures.account, &evidence.measures.broker);
    let limit = evidence.facts.limits.unrecovered;
    let said = broker.held().map_or_else(|| "unknown".to_owned(), |held| held.to_string());
    let mut answer = Answer {
        limit: limit.to_string(),
        observed: format!("{} by the history, {said} by the broker", account.unsettled),
        doubts: doubt::standing(evidence, &[Table::Deliveries, Table::Settlements, Table::Inspections]),
        held: format!(
            "{} distinct messages delivered; left {} by the history, {said} by the broker",
            account.counts.distinct, account.unsettled
        ),
        ..Answer::default()
    };
    by_history(evidence, limit, &mut answer);
    by_broker(evidence, limit, &mut answer);
    forgotten(evidence, &mut answer);
    vec![answer.settle(NAME)]
}

fn by_history(evidence: &Evidence<'_>, limit: u64, answer: &mut Answer) {
    let account = &evidence.measures.account;
    if account.surely_unsettled <= limit {
        return;
    }
    let examples = evidence.examples(&account.findings.unsettled, "received");
    let count = messages(account.surely_unsettled, ("was", "were"));
    let what = format!("by the history, {count} delivered and never settled{examples}");
    let artefact = doubt::cut(evidence, &[Table::Settlements]).or(doubt::ending(evidence));
    answer.break_unless(artefact, what);
}

fn by_broker(evidence: &Evidence<'_>, limit: u64, answer: &mut Answer) {
    let (account, broker) = (&evidence.measures.account, &evidence.measures.broker);
    let (pending, lag) = (broker.pending(), broker.lag());
    // Partitions that it did not answer for can only add.
    if pending + lag.unwrap_or(0) > limit {
        let lag = lag.map_or_else(|| "unknown".to_owned(), |lag| lag.to_string());
        let what = format!("the broker still holds {pending} pending for the group, and {lag} that it has not had");
        answer.break_unless(doubt::ending(evidence), what);
    }
    if !broker.complete() {
        let missing: Vec<_> = broker.missing.iter().map(|partition| partition.0.to_string()).collect();
        answer.doubts.push(format!("the broker's own account is missing for partitions {}", missing.join(", ")));
    } else if lag.is_none() {
        answer.doubts.push("the broker cannot say how much the group has not had yet".into());
    }
    if let Some(held) = broker.held().filter(|held| account.surely_unsettled > *held) {
        let unsettled = account.surely_unsettled;
        answer.doubts.push(format!(
            "the accounts contradict each other: {unsettled} never settled by the history, {held} left by the broker"
        ));
    }
}

/// The log must hold what was acknowledged.
fn forgotten(evidence: &Evidence<'_>, answer: &mut Answer) {
    let account = &evidence.measures.account;
    for (partition, inspection) in &evidence.measures.broker.partitions {
        let acknowledged = account.acknowledged_by_partition.get(partition).copied().unwrap_or(0);
        if inspection.length < acknowledged {
            answer.broken.push(format!(
                "the broker's log of partition-{} holds {} entries, {acknowledged} sends to it were acknowledged",
                partition.0, inspection.length
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{cut, expect};
    use super::*;
    use crate::history::Outcome;
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;
    use crate::units::Position;

    fn unsettled(mut rows: Rows) -> Rows {
        rows.settlements.remove(1000);
        rows
    }

    #[test]
    fn passes_when_both_accounts_say_that_nothing_is_left() {
        for rows in [sample::healthy(), sample::committed()] {
            expect(&rows, NAME, Verdict::Pass, &["left 0 by the history, 0 by the broker"]);
        }
    }

    #[test]
    fn fails_by_the_history_when_a_delivered_message_was_never_settled() {
        let mut rows = unsettled(sample::healthy());
        rows.inspections[0].pending = 1;
        expect(&rows, NAME, Verdict::Fail, &["by the history, 1 message was", "seq 250", "holds 1 pending"]);
    }

    #[test]
    fn fails_by_the_history_though_the_broker_forgot_its_pending_entry() {
        expect(&unsettled(sample::healthy()), NAME, Verdict::Fail, &["never settled"]);
    }

    #[test]
    fn fails_by_the_broker_though_the_history_says_that_all_is_settled() {
        let mut rows = sample::healthy();
        rows.inspections[1].pending = 3;
        expect(&rows, NAME, Verdict::Fail, &["3 pending"]);
        let mut rows = sample::healthy();
        rows.inspections[1].lag = Some(2);
        expect(&rows, NAME, Verdict::Fail, &["and 2 that it has not had"]);
    }

    #[test]
    fn fails_when_the_broker_has_forgotten_what_it_acknowledged() {
        let mut rows = sample::healthy();
        rows.inspections[1].length -= 10;
        expect(&rows, NAME, Verdict::Fail, &["partition-1 holds 1590 entries, 1600 sends"]);
    }

    #[test]
    fn an_ack_without_an_answer_is_settled_if_the_broker_says_so_and_not_if_it_does_not() {
        let mut rows = sample::healthy();
        rows.settlements[1000].outcome = Outcome::Indeterminate;
        expect(&rows, NAME, Verdict::Pass, &["left 1 by the history, 0 by the broker"]);
        rows.inspections[0].pending = 1;
        expect(&rows, NAME, Verdict::Fail, &["1 pending"]);
    }

    #[test]
    fn fails_when_the_end_of_a_partition_was_never_committed() {
        let mut rows = sample::committed();
        rows.settlements.retain(|commit| commit.partition.0 == 1 || commit.position < Some(Position(1591)));
        rows.inspections[0].lag = Some(10);
        expect(&rows, NAME, Verdict::Fail, &["10 messages were delivered and never settled", "seq 795"]);
    }

    #[test]
    fn a_group_that_went_back_has_uncommitted_what_it_had_committed() {
        let mut rows = sample::committed();
        let mut back = sample::commit_of(&rows.deliveries[1000]);
        back.settled = crate::units::Nanos::from_millis(130_500);
        rows.settlements.push(back);
        expect(&rows, NAME, Verdict::Fail, &["1099 messages"]);
    }

    #[test]
    fn is_unknown_when_the_broker_was_not_asked_about_every_partition() {
        let mut rows = sample::healthy();
        rows.inspections.remove(1);
        expect(&rows, NAME, Verdict::Unknown, &["missing for partitions 1"]);
    }

    #[test]
    fn is_unknown_when_the_broker_cannot_tell_its_lag() {
        let mut rows = sample::healthy();
        rows.inspections[0].lag = None;
        expect(&rows, NAME, Verdict::Unknown, &["cannot say"]);
    }

    #[test]
    fn is_unknown_when_the_accounts_contradict_each_other_within_the_limit() {
        let mut rows = unsettled(sample::healthy());
        rows.facts.limits.unrecovered = 5;
        expect(&rows, NAME, Verdict::Unknown, &["contradict"]);
        rows.inspections[0].pending = 1;
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn is_unknown_when_the_settlement_may_stand_among_the_missing() {
        expect(&cut(unsettled(sample::healthy()), Table::Settlements), NAME, Verdict::Unknown, &["never settled"]);
    }

    #[test]
    fn is_unknown_when_the_drain_was_interrupted() {
        let mut rows = unsettled(sample::healthy());
        rows.facts.end.as_mut().unwrap().interrupted = true;
        expect(&rows, NAME, Verdict::Unknown, &["interrupted"]);
    }
}
