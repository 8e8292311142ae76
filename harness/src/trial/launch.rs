//! Launching: a system's nodes and its proxy, until the broker answers in its own protocol. Trials and benches start theirs here.

use super::error::TrialError;
use crate::broker::{AdminTarget, Administrator, Broker};
use crate::environment::toxiproxy::Toxiproxy;
use crate::environment::{Environment, EnvironmentError, Node};
use crate::model::{BrokerError, Link, Topology};
use futures_util::future::{select_all, try_join_all};
use std::path::Path;
use std::time::Duration;
use tokio::sync::Mutex;

const BROKER_READY: Duration = Duration::from_secs(60);
/// For each further node that is started on the same machine at the same time.
const FURTHER_NODE: Duration = Duration::from_secs(30);
/// How long a broker that somebody else runs may take to answer.
const EXTERNAL_ANSWERS: Duration = Duration::from_secs(10);

/// A system that was launched and answers. Dropping it removes its nodes.
pub struct Launched {
    /// The system's own nodes; none where somebody else runs it.
    pub nodes: Vec<Node>,
    /// The proxy's node, and its interface, where the system has paths.
    pub proxy: Option<(Node, Toxiproxy)>,
    /// The administrator to which it answered.
    pub administrator: Box<dyn Administrator>,
}

/// Starts proxy and nodes at once: the proxy needs its upstream only when somebody connects. Where nodes reach each other through
/// it, it is there before them. Tells `started` of the nodes when their processes run, before the broker answers. The logs of all go
/// into the folder `logs`.
///
/// # Errors
/// There is no environment and one is needed; a node or the proxy could not be started, ended, or was not ready in time.
pub async fn launch(
    topology: &Topology,
    broker: &'static dyn Broker,
    target: AdminTarget,
    (environment, logs): (Option<&Environment>, &Path),
    started: impl Fn(&Node),
) -> Result<Launched, TrialError> {
    let name = target.system.name.clone();
    let environment = || {
        environment.ok_or_else(|| {
            EnvironmentError::step(
                format!("{name} needs an environment to run in"),
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
        nodes.iter().for_each(&started);
        let administrator = ready(broker, target, &nodes).await?;
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
    Ok(Launched { nodes, proxy, administrator })
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
