//! Rows through a journal: whole, in order, bounded, and after a death.

use super::super::row::{Begun, Row};
use super::layout::{Kind, ROWS_AT, TEXT_BYTES_AT_MOST, WORD, row_at};
use super::read::{Reader, Writing};
use super::words::Fields;
use super::write::Journal;
use proptest::prelude::*;
use reports::history::{
    Connection, ConnectionEvent, Delivery, GroupChange, GroupEvent, Outcome, Send, Settlement, SettlementKind,
};
use reports::units::{ConsumerId, MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use std::sync::atomic::Ordering::Relaxed;

fn journal(rows: u64) -> (Journal, Reader) {
    let reader = Reader::with_rows("worker-0", rows).expect("memory");
    (Journal::open(&reader.path()).expect("a journal"), reader)
}

fn read(reader: &mut Reader, writing: Writing) -> Vec<Row> {
    let rows = std::iter::from_fn(|| reader.next(writing).expect("understood")).collect();
    reader.release();
    rows
}

fn begun(seq: u64) -> Row {
    let message = MessageId { producer: ProducerId(1), partition: Partition(2), seq: Sequence(seq) };
    Row::Begun(Begun { message, intended: Nanos(seq), started: Nanos(seq + 1) })
}

fn group(partitions: u16) -> Row {
    let partitions = (0..partitions).map(Partition).collect();
    Row::Group(GroupChange { consumer: ConsumerId(3), event: GroupEvent::Assigned, partitions, at: Nanos(4) })
}

fn connection(error: Option<String>) -> Row {
    let (client, peer) = ("worker-0".to_owned(), "bootstrap".to_owned());
    Row::Connection(Connection { client, peer, event: ConnectionEvent::Lost, at: Nanos(u64::MAX), error })
}

fn tries() -> impl Strategy<Value = (u8, Option<bool>)> {
    (1..=u8::MAX, proptest::option::of(any::<bool>()))
}

fn any_row() -> impl Strategy<Value = Row> {
    let message = || {
        (any::<u16>(), any::<u16>(), any::<u64>()).prop_map(|(producer, partition, seq)| MessageId {
            producer: ProducerId(producer),
            partition: Partition(partition),
            seq: Sequence(seq),
        })
    };
    let nanos = || any::<u64>().prop_map(Nanos);
    let position = || any::<Option<u64>>().prop_map(|position| position.map(Position));
    let text = || prop::option::of(".{0,100}");
    let outcome = || prop::sample::select(vec![Outcome::Ok, Outcome::Failed, Outcome::Indeterminate]);
    let kinds = vec![
        SettlementKind::Ack,
        SettlementKind::Nack,
        SettlementKind::Commit,
        SettlementKind::DeadLetter,
        SettlementKind::Claim,
        SettlementKind::Processed,
    ];
    let connections = vec![
        ConnectionEvent::Connecting,
        ConnectionEvent::Connected,
        ConnectionEvent::Lost,
        ConnectionEvent::AttemptFailed,
    ];
    let groups =
        vec![GroupEvent::Joined, GroupEvent::Assigned, GroupEvent::Revoked, GroupEvent::Claimed, GroupEvent::Left];
    prop_oneof![
        (message(), nanos(), nanos()).prop_map(|(message, intended, started)| Row::Begun(Begun {
            message,
            intended,
            started
        })),
        (message(), [nanos(), nanos(), nanos()], outcome(), text(), position(), tries()).prop_map(
            |(message, [intended, started, settled], outcome, error, position, (attempts, dead_letter))| {
                Row::Send(Send { message, intended, started, settled, outcome, attempts, error, position, dead_letter })
            }
        ),
        (message(), nanos(), prop::option::of(nanos()), nanos(), any::<(u16, u64, bool, u16)>()).prop_map(
            |(message, intended, asked, received, (delivery_count, position, payload_ok, consumer))| {
                Row::Delivery(Delivery {
                    consumer: ConsumerId(consumer),
                    message,
                    intended,
                    asked,
                    received,
                    delivery_count,
                    position: Position(position),
                    payload_ok,
                })
            }
        ),
        (any::<(u16, u16, Option<(u16, u64)>)>(), position(), prop::sample::select(kinds), nanos(), nanos(), outcome())
            .prop_map(|((consumer, partition, message), position, kind, requested, settled, outcome)| {
                Row::Settlement(Settlement {
                    consumer: ConsumerId(consumer),
                    partition: Partition(partition),
                    message: message.map(|(producer, seq)| (ProducerId(producer), Sequence(seq))),
                    position,
                    kind,
                    requested,
                    settled,
                    outcome,
                })
            }),
        (".{0,60}", prop::sample::select(connections), nanos(), text()).prop_map(|(peer, event, at, error)| {
            Row::Connection(Connection { client: "worker-0".to_owned(), peer, event, at, error })
        }),
        (any::<u16>(), prop::sample::select(groups), prop::collection::vec(any::<u16>(), 0..60), nanos()).prop_map(
            |(consumer, event, partitions, at)| {
                let partitions = partitions.into_iter().map(Partition).collect();
                Row::Group(GroupChange { consumer: ConsumerId(consumer), event, partitions, at })
            }
        ),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_in_that_order_however_often_the_journal_wraps(
        rows in prop::collection::vec(any_row(), 0..200), at_once in 1_usize..8
    ) {
        let (journal, mut reader) = journal(128);
        let mut found = Vec::new();
        for some in rows.chunks(at_once) {
            some.iter().for_each(|row| journal.push(row));
            found.extend(read(&mut reader, Writing::GoesOn));
        }
        prop_assert_eq!(found, rows);
    }
}

#[test]
fn rows_of_many_threads_all_arrive_each_threads_in_its_order() {
    let (journal, mut reader) = journal(64);
    let mut next = [0_u64; 4];
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let journal = &journal;
            scope.spawn(move || (0..5_000).for_each(|nth| journal.push(&begun(thread << 32 | nth))));
        }
        while next.iter().sum::<u64>() < 20_000 {
            for row in read(&mut reader, Writing::GoesOn) {
                let Row::Begun(Begun { message, .. }) = row else { panic!("{row:?}") };
                let (thread, nth) = (message.seq.0 >> 32, message.seq.0 & u64::from(u32::MAX));
                assert_eq!(nth, next[thread as usize]);
                next[thread as usize] += 1;
            }
        }
    });
    assert_eq!(next, [5_000; 4]);
}

#[test]
fn a_row_that_is_not_whole_is_waited_for_while_its_writer_lives_and_passed_over_after_its_death() {
    let (journal, mut reader) = journal(64);
    (0..3).for_each(|seq| journal.push(&begun(seq)));
    // As if a thread had been killed between taking the place of the second and its number.
    reader.mapping_for_test().word(row_at(1, 64)).store(0, Relaxed);
    assert_eq!(read(&mut reader, Writing::GoesOn), [begun(0)]);
    assert_eq!(read(&mut reader, Writing::GoesOn), []);
    assert_eq!(read(&mut reader, Writing::HasEnded), [begun(2)]);
    assert_eq!(read(&mut reader, Writing::HasEnded), []);
}

#[test]
fn what_its_writer_did_not_live_to_complete_is_passed_over_whole() {
    let (journal, mut reader) = journal(64);
    journal.push(&group(60));
    journal.push(&begun(1));
    // The last of the three rows that carry the partitions.
    reader.mapping_for_test().word(row_at(3, 64)).store(0, Relaxed);
    assert_eq!(read(&mut reader, Writing::GoesOn), []);
    assert_eq!(read(&mut reader, Writing::HasEnded), [begun(1)]);
}

#[test]
fn rows_of_an_earlier_round_are_not_read_again_after_a_death() {
    let (journal, mut reader) = journal(16);
    for seq in 0..40 {
        journal.push(&begun(seq));
        assert_eq!(read(&mut reader, Writing::GoesOn), [begun(seq)]);
    }
    assert_eq!(read(&mut reader, Writing::HasEnded), []);
}

#[test]
fn a_full_journal_makes_the_next_row_wait_until_its_place_is_given_back() {
    let (journal, mut reader) = journal(16);
    (0..16).for_each(|seq| journal.push(&begun(seq)));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| journal.push(&begun(16)));
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert!(!waiting.is_finished(), "it did not wait");
        assert_eq!(read(&mut reader, Writing::GoesOn).len(), 16);
        waiting.join().expect("written");
    });
    assert_eq!(read(&mut reader, Writing::GoesOn), [begun(16)]);
}

#[test]
fn nobody_waits_for_a_reader_that_takes_no_more() {
    let (journal, reader) = journal(16);
    reader.close();
    (0..100).for_each(|seq| journal.push(&begun(seq)));
}

#[test]
fn nobody_waits_for_long_for_a_reader_that_may_be_dead() {
    let (journal, reader) = journal(16);
    journal.desert();
    (0..100).for_each(|seq| journal.push(&begun(seq)));
    drop(reader);
}

#[test]
fn the_end_is_read_when_all_before_it_is() {
    let (journal, mut reader) = journal(16);
    journal.push(&begun(0));
    journal.finish();
    assert_eq!(reader.finished(), None);
    assert_eq!(read(&mut reader, Writing::GoesOn), [begun(0)]);
    assert!(reader.finished().is_some());
}

#[test]
fn a_text_is_written_once_and_a_long_one_is_cut() {
    let (journal, mut reader) = journal(256);
    let long = "x".repeat(TEXT_BYTES_AT_MOST + 1);
    for error in [None, Some("reset".to_owned()), Some("reset".to_owned()), Some(long.clone())] {
        journal.push(&connection(error));
    }
    let found = read(&mut reader, Writing::GoesOn);
    let expected = [None, Some("reset"), Some("reset"), Some(&long[1..])];
    assert_eq!(found, expected.map(|error| connection(error.map(str::to_owned))));
}

#[test]
fn a_row_that_nobody_understands_is_named() {
    for (fields, why) in [
        (Fields { kind: 77, ..Fields::default() }, "kind is 77"),
        (Fields { outcome: 9, ..Fields::of(Kind::Send) }, "outcome is 9"),
        (Fields { what: 6, ..Fields::of(Kind::Settlement) }, "event is 6"),
        (Fields { what: 4, ..Fields::of(Kind::Connection) }, "event is 4"),
        (Fields { what: 5, ..Fields::of(Kind::Group) }, "event is 5"),
        (Fields { text: 3, ..Fields::of(Kind::Send) }, "no text has the number 3"),
    ] {
        let (journal, mut reader) = journal(16);
        journal.push(&begun(0));
        journal.push(&begun(1));
        for (nth, word) in (1..).zip(&fields.to_words()[1..]) {
            reader.mapping_for_test().word(row_at(1, 16) + nth * WORD).store(word.to_le(), Relaxed);
        }
        assert_eq!(reader.next(Writing::GoesOn).expect("the first"), Some(begun(0)));
        let error = reader.next(Writing::GoesOn).expect_err("the second").to_string();
        assert!(error.contains(why) && error.contains("row 1"), "{error}");
    }
}

#[test]
fn what_is_no_journal_is_refused_in_words() {
    let refusal = |path: &std::path::Path| Journal::open(path).expect_err("refused").to_string();
    let file = tempfile::NamedTempFile::new().expect("a file");
    assert!(refusal(file.path()).contains("it has 0 bytes"));
    std::fs::write(file.path(), vec![0; 8192]).expect("written");
    assert!(refusal(file.path()).contains("does not begin with HRNSJRNL"));
    let reader = Reader::with_rows("worker-0", 16).expect("memory");
    reader.mapping_for_test().word(ROWS_AT).store(32_u64.to_le(), Relaxed);
    assert!(refusal(&reader.path()).contains("for 32 rows"));
    reader.mapping_for_test().word(WORD).store(2_u64.to_le(), Relaxed);
    assert!(refusal(&reader.path()).contains("version 2 with rows of 0 bytes"));
    assert!(refusal("/dev/null/nowhere".as_ref()).contains("cannot be opened"));
}
