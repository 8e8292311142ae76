//! What it costs to record a row, and how fast rows are read and merged again.
//!
//! To hold (per core): recording far below what a message costs its client; reading and merging at least five million
//! rows a second. Files lie in the system's temporary folder; what is measured includes writing to it.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use reports::facts::{
    FileFacts, HISTORY_SCHEMA, Limits, Ordering, Path as Route, RunFacts, ScenarioFacts, Settling, SystemFacts,
    TrialFacts, WorkloadFacts,
};
use reports::history::{
    Deliveries, Delivery, Events, HistoryTable, Outcome, RowRun, Send, Sends, Settlement, SettlementKind, Settlements,
    Trial, Writer,
};
use reports::units::{ConsumerId, MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use tempfile::TempDir;

/// Rows of each table: several batches.
const ROWS: u64 = 400_000;

/// Numbers that look random and are the same every time (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (value ^ (value >> 31)) % limit
    }
}

/// 20,000 messages a second over four partitions.
fn sends() -> Vec<Send> {
    let mut dice = Dice(1);
    let mut intended = 8_123_456_789_012;
    let mut sent = [0; 4];
    let row = |index| {
        let partition = dice.below(4);
        let seq = &mut sent[partition as usize];
        let message =
            MessageId { producer: ProducerId(1), partition: Partition(partition as u16), seq: Sequence(*seq) };
        *seq += 1;
        intended += dice.below(100_000);
        let started = intended + 2_000 + dice.below(40_000);
        Send {
            message,
            intended: Nanos(intended),
            started: Nanos(started),
            settled: Nanos(started + 300_000 + dice.below(200_000)),
            outcome: Outcome::Ok,
            attempts: 1,
            dead_letter: None,
            error: None,
            position: Some(Position(1_000 + index / 2)),
        }
    };
    (0..ROWS).map(row).collect()
}

fn deliveries(sends: &[Send]) -> Vec<Delivery> {
    let mut dice = Dice(2);
    let row = |send: &Send| Delivery {
        consumer: ConsumerId(2),
        message: send.message,
        intended: send.intended,
        asked: None,
        received: Nanos(send.settled.0 + dice.below(100_000)),
        delivery_count: 1,
        position: send.position.unwrap_or(Position(0)),
        payload_ok: true,
    };
    sends.iter().map(row).collect()
}

/// Acknowledged 50 at once.
fn settlements(deliveries: &[Delivery]) -> Vec<Settlement> {
    let batch = |batch: &[Delivery]| {
        let requested = batch.last().map_or(Nanos::ZERO, |delivery| delivery.received);
        let row = move |delivery: &Delivery| Settlement {
            consumer: delivery.consumer,
            partition: delivery.message.partition,
            message: Some((delivery.message.producer, delivery.message.seq)),
            position: None,
            kind: SettlementKind::Ack,
            requested,
            settled: requested.plus(Nanos(250_000)),
            outcome: Outcome::Ok,
        };
        batch.iter().map(row).collect::<Vec<_>>()
    };
    deliveries.chunks(50).flat_map(batch).collect()
}

fn write<T: HistoryTable>(trial: &Path, writer: &str, rows: &[T::Row]) -> Result<FileFacts, Box<dyn Error>> {
    let mut file = Writer::<T>::create(trial, writer)?;
    for row in rows {
        file.append(row)?;
    }
    file.finish()?;
    Ok(Writer::<T>::facts(writer))
}

fn facts(files: Vec<FileFacts>) -> TrialFacts {
    TrialFacts {
        schema: HISTORY_SCHEMA.to_owned(),
        run: RunFacts {
            id: String::new(),
            started: String::new(),
            command: Vec::new(),
            versions: BTreeMap::new(),
            host: BTreeMap::new(),
            planned: Vec::new(),
            scenario: ScenarioFacts::default(),
        },
        scenario: String::new(),
        title: String::new(),
        system: SystemFacts {
            name: String::new(),
            broker: String::new(),
            client: String::new(),
            path: Route::Direct,
            ordering: Ordering::Partition,
            settling: Settling::Message,
            log: reports::facts::LogFacts::default(),
            fairness: Vec::new(),
            versions: BTreeMap::new(),
            slow_at_first: None,
        },
        repeat: 1,
        trial_id: 1,
        workload: WorkloadFacts {
            rate: String::new(),
            offered: ROWS,
            even: Some(true),
            message_bytes: 1024,
            producers: 1,
            consumers: 1,
            partitions: 4,
            seed: 1,
            ..WorkloadFacts::default()
        },
        phases: Vec::new(),
        clients: Vec::new(),
        faults: Vec::new(),
        limits: Limits::default(),
        files,
        idle: None,
        end: None,
    }
}

fn record<T: HistoryTable>(criterion: &mut Criterion, rows: &[T::Row]) {
    let mut group = criterion.benchmark_group("record");
    group.throughput(Throughput::Elements(rows.len() as u64)).sample_size(10);
    group.bench_function(BenchmarkId::from_parameter(T::NAME), |bencher| {
        bencher.iter_batched(TempDir::new, |dir| write::<T>(dir?.path(), "w", rows), BatchSize::PerIteration);
    });
    group.finish();
}

fn read(criterion: &mut Criterion, trial: &Trial) {
    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::Elements(ROWS)).sample_size(10);
    group.bench_function("sends, sum of response times", |bencher| {
        bencher.iter(|| {
            let mut sum = 0_u64;
            for batch in trial.sends() {
                let batch = batch?;
                let response = |(settled, intended): (&u64, &u64)| settled.saturating_sub(*intended);
                sum += batch.settled.iter().zip(batch.intended.iter()).map(response).sum::<u64>();
            }
            Ok::<_, reports::history::HistoryError>(black_box(sum))
        });
    });
    group.throughput(Throughput::Elements(2 * ROWS));
    group.bench_function("deliveries and settlements, merged", |bencher| {
        bencher.iter(|| {
            let mut delivered = 0;
            for group in trial.events()? {
                for events in group? {
                    match events {
                        Events::Deliveries(RowRun { batch, rows }) => {
                            delivered += rows.len();
                            for row in rows {
                                black_box(batch.row(row));
                            }
                        }
                        Events::Settlements(RowRun { batch, rows }) => {
                            for row in rows {
                                black_box(batch.row(row));
                            }
                        }
                    }
                }
            }
            Ok::<_, reports::history::HistoryError>(black_box(delivered))
        });
    });
    group.finish();
}

fn history(criterion: &mut Criterion) {
    if let Err(error) = try_history(criterion) {
        eprintln!("the history cannot be measured: {error}");
        std::process::exit(1);
    }
}

fn try_history(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let sends = sends();
    let deliveries = deliveries(&sends);
    let settlements = settlements(&deliveries);
    record::<Sends>(criterion, &sends);
    record::<Deliveries>(criterion, &deliveries);
    record::<Settlements>(criterion, &settlements);

    let dir = TempDir::new()?;
    let files = vec![
        write::<Sends>(dir.path(), "producer-0", &sends)?,
        write::<Deliveries>(dir.path(), "consumer-0", &deliveries)?,
        write::<Settlements>(dir.path(), "consumer-0", &settlements)?,
    ];
    facts(files).save(dir.path())?;
    read(criterion, &Trial::open(dir.path())?);
    Ok(())
}

criterion_group!(benches, history);
criterion_main!(benches);
