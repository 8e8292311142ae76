//! Redis Streams: a partition is a stream, a consumer group shares every stream out among its consumers.
//! From here the crate redis and the launch recipe may be touched.
//! To add another broker: copy this folder; each file here answers one question of the trait.

mod account;
mod admin;
pub(super) mod connection;
mod contradictions;
mod directives;
mod durability;
pub(super) mod entry;
mod in_force;
mod launch;
pub(super) mod layout;
pub(super) mod letter;
mod members;
pub(super) mod options;
mod persistence;
mod reader;
pub(super) mod sentinel;
pub(super) mod stream;

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
pub struct RedisStreams;

impl Broker for RedisStreams {
    fn kind(&self) -> &'static str {
        "redis-streams"
    }

    fn about(&self) -> &'static str {
        "Redis Streams: one stream for each partition, one consumer group, XADD / XREADGROUP / XACK / XAUTOCLAIM"
    }

    fn options(&self) -> &'static [OptionSpec] {
        options::OPTIONS
    }

    fn durabilities(&self) -> &'static [Durability] {
        &[Durability::Memory, Durability::OsCache, Durability::Fsync, Durability::Replicated]
    }

    fn nodes(&self, system: &SystemSpec) -> Vec<String> {
        let servers = (0..=options::replicas(system)).map(layout::server);
        servers.chain((0..options::sentinels(system)).map(layout::sentinel)).collect()
    }

    /// With Sentinels all others take one path to a node. The primary opens no connection to them: it alone is cut off with its
    /// own path.
    fn separable(&self, system: &SystemSpec) -> Vec<String> {
        let has_sentinels = options::sentinels(system) > 0;
        let servers = (0..=options::replicas(system)).map(layout::server);
        let separable = if has_sentinels { 1 } else { usize::MAX };
        servers.take(separable).filter(|_| options::replicas(system) > 0).collect()
    }

    fn links(&self, system: &SystemSpec) -> Vec<Link> {
        let clients = (system.path == Path::Proxied).then_some(Link::Client);
        let between = (options::replicas(system) > 0).then_some(Link::Peer);
        clients.into_iter().chain(between).collect()
    }

    fn contradictions(&self, system: &SystemSpec) -> Vec<Contradiction> {
        contradictions::find(system)
    }

    fn launch_options(&self) -> &'static [&'static str] {
        &[
            DISK.name,
            CPUS.name,
            CORES.name,
            MEMORY.name,
            options::REPLICAS,
            options::SENTINELS,
            options::DOWN_AFTER,
            options::MIN_REPLICAS,
            options::MAX_LAG,
        ]
    }

    fn brokers(&self, system: &SystemSpec) -> usize {
        1 + usize::from(options::replicas(system))
    }

    fn ordering(&self, system: &SystemSpec, workload: &Workload) -> Ordering {
        match workload.consumers {
            // What leaves over several connections may overtake.
            _ if options::has_pool(system) => Ordering::None,
            1 => Ordering::Partition,
            _ => Ordering::Consumer,
        }
    }

    fn keeps_consumers(&self) -> bool {
        true
    }

    fn gauges(&self) -> &'static [&'static str] {
        &["length", "lag", "pending", "oldest-pending-ms", "in-sync-replicas", "aof-rewrites"]
    }

    fn settling(&self) -> Settling {
        Settling::Message
    }

    fn fairness(&self, system: &SystemSpec, workload: &Workload) -> Vec<Setting> {
        directives::fairness(system, workload)
    }

    fn refusal(&self, name: &str, _value: &str) -> Option<Refusal> {
        directives::refusal(name)
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
        Box::pin(async { Ok(Box::new(admin::RedisAdministrator::connect(target).await?) as Box<dyn Administrator>) })
    }
}
