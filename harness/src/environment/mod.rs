//! The environment: containers, ports, the proxy; what was started is found again and removed.
//! From here the engine, processes and Toxiproxy's HTTP interface may be touched; never a message or a verdict.
//! To add one: copy `containers.rs`, and add its row to `EnvironmentKind` and to `node::Started`.

mod containers;
mod engine;
mod error;
pub mod images;
mod labels;
mod leftovers;
mod node;
mod owner;
mod ports;
pub mod toxiproxy;

pub use engine::{EngineFacts, ImageFacts};
pub use error::EnvironmentError;
pub use leftovers::{Leftover, leftovers, sweep};
pub use node::Node;
pub use owner::OwnerState;
pub use ports::Ports;

use crate::model::{NodeRecipe, ProxyRecipe};
use engine::Engine;
use labels::RunLabels;
use owner::Owner;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use toxiproxy::Toxiproxy;

/// How long the proxy may take until it answers.
const PROXY_READY: Duration = Duration::from_secs(30);

/// Where nodes run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvironmentKind {
    /// In containers of a Docker-compatible engine, on the host's network.
    Containers,
}

impl EnvironmentKind {
    /// All kinds with their names on the command line.
    pub const ALL: &[(&'static str, Self)] = &[("containers", Self::Containers)];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Containers => "containers",
        }
    }
}

/// An open environment of one run. Dropping it removes whatever of the run is still there, also within an async runtime.
#[derive(Debug)]
pub struct Environment {
    kind: EnvironmentKind,
    engine: Engine,
    labels: RunLabels,
    ports: Ports,
    keep: Arc<AtomicBool>,
    swept: Vec<Leftover>,
}

impl Environment {
    /// Finds the engine, and removes what dead runs left.
    ///
    /// # Errors
    /// No engine answers, or it refuses to list or to remove.
    pub async fn open(kind: EnvironmentKind, run: &str) -> Result<Self, EnvironmentError> {
        let engine = Engine::find().await?;
        let swept = leftovers::sweep_with(&engine).await?;
        let labels = RunLabels::new(run, &Owner::current()?);
        Ok(Self { kind, engine, labels, ports: Ports::default(), keep: Arc::default(), swept })
    }

    /// The ports that this environment holds. Recipes must take theirs from here: `start` releases them.
    pub fn ports(&self) -> Ports {
        self.ports.clone()
    }

    /// Which kind it is.
    pub fn kind(&self) -> EnvironmentKind {
        self.kind
    }

    /// What was removed on opening.
    pub fn swept(&self) -> &[Leftover] {
        &self.swept
    }

    /// The engine, for a run's provenance.
    ///
    /// # Errors
    /// It does not answer any more.
    pub async fn engine(&self) -> Result<EngineFacts, EnvironmentError> {
        self.engine.facts().await
    }

    /// Starts a node. Its process runs when this returns; whether it is ready, `Node::wait_until` tells.
    /// What it writes to stdout and stderr is saved as `logs/<node>.log` when it is removed, however that comes about.
    ///
    /// # Errors
    /// A port is taken, the image is missing, or the program cannot be run; nothing is left behind.
    pub async fn start(&self, recipe: &NodeRecipe, logs: &Path) -> Result<Node, EnvironmentError> {
        self.free(recipe)?;
        let order = Order {
            recipe: recipe.clone(),
            run: self.labels.clone(),
            logs: logs.to_owned(),
            keep: Arc::clone(&self.keep),
        };
        match self.kind {
            EnvironmentKind::Containers => to_its_end(containers::start(self.engine.clone(), order)).await,
        }
    }

    /// Starts Toxiproxy, waits until it answers, and creates the paths.
    ///
    /// # Errors
    /// As `start`; or it does not answer in time, or a path cannot be created.
    pub async fn start_toxiproxy(
        &self,
        paths: &[ProxyRecipe],
        logs: &Path,
    ) -> Result<(Node, Toxiproxy), EnvironmentError> {
        let port = self.ports.pick()?;
        let node = self.start(&toxiproxy::recipe(images::toxiproxy(), port), logs).await?;
        let client = Toxiproxy::at(port)?;
        node.wait_until(PROXY_READY, || client.version()).await?;
        for path in paths {
            self.ports.release(path.listen);
            client.create(path).await?;
        }
        Ok((node, client))
    }

    /// Whether what runs is to stay.
    pub fn is_kept(&self) -> bool {
        self.keep.load(Ordering::Relaxed)
    }

    /// From now on nothing is removed by dropping: what runs stays until the next run or `harness clean` sweeps it.
    pub fn keep(&self) {
        self.keep.store(true, Ordering::Relaxed);
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

/// What a kind of environment needs to know to start a node.
#[derive(Debug)]
struct Order {
    recipe: NodeRecipe,
    run: RunLabels,
    logs: PathBuf,
    /// When set, dropping removes nothing.
    keep: Arc<AtomicBool>,
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

/// Nodes remove themselves; what is removed here belongs to a start that nobody waited for, or to a node that was forgotten.
impl Drop for Environment {
    fn drop(&mut self) {
        if self.keep.load(Ordering::Relaxed) {
            return;
        }
        let (engine, labels) = (self.engine.clone(), self.labels.clone());
        engine::finish_on_own_thread("removing what is left of the run", async move {
            leftovers::remove_run(&engine, &labels).await
        });
    }
}
