//! **unrecovered**: after the drain, something is still not done, by any of three accounts that must agree.
//!
//! *The history*: a message was delivered, and no consumer's settlement of it was confirmed; of one that stands at several
//! positions, each must be settled. Where positions are committed: it stands at or behind every confirmed commit of its
//! partition that may be the last one; a commit that was asked for after another one's answer supersedes it, and two that
//! overlap do not. Where a settlement was asked for and its answer never came, only the broker knows: it counts if the
//! broker still holds it. The same goes for what a consumer had when its process was killed: a settlement has no row before
//! its answer, so it may have been under way.
//! *The broker*: pending entries and lag of all partitions (one thing by two names where positions are committed); and as
//! many entries as it acknowledged sends must ever have been added to its log, for what it forgot it cannot hand out. The
//! log's length counts only where the broker does not say how many were ever added, and proves nothing where it is too
//! short: a log that is trimmed to a length has lost nothing yet. Queues that forget what was settled are not asked.
//!
//! *The log*, where a client apart from those under test has read it: what was acknowledged and is no longer there, though
//! the log was not trimmed to where it stood, delivered or not; and what stands there without an acknowledgement and was
//! never delivered.
//!
//! Too many by any account is a fail: the drain's limit is the time that the scenario gives. By the history only
//! where settlements are whole; by the broker always.
//! Unknown, where neither says too many: the broker was not asked about every partition, cannot tell its lag, or knows no
//! such group any more; the accounts contradict each other (also: fewer entries were read of the log than the broker said
//! that it holds); rows of deliveries or settlements are missing, or of sends where
//! the log was read; anything that concerns every check.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::{Evidence, messages};
use crate::facts::{Retention, Settling};
use crate::measure::Table;
use crate::result::{CheckResult, Quantity};
use crate::units::Partition;

/// Its name.
pub const NAME: &str = "unrecovered";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let (account, broker) = (&evidence.measures.account, &evidence.measures.broker);
    let limit = evidence.facts.limits.unrecovered;
    let said = broker.held().map_or_else(|| "unknown".to_owned(), |held| held.to_string());
    let mut answer = Answer {
        limit: Demanded::count(limit),
        observed: Observed::told(
            format!("{} by the history, {said} by the broker", account.unsettled),
            Quantity::messages(account.surely_unsettled.max(broker.held().unwrap_or(0))),
        ),
        doubts: doubt::standing(evidence, &[Table::Deliveries, Table::Settlements, Table::Inspections]),
        held: format!(
            "{} distinct messages delivered; left {} by the history, {said} by the broker{}",
            account.counts.distinct,
            account.unsettled,
            unanswered(account.unsettled - account.surely_unsettled)
        ),
        ..Answer::default()
    };
    by_history(evidence, limit, &mut answer);
    by_broker(evidence, limit, &mut answer);
    forgotten(evidence, limit, &mut answer);
    by_log(evidence, limit, &mut answer);
    vec![answer.settle(NAME)]
}

/// Why what has no confirmed settlement does not count where the broker no longer holds it.
fn unanswered(messages: u64) -> String {
    match messages {
        0 => String::new(),
        open => format!(
            "; of {open} the settlement was under way when it was last heard of, and the broker does not hold them: they do not count"
        ),
    }
}

fn by_history(evidence: &Evidence<'_>, limit: u64, answer: &mut Answer) {
    let account = &evidence.measures.account;
    if account.surely_unsettled <= limit {
        return;
    }
    let examples = evidence.examples(&account.findings.unsettled, "received");
    let count = messages(account.surely_unsettled, ("was", "were"));
    let open = account.unsettled - account.surely_unsettled;
    let more = if open > 0 { format!(", and of {open} more no settlement was confirmed") } else { String::new() };
    let what = format!("by the history, {count} delivered and never settled{more}{examples}");
    let artefact = doubt::cut(evidence, &[Table::Settlements]).or(doubt::ending(evidence));
    answer.break_unless(artefact, what);
}

fn by_broker(evidence: &Evidence<'_>, limit: u64, answer: &mut Answer) {
    let (account, broker) = (&evidence.measures.account, &evidence.measures.broker);
    let (pending, lag) = (broker.pending(), broker.lag());
    // Partitions that it did not answer for can only add.
    if pending + lag.unwrap_or(0) > limit {
        let lag = lag.map_or_else(|| "unknown".to_owned(), |lag| lag.to_string());
        let what = match evidence.facts.system.settling {
            Settling::Message => {
                format!("the broker still holds {pending} pending for the group, and {lag} that it has not had")
            }
            Settling::Position => format!("the broker still holds {lag} that the group has not committed"),
        };
        answer.break_unless(doubt::ending(evidence), what);
    }
    if !broker.complete() {
        let missing = numbers(&broker.missing);
        answer.doubts.push(format!("the broker's own account is missing for partitions {missing}"));
    } else if lag.is_none() {
        answer.doubts.push("the broker cannot say how much the group has not had yet".into());
    }
    let groupless = broker.without_group();
    if !groupless.is_empty() {
        let partitions = numbers(&groupless);
        answer.doubts.push(format!("the broker knows no such consumer group any more on partitions {partitions}"));
    }
    if let Some(held) = broker.held().filter(|held| account.surely_unsettled > *held) {
        let unsettled = account.surely_unsettled;
        answer.doubts.push(format!(
            "the accounts contradict each other: {unsettled} never settled by the history, {held} left by the broker"
        ));
    }
}

/// What was acknowledged must have been added to the log, of all partitions together up to the limit.
fn forgotten(evidence: &Evidence<'_>, limit: u64, answer: &mut Answer) {
    if evidence.facts.system.log.retention == Retention::Forgets {
        return;
    }
    let account = &evidence.measures.account;
    let (mut lacking, mut said) = (0, Vec::new());
    for (partition, inspection) in &evidence.measures.broker.partitions {
        let acknowledged = account.acknowledged_by_partition.get(partition).copied().unwrap_or(0);
        let number = partition.0;
        match inspection.appended {
            Some(appended) if appended < acknowledged => {
                lacking += acknowledged - appended;
                said.push(format!(
                    "{appended} entries were ever added to the broker's log of partition-{number}, {acknowledged} sends to it \
                     were acknowledged"
                ));
            }
            None if inspection.length < acknowledged => answer.doubts.push(format!(
                "the broker's log of partition-{number} holds {} entries, {acknowledged} sends to it were acknowledged, and \
                 it does not say how many it has trimmed",
                inspection.length
            )),
            _ => {}
        }
    }
    if lacking > limit {
        answer.broken.append(&mut said);
    }
}

/// What another client than those under test has read of the log, which must be what the workers know of.
fn by_log(evidence: &Evidence<'_>, limit: u64, answer: &mut Answer) {
    let log = &evidence.measures.log;
    let read = log.counted();
    if read.missing > limit {
        let count = messages(read.missing, ("is", "are"));
        let examples = evidence.examples(&log.missing, "sent");
        let delivered = read.missing - log.lost_and_missing;
        answer.broken.push(format!(
            "{count} gone from the log though acknowledged, {delivered} of them after they had been delivered{examples}"
        ));
    }
    if log.undelivered_unacknowledged > limit {
        let count = messages(log.undelivered_unacknowledged, ("stands", "stand"));
        let examples = evidence.examples(&log.undelivered, "sent");
        let what = format!("{count} in the log, without an acknowledgement, and never came to the group{examples}");
        answer.break_unless(doubt::cut(evidence, &[Table::Sends, Table::Deliveries]).or(doubt::ending(evidence)), what);
    }
    // What is gone from the log, or stands there without an acknowledgement, only whole sends can tell.
    if evidence.facts.end.as_ref().is_some_and(|end| end.log.is_some()) {
        answer.doubts.extend(doubt::cut(evidence, &[Table::Sends]));
    }
    answer.doubts.extend(log.contradictions.iter().map(|what| format!("the accounts contradict each other: {what}")));
}

fn numbers(partitions: &[Partition]) -> String {
    let numbers: Vec<_> = partitions.iter().map(|partition| partition.0.to_string()).collect();
    numbers.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::trial::{cut, expect};
    use super::*;
    use crate::facts::{FileEnd, FileFacts, LogFacts, Positions, WriterEnd};
    use crate::history::Outcome;
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;
    use crate::units::{ConsumerId, Nanos, Position};

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
        (rows.inspections[1].lag, rows.inspections[1].committed) = (Some(2), Some(Position(1598)));
        expect(&rows, NAME, Verdict::Fail, &["and 2 that it has not had"]);
    }

    #[test]
    fn fails_when_the_broker_has_forgotten_what_it_acknowledged() {
        let mut rows = sample::healthy();
        rows.inspections[1].appended = Some(1590);
        let said = "1590 entries were ever added to the broker's log of partition-1, 1600 sends";
        expect(&rows, NAME, Verdict::Fail, &[said]);
    }

    #[test]
    fn what_the_broker_has_forgotten_counts_over_all_partitions_against_the_limit() {
        let mut rows = sample::healthy();
        rows.inspections.iter_mut().for_each(|row| row.appended = Some(1590));
        rows.facts.limits.unrecovered = 20;
        expect(&rows, NAME, Verdict::Pass, &[]);
        rows.facts.limits.unrecovered = 19;
        expect(&rows, NAME, Verdict::Fail, &["of partition-0", "of partition-1"]);
    }

    #[test]
    fn passes_when_the_log_was_trimmed_to_a_length_and_nothing_was_lost() {
        let mut rows = sample::healthy();
        rows.inspections.iter_mut().for_each(|row| (row.length, row.first) = (100, Some(Position(1500))));
        expect(&rows, NAME, Verdict::Pass, &[]);
        rows.inspections[0].appended = None;
        expect(&rows, NAME, Verdict::Unknown, &["holds 100 entries", "does not say how many it has trimmed"]);
    }

    #[test]
    fn passes_on_a_queue_that_forgets_what_was_settled() {
        let mut rows = sample::healthy();
        rows.facts.system.log = LogFacts { positions: Positions::None, retention: Retention::Forgets };
        rows.deliveries.iter_mut().for_each(|delivery| delivery.position = Position(0));
        rows.settlements.iter_mut().for_each(|ack| ack.position = None);
        for row in &mut rows.inspections {
            (row.length, row.appended, row.first, row.end, row.committed) = (0, None, None, None, None);
        }
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn what_lags_where_positions_are_committed_is_counted_once() {
        let mut rows = sample::committed();
        rows.facts.limits.unrecovered = 10;
        let behind = |row: &mut crate::history::Inspection| {
            (row.pending, row.lag, row.committed) = (3, Some(3), Some(Position(1597)));
        };
        rows.inspections.iter_mut().for_each(behind);
        expect(&rows, NAME, Verdict::Pass, &["6 by the broker"]);
    }

    #[test]
    fn fails_when_one_copy_of_a_duplicate_is_settled_and_the_other_one_is_not() {
        let mut rows = sample::healthy();
        let mut second = sample::again(&rows.deliveries[1000], 0, 112_000);
        second.position = Position(5000);
        rows.deliveries.push(second.clone());
        expect(&rows, NAME, Verdict::Fail, &["1 message was delivered and never settled"]);
        rows.settlements.push(sample::ack_of(&second));
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn an_ack_that_names_only_the_place_settles_what_stands_there() {
        let mut rows = sample::healthy();
        rows.settlements[1000].message = None;
        expect(&rows, NAME, Verdict::Pass, &["left 0 by the history"]);
    }

    #[test]
    fn is_unknown_when_the_broker_knows_the_group_no_more() {
        let mut rows = sample::healthy();
        rows.inspections.iter_mut().for_each(|row| row.group = false);
        expect(&rows, NAME, Verdict::Unknown, &["no such consumer group any more on partitions 0, 1"]);
    }

    #[test]
    fn of_two_commits_that_overlap_either_may_be_the_last() {
        let mut rows = sample::committed();
        let last = rows.settlements.iter().rposition(|commit| commit.partition.0 == 0).unwrap();
        let mut earlier = rows.settlements[last].clone();
        earlier.position = Some(Position(1000));
        earlier.requested = Nanos(earlier.requested.0 - 1);
        earlier.settled = earlier.settled.plus(Nanos(1));
        rows.settlements.push(earlier);
        expect(&rows, NAME, Verdict::Pass, &["left 0 by the history"]);
    }

    #[test]
    fn is_unknown_when_a_settlement_says_neither_what_nor_where() {
        let mut rows = sample::healthy();
        (rows.settlements[0].message, rows.settlements[0].position) = (None, None);
        rows.facts.limits.unrecovered = 1;
        expect(&rows, NAME, Verdict::Unknown, &["1 row of settlements", "name neither a message nor a position"]);
    }

    #[test]
    fn an_ack_without_an_answer_is_settled_if_the_broker_says_so_and_not_if_it_does_not() {
        let mut rows = sample::healthy();
        rows.settlements[1000].outcome = Outcome::Indeterminate;
        expect(&rows, NAME, Verdict::Pass, &["left 1 by the history, 0 by the broker"]);
        rows.inspections[0].pending = 1;
        expect(&rows, NAME, Verdict::Fail, &["1 pending"]);
    }

    /// The consumer's file of this table says that its process was killed long after the load.
    fn killed(rows: &mut Rows, consumer: ConsumerId) {
        let end =
            FileEnd { how: WriterEnd::Killed { at: Nanos::from_secs(1000) }, bytes: 0, rows: 0, digest: String::new() };
        let writer = format!("consumer-{}", consumer.0);
        let name = format!("settlements.{writer}.arrows");
        rows.facts.files.push(FileFacts { name, table: "settlements".to_owned(), writer, end: Some(end) });
    }

    #[test]
    fn what_a_killed_consumer_had_is_settled_if_the_broker_says_so_and_not_if_it_does_not() {
        let mut rows = sample::healthy();
        let mut its_last = rows.settlements.remove(1000);
        killed(&mut rows, its_last.consumer);
        expect(&rows, NAME, Verdict::Pass, &["left 1 by the history, 0 by the broker"]);
        rows.inspections[0].pending = 1;
        expect(&rows, NAME, Verdict::Fail, &["1 pending"]);
        rows.inspections[0].pending = 0;
        its_last.consumer = ConsumerId(1 - its_last.consumer.0);
        rows.facts.files.clear();
        killed(&mut rows, its_last.consumer);
        expect(&rows, NAME, Verdict::Fail, &["1 message was delivered and never settled"]);
    }

    #[test]
    fn what_a_killed_consumer_may_have_committed_is_the_brokers_to_say() {
        let mut rows = sample::committed();
        rows.settlements.retain(|commit| commit.partition.0 == 1 || commit.position < Some(Position(1591)));
        expect(&rows, NAME, Verdict::Fail, &["10 messages were delivered and never settled"]);
        let consumer = rows.settlements.iter().rfind(|commit| commit.partition.0 == 0).unwrap().consumer;
        killed(&mut rows, consumer);
        expect(&rows, NAME, Verdict::Pass, &["left 10 by the history, 0 by the broker"]);
    }

    #[test]
    fn fails_when_the_end_of_a_partition_was_never_committed() {
        let mut rows = sample::committed();
        rows.settlements.retain(|commit| commit.partition.0 == 1 || commit.position < Some(Position(1591)));
        (rows.inspections[0].lag, rows.inspections[0].committed) = (Some(10), Some(Position(1590)));
        expect(&rows, NAME, Verdict::Fail, &["10 messages were delivered and never settled", "seq 795"]);
    }

    #[test]
    fn a_group_that_went_back_has_uncommitted_what_it_had_committed() {
        let mut rows = sample::committed();
        let mut back = sample::commit_of(&rows.deliveries[1000]);
        (back.requested, back.settled) = (Nanos::from_millis(130_400), Nanos::from_millis(130_500));
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
        (rows.inspections[0].lag, rows.inspections[0].committed) = (None, Some(Position(7)));
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
