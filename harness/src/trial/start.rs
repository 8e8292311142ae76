//! Starting: the system's proxy and its nodes, until the broker answers in its own protocol.

use super::error::TrialError;
use super::event::Events;
use super::nodes::StartedNodes;
use super::order::Order;
use super::record::Record;
use super::roster::Roster;
use super::stage::{Place, Stage};
use super::topology::topology;
use super::watch::Watch;
use crate::broker::{AdminTarget, Administrator, Broker};
use crate::environment::toxiproxy::{ProxiedPath, Toxiproxy};
use crate::environment::{Environment, EnvironmentError, Node};
use crate::model::{BrokerError, Topology, endpoints};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

const BROKER_READY: Duration = Duration::from_secs(60);
/// How long a broker that somebody else runs may take to answer.
const EXTERNAL_ANSWERS: Duration = Duration::from_secs(10);

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

fn target(order: &Order<'_>, address: &str) -> AdminTarget {
    AdminTarget {
        address: address.to_owned(),
        topic: order.topic(),
        group: order.topic(),
        dead_letters: order.dead_letters(),
        partitions: order.scenario.workload.partitions,
        options: order.system.spec.options.clone(),
    }
}

async fn in_process(order: &Order<'_>) -> Result<(Place, Box<dyn Administrator>), TrialError> {
    let address = order.system.broker.kind().to_owned();
    let administrator = order.system.broker.administrator(target(order, &address)).await?;
    let clients = endpoints(&order.system.groups(order.scenario), &[], &address);
    let place = Place { clients, ..Place::default() };
    Ok((place, administrator))
}

/// Proxy and nodes at once: the proxy needs its upstream only when somebody connects.
async fn launched(
    topology: Topology,
    order: &Order<'_>,
    environment: Option<&Environment>,
    logs: &Path,
    watch: Watch,
) -> Result<(Place, Box<dyn Administrator>), TrialError> {
    let environment = || {
        environment.ok_or_else(|| {
            EnvironmentError::step(
                format!("{} needs an environment to run in", order.system.spec.name),
                "start a container engine: `make setup`; or get the programs for local processes: `make processes`",
            )
        })
    };
    let starting = async {
        let mut nodes = Vec::new();
        for node in &topology.nodes {
            let node = environment()?.start(node, logs).await?;
            watch.started(&node);
            nodes.push(node);
        }
        let administrator = ready(order.system.broker, target(order, &topology.admin), &nodes).await?;
        Ok::<_, TrialError>((nodes, administrator))
    };
    let proxying = async {
        match topology.paths.as_slice() {
            [] => Ok(None),
            paths => Ok(Some(environment()?.start_toxiproxy(paths, logs).await?)),
        }
    };
    let ((nodes, administrator), proxy) = tokio::try_join!(starting, proxying)?;
    if let Some((node, _)) = &proxy {
        watch.started(node);
    }
    for node in nodes.iter().chain(proxy.iter().map(|(node, _)| node)) {
        watch.ready(node.name());
    }
    let roster = Roster::default();
    if let Some((node, _)) = &proxy {
        node.pid().into_iter().for_each(|pid| roster.enter("proxy", node.name(), pid));
    }
    let of_broker = (order.system.broker, order.system.spec.brokers);
    let eyes = (watch.clone(), roster.clone());
    let admin = target(order, &topology.admin);
    let nodes =
        (!nodes.is_empty()).then(|| Arc::new(StartedNodes::new(nodes, of_broker, admin, eyes, order.scenario.seed)));
    let paths = proxy
        .iter()
        .flat_map(|(_, server)| topology.paths.iter().map(|path| ProxiedPath::new(server.clone(), path.clone())));
    let place = Place { paths: paths.collect(), nodes, proxy, clients: topology.clients, watch: Some(watch), roster };
    Ok((place, administrator))
}

/// Waits until the broker answers an administrator in its own protocol.
async fn ready(
    broker: &'static dyn Broker,
    target: AdminTarget,
    nodes: &[Node],
) -> Result<Box<dyn Administrator>, TrialError> {
    let Some(first) = nodes.first() else { return found(broker, target).await };
    let answering = Mutex::new(None);
    first
        .wait_until(BROKER_READY, async || {
            let mut administrator = broker.administrator(target.clone()).await?;
            administrator.ping().await?;
            *answering.lock().await = Some(administrator);
            Ok::<_, BrokerError>(())
        })
        .await?;
    answering.into_inner().ok_or_else(|| BrokerError("the broker did not answer".to_owned()).into())
}

/// The administrator of a broker that somebody else runs, and that must answer now.
async fn found(broker: &'static dyn Broker, target: AdminTarget) -> Result<Box<dyn Administrator>, TrialError> {
    let asked = async {
        let mut administrator = broker.administrator(target.clone()).await?;
        administrator.ping().await?;
        Ok::<_, BrokerError>(administrator)
    };
    let why = match tokio::time::timeout(EXTERNAL_ANSWERS, asked).await {
        Ok(Ok(administrator)) => return Ok(administrator),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", EXTERNAL_ANSWERS.as_secs()),
    };
    Err(EnvironmentError::step(
        format!("the broker at {}, which somebody else runs, does not answer: {why}", target.address),
        "is it running there, and reached from this machine? the scenario gives its address in `external`",
    )
    .into())
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
