//! Whatever rows are written, the same rows are read, whatever the size of the batches.

use super::samples;
use crate::history::{
    Connection, ConnectionEvent, Connections, DeadLetter, DeadLetters, Deliveries, Delivery, Fault, Faults, Gauge,
    Gauges, GroupChange, GroupEvent, GroupEvents, HistoryTable, Inspection, Inspections, LogEntries, Logged,
    NodeChange, NodeEvent, Nodes, Outcome, Resource, Resources, Send, Sends, Settlement, SettlementKind, Settlements,
    SmallTable, Trial, Word,
};
use crate::units::{ConsumerId, MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Writes the rows to one finished file and opens the trial.
fn written<T: HistoryTable>(rows: &[T::Row], batch: usize) -> (tempfile::TempDir, Trial) {
    let dir = tempfile::tempdir().unwrap();
    let file = samples::write::<T>(dir.path(), "w", rows, batch);
    samples::describe(dir.path(), vec![file]);
    let trial = Trial::open(dir.path()).unwrap();
    assert_eq!(trial.truncations(), []);
    assert_eq!(trial.rows::<T>(), rows.len() as u64);
    (dir, trial)
}

fn sorted<T: SmallTable>(mut rows: Vec<T::Row>) -> Vec<T::Row> {
    rows.sort_by_key(T::at);
    rows
}

fn word<W: Word + std::fmt::Debug>() -> impl Strategy<Value = W> {
    select(W::WORDS).prop_map(|(value, _)| value)
}

fn nanos() -> impl Strategy<Value = Nanos> {
    any::<u64>().prop_map(Nanos)
}

fn position() -> impl Strategy<Value = Position> {
    any::<u64>().prop_map(Position)
}

fn message() -> impl Strategy<Value = MessageId> {
    any::<(u16, u16, u64)>().prop_map(|(producer, partition, seq)| MessageId {
        producer: ProducerId(producer),
        partition: Partition(partition),
        seq: Sequence(seq),
    })
}

fn send() -> impl Strategy<Value = Send> {
    let times = (nanos(), nanos(), nanos());
    let result = (word::<Outcome>(), any::<u8>(), option::of(any::<String>()), option::of(position()));
    let result = (result, option::of(any::<bool>()));
    (message(), times, result).prop_map(
        |(message, (intended, started, settled), ((outcome, attempts, error, position), dead_letter))| Send {
            message,
            intended,
            started,
            settled,
            outcome,
            attempts,
            error,
            position,
            dead_letter,
        },
    )
}

fn logged() -> impl Strategy<Value = Logged> {
    (message(), position(), any::<bool>()).prop_map(|(message, position, payload_ok)| Logged {
        message,
        position,
        payload_ok,
    })
}

fn delivery() -> impl Strategy<Value = Delivery> {
    (any::<u16>(), message(), nanos(), (option::of(nanos()), nanos()), any::<u16>(), position(), any::<bool>())
        .prop_map(|(consumer, message, intended, (asked, received), delivery_count, position, payload_ok)| Delivery {
            consumer: ConsumerId(consumer),
            message,
            intended,
            asked,
            received,
            delivery_count,
            position,
            payload_ok,
        })
}

fn settlement() -> impl Strategy<Value = Settlement> {
    let message = option::of(any::<(u16, u64)>().prop_map(|(producer, seq)| (ProducerId(producer), Sequence(seq))));
    let what = (word::<SettlementKind>(), nanos(), nanos(), word::<Outcome>());
    (any::<(u16, u16)>(), message, option::of(position()), what).prop_map(
        |((consumer, partition), message, position, (kind, requested, settled, outcome))| Settlement {
            consumer: ConsumerId(consumer),
            partition: Partition(partition),
            message,
            position,
            kind,
            requested,
            settled,
            outcome,
        },
    )
}

fn connection() -> impl Strategy<Value = Connection> {
    (any::<String>(), any::<String>(), word::<ConnectionEvent>(), nanos(), option::of(any::<String>()))
        .prop_map(|(client, peer, event, at, error)| Connection { client, peer, event, at, error })
}

fn group_change() -> impl Strategy<Value = GroupChange> {
    (any::<u16>(), word::<GroupEvent>(), vec(any::<u16>().prop_map(Partition), 0..5), nanos()).prop_map(
        |(consumer, event, partitions, at)| GroupChange { consumer: ConsumerId(consumer), event, partitions, at },
    )
}

fn fault() -> impl Strategy<Value = Fault> {
    let names = (any::<String>(), any::<String>(), any::<String>(), any::<String>());
    let times = (nanos(), option::of(nanos()), option::of(nanos()), option::of(nanos()));
    (names, times, any::<bool>(), any::<Option<u64>>()).prop_map(
        |((name, kind, target, evidence), (inject_requested, injected, heal_requested, healed), confirmed, dropped)| {
            Fault {
                name,
                kind,
                target,
                inject_requested,
                injected,
                heal_requested,
                healed,
                confirmed,
                evidence,
                dropped,
            }
        },
    )
}

fn node_change() -> impl Strategy<Value = NodeChange> {
    let seen = (any::<Option<u16>>(), any::<bool>(), option::of(any::<String>()));
    (any::<String>(), word::<NodeEvent>(), nanos(), seen)
        .prop_map(|(node, event, at, (exit, asked_for, words))| NodeChange { node, event, at, exit, asked_for, words })
}

fn gauge() -> impl Strategy<Value = Gauge> {
    (nanos(), any::<String>(), any::<String>(), any::<f64>()).prop_map(|(at, metric, subject, value)| Gauge {
        at,
        metric,
        subject,
        value,
    })
}

fn resource() -> impl Strategy<Value = Resource> {
    let names = (nanos(), any::<String>(), any::<String>(), nanos());
    let bytes = (any::<u64>(), any::<u64>(), any::<u64>(), any::<Option<u64>>(), any::<Option<u64>>());
    (names, bytes).prop_map(|((at, role, process, cpu), (rss, read, written, sent, received))| Resource {
        at,
        role,
        process,
        cpu,
        rss,
        read,
        written,
        sent,
        received,
    })
}

fn inspection() -> impl Strategy<Value = Inspection> {
    let counts = any::<(u64, Option<u64>, u64, Option<u64>, bool)>();
    let positions = (option::of(position()), option::of(position()), option::of(position()));
    (nanos(), any::<u16>(), counts, positions).prop_map(
        |(at, partition, (length, appended, pending, lag, group), (first, end, committed))| Inspection {
            at,
            partition: Partition(partition),
            length,
            appended,
            first,
            end,
            committed,
            pending,
            lag,
            group,
        },
    )
}

fn dead_letter() -> impl Strategy<Value = DeadLetter> {
    let said = (option::of("[a-z/0-9]{0,12}"), option::of("[a-f0-9]{0,32}"), option::of(any::<u16>()));
    (nanos(), position(), any::<(u16, u16, u64, bool)>(), nanos(), said).prop_map(
        |(at, position, (producer, partition, seq, payload_ok), intended, (message_id, trace_id, retries))| {
            DeadLetter {
                at,
                position,
                message: MessageId {
                    producer: ProducerId(producer),
                    partition: Partition(partition),
                    seq: Sequence(seq),
                },
                intended,
                payload_ok,
                message_id,
                trace_id,
                retries,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn sends_come_back_as_they_were_written(rows in vec(send(), 0..40), batch in 1_usize..20) {
        let (_dir, trial) = written::<Sends>(&rows, batch);
        let read: Vec<_> = trial.sends().flat_map(|batch| batch.unwrap().rows().collect::<Vec<_>>()).collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn deliveries_come_back_as_they_were_written(rows in vec(delivery(), 0..40), batch in 1_usize..20) {
        let (_dir, trial) = written::<Deliveries>(&rows, batch);
        let read: Vec<_> = trial.deliveries().flat_map(|batch| batch.unwrap().rows().collect::<Vec<_>>()).collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn settlements_come_back_as_they_were_written(rows in vec(settlement(), 0..40), batch in 1_usize..20) {
        let (_dir, trial) = written::<Settlements>(&rows, batch);
        let read: Vec<_> = trial.settlements().flat_map(|batch| batch.unwrap().rows().collect::<Vec<_>>()).collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn the_log_comes_back_as_it_was_written(rows in vec(logged(), 0..40), batch in 1_usize..20) {
        let (_dir, trial) = written::<LogEntries>(&rows, batch);
        let read: Vec<_> = trial.log().flat_map(|batch| batch.unwrap().rows().collect::<Vec<_>>()).collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn connections_come_back_sorted_by_time(rows in vec(connection(), 0..20), batch in 1_usize..10) {
        let (_dir, trial) = written::<Connections>(&rows, batch);
        prop_assert_eq!(trial.connections().unwrap(), sorted::<Connections>(rows));
    }

    #[test]
    fn group_events_come_back_sorted_by_time(rows in vec(group_change(), 0..20), batch in 1_usize..10) {
        let (_dir, trial) = written::<GroupEvents>(&rows, batch);
        prop_assert_eq!(trial.group_events().unwrap(), sorted::<GroupEvents>(rows));
    }

    #[test]
    fn faults_come_back_sorted_by_time(rows in vec(fault(), 0..20), batch in 1_usize..10) {
        let (_dir, trial) = written::<Faults>(&rows, batch);
        prop_assert_eq!(trial.faults().unwrap(), sorted::<Faults>(rows));
    }

    #[test]
    fn node_changes_come_back_sorted_by_time(rows in vec(node_change(), 0..20), batch in 1_usize..10) {
        let (_dir, trial) = written::<Nodes>(&rows, batch);
        prop_assert_eq!(trial.nodes().unwrap(), sorted::<Nodes>(rows));
    }

    #[test]
    fn gauges_come_back_sorted_by_time(rows in vec(gauge(), 0..20), batch in 1_usize..10) {
        let (_dir, trial) = written::<Gauges>(&rows, batch);
        prop_assert_eq!(trial.gauges().unwrap(), sorted::<Gauges>(rows));
    }

    #[test]
    fn resources_come_back_sorted_by_time(rows in vec(resource(), 0..20), batch in 1_usize..10) {
        let (_dir, trial) = written::<Resources>(&rows, batch);
        prop_assert_eq!(trial.resources().unwrap(), sorted::<Resources>(rows));
    }

    #[test]
    fn dead_letters_come_back_sorted_by_time(rows in vec(dead_letter(), 0..20), batch in 1_usize..10) {
        let (_dir, trial) = written::<DeadLetters>(&rows, batch);
        prop_assert_eq!(trial.dead_letters().unwrap(), sorted::<DeadLetters>(rows));
    }

    #[test]
    fn inspections_come_back_sorted_by_time(rows in vec(inspection(), 0..20), batch in 1_usize..10) {
        let (_dir, trial) = written::<Inspections>(&rows, batch);
        prop_assert_eq!(trial.inspections().unwrap(), sorted::<Inspections>(rows));
    }
}

#[test]
fn several_files_of_one_table_are_read_in_the_order_of_trial_json() {
    let dir = tempfile::tempdir().unwrap();
    let rows = samples::sends(300);
    let second = samples::write::<Sends>(dir.path(), "producer-1", &rows[100..], 64);
    let first = samples::write::<Sends>(dir.path(), "producer-0", &rows[..100], 64);
    samples::describe(dir.path(), vec![first, second]);

    let trial = Trial::open(dir.path()).unwrap();
    let read: Vec<_> = trial.sends().flat_map(|batch| batch.unwrap().rows().collect::<Vec<_>>()).collect();
    assert_eq!(read, rows);
}
