//! What it costs a worker to record, and the run to turn what it records into a history.
//!
//! To hold: a row costs its worker far less than a message costs its client, and a scribe keeps up with a saturated worker.

#![allow(missing_docs, clippy::expect_used)] // Criterion's macros document nothing; a bench that cannot be set up may stop.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use harness::trial::scribe::{Scribe, Tables};
use harness::worker::journal::{Reader, Writing};
use harness::worker::{Begun, Records, Row};
use reports::history::{Delivery, Outcome, Send};
use reports::units::{ConsumerId, MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use std::time::Duration;
use tempfile::TempDir;

/// Messages: several journals full of rows, and several batches.
const MESSAGES: u64 = 400_000;
/// Rows that a journal has room for, and more than are stored between two looks at it.
const AT_ONCE: u64 = 10_000;

fn message(nth: u64) -> MessageId {
    MessageId { producer: ProducerId(1), partition: Partition((nth % 4) as u16), seq: Sequence(nth / 4) }
}

fn begun(nth: u64) -> Row {
    Row::Begun(Begun { message: message(nth), intended: Nanos(nth * 50_000), started: Nanos(nth * 50_000 + 2_000) })
}

fn sent(nth: u64) -> Row {
    Row::Send(Send {
        message: message(nth),
        intended: Nanos(nth * 50_000),
        started: Nanos(nth * 50_000 + 2_000),
        settled: Nanos(nth * 50_000 + 300_000 + nth * 7919 % 200_000),
        outcome: Outcome::Ok,
        attempts: 1,
        dead_letter: None,
        error: None,
        position: Some(Position(1_000 + nth / 2)),
    })
}

fn delivery(nth: u64) -> Row {
    Row::Delivery(Delivery {
        consumer: ConsumerId(2),
        message: message(nth),
        intended: Nanos(nth * 50_000),
        asked: None,
        received: Nanos(nth * 50_000 + 400_000 + nth * 7919 % 100_000),
        delivery_count: 1,
        position: Position(1_000 + nth / 2),
        payload_ok: true,
    })
}

/// The worker's part alone: rows into a journal that somebody empties now and then.
fn store(criterion: &mut Criterion) {
    let mut reader = Reader::create("bench").expect("memory");
    let records = Records::open(&reader.path()).expect("a journal");
    let mut group = criterion.benchmark_group("store");
    group.throughput(Throughput::Elements(AT_ONCE));
    group.bench_function("a send begun and settled", |bencher| {
        let empty = || {
            while reader.next(Writing::GoesOn).expect("understood").is_some() {}
            reader.release();
        };
        let push = |()| {
            for nth in 0..AT_ONCE {
                records.push(begun(nth));
                records.push(sent(nth));
            }
        };
        bencher.iter_batched(empty, push, BatchSize::PerIteration);
    });
    group.finish();
}

/// All of it: rows through a journal and its scribe into finished files.
fn write(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("journal and scribe");
    group.throughput(Throughput::Elements(MESSAGES)).sample_size(10).measurement_time(Duration::from_secs(10));
    let through = |(worker, tables): (&str, Tables), rows: &[fn(u64) -> Row]| {
        let trial = TempDir::new().expect("a folder");
        let reader = Reader::create(worker).expect("memory");
        let records = Records::open(&reader.path()).expect("a journal");
        let complain = |error: &_| panic!("the history cannot be written: {error}");
        let scribe = Scribe::start(reader, trial.path(), worker, tables, complain).expect("created");
        for nth in 0..MESSAGES {
            rows.iter().for_each(|row| records.push(row(nth)));
        }
        records.finish();
        scribe.worker_ended();
        scribe.finish()
    };
    group.bench_function("sends", |bencher| {
        bencher.iter(|| through(("producer-0", Tables::Producer), &[begun, sent]));
    });
    group.bench_function("deliveries", |bencher| {
        bencher.iter(|| through(("consumer-0", Tables::Consumer), &[delivery]));
    });
    group.finish();
}

criterion_group!(benches, store, write);
criterion_main!(benches);
