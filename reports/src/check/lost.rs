//! **lost**: a send whose outcome is ok was never delivered with a valid payload, to any consumer, warm-up included.
//!
//! Indeterminate and failed sends are never lost. That a message did not come is known only when it cannot come any
//! more, and the broker's own account decides that, not the workers' silence: for the message's partition the group has
//! had and settled everything (pending 0, lag 0), or the log is empty, or the group is no more; or the message stood where
//! the log no longer begins (trimmed), or where the group has gone past with nothing pending; or the log was read to its
//! end, by a client apart from those under test, and the message is not in it. Only where the broker does
//! not tell how much the group has not had yet, the workers' word that the trial was drained stands.
//! A message that cannot come is a fail, however the trial ended.
//! Where the scenario has no consumers, nothing is delivered at all: then the log must hold what was acknowledged, and what
//! is missing from it is lost; where it was not read to its end, the answer is unknown.
//! Unknown: it may still come; the trial was not drained; rows of deliveries are missing (it may stand among them) or rows
//! of sends (an acknowledged one may stand among them); rows of the broker's account are missing, and a message is; anything that concerns every check.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::{Evidence, messages};
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "lost";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    if !evidence.facts.has_consumers() {
        return vec![by_the_log(evidence)];
    }
    let (account, limit) = (&evidence.measures.account, evidence.facts.limits.lost);
    let lost = account.counts.lost;
    let mut answer = Answer {
        limit: Demanded::count(limit),
        observed: Observed::count(lost),
        doubts: doubt::standing(evidence, &[Table::Sends, Table::Deliveries]),
        held: format!("{} acknowledged messages, {lost} of them never delivered", account.counts.acknowledged),
        ..Answer::default()
    };
    answer.doubts.extend(doubt::unrecorded(evidence));
    answer.doubts.extend(doubt::undrained(evidence));
    if lost > limit {
        let what = format!(
            "{} acknowledged and never delivered{}{}",
            messages(lost, ("was", "were")),
            in_the_log(evidence),
            evidence.examples(&account.findings.lost, "sent")
        );
        // An account that is not the broker's last may say that nothing more comes where more had come since.
        let missing = doubt::cut(evidence, &[Table::Deliveries, Table::Inspections]);
        let open = (certainly_lost(evidence) <= limit).then(|| may_still_come(evidence));
        answer.break_unless(missing.or(open), what);
    }
    vec![answer.settle(NAME)]
}

/// Where nobody consumed.
fn by_the_log(evidence: &Evidence<'_>) -> CheckResult {
    let (account, limit) = (&evidence.measures.account, evidence.facts.limits.lost);
    let (log, lost) = (evidence.measures.log.counted(), account.counts.lost);
    let trimmed = match log.trimmed {
        0 => String::new(),
        trimmed => format!(", {trimmed} trimmed from it"),
    };
    let mut answer = Answer {
        limit: Demanded::count(limit),
        observed: Observed::count(lost),
        doubts: doubt::standing(evidence, &[Table::Sends, Table::Log]),
        held: format!(
            "{} acknowledged messages, {lost} of them missing from the broker's log{trimmed}; nobody consumed",
            account.counts.acknowledged
        ),
        ..Answer::default()
    };
    answer.doubts.extend(doubt::unrecorded(evidence));
    answer.doubts.extend(doubt::unread(evidence));
    // What the broker says that it ever added holds where it stopped remembering what it trimmed.
    let never_added = never_added(evidence);
    if never_added > limit {
        let what = format!("{never_added} more messages were acknowledged than the broker says that it ever added");
        answer.break_unless(doubt::cut(evidence, &[Table::Inspections]), what);
    }
    if lost > limit {
        let examples = evidence.examples(&account.findings.lost, "sent");
        answer.break_unless(
            doubt::cut(evidence, &[Table::Log]),
            format!("{} acknowledged and missing from the broker's log{examples}", messages(lost, ("was", "were"))),
        );
    }
    answer.settle(NAME)
}

/// By how many messages each partition was added to less often than acknowledged, in all.
fn never_added(evidence: &Evidence<'_>) -> u64 {
    let acknowledged = &evidence.measures.account.acknowledged_by_partition;
    let short = |(partition, acknowledged): (&crate::units::Partition, &u64)| {
        let added = evidence.measures.broker.partitions.get(partition)?.appended?;
        Some(acknowledged.saturating_sub(added))
    };
    acknowledged.iter().filter_map(short).sum()
}

/// Lost messages that cannot come any more.
fn certainly_lost(evidence: &Evidence<'_>) -> u64 {
    let measures = evidence.measures;
    let drained = doubt::drained(evidence);
    let each = measures.account.lost_by_partition.iter().map(|(partition, lost)| {
        let told = measures.broker.tells(*partition);
        if drained && !told { lost.messages } else { lost.beyond_reach }
    });
    each.sum()
}

/// Where they are, as far as the log was read.
fn in_the_log(evidence: &Evidence<'_>) -> String {
    let log = &evidence.measures.log;
    let read = log.counted();
    let standing = read.undelivered - log.undelivered_unacknowledged;
    match (log.lost_and_missing, standing) {
        (0, 0) => String::new(),
        (missing, standing) => format!(" ({missing} of them not in the broker's log, {standing} standing in it)"),
    }
}

fn may_still_come(evidence: &Evidence<'_>) -> String {
    let outlook = if doubt::deserted(evidence) {
        "and all consumers had left: nobody was there to take them"
    } else {
        "so they may still come"
    };
    match evidence.measures.broker.held() {
        Some(held @ 1..) => format!("the broker still holds {held} for the group, {outlook}"),
        _ => format!("the trial was not drained, {outlook}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{cut, expect, result, told, undrained, unsent};
    use super::*;
    use crate::history::Outcome;
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;
    use crate::units::{MessageId, Nanos, Partition, Position};

    fn without(mut rows: Rows, message: MessageId) -> Rows {
        rows.deliveries.retain(|delivery| delivery.message != message);
        rows
    }

    #[test]
    fn passes_when_every_acknowledged_message_was_delivered() {
        expect(&sample::healthy(), NAME, Verdict::Pass, &["3200 acknowledged"]);
    }

    #[test]
    fn fails_when_a_delivery_is_gone_from_a_drained_and_whole_history() {
        let rows = without(sample::healthy(), sample::message(1, 0, 300));
        expect(
            &rows,
            NAME,
            Verdict::Fail,
            &["1 message was", "producer-1 partition-0 seq 300 (sent at +10.010 s; position 601)"],
        );
    }

    #[test]
    fn fails_by_the_brokers_word_though_the_workers_gave_up_waiting() {
        let mut rows = without(sample::healthy(), sample::message(1, 0, 300));
        rows.facts.end.as_mut().unwrap().drained = false;
        expect(&rows, NAME, Verdict::Fail, &["seq 300"]);
    }

    #[test]
    fn is_unknown_when_the_broker_still_holds_something_of_that_partition() {
        let mut rows = without(sample::healthy(), sample::message(1, 0, 300));
        rows.facts.end.as_mut().unwrap().drained = false;
        rows.inspections[0].lag = Some(1);
        rows.inspections[0].committed = Some(Position(600));
        assert_eq!(rows.inspections[0].partition, Partition(0));
        expect(&rows, NAME, Verdict::Unknown, &["the broker still holds 1 for the group", "may still come"]);
    }

    #[test]
    fn where_all_consumers_have_left_nothing_is_said_to_come_still() {
        let mut rows = without(sample::healthy(), sample::message(1, 0, 300));
        let end = rows.facts.end.as_mut().unwrap();
        (end.drained, end.deserted) = (false, true);
        rows.inspections[0].lag = Some(1);
        rows.inspections[0].committed = Some(Position(600));
        let words = ["the broker still holds 1 for the group, and all consumers had left", "nobody was there to take"];
        expect(&rows, NAME, Verdict::Unknown, &words);
        let told = super::super::trial::answer(&rows, NAME).why;
        assert!(!told.contains("may still come"), "{told}");
    }

    #[test]
    fn is_unknown_when_the_workers_believe_that_all_came_and_the_broker_still_has_it() {
        let mut rows = without(sample::committed(), sample::message(1, 0, 300));
        let behind =
            |row: &mut crate::history::Inspection| (row.pending, row.lag, row.committed) = (1600, Some(1600), None);
        rows.inspections.iter_mut().for_each(behind);
        rows.settlements.clear();
        expect(&rows, NAME, Verdict::Unknown, &["the broker still holds 3200 for the group"]);
        rows = sample::committed();
        rows.inspections.iter_mut().for_each(behind);
        rows.settlements.clear();
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn fails_when_the_group_is_gone_for_what_it_had_not_read_can_not_come() {
        let mut rows = sample::healthy();
        rows.deliveries.retain(|delivery| delivery.received < Nanos::from_secs(120));
        rows.facts.end.as_mut().unwrap().drained = false;
        for row in &mut rows.inspections {
            (row.group, row.lag, row.length, row.appended, row.first, row.committed) =
                (false, None, 3, Some(3), None, None);
        }
        expect(&rows, NAME, Verdict::Fail, &["1000 messages were acknowledged and never delivered"]);
    }

    #[test]
    fn fails_when_the_log_was_trimmed_beyond_what_the_group_had_read_though_it_has_more_to_read() {
        let mut rows = without(sample::healthy(), sample::message(1, 0, 300));
        rows.facts.end.as_mut().unwrap().drained = false;
        let row = &mut rows.inspections[0];
        (row.length, row.lag, row.first, row.committed) = (600, Some(9), Some(Position(1000)), Some(Position(500)));
        expect(&rows, NAME, Verdict::Fail, &["producer-1 partition-0 seq 300 (sent at +10.010 s; position 601)"]);
        rows.inspections[0].first = Some(Position(601));
        expect(&rows, NAME, Verdict::Unknown, &["still holds 9"]);
    }

    #[test]
    fn fails_when_the_group_has_committed_past_a_message_that_never_came() {
        let mut rows = without(sample::committed(), sample::message(1, 0, 300));
        rows.facts.end.as_mut().unwrap().drained = false;
        let row = &mut rows.inspections[0];
        (row.pending, row.lag, row.committed) = (900, Some(900), Some(Position(700)));
        expect(&rows, NAME, Verdict::Fail, &["seq 300"]);
        rows.inspections[0].committed = Some(Position(601));
        expect(&rows, NAME, Verdict::Unknown, &["still holds 900"]);
    }

    #[test]
    fn is_unknown_when_deliveries_are_cut_and_the_message_may_stand_among_the_missing() {
        let mut rows = cut(sample::healthy(), Table::Deliveries);
        rows.deliveries.retain(|delivery| delivery.received < Nanos::from_secs(115));
        expect(&rows, NAME, Verdict::Unknown, &["never delivered", "ends within a batch"]);
    }

    #[test]
    fn is_unknown_when_the_brokers_last_account_may_be_among_the_missing_and_a_message_is_missing() {
        expect(&cut(sample::healthy(), Table::Inspections), NAME, Verdict::Pass, &[]);
        let rows = cut(without(sample::healthy(), sample::message(1, 0, 300)), Table::Inspections);
        expect(&rows, NAME, Verdict::Unknown, &["never delivered", "cut"]);
    }

    #[test]
    fn is_unknown_when_not_drained_even_if_nothing_is_missing() {
        expect(&undrained(sample::healthy()), NAME, Verdict::Unknown, &["not drained"]);
    }

    #[test]
    fn is_unknown_when_scheduled_sends_are_not_in_the_history() {
        expect(&unsent(sample::healthy()), NAME, Verdict::Unknown, &["5 of the schedule's 3205 sends"]);
    }

    #[test]
    fn passes_when_a_producer_died_before_it_began_them_and_all_that_it_began_is_in_the_history() {
        let mut rows = told(unsent(sample::healthy()));
        expect(&rows, NAME, Verdict::Pass, &[]);
        rows.facts.files[1].end = None;
        expect(&rows, NAME, Verdict::Unknown, &["5 of the schedule's 3205 sends"]);
    }

    #[test]
    fn passes_when_only_messages_without_an_acknowledgement_are_missing() {
        let missing = sample::message(0, 1, 44);
        for outcome in [Outcome::Indeterminate, Outcome::Failed] {
            let mut rows = without(sample::healthy(), missing);
            rows.sends.iter_mut().filter(|send| send.message == missing).for_each(|send| send.outcome = outcome);
            expect(&rows, NAME, Verdict::Pass, &[]);
        }
    }

    #[test]
    fn a_delivery_with_a_wrong_payload_is_none() {
        let mut rows = sample::healthy();
        rows.deliveries[1000].payload_ok = false;
        expect(&rows, NAME, Verdict::Fail, &["seq 250"]);
    }

    /// Nobody consumes; the log is what there is.
    fn unread() -> Rows {
        let mut rows = sample::healthy();
        rows.deliveries.clear();
        rows.settlements.clear();
        rows.facts.workload.consumers = 0;
        rows.facts.clients.retain(|client| client.name.starts_with("producer"));
        for row in &mut rows.inspections {
            (row.pending, row.lag, row.committed) = (0, Some(row.length), None);
        }
        rows
    }

    #[test]
    fn where_nobody_consumes_the_log_must_hold_what_was_acknowledged() {
        expect(&unread(), NAME, Verdict::Pass, &["3200 acknowledged messages, 0 of them missing", "nobody consumed"]);
        let result = result(&unread());
        assert_eq!(result.verdict, Verdict::Pass, "{:#?}", result.checks);
        assert!(result.checks.iter().all(|check| check.name != "unrecovered"), "{:#?}", result.checks);
        assert!(!result.has_consumers && super::super::trial::result(&sample::healthy()).has_consumers);
        let mut rows = unread();
        rows.log.retain(|row| row.message != sample::message(1, 0, 300));
        (rows.inspections[0].length, rows.inspections[0].appended) = (1599, Some(1599));
        expect(&rows, NAME, Verdict::Fail, &["1 message was acknowledged and missing", "seq 300", "position 601"]);
    }

    #[test]
    fn what_was_acknowledged_and_never_added_is_not_taken_for_trimmed() {
        let mut rows = unread();
        let row = &mut rows.inspections[0];
        (row.length, row.appended) = (100, Some(900));
        let mut seen = 0;
        rows.log.retain(|row| {
            seen += u32::from(row.message.partition == Partition(0));
            row.message.partition != Partition(0) || seen > 1500
        });
        expect(
            &rows,
            NAME,
            Verdict::Fail,
            &["700 more messages were acknowledged than the broker says that it ever added"],
        );
        rows.inspections[0].appended = Some(1600);
        expect(&rows, NAME, Verdict::Pass, &["1500 trimmed"]);
    }

    #[test]
    fn what_stands_in_the_log_spoilt_is_lost_where_nobody_consumes() {
        let mut rows = unread();
        let spoilt = sample::message(1, 0, 300);
        rows.log.iter_mut().filter(|row| row.message == spoilt).for_each(|row| row.payload_ok = false);
        expect(&rows, NAME, Verdict::Fail, &["1 message was acknowledged and missing"]);
        let result = result(&rows);
        assert_eq!((result.counts.lost, result.counts.corrupted), (1, 1));
    }

    #[test]
    fn is_unknown_where_nobody_consumes_and_the_log_was_not_read() {
        let mut rows = unread();
        rows.facts.end.as_mut().unwrap().log = None;
        rows.log.clear();
        let unread = "nobody consumed, and the broker's log was not read to its end";
        for check in [NAME, "phantom", "corrupted", "duplicated"] {
            expect(&rows, check, Verdict::Unknown, &[unread]);
        }
    }

    #[test]
    fn the_limit_is_the_scenarios() {
        let mut rows = without(sample::healthy(), sample::message(1, 0, 300));
        rows.facts.limits.lost = 1;
        expect(&rows, NAME, Verdict::Pass, &[]);
    }
}
