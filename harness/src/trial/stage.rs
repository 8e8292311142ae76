//! What a trial plays on: nodes, proxy, administrator, faults.

use super::crew::{Crew, Housing};
use super::observer::{SharedAdministrator, Watched};
use super::record::{self, Record};
use super::{Order, TrialError};
use crate::broker::{AdminTarget, Administrator, Broker};
use crate::environment::toxiproxy::{ProxiedPath, Toxiproxy};
use crate::environment::{Environment, EnvironmentError, Node};
use crate::fault::{FaultDriver, Handles, PlannedFault};
use crate::model::{BrokerError, Recipe, Role};
use crate::scenario::System;
use crate::worker::protocol::{Assignment, ConnectionSpec, ConsumeTask, PROTOCOL, ProduceTask, Task};
use reports::history::Inspection;
use reports::units::Partition;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

const BROKER_READY: Duration = Duration::from_secs(60);
const INSPECT_WITHIN: Duration = Duration::from_secs(15);
const LOADED_WITHIN: Duration = Duration::from_secs(5);
const ASKED_AGAIN_AFTER: Duration = Duration::from_millis(250);

/// A started system.
pub(super) struct Stage {
    nodes: Vec<Node>,
    proxy: Option<(Node, Toxiproxy)>,
    paths: Vec<ProxiedPath>,
    administrator: SharedAdministrator,
    client_address: String,
    topic: String,
    planned: Vec<PlannedFault>,
    drivers: Vec<FaultDriver>,
    versions: BTreeMap<String, String>,
    /// What only the started broker can tell its clients.
    told: BTreeMap<String, String>,
}

/// Starts the system's nodes in their order, and its proxy; returns when the broker answers in its own protocol.
pub(super) async fn start(
    order: &Order<'_>,
    environment: Option<&Environment>,
    record: &Record,
) -> Result<Stage, TrialError> {
    let system = order.system;
    let mut ports = environment.map(Environment::ports).unwrap_or_default();
    let launch = system.broker.launch(&system.spec, &mut ports)?;
    let topic = format!("harness-{:016x}", order.trial_id);
    let mut stage = match (launch, environment) {
        (None, _) => in_process(system, order, &topic).await?,
        (Some(recipe), Some(environment)) => launched(&recipe, order, &topic, environment, record).await?,
        (Some(_), None) => {
            return Err(EnvironmentError::step(
                format!("{} needs an environment to run in", system.spec.name),
                "start a container engine: `make setup`",
            )
            .into());
        }
    };
    if let Some(version) = stage.administrator.lock().await.version().await? {
        stage.versions.insert(system.broker.kind().to_owned(), version);
    }
    stage.plan_faults(order);
    Ok(stage)
}

fn target(order: &Order<'_>, address: &str, topic: &str) -> AdminTarget {
    AdminTarget {
        address: address.to_owned(),
        topic: topic.to_owned(),
        group: topic.to_owned(),
        partitions: order.scenario.workload.partitions,
        options: order.system.spec.options.clone(),
    }
}

async fn in_process(system: &System, order: &Order<'_>, topic: &str) -> Result<Stage, TrialError> {
    let address = system.broker.kind().to_owned();
    let administrator = system.broker.administrator(target(order, &address, topic)).await?;
    Ok(Stage {
        nodes: Vec::new(),
        proxy: None,
        paths: Vec::new(),
        administrator: Arc::new(Mutex::new(administrator)),
        client_address: address,
        topic: topic.to_owned(),
        planned: Vec::new(),
        drivers: Vec::new(),
        versions: BTreeMap::new(),
        told: BTreeMap::new(),
    })
}

async fn launched(
    recipe: &Recipe,
    order: &Order<'_>,
    topic: &str,
    environment: &Environment,
    record: &Record,
) -> Result<Stage, TrialError> {
    let logs = record.logs();
    let mut versions = BTreeMap::new();
    let mut nodes = Vec::new();
    for node in &recipe.nodes {
        nodes.push(environment.start(node, &logs).await?);
    }
    let proxy = match recipe.proxies.as_slice() {
        [] => None,
        paths => {
            let (node, proxy) = environment.start_toxiproxy(paths, &logs).await?;
            versions.insert("toxiproxy".to_owned(), proxy.version().await.map_err(EnvironmentError::from)?);
            Some((node, proxy))
        }
    };
    let path = |server: &Toxiproxy| {
        recipe.proxies.iter().map(|recipe| ProxiedPath::new(server.clone(), recipe.clone())).collect()
    };
    let paths = proxy.as_ref().map(|(_, server)| path(server)).unwrap_or_default();
    for node in nodes.iter().chain(proxy.iter().map(|(node, _)| node)) {
        let image = node.image();
        versions.insert(format!("image {}", node.name()), format!("{} {}", image.reference, image.id));
        if let Some(version) = &image.version {
            versions.insert(format!("image version {}", node.name()), version.clone());
        }
    }
    let broker = order.system.broker;
    let administrator = ready(broker, target(order, &recipe.direct_address, topic), &nodes).await?;
    Ok(Stage {
        nodes,
        proxy,
        paths,
        administrator: Arc::new(Mutex::new(administrator)),
        client_address: recipe.client_address.clone(),
        topic: topic.to_owned(),
        planned: Vec::new(),
        drivers: Vec::new(),
        versions,
        told: BTreeMap::new(),
    })
}

/// Waits until the broker answers an administrator in its own protocol.
async fn ready(
    broker: &'static dyn Broker,
    target: AdminTarget,
    nodes: &[Node],
) -> Result<Box<dyn Administrator>, TrialError> {
    let Some(first) = nodes.first() else {
        return Err(BrokerError("the recipe names no node".to_owned()).into());
    };
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

/// Asks for the account again for a while: a node that was started again may still be loading what it had.
///
/// # Errors
/// What was said last.
async fn patiently(administrator: &mut dyn Administrator) -> Result<Vec<Inspection>, BrokerError> {
    let deadline = tokio::time::Instant::now() + LOADED_WITHIN;
    loop {
        let account = administrator.inspect().await;
        if account.is_ok() || tokio::time::Instant::now() > deadline {
            return account;
        }
        tokio::time::sleep(ASKED_AGAIN_AFTER).await;
    }
}

impl Stage {
    fn plan_faults(&mut self, order: &Order<'_>) {
        let handles = Handles { paths: self.paths.clone() };
        let mine = order.scenario.faults.iter().filter(|fault| fault.is_for(&order.system.spec.name));
        self.planned = mine.cloned().collect();
        self.drivers = self.planned.iter().map(|fault| FaultDriver::new(fault, &handles)).collect();
    }

    /// Creates topics, streams and groups.
    pub(super) async fn provision(&mut self) -> Result<(), TrialError> {
        self.told = self.administrator.lock().await.provision().await?;
        Ok(())
    }

    /// Puts in place what faults need before clients connect.
    pub(super) async fn prepare_faults(&mut self) -> Result<(), TrialError> {
        for driver in &mut self.drivers {
            driver.prepare().await?;
        }
        Ok(())
    }

    /// The versions of everything that was started.
    pub(super) fn versions(&self) -> &BTreeMap<String, String> {
        &self.versions
    }

    /// The faults that this system gets.
    pub(super) fn planned_faults(&self) -> &[PlannedFault] {
        &self.planned
    }

    /// Their drivers, in the same order; once.
    pub(super) fn take_drivers(&mut self) -> Vec<FaultDriver> {
        std::mem::take(&mut self.drivers)
    }

    /// The administrator.
    pub(super) fn administrator(&self) -> SharedAdministrator {
        Arc::clone(&self.administrator)
    }

    /// Spawns all workers: consumers first, so that none of the first messages waits for them.
    pub(super) fn spawn(&self, order: &Order<'_>, record: &Record) -> Result<Crew, TrialError> {
        let housing = if self.nodes.is_empty() { Housing::Thread } else { Housing::Process };
        let mut crew = Crew::default();
        let scenario = order.scenario;
        let consumers = (0_u16..).zip(record::consumers(scenario)).map(|(consumer, name)| {
            let (ack, processing_ns) = (scenario.workload.ack, scenario.workload.processing.into());
            (name, Role::Consumer, Task::Consume(ConsumeTask { consumer, ack, processing_ns }))
        });
        let producers = (0_u16..).zip(record::producers(scenario)).map(|(producer, name)| {
            let task = ProduceTask {
                producer,
                producers: scenario.workload.producers,
                rate: scenario.workload.rate.clone(),
                warmup_ns: scenario.phases.warmup.into(),
                load_ns: scenario.phases.load.into(),
                seed: scenario.seed,
                message_bytes: scenario.workload.message_bytes,
                compressibility: scenario.workload.compressibility,
                in_flight: scenario.workload.in_flight,
            };
            (name, Role::Producer, Task::Produce(task))
        });
        for (worker, role, task) in consumers.chain(producers) {
            let assignment = Assignment {
                protocol: PROTOCOL,
                trial: order.trial_id,
                trial_folder: record.folder().to_owned(),
                connection: self.connection(order, role),
                worker,
                task,
            };
            let doing = format!("starting the worker {}", assignment.worker);
            crew.spawn(assignment, housing, &record.logs()).map_err(|source| TrialError::Io { doing, source })?;
        }
        Ok(crew)
    }

    /// What the consumer group still lacks; `None`: nothing.
    pub(super) async fn group_lacks(&self, consumers: u16) -> Result<Option<String>, TrialError> {
        Ok(self.administrator.lock().await.group_lacks(consumers).await?)
    }

    fn connection(&self, order: &Order<'_>, role: Role) -> ConnectionSpec {
        let mut settings = order.system.client.settings(&order.system.spec, &order.scenario.client, role);
        settings.extend(self.told.clone());
        ConnectionSpec {
            broker: order.system.broker.kind().to_owned(),
            client: order.system.client.name().to_owned(),
            address: self.client_address.clone(),
            topic: self.topic.clone(),
            group: self.topic.clone(),
            partitions: order.scenario.workload.partitions,
            policy: (&order.scenario.client).into(),
            settings,
        }
    }

    /// The processes whose use of the machine is recorded.
    pub(super) fn watched(&self, crew: &Crew) -> Vec<Watched> {
        let node = |role, node: &Node| Some(Watched { role, name: node.name().to_owned(), pid: node.pid()? });
        let brokers = self.nodes.iter().filter_map(|broker| node("broker", broker));
        let proxies = self.proxy.iter().filter_map(|(proxy, _)| node("proxy", proxy));
        let workers = crew.processes().into_iter().map(|(name, pid)| Watched { role: "generator", name, pid });
        brokers.chain(proxies).chain(workers).collect()
    }

    /// What the broker itself still holds for the group. `None`: it could not be asked.
    pub(super) async fn outstanding(&self) -> Option<u64> {
        let rows = self.administrator.lock().await.inspect().await.ok()?;
        // Without a group nobody can get anything more, so there is nothing to wait for.
        rows.iter().filter(|row| row.group).map(|row| Some(row.pending + row.lag?)).sum()
    }

    /// Writes the broker's own account into the history; returns the partitions that it covers.
    pub(super) async fn inspect(&self, record: &Record, troubles: &mut Vec<String>) -> Vec<Partition> {
        let mut administrator = self.administrator.lock().await;
        match tokio::time::timeout(INSPECT_WITHIN, patiently(administrator.as_mut())).await {
            Ok(Ok(rows)) => {
                record.observer().inspections(&rows);
                rows.iter().map(|row| row.partition).collect()
            }
            Ok(Err(error)) => {
                troubles.push(format!("the broker could not be asked for its account: {error}"));
                Vec::new()
            }
            Err(_) => {
                troubles.push(format!("the broker did not give its account within {INSPECT_WITHIN:?}"));
                Vec::new()
            }
        }
    }

    /// Bytes that passed the client link's proxies, counted for connections that have ended.
    pub(super) async fn proxied_bytes(&self) -> Option<u64> {
        let (_, server) = self.proxy.as_ref()?;
        let passed = server.passed_bytes().await.ok()?;
        Some(self.paths.iter().map(|path| passed.both(&path.recipe().name)).sum())
    }

    /// Stops and removes everything, proxy first; nothing where the environment is to be kept.
    pub(super) async fn tear_down(self, environment: Option<&Environment>) -> Result<(), TrialError> {
        if environment.is_some_and(Environment::is_kept) {
            return Ok(());
        }
        let nodes = self.proxy.map(|(node, _)| node).into_iter().chain(self.nodes);
        let mut first_error = None;
        for node in nodes {
            if let Err(error) = node.stop().await {
                first_error.get_or_insert(error);
            }
        }
        first_error.map_or(Ok(()), |error| Err(error.into()))
    }
}
