//! Redis Streams: a partition is a stream, a consumer group shares every stream out among its consumers.
//! From here the crate redis and the launch recipe may be touched.
//! To add another broker: copy this folder; each file here answers one question of the trait.

mod account;
mod admin;
pub(super) mod connection;
mod durability;
pub(super) mod entry;
mod launch;
pub(super) mod letter;
pub(super) mod stream;

use super::administrator::{AdminTarget, Administrator, BoxFuture};
use super::contradiction::Contradiction;
use super::description::Broker;
use super::refusal::Refusal;
use crate::environment::{EnvironmentError, Ports};
use crate::model::{
    BrokerError, ClientGroup, Durability, OptionKind, OptionSpec, OptionValue, SystemSpec, Topology, Workload,
};
use reports::facts::{Ordering, Setting, Settling};
use std::time::Duration;

/// The registry's row.
#[derive(Debug)]
pub struct RedisStreams;

const OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        name: "maxlen",
        kind: OptionKind::Integer(1, i64::MAX),
        default: OptionValue::Unset,
        about: "keep each stream to about this many entries (XADD MAXLEN ~); pending entries may be trimmed",
    },
    OptionSpec {
        name: "read-count",
        kind: OptionKind::Integer(1, 100_000),
        default: OptionValue::Integer(256),
        about: "entries that one XREADGROUP may return for each stream (COUNT)",
    },
    OptionSpec {
        name: "claim-idle",
        kind: OptionKind::Duration,
        default: OptionValue::Unset,
        about: "take over entries that have been pending for this long (XAUTOCLAIM); heartbeat.every × misses if not given",
    },
    OptionSpec {
        name: "claim-every",
        kind: OptionKind::Duration,
        default: OptionValue::Duration(Duration::from_secs(1)),
        about: "how often each consumer looks for entries to take over",
    },
];

impl Broker for RedisStreams {
    fn kind(&self) -> &'static str {
        "redis-streams"
    }

    fn about(&self) -> &'static str {
        "Redis Streams: one stream for each partition, one consumer group, XADD / XREADGROUP / XACK / XAUTOCLAIM"
    }

    fn options(&self) -> &'static [OptionSpec] {
        OPTIONS
    }

    fn durabilities(&self) -> &'static [Durability] {
        &[Durability::Memory, Durability::OsCache, Durability::Fsync]
    }

    fn nodes(&self, _system: &SystemSpec) -> Vec<String> {
        vec![launch::NODE.to_owned()]
    }

    fn ordering(&self, _system: &SystemSpec, workload: &Workload) -> Ordering {
        if workload.consumers == 1 { Ordering::Partition } else { Ordering::Consumer }
    }

    fn settling(&self) -> Settling {
        Settling::Message
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

    fn topology(
        &self,
        system: &SystemSpec,
        groups: &[ClientGroup],
        ports: &mut Ports,
    ) -> Result<Option<Topology>, EnvironmentError> {
        launch::topology(system, groups, ports).map(Some)
    }

    fn administrator(&self, target: AdminTarget) -> BoxFuture<'_, Result<Box<dyn Administrator>, BrokerError>> {
        Box::pin(async { Ok(Box::new(admin::RedisAdministrator::connect(target).await?) as Box<dyn Administrator>) })
    }
}
