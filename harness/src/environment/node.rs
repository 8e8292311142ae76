//! A started node, wherever it runs.

use super::EnvironmentError;
use super::host::{Ending, NodeAccess, NodeOrder, NodeSource, Running};
use futures_util::future::BoxFuture;
use rustix::process::Signal;
use std::fmt::Display;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// Between two looks at a node that is not ready yet.
const PAUSE: Duration = Duration::from_millis(20);

/// A started node. Dropping it saves its log and removes it, also within an async runtime.
#[derive(Debug)]
pub struct Node {
    name: String,
    ports: Vec<u16>,
    /// Before the process, so that its end is known for the run's own doing when it comes.
    leaving: Leaving,
    running: Box<dyn Running>,
}

/// Says, when it is dropped, that the node ends because the run lets go of it.
#[derive(Debug, Default)]
struct Leaving(Arc<AtomicBool>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

impl Node {
    pub(super) fn new(order: &NodeOrder, running: Box<dyn Running>) -> Self {
        Self {
            name: order.recipe.name.clone(),
            ports: order.recipe.ports.clone(),
            leaving: Leaving::default(),
            running,
        }
    }

    /// Its name: `redis-0`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it was started from.
    pub fn origin(&self) -> &NodeSource {
        self.running.origin()
    }

    /// The process id of its main process on this host, for reading what it uses.
    pub fn pid(&self) -> Option<u32> {
        self.running.pid()
    }

    /// `host:port` of the first of its ports, at which it answers its administrator.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    /// The port at which it answers its administrator, the first of its own.
    pub fn port(&self) -> u16 {
        self.ports.first().copied().unwrap_or_default()
    }

    /// How somebody gets at it from a shell, with a client's program and arguments.
    pub async fn access(&self, client: Vec<String>) -> NodeAccess {
        self.running.access(client).await
    }

    /// How its main process ended; `None`: it runs.
    ///
    /// # Errors
    /// Its host does not answer.
    pub async fn ending(&self) -> Result<Option<Ending>, EnvironmentError> {
        self.running.ending().await
    }

    /// Sends its main process a signal.
    ///
    /// # Errors
    /// Its host cannot, or refuses.
    pub async fn signal(&self, signal: Signal) -> Result<(), EnvironmentError> {
        self.running.signal(signal).await
    }

    /// Starts it again after its end, with the same files and ports.
    ///
    /// # Errors
    /// Its host cannot, or it does not start.
    pub async fn restart(&self) -> Result<(), EnvironmentError> {
        self.running.restart().await
    }

    /// Waits until its main process has ended. Never returns where the run itself removes it.
    pub fn ended(&self) -> BoxFuture<'static, Ending> {
        let (ended, leaving) = (self.running.ended(), Arc::clone(&self.leaving.0));
        Box::pin(async move {
            let ending = ended.await;
            if leaving.load(Relaxed) { std::future::pending().await } else { ending }
        })
    }

    /// The last lines of its log.
    pub fn log_tail(&self) -> BoxFuture<'static, Vec<String>> {
        self.running.log_tail()
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
    /// Its host refuses.
    pub async fn stop(self) -> Result<(), EnvironmentError> {
        drop(self.leaving);
        self.running.remove().await
    }

    /// Whether it runs.
    ///
    /// # Errors
    /// It has ended; with the end of its log.
    pub async fn must_run(&self) -> Result<(), EnvironmentError> {
        match self.running.ending().await? {
            None => Ok(()),
            Some(ending) => Err(EnvironmentError::NodeEnded {
                node: self.name.clone(),
                ending: ending.to_string(),
                log: indented(&self.log_tail().await),
            }),
        }
    }

    async fn not_ready(&self, limit: Duration, last: String) -> EnvironmentError {
        let log = indented(&self.log_tail().await);
        EnvironmentError::NotReady { node: self.name.clone(), limit, last, log }
    }
}

/// The end of a log, as errors show it.
pub(super) fn indented(lines: &[String]) -> String {
    if lines.is_empty() {
        return "    (empty)".to_owned();
    }
    lines.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
