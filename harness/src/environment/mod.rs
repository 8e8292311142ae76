//! The environment: hosts that start nodes, ports, the proxy; what was started is found again and removed.
//! From here the engine, processes, the packet filter and Toxiproxy's HTTP interface may be touched; never a message or a verdict.
//! To add a host: copy `containers.rs`, and add its row to `EnvironmentKind`.

mod containers;
mod cores;
mod engine;
mod error;
mod host;
mod hosts;
pub mod images;
mod labels;
mod leftover;
mod leftovers;
mod limits;
mod node;
mod owner;
mod packets;
mod ports;
mod processes;
mod reach;
mod reaper;
mod shell;
pub mod toxiproxy;

pub(crate) use cores::started_on;
pub use cores::{MachineCores, cores_of};
pub use engine::{EngineFacts, ImageFacts};
pub use error::EnvironmentError;
pub use host::{Abilities, Ending, Host, HostFacts, NodeAccess, NodeOrder, NodeSource, Running};
pub use leftover::Leftover;
pub use limits::make_room_for_files;
pub use node::Node;
pub use owner::OwnerState;
pub use packets::{Counted, PER_MILLE, PacketFilter, PacketRule, must_drop_packets};
pub use ports::Ports;
pub use reaper::{Reaper, reap};

use crate::model::{NodeRecipe, PathRecipe, Topology};
use containers::Containers;
use engine::{Engine, finish_on_own_thread};
use host::Keeping;
use labels::RunLabels;
use owner::Owner;
use processes::Processes;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::RwLock;
use toxiproxy::Toxiproxy;

/// How long the proxy may take until it answers.
const PROXY_READY: Duration = Duration::from_secs(30);

/// How long starts may take that nobody waits for any more.
const STARTS_END_WITHIN: Duration = Duration::from_secs(10);

/// Where nodes run, as asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvironmentKind {
    /// In containers if an engine answers, else as processes.
    Auto,
    /// In containers of a Docker-compatible engine, on the host's network.
    Containers,
    /// As processes of this machine.
    Processes,
}

/// An open environment of one run. Dropping it removes whatever of the run is still there, also within an async runtime.
#[derive(Debug)]
pub struct Environment {
    host: Arc<dyn Host>,
    labels: RunLabels,
    ports: Ports,
    keeping: Keeping,
    swept: Vec<Leftover>,
    notes: Vec<String>,
    /// Why no engine was taken, where one would have been.
    no_engine: Option<String>,
    reaper: Option<Reaper>,
    /// Read by every start until it has come to its end.
    starting: Arc<RwLock<()>>,
}

impl Environment {
    /// Finds the host, and removes what dead runs left there.
    ///
    /// # Errors
    /// No engine answers where one is asked for, its containers could not be reached from here, or it refuses to list or
    /// to remove.
    pub async fn open(kind: EnvironmentKind, run: &str) -> Result<Self, EnvironmentError> {
        let mut notes = Vec::new();
        let mut no_engine = None;
        let host: Arc<dyn Host> = match kind {
            EnvironmentKind::Containers => Arc::new(Containers::find().await?),
            EnvironmentKind::Processes => Arc::new(Processes::new()?),
            EnvironmentKind::Auto => match Containers::find().await {
                Ok(containers) => Arc::new(containers),
                Err(EnvironmentError::NoEngine { reason }) => {
                    notes.push(format!("no container engine answers ({reason}), so brokers run as local processes"));
                    no_engine = Some(reason);
                    Arc::new(Processes::new()?)
                }
                Err(error) => return Err(error),
            },
        };
        let swept = leftovers::sweep(std::slice::from_ref(&host)).await?;
        let labels = RunLabels::new(run, &Owner::current()?);
        let ports = Ports::default();
        notes.extend(ports.warning());
        Ok(Self {
            host,
            labels,
            ports,
            keeping: Keeping::default(),
            swept,
            notes,
            no_engine,
            reaper: None,
            starting: Arc::default(),
        })
    }

    /// Lets a process watch over this one, which removes what this one leaves if it is killed. `program` is the harness.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn guard(&mut self, program: &Path) -> Result<(), EnvironmentError> {
        self.reaper = Some(Reaper::start(program, self.labels.run())?);
        Ok(())
    }

    /// The ports that this environment holds. Recipes must take theirs from here: `start` releases them.
    pub fn ports(&self) -> Ports {
        self.ports.clone()
    }

    /// Environment variables by which a process that is no node, such as a worker, is found again and ended if this one dies.
    pub fn labels(&self, name: &str, log: &Path) -> Vec<(String, String)> {
        processes::variables(&self.labels.node(name, log))
    }

    /// The run's own table of this machine's packet filter.
    pub fn packets(&self) -> PacketFilter {
        PacketFilter::of(&self.labels)
    }

    /// Where nodes run.
    pub fn host(&self) -> &dyn Host {
        &*self.host
    }

    /// What was removed on opening.
    pub fn swept(&self) -> &[Leftover] {
        &self.swept
    }

    /// What whoever opened it should know: that there was no engine, that no port is outside the ephemeral range.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Looks, before anything is started, whether a system's nodes can be started here, and its proxy where it has one.
    ///
    /// # Errors
    /// An image or a program is missing.
    pub async fn check(&self, topology: &Topology) -> Result<(), EnvironmentError> {
        let proxy = (!topology.paths.is_empty()).then(|| toxiproxy::recipe(images::toxiproxy(), 0));
        for node in topology.nodes.iter().chain(&proxy) {
            self.host.check(node).await.map_err(|error| match (&self.no_engine, error) {
                (Some(reason), missing @ EnvironmentError::ProgramMissing { .. }) => {
                    EnvironmentError::NowhereToRun { reason: reason.clone(), missing: missing.to_string() }
                }
                (_, error) => error,
            })?;
        }
        Ok(())
    }

    /// Starts a node. Its process runs when this returns; whether it is ready, `Node::wait_until` tells.
    /// What it writes to stdout and stderr is saved as `logs/<node>.log` when it is removed at the latest, however that comes
    /// about.
    ///
    /// # Errors
    /// A port is taken, the image or the program is missing, or the program cannot be run; nothing is left behind.
    pub async fn start(&self, recipe: &NodeRecipe, logs: &Path) -> Result<Node, EnvironmentError> {
        self.free(recipe)?;
        let order = NodeOrder {
            recipe: recipe.clone(),
            run: self.labels.clone(),
            logs: logs.to_owned(),
            keeping: self.keeping.clone(),
        };
        let start = self.host.start(order.clone());
        let started = Arc::clone(&self.starting).read_owned().await;
        to_its_end(async move {
            let node = Node::new(&order, start.await?);
            drop(started);
            Ok(node)
        })
        .await
    }

    /// Starts Toxiproxy, waits until it answers, and creates the paths.
    ///
    /// # Errors
    /// As `start`; or it does not answer in time, or a path cannot be created.
    pub async fn start_toxiproxy(
        &self,
        paths: &[PathRecipe],
        logs: &Path,
    ) -> Result<(Node, Toxiproxy), EnvironmentError> {
        let port = self.ports.pick()?;
        let node = self.start(&toxiproxy::recipe(images::toxiproxy(), port), logs).await?;
        let client = Toxiproxy::at(port)?;
        node.wait_until(PROXY_READY, || client.version()).await?;
        for path in paths {
            // Elsewhere on the loopback it is a port of the node that it leads to.
            if *path.listen.ip() == Ipv4Addr::LOCALHOST {
                self.ports.release(path.listen.port());
            }
            client.create(path).await?;
        }
        Ok((node, client))
    }

    /// Whether what runs is to stay.
    pub fn is_kept(&self) -> bool {
        self.keeping.is_kept()
    }

    /// From now on nothing is removed by dropping: what runs stays until the next run or `harness clean` sweeps it.
    pub fn keep(&self) {
        self.keeping.keep();
    }

    /// From now on nodes that are dropped stay until this environment is dropped, which removes them all at once: for when
    /// there is something more urgent to do.
    pub fn leave_nodes(&self) {
        self.keeping.leave();
    }

    /// Waits for starts that nobody waits for any more, and removes what is left of the run; nothing where it is kept.
    pub async fn close(self) {
        if tokio::time::timeout(STARTS_END_WITHIN, self.starting.write()).await.is_err() {
            tracing::warn!("a node was still being started; `harness clean` removes it");
        }
    }

    /// Hands a node's ports over to it.
    fn free(&self, recipe: &NodeRecipe) -> Result<(), EnvironmentError> {
        for &port in &recipe.ports {
            self.ports.release(port);
            if !Ports::is_free(port) {
                return Err(EnvironmentError::PortTaken { port, node: recipe.name.clone() });
            }
        }
        Ok(())
    }
}

/// Lets a start come to its end even when nobody waits for it any more: a node that nobody takes is removed by its drop,
/// while a start cut off in the middle of a request to the engine may leave a container that nobody knows.
async fn to_its_end(
    start: impl Future<Output = Result<Node, EnvironmentError>> + Send + 'static,
) -> Result<Node, EnvironmentError> {
    tokio::spawn(start).await.unwrap_or_else(|error| {
        Err(EnvironmentError::step(
            format!("a start was cut off: {error}"),
            "`harness clean` removes what it may have left",
        ))
    })
}

/// The engine that a run would use.
///
/// # Errors
/// None answers.
pub async fn engine() -> Result<EngineFacts, EnvironmentError> {
    Engine::find().await?.facts().await
}

/// An image that the engine has. `None`: it does not have it.
///
/// # Errors
/// No engine answers.
pub async fn image(reference: &str) -> Result<Option<ImageFacts>, EnvironmentError> {
    Engine::find().await?.image(reference).await
}

/// Looks whether these nodes could run as local processes: the first one that could not says why.
///
/// # Errors
/// A program is missing.
pub async fn check_processes(nodes: &[NodeRecipe]) -> Result<(), EnvironmentError> {
    let host = Processes::new()?;
    for node in nodes {
        host.check(node).await?;
    }
    Ok(())
}

/// Everything that any run started on this machine and that is still there, whether its owner lives or not.
///
/// # Errors
/// A host refuses to list.
pub async fn leftovers() -> Result<Vec<Leftover>, EnvironmentError> {
    leftovers::of_all(&hosts::hosts().await?).await
}

/// Removes what dead runs left on this machine, and says what that was. Logs are saved if their folder still exists.
///
/// # Errors
/// A host refuses to list or to remove.
pub async fn sweep() -> Result<Vec<Leftover>, EnvironmentError> {
    leftovers::sweep(&hosts::hosts().await?).await
}

/// Nodes remove themselves; what is removed here belongs to a start that nobody waited for, to a node that was forgotten, or
/// to a run in a hurry.
impl Drop for Environment {
    fn drop(&mut self) {
        let reaper = self.reaper.take();
        let (host, run) = (Arc::clone(&self.host), self.labels.run().to_owned());
        if self.keeping.is_kept() {
            // Nodes that are kept are to be reached.
            finish_on_own_thread("removing the run's packet filter", async move {
                packets::remove_run(&run, owner::this_process()).await
            });
            return reaper.into_iter().for_each(Reaper::dismiss);
        }
        finish_on_own_thread("removing what is left of the run", async move {
            leftovers::remove_run(&[host], &run, owner::this_process()).await?;
            // One that is not dismissed looks itself, when this process has ended.
            reaper.into_iter().for_each(Reaper::dismiss);
            Ok(())
        });
    }
}
