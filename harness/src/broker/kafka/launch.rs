//! How Kafka is started: KRaft nodes that are broker and controller, with a listener for each link.

use super::layout::{Cluster, KafkaNode};
use super::{options, properties};
use crate::environment::{EnvironmentError, Ports, images};
use crate::model::{NodeRecipe, SystemSpec, Topology, Wiring};

/// Sixteen bytes in base64, as Kafka wants a cluster's id.
const CLUSTER_ID: &str = "aGFybmVzcy1rYWZrYS0wMQ";
/// Kafka's folder, with its jars in `libs`; in variables, so that the shell takes paths with spaces too. The archives of
/// loaded classes in it shorten the start; a JVM goes without where they are missing or not for it.
const KAFKA: &str = "{home}/kafka";
const FORMAT: &str = r#"java -XX:TieredStopAtLevel=1 -XX:SharedArchiveFile="$KAFKA/storage.jsa" -cp "$KAFKA/libs/*" kafka.tools.StorageTool format"#;
const SERVE: &str = r#"-XX:SharedArchiveFile="$KAFKA/kafka.jsa" -cp "$KAFKA/libs/*" kafka.Kafka"#;
/// What a name stands for, instead of what the system's resolver says.
const HOSTS: &str = r#"-Djdk.net.hosts.file="$NODE/hosts""#;

/// What the script `kafka-topics.sh` runs: images of the project have Kafka's classes and no scripts.
const TOPICS: &str = "org.apache.kafka.tools.TopicCommand";

pub(super) fn topology(system: &SystemSpec, wiring: &Wiring, ports: &mut Ports) -> Result<Topology, EnvironmentError> {
    let cluster = Cluster::of(system, wiring, ports)?;
    Ok(Topology {
        nodes: cluster.brokers.iter().map(|member| recipe(system, &cluster, member)).collect(),
        clients: cluster.clients(wiring),
        admin: cluster.admin(),
        paths: cluster.paths,
    })
}

/// Kafka's own tool for topics, which shows all of them.
pub(super) fn client(port: u16) -> Vec<String> {
    let (classes, address) = (format!("{KAFKA}/libs/*"), format!("127.0.0.1:{port}"));
    ["java", "-cp", &classes, TOPICS, "--bootstrap-server", &address, "--describe"].map(str::to_owned).to_vec()
}

fn recipe(system: &SystemSpec, cluster: &Cluster, member: &KafkaNode) -> NodeRecipe {
    let heap = options::heap(system);
    let mut jvm = format!("-Xms{heap}m -Xmx{heap}m -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -Djava.awt.headless=true");
    let mut files = vec![("server.properties".to_owned(), properties::properties(system, cluster, member))];
    if member.peer.is_some() {
        jvm = format!("{jvm} {HOSTS}");
        files.push(("hosts".to_owned(), cluster.hosts(member)));
    }
    let properties_file = r#""$NODE/server.properties""#;
    let script = format!(
        "{FORMAT} --ignore-formatted -t {CLUSTER_ID} -c {properties_file} && exec java {jvm} {SERVE} {properties_file}"
    );
    let mut ports = vec![member.direct, member.controller];
    ports.extend(member.peer);
    ports.extend(member.clients.iter().map(|(listen, _)| *listen));
    NodeRecipe {
        name: member.name.clone(),
        image: system.image.clone().unwrap_or_else(|| images::kafka().to_owned()),
        command: vec!["sh".to_owned(), "-c".to_owned(), script],
        files,
        variables: [("KAFKA", KAFKA), ("NODE", "{dir}")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        ports,
        limits: system.limits(),
        needs: vec!["java".to_owned(), format!("{KAFKA}/libs")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;
    use crate::model::Link;
    use std::collections::BTreeSet;

    fn with(table: &str, faulted: &[Link]) -> Topology {
        let scenario = scenario(table);
        let system = &scenario.systems[0];
        let wiring = Wiring { faulted: faulted.to_vec(), ..system.wiring(&scenario) };
        topology(&system.spec, &wiring, &mut Ports::default()).expect("ports")
    }

    fn of(table: &str) -> Topology {
        with(table, &[])
    }

    /// The value of a broker's property; the last one counts, as in Kafka.
    fn property(kafka: &Topology, broker: usize, name: &str) -> Option<String> {
        let (_, text) = &kafka.nodes[broker].files[0];
        let mut values = text.lines().filter_map(|line| line.split_once('=')).filter(|(key, _)| *key == name);
        values.next_back().map(|(_, value)| value.to_owned())
    }

    /// A client follows the advertised addresses: were one the broker's own, it would leave the proxy.
    #[test]
    fn the_proxied_listener_advertises_the_proxy() {
        let kafka = of("kafka = {}");
        let proxy = &kafka.paths[0];
        let advertised = property(&kafka, 0, "advertised.listeners").expect("given");
        let listeners = property(&kafka, 0, "listeners").expect("given");
        assert!(advertised.contains(&format!("CLIENT0://{}", proxy.listen)), "{advertised}");
        assert!(listeners.contains(&format!("CLIENT0://{}", proxy.upstream)), "{listeners}");
        assert!(kafka.clients.values().all(|reached| reached.contact == proxy.address()));
        assert!(advertised.contains(&format!("DIRECT://{}", kafka.admin.contact)), "{advertised}");
        // All that the node listens on is released for it; what the proxy listens on is not.
        assert_eq!((kafka.nodes[0].name.as_str(), kafka.nodes[0].ports.len()), ("kafka-0", 3));
        let released = kafka.nodes[0].ports.iter().map(|port| format!("127.0.0.1:{port}"));
        assert_eq!(released.filter(|address| *address == proxy.upstream).count(), 1);
        assert!(!kafka.nodes[0].ports.contains(&proxy.listen.port()));
    }

    #[test]
    fn without_a_proxy_there_is_no_listener_for_one() {
        let kafka = of("path = \"direct\"\nkafka = {}");
        assert!(kafka.paths.is_empty() && !property(&kafka, 0, "listeners").expect("given").contains("CLIENT"));
        assert!(kafka.clients.values().all(|reached| *reached == kafka.admin));
    }

    #[test]
    fn durability_heap_and_raw_settings_reach_the_broker() {
        let kafka = of(
            r#"kafka = { durability = "fsync", heap = 512, settings = { "server.num.io.threads" = 3, "linger.ms" = 1 } }"#,
        );
        assert_eq!(property(&kafka, 0, "log.flush.interval.messages").as_deref(), Some("1"));
        assert_eq!(property(&kafka, 0, "num.io.threads").as_deref(), Some("3"));
        assert_eq!(property(&kafka, 0, "linger.ms"), None, "a client's setting is not the broker's");
        assert!(kafka.nodes[0].command[2].contains("-Xmx512m"));
        assert_eq!(property(&of("kafka = {}"), 0, "log.flush.interval.messages"), None);
    }

    const THREE: &str = "kafka = { brokers = 3, durability = \"replicated\" }";

    #[test]
    fn three_brokers_know_each_other_and_no_port_is_given_twice() {
        let kafka = with(THREE, &[Link::Peer, Link::Controller]);
        let names: Vec<&str> = kafka.nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["kafka-0", "kafka-1", "kafka-2"]);
        let voters: BTreeSet<_> =
            (0..3).map(|broker| property(&kafka, broker, "controller.quorum.voters").expect("given")).collect();
        assert_eq!(voters.len(), 1, "all of them mean the same controllers");
        for (broker, node) in kafka.nodes.iter().enumerate() {
            assert_eq!(property(&kafka, broker, "node.id"), Some(broker.to_string()));
            assert_eq!(property(&kafka, broker, "min.insync.replicas").as_deref(), Some("2"));
            assert_eq!(property(&kafka, broker, "offsets.topic.replication.factor").as_deref(), Some("3"));
            assert!(node.command[2].contains("jdk.net.hosts.file"), "{:?}", node.command);
        }
        let mut places: Vec<String> = kafka.paths.iter().map(|path| path.address()).collect();
        places.extend(kafka.nodes.iter().flat_map(|node| &node.ports).map(|port| format!("127.0.0.1:{port}")));
        assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), places.len(), "{places:?}");
        // A client's path to each broker, and one from each broker to each other on both links between them.
        let count = |link: Link| kafka.paths.iter().filter(|path| path.link == link).count();
        assert_eq!([Link::Client, Link::Peer, Link::Controller].map(count), [3, 6, 6]);
    }

    #[test]
    fn a_broker_reaches_each_other_at_the_proxy_of_their_own_path_and_itself_directly() {
        let kafka = with(THREE, &[Link::Peer]);
        let (_, hosts) = &kafka.nodes[1].files[1];
        for line in [
            "127.1.1.0 peer.kafka-0",
            "127.0.0.1 peer.kafka-1",
            "127.1.1.2 peer.kafka-2",
            "127.0.0.1 controller.kafka-0",
        ] {
            assert!(hosts.contains(line), "{hosts}");
        }
        let path = kafka.paths.iter().find(|path| path.name == "peer-kafka-2-kafka-1").expect("a path");
        let advertised = property(&kafka, 2, "advertised.listeners").expect("given");
        assert!(advertised.contains(&format!("PEER://peer.kafka-2:{}", path.listen.port())), "{advertised}");
        let listeners = property(&kafka, 2, "listeners").expect("given");
        assert!(listeners.contains(&format!("PEER://{}", path.upstream)), "{listeners}");
        assert_eq!((path.from.as_slice(), path.to.as_str()), (&["kafka-1".to_owned()][..], "kafka-2"));
    }

    #[test]
    fn links_without_a_fault_have_no_proxy() {
        let kafka = of(THREE);
        assert!(kafka.paths.iter().all(|path| path.link == Link::Client));
        let (_, hosts) = &kafka.nodes[0].files[1];
        assert!(!hosts.contains("127.1."), "{hosts}");
        assert_eq!(kafka.clients["producer-0"].contact.split(',').count(), 3);
        assert_eq!(kafka.admin.nodes[2].node, "kafka-2");
    }
}
