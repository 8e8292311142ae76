//! The container engine: what is asked of it beside starting.

use super::EnvironmentError;
use super::host::{Ending, NodeSource};
use futures_util::StreamExt;
use rustix::process::Signal;
use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error as DockerError;
use testcontainers::bollard::models::ContainerWaitResponse;
use testcontainers::bollard::query_parameters::{
    InspectContainerOptions, KillContainerOptions, KillContainerOptionsBuilder, ListContainersOptionsBuilder,
    LogsOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions, WaitContainerOptions,
};
use tracing::warn;

/// How long an engine may take to say that it is there.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
/// How long removing may take when nobody can wait for it in an async way.
const FINISH_WITHIN: Duration = Duration::from_secs(30);
/// How often a container is looked at where the engine cannot be waited for.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(1);
const REMOVAL_LOOKED_AT_EVERY: Duration = Duration::from_millis(20);
/// Lines of a log that an error shows.
const TAIL_LINES: &str = "20";
/// The standard annotation for an image's version.
/// Source: <https://github.com/opencontainers/image-spec/blob/main/annotations.md>
const VERSION_LABEL: &str = "org.opencontainers.image.version";

/// A reachable engine.
#[derive(Clone, Debug)]
pub(super) struct Engine {
    docker: Docker,
}

/// What an engine says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineFacts {
    /// Its version: `28.2.2`.
    pub version: String,
    /// The newest version of its interface: `1.50`.
    pub api: String,
    /// `linux/amd64`.
    pub platform: String,
}

/// Which image a node ran in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFacts {
    /// As the recipe names it.
    pub reference: String,
    /// The engine's id of its content: `sha256:…`.
    pub id: String,
    /// Where a registry knows it: `redis@sha256:…`.
    pub digest: Option<String>,
    /// The version that its label gives.
    pub version: Option<String>,
}

/// A container, as far as sweeping needs to know it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) labels: HashMap<String, String>,
}

/// What a container's main process does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It runs, with this process id on the engine's host.
    Running(u32),
    /// It has ended, in this way.
    Ended(Ending),
}

impl ImageFacts {
    /// As what a node was started from.
    pub(super) fn origin(self) -> NodeSource {
        NodeSource { kind: "image", reference: self.reference, id: Some(self.id), version: self.version }
    }
}

impl Engine {
    /// The engine that `DOCKER_HOST` names, or the one behind a standard socket.
    pub(super) async fn find() -> Result<Self, EnvironmentError> {
        let no_engine = |reason: String| EnvironmentError::NoEngine { reason };
        let docker = testcontainers::core::client::docker_client_instance()
            .await
            .map_err(|error| no_engine(format!("{} ({error})", address())))?;
        match tokio::time::timeout(ANSWERS_WITHIN, docker.ping()).await {
            Ok(Ok(_)) => Ok(Self { docker }),
            Ok(Err(error)) => Err(no_engine(format!("{} ({})", address(), chain(&error)))),
            Err(_) => Err(no_engine(format!("{} (no answer within {} s)", address(), ANSWERS_WITHIN.as_secs()))),
        }
    }

    pub(super) async fn facts(&self) -> Result<EngineFacts, EnvironmentError> {
        let version = self.docker.version().await.map_err(|error| refused("say its version", &error))?;
        Ok(EngineFacts {
            version: version.version.unwrap_or_default(),
            api: version.api_version.unwrap_or_default(),
            platform: format!("{}/{}", version.os.unwrap_or_default(), version.arch.unwrap_or_default()),
        })
    }

    /// An image that the engine has. `None`: it does not have it.
    pub(super) async fn image(&self, reference: &str) -> Result<Option<ImageFacts>, EnvironmentError> {
        let image = match self.docker.inspect_image(reference).await {
            Ok(image) => image,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(refused(&format!("inspect the image {reference}"), &error)),
        };
        let labels = image.config.and_then(|config| config.labels).unwrap_or_default();
        Ok(Some(ImageFacts {
            reference: reference.to_owned(),
            id: image.id.unwrap_or_default(),
            digest: image.repo_digests.unwrap_or_default().into_iter().next(),
            version: labels.get(VERSION_LABEL).cloned(),
        }))
    }

    /// All containers, running or not, that carry all of these labels (`key` or `key=value`).
    pub(super) async fn containers(&self, labels: Vec<String>) -> Result<Vec<Found>, EnvironmentError> {
        let filters = HashMap::from([("label".to_owned(), labels)]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let listed =
            self.docker.list_containers(Some(options)).await.map_err(|error| refused("list containers", &error))?;
        let found = |summary: testcontainers::bollard::models::ContainerSummary| {
            Some(Found { id: summary.id?, labels: summary.labels.unwrap_or_default() })
        };
        Ok(listed.into_iter().filter_map(found).collect())
    }

    pub(super) async fn state(&self, id: &str) -> Result<State, EnvironmentError> {
        let container = match self.docker.inspect_container(id, None::<InspectContainerOptions>).await {
            Ok(container) => container,
            Err(error) if is_absent(&error) => return Ok(State::Ended(Ending::Removed)),
            Err(error) => return Err(refused("inspect a container", &error)),
        };
        let state = container.state.unwrap_or_default();
        let pid = state.pid.and_then(|pid| u32::try_from(pid).ok()).filter(|&pid| pid > 0);
        Ok(match pid {
            Some(pid) if state.running.unwrap_or(false) => State::Running(pid),
            _ if state.oom_killed.unwrap_or(false) => State::Ended(Ending::OutOfMemory),
            _ => State::Ended(Ending::of_code(state.exit_code.and_then(|code| i32::try_from(code).ok()).unwrap_or(-1))),
        })
    }

    /// Waits until a container's main process, which had this id, has ended, however long the engine itself is away meanwhile.
    pub(super) async fn ended(&self, id: &str, pid: Option<u32>) -> Ending {
        loop {
            let answer = {
                let mut waiting = std::pin::pin!(self.docker.wait_container(id, None::<WaitContainerOptions>));
                waiting.next().await
            };
            match self.state(id).await {
                // It says what the answer leaves out: want of memory.
                Ok(State::Ended(ending)) => return ending,
                // Somebody has started the container again since.
                Ok(State::Running(another)) if pid.is_some_and(|pid| pid != another) => {
                    return Ending::of_code(exit_code(answer));
                }
                Ok(State::Running(_)) | Err(_) => {}
            }
            tokio::time::sleep(LOOKED_AT_EVERY).await;
        }
    }

    /// Sends a container's main process a signal; one that does not run is fine.
    pub(super) async fn signal(&self, id: &str, signal: Signal) -> Result<(), EnvironmentError> {
        let options = KillContainerOptionsBuilder::new().signal(&signal.as_raw().to_string()).build();
        match self.docker.kill_container(id, Some(options)).await {
            Ok(()) => Ok(()),
            Err(error) if is_absent(&error) || is_in_the_way(&error) => Ok(()),
            Err(error) => Err(refused("send a container a signal", &error)),
        }
    }

    /// Starts a container again whose main process has ended.
    pub(super) async fn start_again(&self, id: &str) -> Result<(), EnvironmentError> {
        let started = self.docker.start_container(id, None::<StartContainerOptions>).await;
        started.map_err(|error| refused("start a container again", &error))
    }

    /// A container's network, if the engine knows the container: `host`, `bridge`.
    pub(super) async fn network_of(&self, id: &str) -> Option<String> {
        let container = self.docker.inspect_container(id, None::<InspectContainerOptions>).await.ok()?;
        container.host_config?.network_mode
    }

    /// What people call a container, if the engine knows it: `focused_curie`.
    pub(super) async fn name_of(&self, id: &str) -> Option<String> {
        let container = self.docker.inspect_container(id, None::<InspectContainerOptions>).await.ok()?;
        container.name.map(|name| name.trim_start_matches('/').to_owned()).filter(|name| !name.is_empty())
    }

    /// The last lines of a container's log; says so when it cannot be read.
    pub(super) async fn log_tail(&self, id: &str) -> Vec<String> {
        let mut bytes = Vec::new();
        match self.copy_log(id, TAIL_LINES, &mut bytes).await {
            Err(reason) => vec![format!("(not readable: {reason})")],
            Ok(()) => String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect(),
        }
    }

    /// Ends a container's process, appends its log to a file, and removes it with its volumes.
    /// It is removed even when its log cannot be saved. One that is gone already is fine.
    pub(super) async fn tear_down(&self, id: &str, log: Option<&Path>) -> Result<(), EnvironmentError> {
        // Killed first, so that the last lines are in the log; one that does not run any more refuses, rightly.
        let _ = self.docker.kill_container(id, None::<KillContainerOptions>).await;
        if let Some(path) = log
            && let Err(reason) = self.save_log(id, path).await
        {
            warn!("the log {} could not be saved: {reason}", path.display());
        }
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        match self.docker.remove_container(id, Some(options)).await {
            Ok(()) => Ok(()),
            Err(error) if is_absent(&error) => Ok(()),
            // Somebody else is removing it: another run's sweep, or this run's reaper.
            Err(error) if is_in_the_way(&error) => self.gone(id).await,
            Err(error) => Err(refused(&format!("remove the container {id}"), &error)),
        }
    }

    /// Waits until a container that somebody else removes is not there any more.
    async fn gone(&self, id: &str) -> Result<(), EnvironmentError> {
        let deadline = Instant::now() + FINISH_WITHIN;
        while Instant::now() < deadline {
            match self.docker.inspect_container(id, None::<InspectContainerOptions>).await {
                Err(error) if is_absent(&error) => return Ok(()),
                _ => tokio::time::sleep(REMOVAL_LOOKED_AT_EVERY).await,
            }
        }
        let what =
            format!("the container {id} is being removed, and was still there after {} s", FINISH_WITHIN.as_secs());
        Err(EnvironmentError::step(what, "look at the engine's log; `harness clean` tries again"))
    }

    async fn save_log(&self, id: &str, path: &Path) -> Result<(), String> {
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(|error| error.to_string())?;
        let mut file = std::io::BufWriter::new(file);
        self.copy_log(id, "all", &mut file).await?;
        file.flush().map_err(|error| error.to_string())
    }

    async fn copy_log(&self, id: &str, tail: &str, to: &mut (impl Write + Send)) -> Result<(), String> {
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail(tail).build();
        let mut log = std::pin::pin!(self.docker.logs(id, Some(options)));
        while let Some(part) = log.next().await {
            let part = part.map_err(|error| error.to_string())?;
            to.write_all(part.as_ref()).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// Runs a future to its end on a thread and runtime of its own: for `drop`, which may be called inside a runtime of
/// either flavour, or after the last one has ended.
pub(super) fn finish_on_own_thread<F>(what: &'static str, future: F)
where
    F: Future<Output = Result<(), EnvironmentError>> + Send + 'static,
{
    let work = move || match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Err(error) => warn!("{what}: {error}"),
        Ok(runtime) => match runtime.block_on(async { tokio::time::timeout(FINISH_WITHIN, future).await }) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!("{what}: {error}"),
            Err(_) => warn!("{what} took longer than {} s; `harness clean` removes the rest", FINISH_WITHIN.as_secs()),
        },
    };
    let finished =
        std::thread::Builder::new().name("teardown".to_owned()).spawn(work).map(std::thread::JoinHandle::join);
    if !matches!(finished, Ok(Ok(()))) {
        warn!("{what} did not finish; `harness clean` removes the rest");
    }
}

/// Where an engine was looked for, for people.
fn address() -> String {
    std::env::var("DOCKER_HOST")
        .map_or_else(|_| "/var/run/docker.sock".to_owned(), |host| format!("DOCKER_HOST={host}"))
}

fn refused(step: &str, error: &DockerError) -> EnvironmentError {
    EnvironmentError::step(
        format!("the container engine could not {step}: {}", chain(error)),
        "`harness doctor` shows whether the engine answers; its own log tells more",
    )
}

/// An error with its causes: the outermost alone says only `client error (Connect)`.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}

fn is_absent(error: &DockerError) -> bool {
    matches!(error, DockerError::DockerResponseServerError { status_code: 404, .. })
}

fn is_in_the_way(error: &DockerError) -> bool {
    matches!(error, DockerError::DockerResponseServerError { status_code: 409, .. })
}
/// What a container's main process ended with, as waiting for it is answered; the engine calls a code other than 0 an error.
fn exit_code(answer: Option<Result<ContainerWaitResponse, DockerError>>) -> i32 {
    let code = match answer {
        Some(Ok(response)) => response.status_code,
        Some(Err(DockerError::DockerContainerWaitError { code, .. })) => code,
        Some(Err(_)) | None => -1,
    };
    i32::try_from(code).unwrap_or(-1)
}
