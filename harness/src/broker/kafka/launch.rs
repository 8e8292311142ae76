//! How Kafka is started: one KRaft node that is broker and controller, with a listener for each link.

use super::{durability, options};
use crate::broker::refusal::Refusal;
use crate::environment::{EnvironmentError, Ports, images};
use crate::model::{ClientGroup, Durability, NodeRecipe, PathRecipe, SystemSpec, Topology, Workload, endpoints};
use reports::facts::{Path, Setting};
use std::fmt::Write as _;

pub(super) const NODE: &str = "kafka-1";
/// Sixteen bytes in base64, as Kafka wants a cluster's id.
const CLUSTER_ID: &str = "aGFybmVzcy1rYWZrYS0wMQ";
/// Kafka's folder, with its jars in `libs`; in variables, so that the shell takes paths with spaces too. The archives of
/// loaded classes in it shorten the start; a JVM goes without where they are missing or not for it.
const KAFKA: &str = "{home}/kafka";
const FORMAT: &str = r#"java -XX:TieredStopAtLevel=1 -XX:SharedArchiveFile="$KAFKA/storage.jsa" -cp "$KAFKA/libs/*" kafka.tools.StorageTool format"#;
const SERVE: &str = r#"-XX:SharedArchiveFile="$KAFKA/kafka.jsa" -cp "$KAFKA/libs/*" kafka.Kafka"#;

pub(super) fn topology(
    system: &SystemSpec,
    groups: &[ClientGroup],
    ports: &mut Ports,
) -> Result<Topology, EnvironmentError> {
    let listeners = Listeners::pick(system, groups, ports)?;
    let heap = options::integer(system, "heap", 1024);
    let jvm = format!("-Xms{heap}m -Xmx{heap}m -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -Djava.awt.headless=true");
    let properties_file = r#""$NODE/server.properties""#;
    let script = format!(
        "{FORMAT} --ignore-formatted -t {CLUSTER_ID} -c {properties_file} && exec java {jvm} {SERVE} {properties_file}"
    );
    let mut node_ports = vec![listeners.direct, listeners.controller];
    node_ports.extend(listeners.proxied.iter().map(|proxied| proxied.listen));
    let properties = properties(system, &listeners);
    let direct = format!("127.0.0.1:{}", listeners.direct);
    let paths: Vec<PathRecipe> = listeners.proxied.into_iter().map(|proxied| proxied.path).collect();
    Ok(Topology {
        nodes: vec![NodeRecipe {
            name: NODE.to_owned(),
            image: system.image.clone().unwrap_or_else(|| images::kafka().to_owned()),
            command: vec!["sh".to_owned(), "-c".to_owned(), script],
            files: vec![("server.properties".to_owned(), properties)],
            variables: [("KAFKA", KAFKA), ("NODE", "{dir}")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            ports: node_ports,
            needs: vec!["java".to_owned(), format!("{KAFKA}/libs")],
        }],
        clients: endpoints(groups, &paths, &direct),
        paths,
        admin: direct,
    })
}

struct Listeners {
    direct: u16,
    controller: u16,
    proxied: Vec<Proxied>,
}

/// A listener of the broker for one path: it advertises where the path's proxy listens, so that clients stay on their path.
struct Proxied {
    name: String,
    listen: u16,
    path: PathRecipe,
}

impl Listeners {
    fn pick(system: &SystemSpec, groups: &[ClientGroup], ports: &mut Ports) -> Result<Self, EnvironmentError> {
        let (direct, controller) = (ports.pick()?, ports.pick()?);
        let mut proxied = Vec::new();
        if system.path == Path::Proxied {
            for (number, group) in groups.iter().enumerate() {
                let listen = ports.pick()?;
                let path = PathRecipe::of_clients(group, NODE, ports.pick()?, format!("127.0.0.1:{listen}"));
                proxied.push(Proxied { name: format!("CLIENT{number}"), listen, path });
            }
        }
        Ok(Self { direct, controller, proxied })
    }
}

fn properties(system: &SystemSpec, listeners: &Listeners) -> String {
    let (direct, controller) = (listeners.direct, listeners.controller);
    let mut listen = format!("DIRECT://127.0.0.1:{direct}");
    let mut advertised = listen.clone();
    let mut protocols = "DIRECT:PLAINTEXT".to_owned();
    for Proxied { name, listen: port, path } in &listeners.proxied {
        let _ = write!(listen, ",{name}://127.0.0.1:{port}");
        let _ = write!(advertised, ",{name}://127.0.0.1:{}", path.listen);
        let _ = write!(protocols, ",{name}:PLAINTEXT");
    }
    let mut text = format!(
        "process.roles=broker,controller\n\
         node.id=1\n\
         controller.quorum.voters=1@127.0.0.1:{controller}\n\
         controller.listener.names=CONTROLLER\n\
         listeners={listen},CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners={advertised}\n\
         listener.security.protocol.map={protocols},CONTROLLER:PLAINTEXT\n\
         inter.broker.listener.name=DIRECT\n\
         log.dirs={{dir}}/data\n\
         auto.create.topics.enable=false\n\
         num.partitions=1\n\
         offsets.topic.num.partitions=1\n\
         offsets.topic.replication.factor=1\n\
         transaction.state.log.num.partitions=1\n\
         transaction.state.log.replication.factor=1\n\
         transaction.state.log.min.isr=1\n\
         share.coordinator.state.topic.num.partitions=1\n\
         share.coordinator.state.topic.replication.factor=1\n\
         share.coordinator.state.topic.min.isr=1\n\
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
    for (name, value) in server(system).into_iter().filter(|(name, _)| *name != durability::FLUSH) {
        let (topic, note) = match name.strip_prefix("group.") {
            Some(_) => ("heartbeat", "the broker sets it: group.protocol = consumer leaves it no say to the clients"),
            None => ("message size", "the broker takes batches with one message of the declared size"),
        };
        rows.push(row(topic, name, value, note));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;

    fn of(table: &str) -> Topology {
        let scenario = scenario(table);
        topology(&scenario.systems[0].spec, &scenario.systems[0].groups(&scenario), &mut Ports::default())
            .expect("ports")
    }

    /// The value of a property; the last one counts, as in Kafka.
    fn property(kafka: &Topology, name: &str) -> Option<String> {
        let (_, text) = &kafka.nodes[0].files[0];
        let mut values = text.lines().filter_map(|line| line.split_once('=')).filter(|(key, _)| *key == name);
        values.next_back().map(|(_, value)| value.to_owned())
    }

    /// A client follows the advertised addresses: were one the broker's own, it would leave the proxy.
    #[test]
    fn the_proxied_listener_advertises_the_proxy() {
        let kafka = of("kafka = {}");
        let proxy = &kafka.paths[0];
        let advertised = property(&kafka, "advertised.listeners").expect("given");
        let listeners = property(&kafka, "listeners").expect("given");
        assert!(advertised.contains(&format!("CLIENT0://127.0.0.1:{}", proxy.listen)), "{advertised}");
        assert!(listeners.contains(&format!("CLIENT0://{}", proxy.upstream)), "{listeners}");
        assert!(kafka.clients.values().all(|address| *address == format!("127.0.0.1:{}", proxy.listen)));
        assert!(advertised.contains(&format!("DIRECT://{}", kafka.admin)), "{advertised}");
        // All that the node listens on is released for it; what the proxy listens on is not.
        assert_eq!(kafka.nodes[0].ports.len(), 3);
        let released = kafka.nodes[0].ports.iter().map(|port| format!("127.0.0.1:{port}"));
        assert_eq!(released.filter(|address| *address == proxy.upstream).count(), 1);
        assert!(!kafka.nodes[0].ports.contains(&proxy.listen));
    }

    #[test]
    fn without_a_proxy_there_is_no_listener_for_one() {
        let kafka = of("path = \"direct\"\nkafka = {}");
        assert!(kafka.paths.is_empty() && !property(&kafka, "listeners").expect("given").contains("CLIENT"));
        assert!(kafka.clients.values().all(|address| *address == kafka.admin));
    }

    #[test]
    fn durability_heap_and_raw_settings_reach_the_broker() {
        let kafka = of(
            r#"kafka = { durability = "fsync", heap = 512, settings = { "server.num.io.threads" = 3, "linger.ms" = 1 } }"#,
        );
        assert_eq!(property(&kafka, "log.flush.interval.messages").as_deref(), Some("1"));
        assert_eq!(property(&kafka, "num.io.threads").as_deref(), Some("3"));
        assert_eq!(property(&kafka, "linger.ms"), None, "a client's setting is not the broker's");
        assert!(kafka.nodes[0].command[2].contains("-Xmx512m"));
        assert_eq!(property(&of("kafka = {}"), "log.flush.interval.messages"), None);
    }
}
