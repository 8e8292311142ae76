//! Histories by hand, for tests and benches: a trial in which all is well, to be broken by the test that takes it.
//!
//! Two producers and two consumers, two partitions; 100 messages a second from two seconds before the load's start at
//! 100 s until its end at 130 s; the drain ends at 131 s. Message `n` is producer `n % 2`'s, in partition `n / 2 % 2`, with
//! sequence number `n / 4`, at position `n / 4 × 2 + n % 2`; consumer 0 reads partition 0, consumer 1 partition 1.

use super::rows::Rows;
use crate::facts::{
    ClientFacts, Cut, Effect, EndFacts, Envelope, FaultFacts, HISTORY_SCHEMA, Limits, LogFacts, LogReading, Ordering,
    Path, PhaseFacts, RunFacts, ScenarioFacts, Settling, SystemFacts, TrialFacts, WorkloadFacts,
};
use crate::history::{
    Connection, ConnectionEvent, Delivery, Fault, GroupChange, GroupEvent, Inspection, Logged, Outcome, Resource, Send,
    Settlement, SettlementKind,
};
use crate::units::{ConsumerId, MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use std::collections::BTreeMap;

/// The load's start, in seconds.
pub const LOAD_S: u64 = 100;
/// Messages of a trial, warm-up included.
pub const MESSAGES: u64 = 3200;
/// When the clients of [`failover`] have their connections back, in milliseconds: seven seconds and five milliseconds
/// after an outage that began ten seconds into the load, two seconds after its heal.
pub const BACK_MS: u64 = 117_005;

/// A trial without faults on a system that settles single messages, all well.
pub fn healthy() -> Rows {
    rows(facts(Settling::Message, Ordering::Consumer), |at| at)
}

/// The same, with stalls: what was intended within one, from and to in milliseconds, is answered at its end.
pub fn stalled(stalls: &[(u64, u64)]) -> Rows {
    rows(facts(Settling::Message, Ordering::Consumer), |at| {
        let stall = stalls.iter().find(|(from, to)| (*from..*to).contains(&(at.0 / 1_000_000)));
        stall.map_or(at, |(_, to)| Nanos::from_millis(*to))
    })
}

/// A fault that was confirmed when it was asked for: its plan and its row.
pub fn fault(name: &str, effect: Effect, cut: Option<Cut>, from_ms: u64, to_ms: u64) -> (FaultFacts, Fault) {
    let (at, until) = (Nanos::from_millis(from_ms), Nanos::from_millis(to_ms));
    let (kind, target) = (name.trim_end_matches(|end: char| end == '-' || end.is_ascii_digit()), "link client");
    let plan = FaultFacts {
        name: name.into(),
        kind: kind.into(),
        target: target.into(),
        detail: String::new(),
        at,
        until,
        effect,
        clients: Vec::new(),
        paths: Vec::new(),
        some_of: Vec::new(),
        alternatives: Vec::new(),
        cut,
        poison: None,
        when: None,
    };
    let row = Fault {
        name: name.into(),
        kind: kind.into(),
        target: target.into(),
        inject_requested: at,
        injected: Some(at),
        heal_requested: Some(until),
        healed: Some(until),
        confirmed: true,
        evidence: "read back".into(),
        dropped: None,
    };
    (plan, row)
}

/// The same on a system that commits positions and keeps order within a partition.
pub fn committed() -> Rows {
    let mut rows = rows(facts(Settling::Position, Ordering::Partition), |at| at);
    rows.settlements = rows.deliveries.iter().map(commit_of).collect();
    for delivery in &mut rows.deliveries {
        delivery.delivery_count = 0;
    }
    rows.group_changes = (0..2).map(|index| assigned(index, index, 97_500)).collect();
    rows
}

/// A trial whose clients lose their connections at ten seconds and have them back two seconds after the heal at fifteen,
/// with waits of 1, 2 and 4 s; what was intended in between is acknowledged then. All is well.
pub fn failover() -> Rows {
    let back = Nanos::from_millis(BACK_MS + 5);
    let lost = Nanos::from_secs(LOAD_S + 10);
    let mut facts = facts(Settling::Message, Ordering::Consumer);
    facts.faults.push(FaultFacts {
        name: "down-1".into(),
        kind: "down".into(),
        target: "link client".into(),
        detail: String::new(),
        at: lost,
        until: Nanos::from_secs(LOAD_S + 15),
        effect: Effect::ConnectionsLost,
        clients: Vec::new(),
        paths: Vec::new(),
        some_of: Vec::new(),
        alternatives: Vec::new(),
        cut: Some(Cut::Refused),
        poison: None,
        when: None,
    });
    facts.limits.reconnected = Some(Nanos::from_secs(4));
    facts.limits.recovered = Some(Nanos::from_secs(5));
    facts.limits.unavailable = Some(Nanos::from_secs(10));
    let mut rows = rows(facts, |at| if at >= lost && at < back { back } else { at });
    rows.faults.push(Fault {
        name: "down-1".into(),
        kind: "down".into(),
        target: "link client".into(),
        inject_requested: lost,
        injected: Some(lost.plus(Nanos::from_millis(10))),
        heal_requested: Some(Nanos::from_secs(LOAD_S + 15)),
        healed: Some(Nanos::from_millis(LOAD_S * 1000 + 15_010)),
        confirmed: true,
        evidence: "enabled = false read back, then true".into(),
        dropped: None,
    });
    for client in CLIENTS {
        let outage = [
            (110_005, ConnectionEvent::Lost),
            (111_005, ConnectionEvent::Connecting),
            (111_006, ConnectionEvent::AttemptFailed),
            (113_005, ConnectionEvent::Connecting),
            (113_006, ConnectionEvent::AttemptFailed),
            (BACK_MS - 1, ConnectionEvent::Connecting),
            (BACK_MS, ConnectionEvent::Connected),
        ];
        rows.connections.extend(outage.map(|(millis, event)| connection(client, event, millis)));
    }
    rows
}

/// The clients of a trial.
pub const CLIENTS: [&str; 4] = ["producer-0", "producer-1", "consumer-0", "consumer-1"];

/// A message.
pub const fn message(producer: u16, partition: u16, seq: u64) -> MessageId {
    MessageId { producer: ProducerId(producer), partition: Partition(partition), seq: Sequence(seq) }
}

/// A reading of a client that has used this share of a core since the beginning of time.
pub fn has_used(client: &str, at: Nanos, share: f64) -> Resource {
    Resource {
        at,
        role: "generator".to_owned(),
        process: client.to_owned(),
        cpu: Nanos((share * at.0 as f64) as u64),
        rss: 1,
        read: 0,
        written: 0,
        sent: None,
        received: None,
    }
}

/// An event of a client's connection `main`.
pub fn connection(client: &str, event: ConnectionEvent, millis: u64) -> Connection {
    let error = (event == ConnectionEvent::AttemptFailed).then(|| "connection refused".to_owned());
    Connection { client: client.into(), peer: "main".into(), event, at: Nanos::from_millis(millis), error }
}

/// A consumer is given a partition.
pub fn assigned(consumer: u16, partition: u16, millis: u64) -> GroupChange {
    GroupChange {
        consumer: ConsumerId(consumer),
        event: GroupEvent::Assigned,
        partitions: vec![Partition(partition)],
        at: Nanos::from_millis(millis),
    }
}

/// The same delivery once more, to a consumer, at a time.
pub fn again(delivery: &Delivery, consumer: u16, millis: u64) -> Delivery {
    Delivery {
        consumer: ConsumerId(consumer),
        asked: delivery.asked.map(|_| Nanos::from_millis(millis - 1)),
        received: Nanos::from_millis(millis),
        delivery_count: delivery.delivery_count.saturating_mul(2),
        ..delivery.clone()
    }
}

/// A consumer's takeover of a delivered entry, asked for and granted within a millisecond.
pub fn claim(delivery: &Delivery, consumer: u16, millis: u64) -> Settlement {
    Settlement {
        consumer: ConsumerId(consumer),
        kind: SettlementKind::Claim,
        requested: Nanos::from_millis(millis),
        settled: Nanos::from_millis(millis + 1),
        ..ack_of(delivery)
    }
}

/// The confirmed ack of a delivery: asked for one millisecond after it, answered after another.
pub fn ack_of(delivery: &Delivery) -> Settlement {
    Settlement {
        consumer: delivery.consumer,
        partition: delivery.message.partition,
        message: Some((delivery.message.producer, delivery.message.seq)),
        position: Some(delivery.position),
        kind: SettlementKind::Ack,
        requested: delivery.received.plus(Nanos::from_millis(1)),
        settled: delivery.received.plus(Nanos::from_millis(2)),
        outcome: Outcome::Ok,
    }
}

/// The same trial, with messages settled when they were received, and processed to their end after that.
pub fn settled_first(mut rows: Rows) -> Rows {
    rows.facts.limits.unprocessed = Some(0);
    let processed = rows.deliveries.iter().map(|delivery| {
        let (requested, settled) =
            (delivery.received.plus(Nanos::from_millis(2)), delivery.received.plus(Nanos::from_millis(3)));
        Settlement { kind: SettlementKind::Processed, requested, settled, ..ack_of(delivery) }
    });
    let processed: Vec<_> = processed.collect();
    rows.settlements.extend(processed);
    rows
}

/// The confirmed commit up to and with a delivery.
pub fn commit_of(delivery: &Delivery) -> Settlement {
    Settlement {
        message: None,
        position: Some(Position(delivery.position.0 + 1)),
        kind: SettlementKind::Commit,
        ..ack_of(delivery)
    }
}

fn rows(facts: TrialFacts, answered: impl Fn(Nanos) -> Nanos) -> Rows {
    let mut rows = Rows::new(facts);
    rows.sends = (0..MESSAGES).map(|number| sent(number, &answered)).collect();
    rows.deliveries = rows.sends.iter().map(delivery_of).collect();
    rows.settlements = rows.deliveries.iter().map(ack_of).collect();
    for client in CLIENTS {
        rows.connections.push(connection(client, ConnectionEvent::Connecting, 97_000));
        rows.connections.push(connection(client, ConnectionEvent::Connected, 97_001));
    }
    rows.inspections = (0..2).map(inspection).collect();
    rows.log = rows.sends.iter().map(logged_of).collect();
    rows
}

fn sent(number: u64, answered: impl Fn(Nanos) -> Nanos) -> Send {
    let intended = Nanos::from_millis((LOAD_S - 2) * 1000 + number * 10);
    let (producer, seq) = (number % 2, number / 4);
    Send {
        message: message(producer as u16, (number / 2 % 2) as u16, seq),
        intended,
        started: intended.plus(Nanos(50_000)),
        settled: answered(intended).plus(Nanos::from_millis(1)),
        outcome: Outcome::Ok,
        attempts: 1,
        dead_letter: None,
        error: None,
        position: Some(Position(seq * 2 + producer)),
    }
}

fn delivery_of(send: &Send) -> Delivery {
    Delivery {
        consumer: ConsumerId(send.message.partition.0),
        message: send.message,
        intended: send.intended,
        asked: Some(send.settled),
        received: send.settled.plus(Nanos::from_millis(1)),
        delivery_count: 1,
        position: send.position.unwrap_or(Position(0)),
        payload_ok: true,
    }
}

fn logged_of(send: &Send) -> Logged {
    Logged { message: send.message, position: send.position.unwrap_or(Position(0)), payload_ok: true }
}

fn inspection(partition: u16) -> Inspection {
    Inspection {
        at: Nanos::from_secs(LOAD_S + 31),
        partition: Partition(partition),
        length: MESSAGES / 2,
        appended: Some(MESSAGES / 2),
        first: Some(Position(0)),
        end: Some(Position(MESSAGES / 2)),
        committed: Some(Position(MESSAGES / 2)),
        pending: 0,
        lag: Some(0),
        group: true,
    }
}

fn facts(settling: Settling, ordering: Ordering) -> TrialFacts {
    let phase = |name: &str, from: u64, to: u64| PhaseFacts {
        name: name.into(),
        from: Nanos::from_secs(from),
        to: Nanos::from_secs(to),
    };
    let client = |name: &&str| ClientFacts { name: (*name).into(), envelope: envelope() };
    TrialFacts {
        schema: HISTORY_SCHEMA.into(),
        run: RunFacts {
            id: "sample".into(),
            started: "2026-01-01T00:00:00Z".into(),
            command: vec!["harness".into(), "run".into()],
            versions: [("harness".into(), "0".into())].into(),
            host: [("cores".into(), "2".into())].into(),
            planned: Vec::new(),
            scenario: ScenarioFacts::default(),
        },
        scenario: "sample".into(),
        title: "A history by hand".into(),
        system: SystemFacts {
            name: "sample".into(),
            broker: "redis-streams".into(),
            client: "hand".into(),
            path: Path::Proxied,
            ordering,
            settling,
            log: LogFacts::default(),
            fairness: Vec::new(),
            versions: std::collections::BTreeMap::new(),
            slow_at_first: None,
        },
        repeat: 1,
        trial_id: 1,
        workload: WorkloadFacts {
            rate: "constant 100/s".into(),
            offered: MESSAGES,
            even: Some(true),
            message_bytes: 1024,
            producers: 2,
            consumers: 2,
            partitions: 2,
            seed: 1,
            ..WorkloadFacts::default()
        },
        phases: vec![phase("warmup", 98, 100), phase("load", 100, 130), phase("drain", 130, 160)],
        clients: CLIENTS.iter().map(client).collect(),
        faults: Vec::new(),
        limits: Limits { generator_lag: Nanos::from_millis(5), ..Limits::default() },
        idle: None,
        files: Vec::new(),
        end: Some(EndFacts {
            unplanned: Vec::new(),
            at: Nanos::from_secs(LOAD_S + 31),
            drained: true,
            deserted: false,
            interrupted: false,
            troubles: Vec::new(),
            proxied_bytes: Some(4_000_000),
            paths: Vec::new(),
            log: Some(LogReading { whole: vec![Partition(0), Partition(1)], why: None }),
            dead_letters: None,
            untriggered: BTreeMap::new(),
            cores: None,
            yardstick: None,
        }),
    }
}

fn envelope() -> Envelope {
    Envelope {
        first: Nanos::SECOND,
        factor: 2.0,
        max: Nanos::from_secs(16),
        jitter_below: 0.2,
        jitter_above: 0.2,
        resolution: Nanos::from_millis(10),
        connect_timeout: Nanos::SECOND,
    }
}
