//! Trials and rows to test with.

use crate::facts::{
    FileFacts, HISTORY_SCHEMA, Limits, Ordering, Path as Route, RunFacts, ScenarioFacts, Settling, SystemFacts,
    TrialFacts, WorkloadFacts,
};
use crate::history::{Delivery, HistoryTable, Outcome, Send, Settlement, SettlementKind, Writer};
use crate::units::{ConsumerId, MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use std::collections::BTreeMap;
use std::path::Path;

/// Facts of a trial that has these files.
pub(super) fn facts(files: Vec<FileFacts>) -> TrialFacts {
    TrialFacts {
        schema: HISTORY_SCHEMA.to_owned(),
        run: RunFacts {
            id: "r1".to_owned(),
            started: "2026-01-02T03:04:05Z".to_owned(),
            command: vec!["harness".to_owned(), "run".to_owned()],
            versions: BTreeMap::new(),
            host: BTreeMap::new(),
            planned: Vec::new(),
            scenario: ScenarioFacts::default(),
        },
        scenario: "failover".to_owned(),
        title: "Network failover".to_owned(),
        system: SystemFacts {
            name: "memory".to_owned(),
            broker: "memory".to_owned(),
            client: "memory 1".to_owned(),
            path: Route::Direct,
            ordering: Ordering::Partition,
            settling: Settling::Message,
            log: crate::facts::LogFacts::default(),
            fairness: Vec::new(),
            versions: BTreeMap::new(),
            slow_at_first: None,
        },
        repeat: 1,
        trial_id: 7,
        workload: WorkloadFacts {
            rate: "constant 2000/s".to_owned(),
            offered: 0,
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

/// Writes `trial.json` for a history of these files.
pub(super) fn describe(dir: &Path, files: Vec<FileFacts>) {
    facts(files).save(dir).unwrap();
}

/// Writes a finished file of these rows, in batches of at most `batch` rows.
pub(super) fn write<T: HistoryTable>(dir: &Path, writer: &str, rows: &[T::Row], batch: usize) -> FileFacts {
    let mut file = Writer::<T>::create(dir, writer).unwrap();
    for rows in rows.chunks(batch) {
        rows.iter().for_each(|row| file.append(row).unwrap());
        file.flush().unwrap();
    }
    assert_eq!(file.finish().unwrap().rows, rows.len() as u64);
    Writer::<T>::facts(writer)
}

/// Numbers that look random and are the same every time (splitmix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (value ^ (value >> 31)) % limit
    }
}

/// One producer at 20,000 messages a second over four partitions, with Poisson-like gaps.
pub(super) fn sends(count: u64) -> Vec<Send> {
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
            position: Some(Position(1_000 + index / 4 * 2 + dice.below(2))),
        }
    };
    (0..count).map(row).collect()
}

/// What one consumer receives of [`sends`].
pub(super) fn deliveries(sends: &[Send]) -> Vec<Delivery> {
    let mut dice = Dice(2);
    let mut received = 0;
    let row = |send: &Send| {
        received = (send.settled.0 + dice.below(100_000)).max(received + 500);
        Delivery {
            consumer: ConsumerId(2),
            message: send.message,
            intended: send.intended,
            asked: None,
            received: Nanos(received),
            delivery_count: 1,
            position: send.position.unwrap_or(Position(0)),
            payload_ok: true,
        }
    };
    sends.iter().map(row).collect()
}

/// What the consumer acknowledges, about 50 messages at once.
pub(super) fn settlements(deliveries: &[Delivery]) -> Vec<Settlement> {
    let mut dice = Dice(3);
    let batch = |batch: &[Delivery]| {
        let requested = batch.last().map_or(0, |delivery| delivery.received.0) + dice.below(50_000);
        let settled = requested + 200_000 + dice.below(100_000);
        let row = move |delivery: &Delivery| Settlement {
            consumer: delivery.consumer,
            partition: delivery.message.partition,
            message: Some((delivery.message.producer, delivery.message.seq)),
            position: None,
            kind: SettlementKind::Ack,
            requested: Nanos(requested),
            settled: Nanos(settled),
            outcome: Outcome::Ok,
        };
        batch.iter().map(row).collect::<Vec<_>>()
    };
    deliveries.chunks(50).flat_map(batch).collect()
}
