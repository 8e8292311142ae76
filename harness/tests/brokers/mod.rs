//! Two brokers that only declare themselves: enough to read scenarios and to plan them.
//! From here only the harness's public traits may be touched; nothing is ever started.
//! To add one: copy `Streams`, and add it to `REGISTRY`.
#![allow(dead_code)]

use futures_util::future::BoxFuture;
use harness::broker::client::{ClientKind, Consumed, Run};
use harness::broker::{AdminTarget, Administrator, Broker, Refusal, Registry};
use harness::environment::{EnvironmentError, Ports};
use harness::model::{
    BrokerError, ClientPolicy, Durability, KeyedMessage, Link, OptionKind, OptionSpec, OptionValue, Parting, Role,
    SystemSpec, Topology, Wiring, Workload,
};
use harness::worker::client::{Consumer, ConsumerContext, Letter, Processed, Producer, ProducerContext, Received};
use harness::worker::{Clients, Ticket};
use reports::facts::{Envelope, Ordering, Setting, Settling};
use reports::history::Outcome;
use reports::units::Nanos;
use std::collections::BTreeMap;
use std::time::Duration;

/// What a scenario may name in these tests.
pub(crate) const REGISTRY: &Registry = &Registry { brokers: &[&Streams, &Log], clients: &[&StreamsClient, &LogClient] };

/// Like Redis Streams: one connection, symmetric jitter, no durable replication.
struct Streams;
/// Like Kafka: its own jitter, coarse dates, a peer link.
struct Log;
struct StreamsClient;
struct LogClient;

/// A client that never connects.
struct Declared;

impl Producer for Declared {
    fn connect(_: ProducerContext) -> Result<Self, BrokerError> {
        Err(BrokerError("only declared".to_owned()))
    }
    fn send(&mut self, _: Ticket, _: KeyedMessage, _: &[u8]) {}

    fn bury(&mut self, _: Ticket, _: &Letter<'_>) {}
    fn close(self) {}
}

impl Consumer for Declared {
    fn connect(_: ConsumerContext) -> Result<Self, BrokerError> {
        Err(BrokerError("only declared".to_owned()))
    }
    fn receive(&mut self, _: Duration, _: impl FnMut(Received<'_>)) {}
    fn settle(&mut self, _: &[Processed]) {}
    fn refuse(&mut self, _: &Processed, _: &[u8]) {}
    fn bury(&mut self, _: &Processed, _: &Letter<'_>) -> Outcome {
        Outcome::Failed
    }
    fn leave(self, _: Parting) -> Option<u64> {
        None
    }
}

impl Broker for Streams {
    fn kind(&self) -> &'static str {
        "redis-streams"
    }
    fn about(&self) -> &'static str {
        "Redis Streams with consumer groups"
    }
    fn options(&self) -> &'static [OptionSpec] {
        const OPTIONS: &[OptionSpec] = &[
            OptionSpec {
                name: "claim-after",
                kind: OptionKind::Duration,
                default: OptionValue::Duration(Duration::from_secs(5)),
                about: "idle time after which a pending entry is claimed",
            },
            OptionSpec {
                name: "read-count",
                kind: OptionKind::Integer(1, 10_000),
                default: OptionValue::Integer(100),
                about: "entries of one read",
            },
        ];
        OPTIONS
    }
    fn durabilities(&self) -> &'static [Durability] {
        &[Durability::Memory, Durability::OsCache, Durability::Fsync]
    }
    fn most_nodes(&self) -> u16 {
        3
    }
    fn nodes(&self, _: &SystemSpec) -> Vec<String> {
        vec!["redis-0".to_owned()]
    }
    fn links(&self, _: &SystemSpec) -> Vec<Link> {
        vec![Link::Client]
    }
    fn ordering(&self, _: &SystemSpec, _: &Workload) -> Ordering {
        Ordering::Consumer
    }
    fn gauges(&self) -> &'static [&'static str] {
        &["length", "lag", "pending", "oldest-pending-ms", "in-sync-replicas"]
    }

    fn keeps_consumers(&self) -> bool {
        true
    }

    fn settling(&self) -> Settling {
        Settling::Message
    }
    fn fairness(&self, system: &SystemSpec, _: &Workload) -> Vec<Setting> {
        let fsync = if system.durability == Durability::Fsync { "always" } else { "everysec" };
        vec![setting("durability", "appendonly", "yes", None), setting("durability", "appendfsync", fsync, None)]
    }
    fn topology(&self, _: &SystemSpec, _: &Wiring, _: &mut Ports) -> Result<Option<Topology>, EnvironmentError> {
        Ok(None)
    }
    fn administrator<'a>(&'a self, _: AdminTarget) -> BoxFuture<'a, Result<Box<dyn Administrator>, BrokerError>> {
        Box::pin(async { Err(BrokerError("only declared".to_owned())) })
    }
}

impl Broker for Log {
    fn kind(&self) -> &'static str {
        "kafka"
    }
    fn about(&self) -> &'static str {
        "Apache Kafka with classic consumer groups"
    }
    fn options(&self) -> &'static [OptionSpec] {
        const OPTIONS: &[OptionSpec] = &[
            OptionSpec {
                name: "linger",
                kind: OptionKind::Duration,
                default: OptionValue::Duration(Duration::from_millis(5)),
                about: "how long a batch waits for more",
            },
            OptionSpec {
                name: "idempotence",
                kind: OptionKind::Boolean,
                default: OptionValue::Boolean(false),
                about: "whether retries are deduplicated",
            },
            OptionSpec {
                name: "compression",
                kind: OptionKind::Choice(&["none", "lz4", "zstd"]),
                default: OptionValue::Choice("none"),
                about: "of batches",
            },
        ];
        OPTIONS
    }
    fn durabilities(&self) -> &'static [Durability] {
        &[Durability::OsCache, Durability::Fsync, Durability::Replicated]
    }
    fn most_nodes(&self) -> u16 {
        3
    }
    fn nodes(&self, system: &SystemSpec) -> Vec<String> {
        (0..system.brokers).map(|broker| format!("kafka-{broker}")).collect()
    }
    fn links(&self, system: &SystemSpec) -> Vec<Link> {
        if system.brokers > 1 { vec![Link::Client, Link::Peer] } else { vec![Link::Client] }
    }
    fn ordering(&self, _: &SystemSpec, _: &Workload) -> Ordering {
        Ordering::Partition
    }
    fn gauges(&self) -> &'static [&'static str] {
        &["length", "lag", "in-sync-replicas"]
    }

    fn settling(&self) -> Settling {
        Settling::Position
    }
    fn fairness(&self, system: &SystemSpec, _: &Workload) -> Vec<Setting> {
        let acks = if system.durability == Durability::Replicated { "all" } else { "1" };
        vec![setting("durability", "acks", acks, None)]
    }
    fn advertises(&self) -> bool {
        true
    }
    fn topology(&self, _: &SystemSpec, _: &Wiring, _: &mut Ports) -> Result<Option<Topology>, EnvironmentError> {
        Ok(None)
    }
    fn administrator<'a>(&'a self, _: AdminTarget) -> BoxFuture<'a, Result<Box<dyn Administrator>, BrokerError>> {
        Box::pin(async { Err(BrokerError("only declared".to_owned())) })
    }
}

impl ClientKind for StreamsClient {
    fn name(&self) -> &'static str {
        "streams-client"
    }
    fn version(&self) -> String {
        "streams-client 1.0".to_owned()
    }
    fn brokers(&self) -> &'static [&'static str] {
        &["redis-streams"]
    }
    fn settings(&self, _: &SystemSpec, _: &ClientPolicy, _: Role) -> BTreeMap<String, String> {
        BTreeMap::new()
    }
    fn fairness(&self, _: &SystemSpec, client: &ClientPolicy, _: &Workload, _: Consumed) -> Vec<Setting> {
        vec![setting("request-timeout", "response timeout", &format!("{:?}", client.request_timeout), None)]
    }
    fn refusal(&self, _: &str, _: &str) -> Option<Refusal> {
        None
    }
    fn run(&self) -> Run {
        Run::Native(Clients::of::<Declared, Declared>())
    }
}

impl ClientKind for LogClient {
    fn name(&self) -> &'static str {
        "log-client"
    }
    fn version(&self) -> String {
        "log-client 2.0".to_owned()
    }
    fn brokers(&self) -> &'static [&'static str] {
        &["kafka"]
    }
    fn envelope(&self, _: &SystemSpec, client: &ClientPolicy, _: Role) -> Envelope {
        Envelope {
            first: client.backoff.first.into(),
            factor: client.backoff.factor,
            max: client.backoff.max.into(),
            jitter_below: 0.25,
            jitter_above: 0.5,
            resolution: Nanos::from_millis(100),
            connect_timeout: client.connect_timeout.into(),
        }
    }
    fn settings(&self, _: &SystemSpec, _: &ClientPolicy, _: Role) -> BTreeMap<String, String> {
        BTreeMap::new()
    }
    fn fairness(&self, _: &SystemSpec, client: &ClientPolicy, _: &Workload, _: Consumed) -> Vec<Setting> {
        let timeout = format!("{} ms", client.request_timeout.as_millis());
        let note = "Jitter is −25 to +50 %, whatever is asked for.";
        vec![
            setting("request-timeout", "socket.timeout.ms", &timeout, None),
            setting("backoff", "reconnect.backoff.ms", "as asked", Some(note)),
        ]
    }
    fn refusal(&self, _: &str, _: &str) -> Option<Refusal> {
        None
    }
    fn run(&self) -> Run {
        Run::Native(Clients::of::<Declared, Declared>())
    }
}

fn setting(topic: &str, setting: &str, value: &str, note: Option<&str>) -> Setting {
    Setting::new(topic, setting, value.to_owned(), note)
}
