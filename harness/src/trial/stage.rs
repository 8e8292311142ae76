//! What a trial plays on: nodes, proxy, administrator, faults.

use super::account::{SharedAdministrator, patiently};
use super::crew::{Crew, Housing, Post, Request, Requests};
use super::error::TrialError;
use super::halt::Halt;
use super::nodes::StartedNodes;
use super::order::Order;
use super::record::{Record, Started};
use super::roster::Roster;
use super::scribe::Tables;
use super::watch::Watch;
use crate::broker::client::Run;
use crate::broker::{Administrator, LogReader};
use crate::environment::toxiproxy::{PassedBytes, ProxiedPath, Stream, Toxiproxy};
use crate::environment::{Environment, Node, PacketFilter};
use crate::fault::{FaultDriver, Handles, Nodes, PlannedFault, Workers};
use crate::model::{BrokerError, Endpoints, Link, Role, Segments, Workload};
use crate::worker::protocol::{Assignment, ConnectionSpec, ConsumeTask, PROTOCOL, ProduceTask, RecordFileTask, Task};
use futures_util::future::join_all;
use reports::facts::{PathFacts, Setting};
use reports::history::Inspection;
use reports::units::Nanos;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{Mutex, watch};

/// How long the broker may take for its account, and how long where there is little time.
const INSPECT_WITHIN: Duration = Duration::from_secs(15);
const INSPECT_SOON: Duration = Duration::from_secs(1);
/// How long the proxy may take to count what passed on connections that were just closed.
const COUNTED_WITHIN: Duration = Duration::from_secs(1);
const COUNTED_AGAIN_AFTER: Duration = Duration::from_millis(20);

/// What was started for a trial, and how to reach it. By default nothing.
#[derive(Default)]
pub(super) struct Place {
    /// The system's own, where the run has started some.
    pub(super) nodes: Option<Arc<StartedNodes>>,
    /// The proxy's node, and its interface.
    pub(super) proxy: Option<(Node, Toxiproxy)>,
    /// The proxied paths.
    pub(super) paths: Vec<ProxiedPath>,
    /// The run's packet filter.
    pub(super) packets: Option<PacketFilter>,
    /// Where each client connects, by its name.
    pub(super) clients: BTreeMap<String, Endpoints>,
    /// Over all nodes.
    pub(super) watch: Option<Watch>,
    /// The processes whose use of the machine is recorded.
    pub(super) roster: Roster,
}

impl Place {
    pub(super) fn all_nodes(&self) -> impl Iterator<Item = &Node> {
        let own = self.nodes.iter().flat_map(|nodes| nodes.all());
        own.chain(self.proxy.iter().map(|(node, _)| node))
    }
}

/// A started system.
pub(super) struct Stage {
    place: Place,
    administrator: SharedAdministrator,
    /// Somebody else runs it, and goes on to do so.
    is_external: bool,
    topic: String,
    planned: Vec<PlannedFault>,
    drivers: Vec<FaultDriver>,
    versions: BTreeMap<String, String>,
    /// What only the started broker can tell its clients.
    told: BTreeMap<String, String>,
    /// The settings in force, as far as it tells them.
    in_force: Vec<Setting>,
    /// The faults' way to the workers, and its end until the crew has it; none where the workers are no processes.
    requests: Option<Requests>,
    wishes: Option<UnboundedReceiver<Request>>,
}

impl Stage {
    pub(super) fn new(
        order: &Order<'_>,
        place: Place,
        administrator: Box<dyn Administrator>,
        versions: BTreeMap<String, String>,
    ) -> Self {
        let (requests, wishes) = Requests::new();
        let mut stage = Self {
            place,
            administrator: Arc::new(Mutex::new(administrator)),
            is_external: order.system.spec.external.is_some(),
            topic: order.topic(),
            planned: Vec::new(),
            drivers: Vec::new(),
            versions,
            told: BTreeMap::new(),
            in_force: Vec::new(),
            requests: (!order.system.broker.is_in_process()).then_some(requests),
            wishes: Some(wishes),
        };
        stage.plan_faults(order);
        stage
    }

    fn plan_faults(&mut self, order: &Order<'_>) {
        let handles = self.handles();
        let mine = order.scenario.faults.iter().filter(|fault| fault.is_for(&order.system.spec.name));
        let brokers = handles.nodes.as_ref().map(|nodes| nodes.brokers()).unwrap_or_default();
        self.planned = mine.flat_map(|fault| fault.turns(&brokers)).collect();
        self.drivers = self.planned.iter().map(|fault| FaultDriver::new(fault, &handles)).collect();
    }

    /// Creates topics, streams and groups.
    pub(super) async fn provision(&mut self) -> Result<(), TrialError> {
        let mut administrator = self.administrator.lock().await;
        self.told = administrator.provision().await?;
        // Whoever runs it may not let everybody ask: then the table says what was asked for, as it does for clients.
        match administrator.in_force().await {
            Ok(in_force) => self.in_force = in_force,
            Err(error) => tracing::warn!(%error, "the settings in force were not read back"),
        }
        Ok(())
    }

    /// Puts in place what faults need before clients connect.
    pub(super) async fn prepare_faults(&mut self) -> Result<(), TrialError> {
        for driver in &mut self.drivers {
            driver.prepare().await?;
        }
        Ok(())
    }

    /// The drivers of the faults that this system gets, in the order of the plan; once.
    pub(super) fn take_drivers(&mut self) -> Vec<FaultDriver> {
        std::mem::take(&mut self.drivers)
    }

    /// What was started for the trial.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// The administrator.
    pub(super) fn administrator(&self) -> SharedAdministrator {
        Arc::clone(&self.administrator)
    }

    /// Turns true when a node ends that nobody asked to; never where there are no nodes.
    pub(super) fn watch(&self) -> watch::Receiver<bool> {
        self.place.watch.as_ref().map_or_else(|| watch::channel(false).1, Watch::lost)
    }

    /// Spawns all workers: consumers first, so that none of the first messages waits for them.
    pub(super) fn spawn(
        &mut self,
        order: &Order<'_>,
        environment: Option<&Environment>,
        record: &Record,
    ) -> Result<Crew, TrialError> {
        let housing = match order.system.client.run() {
            Run::Program(program) => Housing::Process(program),
            Run::Native(_) if order.system.broker.is_in_process() => Housing::Thread,
            Run::Native(_) => Housing::Process(own_worker()),
        };
        let wishes = self.wishes.take().unwrap_or_else(|| Requests::new().1);
        let mut crew = Crew::new(wishes);
        let scenario = order.scenario;
        let consume = |name: String| {
            let consumer = Role::Consumer.number(&name)?;
            let (ack, processing_ns) = (scenario.workload.ack, scenario.workload.processing.into());
            Some((name, Role::Consumer, Task::Consume(ConsumeTask { consumer, ack, processing_ns })))
        };
        let joiners = scenario.joiners(order.system);
        let consumers = scenario.workload.names(Role::Consumer).chain(joiners.iter().cloned()).filter_map(consume);
        let producers = (0_u16..).zip(scenario.workload.names(Role::Producer)).map(|(producer, name)| {
            let task = ProduceTask {
                producer,
                producers: scenario.workload.producers,
                schedule: Segments::of(&scenario.workload.rate, &scenario.phases),
                seed: scenario.seed,
                message_bytes: scenario.workload.message_bytes,
                smallest_bytes: scenario.workload.smallest_bytes,
                records: scenario
                    .workload
                    .records
                    .as_ref()
                    .map(|records| RecordFileTask { file: records.path.clone(), crc32c: records.sum }),
                headers: scenario.workload.headers.clone(),
                keys: scenario.workload.keys,
                compressibility: scenario.workload.compressibility,
                in_flight: scenario.workload.in_flight,
                first: 0,
                poison: order.poisons().collect(),
            };
            (name, Role::Producer, Task::Produce(task))
        });
        for (worker, role, task) in consumers.chain(producers) {
            let connection = self.connection(order, role, &worker)?;
            let log = record.logs().join(format!("{worker}.log"));
            let post = Post {
                labels: environment.map(|environment| environment.labels(&worker, &log)).unwrap_or_default(),
                assignment: Assignment {
                    protocol: PROTOCOL,
                    trial: order.trial_id,
                    journal: PathBuf::new(),
                    connection,
                    worker,
                    task,
                },
                tables: if role == Role::Producer { Tables::Producer } else { Tables::Consumer },
                housing: housing.clone(),
                cores: order.scenario.client.cores,
                folder: record.folder().to_owned(),
                logs: record.logs(),
                number: 1,
            };
            if joiners.contains(&post.assignment.worker) {
                crew.reserve(post);
            } else {
                crew.spawn(post)?;
            }
        }
        Ok(crew)
    }

    /// What the consumer group still lacks; `None`: nothing.
    pub(super) async fn group_lacks(&self, consumers: u16) -> Result<Option<String>, TrialError> {
        Ok(self.administrator.lock().await.group_lacks(consumers).await?)
    }

    fn connection(&self, order: &Order<'_>, role: Role, client: &str) -> Result<ConnectionSpec, BrokerError> {
        let nowhere = || BrokerError(format!("the layout of {} has no address for {client}", order.system.spec.name));
        let mut settings = order.system.client.settings(&order.system.spec, &order.scenario.client, role);
        settings.extend(self.told.clone());
        let Endpoints { contact, nodes } = self.place.clients.get(client).cloned().ok_or_else(nowhere)?;
        Ok(ConnectionSpec {
            broker: order.system.broker.kind().to_owned(),
            client: order.system.client.name().to_owned(),
            address: contact,
            nodes,
            topic: self.topic.clone(),
            group: self.topic.clone(),
            dead_letters: order.dead_letters().unwrap_or_default(),
            partitions: order.scenario.workload.partitions,
            policy: (&order.scenario.client).into(),
            settings,
        })
    }

    /// The processes whose use of the machine is recorded.
    pub(super) fn roster(&self) -> Roster {
        self.place.roster.clone()
    }

    /// What the broker itself still holds for the group. `None`: it could not be asked.
    pub(super) async fn outstanding(&self) -> Option<u64> {
        let rows = self.administrator.lock().await.inspect().await.ok()?;
        // Without a group nobody can get anything more, so there is nothing to wait for.
        rows.iter().filter(|row| row.group).map(|row| Some(row.pending + row.lag?)).sum()
    }

    /// Another client than those under test, to read all that the log holds; `None`: there is no log to read.
    pub(super) async fn log_reader(&self) -> Option<Box<dyn LogReader>> {
        self.administrator.lock().await.log_reader()
    }

    /// Writes the broker's own account into the history, and returns it.
    pub(super) async fn inspect(
        &self,
        record: &Record,
        halt: Option<Halt>,
        troubles: &mut Vec<String>,
    ) -> Vec<Inspection> {
        let patience = if halt.is_some() { INSPECT_SOON } else { INSPECT_WITHIN };
        let asked = patiently(&self.administrator);
        match tokio::time::timeout(patience, asked).await {
            Ok(Ok(rows)) => {
                record.observer().inspections(&rows);
                rows
            }
            Ok(Err(error)) => {
                troubles.push(format!("the broker could not be asked for its account: {error}"));
                Vec::new()
            }
            Err(_) => {
                troubles.push(format!("the broker did not give its account within {patience:?}"));
                Vec::new()
            }
        }
    }

    /// The proxied paths with the bytes that passed each, counted for connections that have ended. Clients have left by now; what
    /// nodes have open between them is closed for that.
    pub(super) async fn passed(&self) -> Vec<PathFacts> {
        let between: Vec<&ProxiedPath> =
            self.place.paths.iter().filter(|path| path.recipe().link != Link::Client).collect();
        // One that does not answer has no count, and that is said.
        let _ = join_all(between.iter().map(|path| path.disable())).await;
        let deadline = Instant::now() + COUNTED_WITHIN;
        let mut before: Option<PassedBytes> = None;
        let passed = loop {
            let passed = match &self.place.proxy {
                Some((_, server)) => server.passed_bytes().await.ok(),
                None => None,
            };
            let counted =
                |path: &&ProxiedPath| passed.as_ref().is_some_and(|passed| passed.both(&path.recipe().name) > 0);
            // The connections of clients that left last may still be added.
            let is_all = passed == before && between.iter().all(counted);
            if passed.is_none() || is_all || Instant::now() > deadline {
                break passed;
            }
            before = passed;
            tokio::time::sleep(COUNTED_AGAIN_AFTER).await;
        };
        let _ = join_all(between.iter().map(|path| path.enable())).await;
        let path = |path: &ProxiedPath| {
            let name = path.recipe().name.clone();
            let of = |stream| passed.as_ref().map(|passed| passed.of(&name, stream));
            let of_clients = |stream| of(stream).filter(|_| path.recipe().link == Link::Client);
            PathFacts {
                bytes: passed.as_ref().map(|passed| passed.both(&name)),
                to_broker: of_clients(Stream::Upstream),
                from_broker: of_clients(Stream::Downstream),
                name,
            }
        };
        self.place.paths.iter().map(path).collect()
    }

    /// What `trial.json` says of it; `load` is the load phase's first instant.
    pub(super) fn started(&self, load: Nanos, workload: &Workload) -> Started {
        let handles = self.handles();
        let faults = self.planned.iter().map(|fault| fault.facts(load, workload, &handles)).collect();
        Started { versions: self.versions.clone(), faults, in_force: self.in_force.clone() }
    }

    fn handles(&self) -> Handles {
        let nodes = self.place.nodes.clone().map(|nodes| nodes as Arc<dyn Nodes>);
        let workers = self.requests.clone().map(|requests| Arc::new(requests) as Arc<dyn Workers>);
        Handles { paths: self.place.paths.clone(), packets: self.place.packets.clone(), nodes, workers }
    }

    /// Stops and removes everything at once, and from a broker that goes on what was created there; nothing where the
    /// environment is to be kept.
    pub(super) async fn tear_down(self, environment: Option<&Environment>) -> Result<(), TrialError> {
        let Place { nodes, proxy, watch, .. } = self.place;
        // What ends from here on was asked to.
        watch.iter().for_each(Watch::end);
        if environment.is_some_and(Environment::is_kept) {
            if let Some(nodes) = &nodes {
                nodes.go_on().await;
            }
            return Ok(());
        }
        // A fault that is still at it keeps the nodes until it is done; then they remove themselves.
        let nodes = nodes.and_then(Arc::into_inner).map(StartedNodes::into_nodes).unwrap_or_default();
        let removed = if self.is_external { self.administrator.lock().await.remove().await } else { Ok(()) };
        let stops = proxy.map(|(node, _)| node).into_iter().chain(nodes).map(Node::stop);
        let stopped = join_all(stops).await;
        stopped.into_iter().collect::<Result<(), _>>()?;
        Ok(removed?)
    }
}

/// The worker that is this program: by its process, because its file may be replaced while a run goes on.
fn own_worker() -> Vec<String> {
    ["/proc/self/exe", "worker"].map(str::to_owned).to_vec()
}
