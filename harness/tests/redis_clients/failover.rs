//! Clients of a system with Sentinels follow the primary when another node becomes it.

use crate::real::{LIMIT, require_engine};
use crate::worker::{Worker, eventually};
use harness::broker::{AdminTarget, Administrator, REGISTRY};
use harness::environment::{Environment, Node};
use harness::model::{ClientGroup, Link, OptionValue, SystemSpec, Topology, Wiring};
use reports::units::Partition;
use rustix::process::Signal;
use std::path::Path;
use std::time::Duration;

/// A primary, two replicas and three Sentinels, which miss a node after a second.
fn system() -> SystemSpec {
    let broker = REGISTRY.broker("redis-streams").expect("in the registry");
    let mut system = SystemSpec::plain("redis", broker.options());
    for (option, number) in [("replicas", 2), ("sentinels", 3)] {
        system.options.insert(option, OptionValue::Integer(number));
    }
    system.options.insert("down-after", OptionValue::Duration(Duration::from_secs(1)));
    system
}

/// Everything of it, with its proxy: clients and nodes reach each other through it.
struct Stage {
    nodes: Vec<Node>,
    topology: Topology,
    administrator: Box<dyn Administrator>,
    _proxy: Node,
}

async fn start(environment: &Environment, logs: &Path) -> Stage {
    let broker = REGISTRY.broker("redis-streams").expect("in the registry");
    let clients = ["producer-0", "consumer-0"].map(str::to_owned).to_vec();
    let wiring =
        Wiring { groups: vec![ClientGroup { label: String::new(), clients }], faulted: vec![Link::Client, Link::Peer] };
    let topology = broker.topology(&system(), &wiring, &mut environment.ports()).expect("ports").expect("nodes");
    let (proxy, _) = environment.start_toxiproxy(&topology.paths, logs).await.expect("started");
    let mut nodes = Vec::new();
    for node in &topology.nodes {
        nodes.push(environment.start(node, logs).await.expect("started"));
    }
    let target = AdminTarget {
        at: topology.admin.clone(),
        topic: "topic".to_owned(),
        dead_letters: None,
        group: "group".to_owned(),
        partitions: crate::worker::PARTITIONS,
        system: system(),
    };
    let ready = nodes[0].wait_until(LIMIT, async || {
        let mut administrator = broker.administrator(target.clone()).await?;
        administrator.ping().await.map(|()| administrator)
    });
    let mut administrator = ready.await.expect("ready");
    administrator.provision().await.expect("streams");
    Stage { nodes, topology, administrator, _proxy: proxy }
}

async fn leader(administrator: &mut Box<dyn Administrator>) -> Option<String> {
    administrator.leaders().await.ok().and_then(|leaders| leaders.get(&Partition(0)).cloned())
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_primary_is_killed_a_replica_becomes_it_and_clients_follow() {
    let Some(environment) = require_engine("sentinel").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let Stage { nodes, topology, mut administrator, _proxy } = start(&environment, folder.path()).await;
    assert_eq!(leader(&mut administrator).await.as_deref(), Some("redis-0"));
    let mut consumer = Worker::following("consumer-0", &topology.clients["consumer-0"]);
    let mut producer = Worker::following("producer-0", &topology.clients["producer-0"]);
    consumer.wait_for_deliveries(50);

    nodes[0].signal(Signal::KILL).await.expect("sent");
    eventually("another node leads", async || {
        leader(&mut administrator).await.is_some_and(|leader| leader != "redis-0")
    })
    .await;
    let count = |message: &serde_json::Value, what: &str| message[what].as_u64().unwrap_or(0);
    let acknowledged = count(&producer.wait_for(|message| message["type"] == "progress"), "acknowledged");
    let delivered = count(&consumer.wait_for(|message| message["type"] == "progress"), "delivered");
    producer.wait_for(|message| count(message, "acknowledged") > acknowledged + 50);
    consumer.wait_for_deliveries(delivered + 50);
    // The administrator has followed too: what it says is what the new primary holds.
    let rows = administrator.inspect().await.expect("answered");
    let length: u64 = rows.iter().map(|row| row.length).sum();
    assert!(
        length > acknowledged.min(delivered),
        "{length} entries, {acknowledged} acknowledged, {delivered} delivered"
    );
    assert!(rows.iter().all(|row| row.group), "{rows:?}");
}
