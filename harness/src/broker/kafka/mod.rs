//! Kafka: one topic, a consumer group that commits offsets after processing.
//! From here the crate rdkafka and the launch recipe may be touched.
//! To add another broker: copy `redis_streams/`; each file here answers one question of the trait.

mod admin;
mod durability;
mod group;
mod launch;
pub(super) mod letter;
pub(super) mod options;

use super::administrator::{AdminTarget, Administrator, BoxFuture};
use super::contradiction::Contradiction;
use super::description::Broker;
use super::refusal::Refusal;
use crate::environment::{EnvironmentError, Ports};
use crate::model::{BrokerError, ClientGroup, Durability, OptionSpec, SystemSpec, Topology, Workload};
use reports::facts::{Ordering, Setting, Settling};

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
        &[Durability::Memory, Durability::OsCache, Durability::Fsync]
    }

    fn nodes(&self, _system: &SystemSpec) -> Vec<String> {
        vec![launch::NODE.to_owned()]
    }

    fn ordering(&self, system: &SystemSpec, _workload: &Workload) -> Ordering {
        if options::keeps_order(system) { Ordering::Partition } else { Ordering::None }
    }

    fn settling(&self) -> Settling {
        Settling::Position
    }

    fn fairness(&self, system: &SystemSpec, workload: &Workload) -> Vec<Setting> {
        launch::fairness(system, workload)
    }

    fn refusal(&self, name: &str, _value: &str) -> Option<Refusal> {
        launch::refusal(name)
    }

    fn contradictions(&self, system: &SystemSpec) -> Vec<Contradiction> {
        durability::contradiction(system).into_iter().collect()
    }

    fn launch_options(&self) -> &'static [&'static str] {
        &["heap"]
    }

    fn advertises(&self) -> bool {
        true
    }

    fn topology(
        &self,
        system: &SystemSpec,
        groups: &[ClientGroup],
        ports: &mut Ports,
    ) -> Result<Option<Topology>, EnvironmentError> {
        launch::topology(system, groups, ports).map(Some)
    }

    fn administrator(&self, target: AdminTarget) -> BoxFuture<'_, Result<Box<dyn Administrator>, BrokerError>> {
        Box::pin(async { Ok(Box::new(admin::KafkaAdministrator::connect(target)?) as Box<dyn Administrator>) })
    }
}
