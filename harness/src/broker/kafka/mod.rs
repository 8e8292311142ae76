//! Kafka: one topic, a consumer group that commits offsets after processing.
//! From here the crate rdkafka and the launch recipe may be touched.
//! To add another broker: copy `redis_streams/`; each file here answers one question of the trait.

mod admin;
mod contradictions;
mod durability;
mod group;
mod in_force;
mod launch;
mod layout;
pub(super) mod letter;
pub(super) mod options;
mod partitions;
mod properties;
mod reader;

use super::administrator::{AdminTarget, Administrator};
use super::contradiction::Contradiction;
use super::description::Broker;
use super::refusal::Refusal;
use crate::environment::{EnvironmentError, Ports};
use crate::model::{
    BrokerError, CORES, CPUS, DISK, Durability, Link, MEMORY, OptionSpec, SystemSpec, Topology, Wiring, Workload,
};
use futures_util::future::BoxFuture;
use reports::facts::{Ordering, Path, Setting, Settling};

/// The registry's row.
#[derive(Debug)]
pub struct Kafka;

impl Broker for Kafka {
    fn kind(&self) -> &'static str {
        "kafka"
    }

    fn about(&self) -> &'static str {
        "Apache Kafka (KRaft): one topic, idempotent or plain producers, a consumer group that commits after processing"
    }

    fn options(&self) -> &'static [OptionSpec] {
        options::OPTIONS
    }

    fn durabilities(&self) -> &'static [Durability] {
        &[Durability::Memory, Durability::OsCache, Durability::Fsync, Durability::Replicated]
    }

    fn most_nodes(&self) -> u16 {
        options::MOST_BROKERS
    }

    fn nodes(&self, system: &SystemSpec) -> Vec<String> {
        layout::numbers(system).map(layout::name).collect()
    }

    fn links(&self, system: &SystemSpec) -> Vec<Link> {
        let clients = (system.path == Path::Proxied).then_some(Link::Client);
        let between = [Link::Peer, Link::Controller].into_iter().filter(|_| system.brokers > 1);
        clients.into_iter().chain(between).collect()
    }

    fn contradictions(&self, system: &SystemSpec) -> Vec<Contradiction> {
        contradictions::find(system)
    }

    fn ordering(&self, system: &SystemSpec, _workload: &Workload) -> Ordering {
        if options::keeps_order(system) { Ordering::Partition } else { Ordering::None }
    }

    fn slow_at_first(&self) -> Option<&'static str> {
        Some("the broker's Java virtual machine compiles in its first seconds what runs often, and is slow until then")
    }

    fn gauges(&self) -> &'static [&'static str] {
        &["length", "lag", "in-sync-replicas"]
    }

    fn settling(&self) -> Settling {
        Settling::Position
    }

    fn fairness(&self, system: &SystemSpec, workload: &Workload) -> Vec<Setting> {
        properties::fairness(system, workload)
    }

    fn refusal(&self, name: &str, _value: &str) -> Option<Refusal> {
        properties::refusal(name)
    }

    fn launch_options(&self) -> &'static [&'static str] {
        &[DISK.name, CPUS.name, CORES.name, MEMORY.name, "heap"]
    }

    fn advertises(&self) -> bool {
        true
    }

    fn topology(
        &self,
        system: &SystemSpec,
        wiring: &Wiring,
        ports: &mut Ports,
    ) -> Result<Option<Topology>, EnvironmentError> {
        launch::topology(system, wiring, ports).map(Some)
    }

    fn client_command(&self, port: u16) -> Vec<String> {
        launch::client(port)
    }

    fn administrator(&self, target: AdminTarget) -> BoxFuture<'_, Result<Box<dyn Administrator>, BrokerError>> {
        Box::pin(async { Ok(Box::new(admin::KafkaAdministrator::connect(target)?) as Box<dyn Administrator>) })
    }
}
