//! A started node.

use super::EnvironmentError;
use super::containers::Container;
use super::engine::{ImageFacts, State};
use crate::model::NodeRecipe;
use std::fmt::Display;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// Between two looks at a node that is not ready yet.
const PAUSE: Duration = Duration::from_millis(20);

/// What a node runs as.
#[derive(Debug)]
pub(super) enum Started {
    /// In a container.
    Container(Container),
}

/// A started node. Dropping it saves its log and removes it, also within an async runtime.
#[derive(Debug)]
pub struct Node {
    name: String,
    image: ImageFacts,
    pid: Option<u32>,
    ports: Vec<u16>,
    started: Started,
}

impl Node {
    pub(super) fn new(recipe: &NodeRecipe, image: ImageFacts, pid: Option<u32>, started: Started) -> Self {
        Self { name: recipe.name.clone(), image, pid, ports: recipe.ports.clone(), started }
    }

    /// Its name: `redis-0`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The image that it runs in.
    pub fn image(&self) -> &ImageFacts {
        &self.image
    }

    /// The process id of its main process on the engine's host, for reading what it uses.
    pub fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// Waits until a check succeeds, which should speak the node's own protocol, and returns what it found: a connected
    /// administrator, for example. The check is tried again and again; each try is a future of its own.
    ///
    /// # Errors
    /// The node ended, or the check did not succeed within the limit; both show the end of its log.
    pub async fn wait_until<T, E, Trying>(
        &self,
        limit: Duration,
        mut check: impl FnMut() -> Trying,
    ) -> Result<T, EnvironmentError>
    where
        E: Display,
        Trying: Future<Output = Result<T, E>>,
    {
        let deadline = Instant::now() + limit;
        loop {
            let remaining = deadline.saturating_duration_since(Instant::now());
            let outcome = match tokio::time::timeout(remaining, check()).await {
                Ok(outcome) => outcome.map_err(|reason| reason.to_string()),
                Err(_) => Err("the last check did not return".to_owned()),
            };
            // Also after a success: somebody else may have answered in its place.
            self.must_run().await?;
            match outcome {
                Ok(found) => return Ok(found),
                Err(last) if Instant::now() >= deadline => return Err(self.not_ready(limit, last).await),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Waits until it accepts connections on all of its ports: less than ready, but the same for every broker.
    ///
    /// # Errors
    /// As `wait_until`.
    pub async fn wait_until_listening(&self, limit: Duration) -> Result<(), EnvironmentError> {
        self.wait_until(limit, || async {
            for &port in &self.ports {
                let connected = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await;
                connected.map_err(|error| format!("port {port}: {error}"))?;
            }
            Ok::<_, String>(())
        })
        .await
    }

    /// Ends it, saves its log and removes it.
    ///
    /// # Errors
    /// The engine refuses.
    pub async fn stop(self) -> Result<(), EnvironmentError> {
        match self.started {
            Started::Container(container) => container.stop().await,
        }
    }

    async fn must_run(&self) -> Result<(), EnvironmentError> {
        let Started::Container(container) = &self.started;
        match container.state().await? {
            State::Running(_) => Ok(()),
            State::Ended(ending) => Err(container.ended(&self.name, ending).await),
        }
    }

    async fn not_ready(&self, limit: Duration, last: String) -> EnvironmentError {
        let Started::Container(container) = &self.started;
        EnvironmentError::NotReady { node: self.name.clone(), limit, last, log: container.log_tail().await }
    }
}
