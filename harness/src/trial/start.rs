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
use crate::model::{BrokerError, Endpoints, Link, Topology, reached_by};
use futures_util::future::{select_all, try_join_all};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

const BROKER_READY: Duration = Duration::from_secs(60);
/// For each further node that is started on the same machine at the same time.
const FURTHER_NODE: Duration = Duration::from_secs(30);
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

/// Proxy and nodes at once: the proxy needs its upstream only when somebody connects. Where nodes reach each other through it, it
/// is there before them.
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
    let (proxied, is_proxied) = tokio::sync::oneshot::channel();
    let must_wait = topology.paths.iter().any(|path| path.link != Link::Client);
    let starting = async {
        if must_wait {
            // Where it is never told, there is no proxy, and that is an error of its own.
            let _ = is_proxied.await;
        }
        // Who runs no node of its own, as with a broker that somebody else runs, needs nowhere to run one.
        let nodes = match topology.nodes.as_slice() {
            [] => Vec::new(),
            nodes => {
                let environment = environment()?;
                try_join_all(nodes.iter().map(|node| environment.start(node, logs))).await?
            }
        };
        nodes.iter().for_each(|node| watch.started(node));
        let administrator = ready(order.system.broker, target(order, topology.admin.clone()), &nodes).await?;
        Ok::<_, TrialError>((nodes, administrator))
    };
    let proxying = async {
        let proxy = match topology.paths.as_slice() {
            [] => None,
            paths => Some(environment()?.start_toxiproxy(paths, logs).await?),
        };
        let _ = proxied.send(());
        Ok(proxy)
    };
    let ((nodes, administrator), proxy) = tokio::try_join!(starting, proxying)?;
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
    let of_broker = (order.system.broker, order.system.broker.brokers(&order.system.spec));
    let eyes = (watch.clone(), roster.clone());
    let admin = target(order, topology.admin.clone());
    let nodes =
        (!nodes.is_empty()).then(|| Arc::new(StartedNodes::new(nodes, of_broker, admin, eyes, order.scenario.seed)));
    let paths = proxy
        .iter()
        .flat_map(|(_, server)| topology.paths.iter().map(|path| ProxiedPath::new(server.clone(), path.clone())));
    let paths = paths.collect();
    let packets = environment().ok().map(Environment::packets);
    let place = Place { paths, packets, nodes, proxy, clients: topology.clients, watch: Some(watch), roster };
    Ok((place, administrator))
}

/// Waits until the system answers an administrator in its own protocol, as a whole.
async fn ready(
    broker: &'static dyn Broker,
    target: AdminTarget,
    nodes: &[Node],
) -> Result<Box<dyn Administrator>, TrialError> {
    let [first, others @ ..] = nodes else { return found(broker, target).await };
    let answering = Mutex::new(None);
    let further = u32::try_from(others.len()).unwrap_or(u32::MAX);
    let answers = first.wait_until(BROKER_READY + FURTHER_NODE.saturating_mul(further), async || {
        let mut administrator = broker.administrator(target.clone()).await?;
        administrator.ping().await?;
        *answering.lock().await = Some(administrator);
        Ok::<_, BrokerError>(())
    });
    tokio::select! {
        answers = answers => answers?,
        gone = first_to_end(others) => gone?,
    }
    answering.into_inner().ok_or_else(|| BrokerError("the broker did not answer".to_owned()).into())
}

/// Waits until one of these nodes ends, and says so.
async fn first_to_end(nodes: &[Node]) -> Result<(), EnvironmentError> {
    if nodes.is_empty() {
        return std::future::pending().await;
    }
    let (_, which, _) = select_all(nodes.iter().map(Node::ended)).await;
    nodes[which].must_run().await
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
        format!("the broker at {}, which somebody else runs, does not answer: {why}", target.at.contact),
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
