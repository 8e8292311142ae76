//! A broker's server.properties, and what each wish of the scenario became in them.

use super::layout::{Cluster, KafkaNode, host};
use super::{durability, options};
use crate::broker::refusal::Refusal;
use crate::model::{Durability, Link, SystemSpec, Workload};
use reports::facts::Setting;
use std::fmt::Write as _;

/// The file of one broker of a cluster.
pub(super) fn properties(system: &SystemSpec, cluster: &Cluster, member: &KafkaNode) -> String {
    let listeners = Listeners::of(member);
    let Listeners { listen, advertised, protocols } = &listeners;
    let (id, voters) = (member.index, cluster.voters());
    let between_brokers = if member.peer.is_some() { "PEER" } else { "DIRECT" };
    let copies = options::replication_factor(system);
    let in_sync = options::min_insync_replicas(system);
    let mut text = format!(
        "process.roles=broker,controller\n\
         node.id={id}\n\
         controller.quorum.voters={voters}\n\
         controller.listener.names=CONTROLLER\n\
         listeners={listen}\n\
         advertised.listeners={advertised}\n\
         listener.security.protocol.map={protocols}\n\
         inter.broker.listener.name={between_brokers}\n\
         log.dirs={{dir}}/data\n\
         auto.create.topics.enable=false\n\
         num.partitions=1\n\
         default.replication.factor={copies}\n\
         min.insync.replicas={in_sync}\n\
         offsets.topic.num.partitions=1\n\
         offsets.topic.replication.factor={copies}\n\
         transaction.state.log.num.partitions=1\n\
         transaction.state.log.replication.factor={copies}\n\
         transaction.state.log.min.isr={in_sync}\n\
         share.coordinator.state.topic.num.partitions=1\n\
         share.coordinator.state.topic.replication.factor={copies}\n\
         share.coordinator.state.topic.min.isr={in_sync}\n\
         group.initial.rebalance.delay.ms=500\n\
         group.min.session.timeout.ms=100\n"
    );
    for (name, value) in server(system) {
        let _ = writeln!(text, "{name}={value}");
    }
    for (name, value) in &system.settings {
        if let Some(name) = name.strip_prefix("server.") {
            let _ = writeln!(text, "{name}={value}");
        }
    }
    text
}

/// Where a broker listens, and what it tells others of that: clients stay on their path, brokers on theirs.
struct Listeners {
    listen: String,
    advertised: String,
    protocols: String,
}

impl Listeners {
    fn of(member: &KafkaNode) -> Self {
        let mut listeners = Self { listen: String::new(), advertised: String::new(), protocols: String::new() };
        listeners.add("DIRECT", member.direct, "127.0.0.1", member.direct);
        for (number, (listen, advertised)) in member.clients.iter().enumerate() {
            listeners.add(&format!("CLIENT{number}"), *listen, "127.0.0.1", *advertised);
        }
        if let Some(port) = member.peer {
            listeners.add("PEER", port, &host(Link::Peer, member), port);
        }
        listeners.add("CONTROLLER", member.controller, &host(Link::Controller, member), member.controller);
        listeners
    }

    fn add(&mut self, name: &str, listen: u16, host: &str, advertised: u16) {
        let comma = if self.listen.is_empty() { "" } else { "," };
        let _ = write!(self.listen, "{comma}{name}://127.0.0.1:{listen}");
        let _ = write!(self.advertised, "{comma}{name}://{host}:{advertised}");
        let _ = write!(self.protocols, "{comma}{name}:PLAINTEXT");
    }
}

/// The broker's settings that follow from what the scenario asks for.
fn server(system: &SystemSpec) -> Vec<(&'static str, String)> {
    let mut settings = Vec::new();
    if system.durability == Durability::Fsync {
        settings.push((durability::FLUSH, "1".to_owned()));
    }
    if let Some(bytes) = options::large_batch_bytes(system) {
        // The topic's own limit (max.message.bytes) is the broker's unless it is given one.
        settings.extend(["message.max.bytes", "replica.fetch.max.bytes"].map(|name| (name, bytes.to_string())));
    }
    if options::broker_assigns(system) {
        let heartbeat = &system.demands.heartbeat;
        // With its limits, between which the broker wants each to lie.
        let (every, session) = (heartbeat.every, options::session_timeout(heartbeat));
        let names = [
            ("group.consumer.heartbeat.interval.ms", every),
            ("group.consumer.min.heartbeat.interval.ms", every),
            ("group.consumer.max.heartbeat.interval.ms", every),
            ("group.consumer.session.timeout.ms", session),
            ("group.consumer.min.session.timeout.ms", session),
            ("group.consumer.max.session.timeout.ms", session),
        ];
        settings.extend(names.map(|(name, time)| (name, time.as_millis().to_string())));
    }
    settings
}

/// What the harness must set itself: where the node listens, what it calls itself, where it keeps its data.
const OURS: [&str; 10] = [
    "listeners",
    "advertised.listeners",
    "listener.security.protocol.map",
    "inter.broker.listener.name",
    "process.roles",
    "node.id",
    "broker.id",
    "controller.quorum.voters",
    "controller.listener.names",
    "log.dirs",
];

/// Why a broker's raw setting is not taken: clients would leave the proxy, or the node would not be found.
pub(super) fn refusal(name: &str) -> Option<Refusal> {
    let bare = name.strip_prefix("server.")?;
    OURS.contains(&bare).then(|| Refusal {
        why: format!(
            "the harness sets `{bare}` itself: otherwise clients could not connect, or would bypass the proxy"
        ),
        instead: "leave it out".to_owned(),
    })
}

/// What each wish became at the broker.
pub(super) fn fairness(system: &SystemSpec, workload: &Workload) -> Vec<Setting> {
    let row = |topic: &str, setting: &str, value: String, note: &str| Setting::new(topic, setting, value, Some(note));
    let (flush, meaning) = match system.durability {
        Durability::Fsync => ("1", "every message is flushed before it is acknowledged"),
        Durability::Memory | Durability::OsCache | Durability::Replicated => {
            ("not set", "written to the page cache; the kernel flushes")
        }
    };
    let mut rows = vec![
        row("durability", durability::FLUSH, flush.to_owned(), meaning),
        row("partitions", "partitions", workload.partitions.to_string(), "each is read by one consumer"),
    ];
    rows.extend(replication(system).map(|(setting, value, note)| row("replication", setting, value, note)));
    for (name, value) in server(system).into_iter().filter(|(name, _)| *name != durability::FLUSH) {
        let (topic, note) = match name.strip_prefix("group.") {
            Some(_) => ("heartbeat", "the broker sets it: group.protocol = consumer leaves it no say to the clients"),
            None => ("message size", "the broker takes batches with one message of the declared size"),
        };
        rows.push(row(topic, name, value, note));
    }
    rows
}

/// How many copies of a message there are, and how many of them an acknowledgement of all wants.
fn replication(system: &SystemSpec) -> impl Iterator<Item = (&'static str, String, &'static str)> + use<> {
    let (copies, in_sync) = (options::replication_factor(system), options::min_insync_replicas(system));
    let rows = [
        ("replication.factor", copies.to_string(), "of the topic, and of the broker's own topics"),
        ("min.insync.replicas", in_sync.to_string(), "with acks = all, fewer replicas in sync refuse a message"),
        ("-Xmx", format!("{} MiB", options::heap(system)), "the Java heap of each broker"),
    ];
    let is_replicated = system.brokers > 1 || copies > 1;
    rows.into_iter().filter(move |_| is_replicated)
}
