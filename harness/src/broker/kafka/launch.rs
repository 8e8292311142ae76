//! How Kafka is started: one KRaft node that is broker and controller, with a listener for each link.

use super::options;
use crate::environment::{EnvironmentError, Ports, images};
use crate::model::{Durability, Link, NodeRecipe, ProxyRecipe, Recipe, SystemSpec, Workload};
use reports::facts::{Path, Setting};
use std::fmt::Write as _;

/// Sixteen bytes in base64, as Kafka wants a cluster's id.
const CLUSTER_ID: &str = "aGFybmVzcy1rYWZrYS0wMQ";
/// Kafka's folder, with its jars in `libs`; in variables, so that the shell takes paths with spaces too. The archives of
/// loaded classes in it shorten the start; a JVM goes without where they are missing or not for it.
const KAFKA: &str = "{home}/kafka";
const FORMAT: &str = r#"java -XX:TieredStopAtLevel=1 -XX:SharedArchiveFile="$KAFKA/storage.jsa" -cp "$KAFKA/libs/*" kafka.tools.StorageTool format"#;
const SERVE: &str = r#"-XX:SharedArchiveFile="$KAFKA/kafka.jsa" -cp "$KAFKA/libs/*" kafka.Kafka"#;

pub(super) fn recipe(system: &SystemSpec, ports: &mut Ports) -> Result<Recipe, EnvironmentError> {
    let listeners = Listeners {
        direct: ports.pick()?,
        controller: ports.pick()?,
        proxied: match system.path {
            Path::Direct => None,
            Path::Proxied => Some((ports.pick()?, ports.pick()?)),
        },
    };
    let heap = options::integer(system, "heap", 1024);
    let jvm = format!("-Xms{heap}m -Xmx{heap}m -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -Djava.awt.headless=true");
    let properties_file = r#""$NODE/server.properties""#;
    let script = format!(
        "{FORMAT} --ignore-formatted -t {CLUSTER_ID} -c {properties_file} && exec java {jvm} {SERVE} {properties_file}"
    );
    let mut node_ports = vec![listeners.direct, listeners.controller];
    node_ports.extend(listeners.proxied.map(|(listen, _)| listen));
    let proxies = listeners.proxied.map(|(upstream, listen)| ProxyRecipe {
        link: Link::Client,
        name: "client-kafka-1".to_owned(),
        listen,
        upstream: format!("127.0.0.1:{upstream}"),
    });
    let client_port = proxies.as_ref().map_or(listeners.direct, |proxy| proxy.listen);
    Ok(Recipe {
        nodes: vec![NodeRecipe {
            name: "kafka-1".to_owned(),
            image: system.image.clone().unwrap_or_else(|| images::kafka().to_owned()),
            command: vec!["sh".to_owned(), "-c".to_owned(), script],
            files: vec![("server.properties".to_owned(), properties(system, &listeners))],
            variables: [("KAFKA", KAFKA), ("NODE", "{dir}")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            ports: node_ports,
            needs: vec!["java".to_owned(), format!("{KAFKA}/libs")],
        }],
        proxies: proxies.into_iter().collect(),
        direct_address: format!("127.0.0.1:{}", listeners.direct),
        client_address: format!("127.0.0.1:{client_port}"),
    })
}

struct Listeners {
    direct: u16,
    controller: u16,
    /// Where the broker listens for the proxy, and where the proxy listens: the address that the broker advertises.
    proxied: Option<(u16, u16)>,
}

fn properties(system: &SystemSpec, listeners: &Listeners) -> String {
    let (direct, controller) = (listeners.direct, listeners.controller);
    let mut listen = format!("DIRECT://127.0.0.1:{direct}");
    let mut advertised = listen.clone();
    if let Some((upstream, proxy)) = listeners.proxied {
        let _ = write!(listen, ",CLIENT://127.0.0.1:{upstream}");
        let _ = write!(advertised, ",CLIENT://127.0.0.1:{proxy}");
    }
    let mut text = format!(
        "process.roles=broker,controller\n\
         node.id=1\n\
         controller.quorum.voters=1@127.0.0.1:{controller}\n\
         controller.listener.names=CONTROLLER\n\
         listeners={listen},CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners={advertised}\n\
         listener.security.protocol.map=DIRECT:PLAINTEXT,CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
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
    for (name, value) in server(system.durability) {
        let _ = writeln!(text, "{name}={value}");
    }
    for (name, value) in &system.settings {
        if let Some(name) = name.strip_prefix("server.") {
            let _ = writeln!(text, "{name}={value}");
        }
    }
    text
}

/// The broker's settings that follow from the durability.
fn server(durability: Durability) -> Vec<(&'static str, &'static str)> {
    match durability {
        Durability::Memory | Durability::OsCache | Durability::Replicated => Vec::new(),
        Durability::Fsync => vec![("log.flush.interval.messages", "1")],
    }
}

/// What each wish became at the broker.
pub(super) fn fairness(system: &SystemSpec, workload: &Workload) -> Vec<Setting> {
    let row = |topic: &str, setting: &str, value: String, note: &str| Setting {
        topic: topic.to_owned(),
        setting: setting.to_owned(),
        value,
        note: Some(note.to_owned()),
    };
    let (flush, meaning) = match server(system.durability).first() {
        Some((_, value)) => (*value, "every message is flushed before it is acknowledged"),
        None => ("not set", "written to the page cache; the kernel flushes"),
    };
    vec![
        row("durability", "log.flush.interval.messages", flush.to_owned(), meaning),
        row("partitions", "partitions", workload.partitions.to_string(), "each is read by one consumer"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;

    fn of(table: &str) -> Recipe {
        let scenario = scenario(table);
        recipe(&scenario.systems[0].spec, &mut Ports::default()).expect("ports")
    }

    /// The value of a property; the last one counts, as in Kafka.
    fn property(recipe: &Recipe, name: &str) -> Option<String> {
        let (_, text) = &recipe.nodes[0].files[0];
        let mut values = text.lines().filter_map(|line| line.split_once('=')).filter(|(key, _)| *key == name);
        values.next_back().map(|(_, value)| value.to_owned())
    }

    /// A client follows the advertised addresses: were one the broker's own, it would leave the proxy.
    #[test]
    fn the_proxied_listener_advertises_the_proxy() {
        let recipe = of("kafka = {}");
        let proxy = &recipe.proxies[0];
        let advertised = property(&recipe, "advertised.listeners").expect("given");
        let listeners = property(&recipe, "listeners").expect("given");
        assert!(advertised.contains(&format!("CLIENT://127.0.0.1:{}", proxy.listen)), "{advertised}");
        assert!(listeners.contains(&format!("CLIENT://{}", proxy.upstream)), "{listeners}");
        assert_eq!(recipe.client_address, format!("127.0.0.1:{}", proxy.listen));
        assert!(advertised.contains(&format!("DIRECT://{}", recipe.direct_address)), "{advertised}");
        // All that the node listens on is released for it; what the proxy listens on is not.
        assert_eq!(recipe.nodes[0].ports.len(), 3);
        let released = recipe.nodes[0].ports.iter().map(|port| format!("127.0.0.1:{port}"));
        assert_eq!(released.filter(|address| *address == proxy.upstream).count(), 1);
        assert!(!recipe.nodes[0].ports.contains(&proxy.listen));
    }

    #[test]
    fn without_a_proxy_there_is_no_listener_for_one() {
        let recipe = of("path = \"direct\"\nkafka = {}");
        assert!(recipe.proxies.is_empty() && !property(&recipe, "listeners").expect("given").contains("CLIENT"));
        assert_eq!(recipe.direct_address, recipe.client_address);
    }

    #[test]
    fn durability_heap_and_raw_settings_reach_the_broker() {
        let recipe = of(
            r#"kafka = { durability = "fsync", heap = 512, settings = { "server.num.io.threads" = 3, "linger.ms" = 1 } }"#,
        );
        assert_eq!(property(&recipe, "log.flush.interval.messages").as_deref(), Some("1"));
        assert_eq!(property(&recipe, "num.io.threads").as_deref(), Some("3"));
        assert_eq!(property(&recipe, "linger.ms"), None, "a client's setting is not the broker's");
        assert!(recipe.nodes[0].command[2].contains("-Xmx512m"));
        assert_eq!(property(&of("kafka = {}"), "log.flush.interval.messages"), None);
    }
}
