//! The log, read by a client apart from those under test, beside the workers' account: where they agree everything passes,
//! and each way to disagree is said.

use super::trial::{cut, expect, result};
use crate::facts::LogReading;
use crate::history::{Logged, Outcome};
use crate::measure::{Rows, Table, sample};
use crate::result::Verdict;
use crate::units::{MessageId, Partition, Position};

/// The 300th message of producer 1 to partition 0.
const ONE: MessageId = sample::message(1, 0, 300);

fn without(mut rows: Rows, message: MessageId) -> Rows {
    rows.log.retain(|row| row.message != message);
    rows.inspections[0].length -= 1;
    rows
}

fn undelivered(mut rows: Rows, message: MessageId) -> Rows {
    rows.deliveries.retain(|delivery| delivery.message != message);
    rows.settlements
        .retain(|ack| ack.message != Some((message.producer, message.seq)) || ack.partition != message.partition);
    rows
}

fn outcome(rows: &mut Rows, message: MessageId, outcome: Outcome) {
    rows.sends.iter_mut().filter(|send| send.message == message).for_each(|send| send.outcome = outcome);
}

#[test]
fn where_log_and_workers_agree_all_is_counted_and_nothing_is_missing() {
    for rows in [sample::healthy(), sample::committed(), sample::failover()] {
        let told = result(&rows);
        let log = told.log.unwrap();
        assert!(log.complete && log.why.is_none(), "{log:?}");
        assert_eq!((log.entries, log.distinct), (3200, 3200));
        assert_eq!(
            (log.missing, log.gone, log.trimmed, log.undelivered, log.unsent, log.duplicated),
            (0, 0, 0, 0, 0, 0)
        );
        assert_eq!(told.verdict, Verdict::Pass, "{:#?}", told.checks);
    }
}

#[test]
fn a_history_without_a_reading_has_no_count_of_the_log_and_is_judged_as_before() {
    let mut rows = sample::healthy();
    rows.facts.end.as_mut().unwrap().log = None;
    rows.log.clear();
    let told = result(&rows);
    assert_eq!((told.log, told.verdict), (None, Verdict::Pass));
}

#[test]
fn what_was_acknowledged_delivered_and_is_gone_from_the_log_is_counted_and_unrecovered() {
    let mut rows = without(sample::healthy(), ONE);
    rows.inspections[0].appended = Some(1599);
    let log = result(&rows).log.unwrap();
    assert_eq!((log.missing, log.gone, log.entries), (1, 1, 3199));
    let seen =
        ["1 message is gone from the log", "1 of them after they had been delivered", "seq 300", "was delivered"];
    expect(&rows, "unrecovered", Verdict::Fail, &seen);
    expect(&rows, "lost", Verdict::Pass, &[]);
}

#[test]
fn what_was_acknowledged_and_is_neither_in_the_log_nor_delivered_is_known_to_be_lost_though_the_broker_has_more_to_give()
 {
    let mut rows = undelivered(without(sample::healthy(), ONE), ONE);
    rows.facts.end.as_mut().unwrap().drained = false;
    let row = &mut rows.inspections[0];
    (row.appended, row.lag, row.committed) = (Some(1599), Some(9), Some(Position(500)));
    expect(&rows, "lost", Verdict::Fail, &["1 of them not in the broker's log, 0 standing in it", "seq 300"]);
    rows.facts.end.as_mut().unwrap().log = None;
    expect(&rows, "lost", Verdict::Unknown, &["may still come"]);
}

#[test]
fn what_was_never_delivered_and_stands_in_the_log_is_said_to_stand_there() {
    let rows = undelivered(sample::healthy(), ONE);
    assert_eq!(result(&rows).log.unwrap().undelivered, 1);
    expect(&rows, "lost", Verdict::Fail, &["0 of them not in the broker's log, 1 standing in it"]);
}

#[test]
fn what_was_trimmed_is_not_gone() {
    let mut rows = sample::healthy();
    rows.log.retain(|row| row.message.partition == Partition(1) || row.position >= Position(1000));
    rows.inspections[0].length = 600;
    rows.inspections[0].first = Some(Position(1000));
    let log = result(&rows).log.unwrap();
    assert_eq!((log.missing, log.gone, log.trimmed), (0, 0, 1000));
    expect(&rows, "unrecovered", Verdict::Pass, &[]);
    rows.log.retain(|row| row.position != Position(1300));
    rows.inspections[0].length = 599;
    let log = result(&rows).log.unwrap();
    assert_eq!((log.missing, log.gone, log.trimmed), (1, 1, 1000), "it stood behind the beginning");
}

#[test]
fn an_indeterminate_send_that_stands_in_the_log_has_happened_and_must_come() {
    let mut rows = sample::healthy();
    outcome(&mut rows, ONE, Outcome::Indeterminate);
    assert_eq!(result(&rows).log.unwrap().happened, 1);
    rows.facts.limits.indeterminate = Some(1);
    expect(&rows, "indeterminate", Verdict::Pass, &["1 of them stand in the log"]);
    let rows = undelivered(rows, ONE);
    expect(&rows, "lost", Verdict::Pass, &[]);
    expect(&rows, "unrecovered", Verdict::Fail, &["in the log, without an acknowledgement, and never came", "seq 300"]);
}

#[test]
fn what_came_to_the_log_after_the_broker_was_asked_need_not_have_come() {
    let mut rows = undelivered(sample::healthy(), sample::message(1, 0, 799));
    outcome(&mut rows, sample::message(1, 0, 799), Outcome::Indeterminate);
    let row = &mut rows.inspections[0];
    (row.length, row.appended) = (1599, Some(1599));
    assert_eq!(result(&rows).log.unwrap().undelivered, 0);
    expect(&rows, "unrecovered", Verdict::Pass, &[]);
}

#[test]
fn a_failed_send_that_stands_in_the_log_is_a_phantom_though_it_never_came() {
    let mut rows = undelivered(sample::healthy(), ONE);
    outcome(&mut rows, ONE, Outcome::Failed);
    assert_eq!(result(&rows).log.unwrap().unsent, 1);
    expect(&rows, "phantom", Verdict::Fail, &["in the log 1 message stands", "1 of them after a send that failed"]);
}

#[test]
fn a_stranger_in_the_log_is_a_phantom_unless_its_send_may_be_among_the_missing_rows() {
    let mut rows = sample::healthy();
    rows.log.push(Logged { message: sample::message(7, 1, 3), position: Position(9999), payload_ok: true });
    expect(&rows, "phantom", Verdict::Fail, &["producer-7 partition-1 seq 3"]);
    expect(&cut(rows, Table::Sends), "phantom", Verdict::Unknown, &["nobody sent"]);
}

#[test]
fn a_message_at_two_positions_of_the_log_is_a_duplicate_though_it_came_once() {
    let mut rows = sample::healthy();
    let again = Logged { position: Position(9999), ..rows.log[1000] };
    rows.log.push(again);
    assert_eq!(result(&rows).log.unwrap().duplicated, 1);
    expect(&rows, "duplicated", Verdict::Fail, &["whoever read the log", "position 9999"]);
}

#[test]
fn a_spoilt_payload_in_the_log_is_corrupted_and_not_gone() {
    let mut rows = sample::healthy();
    rows.log[1000].payload_ok = false;
    let log = result(&rows).log.unwrap();
    assert_eq!((log.corrupted, log.missing, log.distinct), (1, 0, 3199));
    expect(&rows, "corrupted", Verdict::Fail, &["1 entry of the log", "position 500"]);
    expect(&rows, "unrecovered", Verdict::Pass, &[]);
}

#[test]
fn a_reading_that_found_less_than_the_broker_counted_contradicts_it_and_proves_nothing_missing() {
    let mut rows = sample::healthy();
    rows.log.retain(|row| row.message != ONE);
    let log = result(&rows).log.unwrap();
    assert_eq!((log.complete, log.missing), (false, 0));
    expect(&rows, "unrecovered", Verdict::Unknown, &["contradict", "1599 entries were read of partition-0"]);
}

#[test]
fn a_log_that_was_not_read_whole_says_so_and_proves_nothing_missing() {
    let mut rows = sample::healthy();
    rows.log.retain(|row| row.message.partition == Partition(1));
    let why = Some("the time for it was over".to_owned());
    rows.facts.end.as_mut().unwrap().log = Some(LogReading { whole: vec![Partition(1)], why });
    let told = result(&rows);
    let log = told.log.unwrap();
    assert_eq!((log.complete, log.missing, log.entries), (false, 0, 1600));
    assert!(
        told.notes.iter().any(|note| note.contains("not read whole: the time for it was over")),
        "{:?}",
        told.notes
    );
    assert_eq!(told.verdict, Verdict::Pass);
    let told = result(&cut(sample::healthy(), Table::Log)).log.unwrap();
    assert!(!told.complete && told.why.unwrap().contains("ends within a batch"));
}
