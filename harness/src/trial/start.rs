//! Starting: the system's proxy and its nodes, until the broker answers in its own protocol.

use super::error::TrialError;
use super::event::Events;
use super::launch::{Launched, launch};
use super::nodes::StartedNodes;
use super::order::Order;
use super::record::Record;
use super::roster::Roster;
use super::stage::{Place, Stage};
use super::topology::topology;
use super::watch::Watch;
use crate::broker::{AdminTarget, Administrator};
use crate::environment::toxiproxy::{ProxiedPath, Toxiproxy};
use crate::environment::{Environment, EnvironmentError, Node};
use crate::model::{Endpoints, Topology, reached_by};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Starts the system's proxy and its nodes; returns when the broker answers in its own protocol.
///
/// # Errors
/// A node or the proxy could not be started, ended, or was not ready in time.
pub(super) async fn start(
    order: &Order<'_>,
    environment: Option<&Environment>,
    record: &Record,
    events: &Events,
) -> Result<Stage, TrialError> {
    let system = order.system;
    let mut ports = environment.map(Environment::ports).unwrap_or_default();
    let topology = topology(system, order.scenario, &mut ports)?;
    let watch = Watch::new(record.observer(), events);
    let (place, mut administrator) = match topology {
        None => in_process(order).await?,
        Some(topology) => launched(topology, order, environment, &record.logs(), watch).await?,
    };
    let mut versions = versions(&place).await?;
    if let Some(version) = administrator.version().await? {
        versions.insert(system.broker.kind().to_owned(), version);
    }
    let mut stage = Stage::new(order, place, administrator, versions);
    // Before clients connect: some faults must be armed by then.
    stage.prepare_faults().await?;
    Ok(stage)
}

fn target(order: &Order<'_>, at: Endpoints) -> AdminTarget {
    AdminTarget {
        at,
        topic: order.topic(),
        group: order.topic(),
        dead_letters: order.dead_letters(),
        partitions: order.scenario.workload.partitions,
        system: order.system.spec.clone(),
    }
}

async fn in_process(order: &Order<'_>) -> Result<(Place, Box<dyn Administrator>), TrialError> {
    let here = Endpoints::at(order.system.broker.kind());
    let administrator = order.system.broker.administrator(target(order, here.clone())).await?;
    let clients = reached_by(&order.system.groups(order.scenario), |_| here.clone());
    let place = Place { clients, ..Place::default() };
    Ok((place, administrator))
}

/// Nodes, and the proxy where there are paths, with somebody who watches over all of them.
async fn launched(
    topology: Topology,
    order: &Order<'_>,
    environment: Option<&Environment>,
    logs: &Path,
    watch: Watch,
) -> Result<(Place, Box<dyn Administrator>), TrialError> {
    let (broker, admin) = (order.system.broker, target(order, topology.admin.clone()));
    let watched = |node: &Node| watch.started(node);
    let launched = launch(&topology, broker, admin.clone(), (environment, logs), watched).await?;
    let Launched { nodes, proxy, administrator } = launched;
    if let Some((node, _)) = &proxy {
        watch.started(node);
    }
    for node in nodes.iter().chain(proxy.iter().map(|(node, _)| node)) {
        watch.answers(node.name());
    }
    let roster = Roster::default();
    if let Some((node, _)) = &proxy {
        node.pid().into_iter().for_each(|pid| roster.enter("proxy", node.name(), pid));
    }
    let of_broker = (broker, broker.brokers(&order.system.spec));
    let eyes = (watch.clone(), roster.clone());
    let nodes =
        (!nodes.is_empty()).then(|| Arc::new(StartedNodes::new(nodes, of_broker, admin, eyes, order.scenario.seed)));
    let paths = proxy
        .iter()
        .flat_map(|(_, server)| topology.paths.iter().map(|path| ProxiedPath::new(server.clone(), path.clone())));
    let paths = paths.collect();
    let packets = environment.map(Environment::packets);
    let place = Place { paths, packets, nodes, proxy, clients: topology.clients, watch: Some(watch), roster };
    Ok((place, administrator))
}

/// The versions of everything that was started.
async fn versions(place: &Place) -> Result<BTreeMap<String, String>, TrialError> {
    let mut versions = BTreeMap::new();
    for node in place.all_nodes() {
        let origin = node.origin();
        versions.insert(format!("{} {}", origin.kind, node.name()), origin.to_string());
        if let Some(version) = &origin.version {
            versions.insert(format!("{} version {}", origin.kind, node.name()), version.clone());
        }
    }
    if let Some((_, proxy)) = &place.proxy {
        let version = Toxiproxy::version(proxy).await.map_err(EnvironmentError::from)?;
        versions.insert("toxiproxy".to_owned(), version);
    }
    Ok(versions)
}
