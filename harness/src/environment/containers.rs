//! Nodes in containers: on the host's network, as the same user and in the same folder whatever the image.

use super::EnvironmentError;
use super::engine::{Engine, ImageFacts, State, chain, finish_on_own_thread};
use super::host::{Abilities, Ending, Host, HostFacts, Keeping, NodeAccess, NodeOrder, NodeSource, Running};
use super::images;
use super::labels::{NodeLabels, RUN};
use super::leftover::Leftover;
use super::owner::Owner;
use super::shell;
use crate::model::{DATA, NodeRecipe, Places};
use futures_util::future::BoxFuture;
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use testcontainers::bollard::models::{HostConfig, Mount, MountTmpfsOptions, MountType, MountVolumeOptions};
use testcontainers::core::error::ClientError;
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerRequest, GenericImage, ImageExt, TestcontainersError};

/// `{dir}` in a container: a volume of its own, because a container's layer may be slower than the disk below it.
const FOLDER: &str = "/harness";
/// `{home}` in a container: below it the official images have their programs too.
const HOME: &str = "/opt";
const PLACES: Places<'_> = Places { dir: FOLDER, home: HOME };
/// Official images run as users of their own who may not write there; the programs do not mind being root.
const USER: &str = "0:0";

/// The containers of an engine.
#[derive(Clone, Debug)]
pub(super) struct Containers {
    engine: Engine,
}

/// A started container. Dropping it saves its log and removes it.
#[derive(Debug)]
struct Container {
    engine: Engine,
    id: String,
    pid: AtomicU32,
    origin: NodeSource,
    log: PathBuf,
    keeping: Keeping,
    removed: bool,
}

impl Containers {
    /// Those of the engine that answers, if its containers can be reached from here.
    pub(super) async fn find() -> Result<Self, EnvironmentError> {
        let engine = Engine::find().await?;
        super::reach::must_share_the_network(&engine).await?;
        Ok(Self { engine })
    }
}

impl Host for Containers {
    fn name(&self) -> &'static str {
        "containers"
    }

    fn can(&self) -> Abilities {
        Abilities { signals: true, resources: true }
    }

    fn facts(&self) -> BoxFuture<'_, HostFacts> {
        Box::pin(async {
            let version = self.engine.facts().await.map(|facts| ("engine".to_owned(), facts.version));
            let versions = version.into_iter().collect::<BTreeMap<_, _>>();
            HostFacts { words: "containers, on the host's network".to_owned(), versions }
        })
    }

    fn check<'a>(&'a self, recipe: &'a NodeRecipe) -> BoxFuture<'a, Result<(), EnvironmentError>> {
        Box::pin(must_be_here_if_ours(&self.engine, recipe))
    }

    fn start(&self, order: NodeOrder) -> BoxFuture<'static, Result<Box<dyn Running>, EnvironmentError>> {
        let engine = self.engine.clone();
        Box::pin(async move { Ok(Box::new(start(engine, order).await?) as Box<dyn Running>) })
    }

    fn leftovers(&self) -> BoxFuture<'_, Result<Vec<Leftover>, EnvironmentError>> {
        Box::pin(async {
            let me = Owner::current()?;
            let found = self.engine.containers(vec![RUN.to_owned()]).await?;
            let read = |found: super::engine::Found| Leftover::read("container", found.id, &found.labels, &me);
            Ok(found.into_iter().filter_map(read).collect())
        })
    }

    fn remove<'a>(&'a self, leftover: &'a Leftover) -> BoxFuture<'a, Result<(), EnvironmentError>> {
        Box::pin(self.engine.tear_down(&leftover.id, leftover.reachable_log()))
    }
}

/// Starts a node in a container; on failure nothing of it is left.
async fn start(engine: Engine, order: NodeOrder) -> Result<Container, EnvironmentError> {
    let recipe = &order.recipe;
    must_be_here_if_ours(&engine, recipe).await?;
    let log = order.log()?;
    let labels = order.run.node(&recipe.name, &log);
    let started = request(recipe, &labels)?.start().await;
    let id = match started {
        Ok(container) => {
            let id = container.id().to_owned();
            // Its own destructor needs a runtime and saves no log: `Container` below does its work.
            std::mem::forget(container);
            id
        }
        Err(error) => return Err(failure(&engine, recipe, &labels, &log, &error).await),
    };
    let mut container = Container {
        engine: engine.clone(),
        id,
        pid: AtomicU32::new(0),
        origin: NodeSource { kind: "image", reference: recipe.image.clone(), id: None, version: None },
        log,
        keeping: order.keeping,
        removed: false,
    };
    container.origin = image_facts(&engine, recipe).await?.origin();
    match engine.state(&container.id).await? {
        State::Running(pid) => {
            container.pid.store(pid, Ordering::Relaxed);
            Ok(container)
        }
        State::Ended(ending) => Err(EnvironmentError::NodeEnded {
            node: recipe.name.clone(),
            ending: ending.to_string(),
            log: super::node::indented(&engine.log_tail(&container.id).await),
        }),
    }
}

impl Running for Container {
    fn origin(&self) -> &NodeSource {
        &self.origin
    }

    fn pid(&self) -> Option<u32> {
        Some(self.pid.load(Ordering::Relaxed)).filter(|&pid| pid > 0)
    }

    fn signal(&self, signal: Signal) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(self.engine.signal(&self.id, signal))
    }

    fn restart(&self) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async {
            self.engine.start_again(&self.id).await?;
            if let State::Running(pid) = self.engine.state(&self.id).await? {
                self.pid.store(pid, Ordering::Relaxed);
            }
            Ok(())
        })
    }

    fn ended(&self) -> BoxFuture<'static, Ending> {
        let (engine, id, pid) = (self.engine.clone(), self.id.clone(), self.pid());
        Box::pin(async move { engine.ended(&id, pid).await })
    }

    fn ending(&self) -> BoxFuture<'_, Result<Option<Ending>, EnvironmentError>> {
        Box::pin(async {
            Ok(match self.engine.state(&self.id).await? {
                State::Running(_) => None,
                State::Ended(ending) => Some(ending),
            })
        })
    }

    fn log_tail(&self) -> BoxFuture<'static, Vec<String>> {
        let (engine, id) = (self.engine.clone(), self.id.clone());
        Box::pin(async move { engine.log_tail(&id).await })
    }

    fn access(&self, client: Vec<String>) -> BoxFuture<'_, NodeAccess> {
        Box::pin(async move {
            let name = self.engine.name_of(&self.id).await.unwrap_or_else(|| self.id.clone());
            let client = client.iter().map(|word| PLACES.put_into(word));
            let words: Vec<String> =
                ["docker", "exec", "-it", &name].map(str::to_owned).into_iter().chain(client).collect();
            NodeAccess { place: format!("container {name}"), command: shell::typed(&words) }
        })
    }

    fn remove(mut self: Box<Self>) -> BoxFuture<'static, Result<(), EnvironmentError>> {
        Box::pin(async move {
            self.engine.tear_down(&self.id, Some(&self.log)).await?;
            self.removed = true;
            Ok(())
        })
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if self.removed || !self.keeping.removes_nodes() {
            return;
        }
        let (engine, id, log) = (self.engine.clone(), std::mem::take(&mut self.id), std::mem::take(&mut self.log));
        finish_on_own_thread("removing a container", async move { engine.tear_down(&id, Some(&log)).await });
    }
}

/// The project's own images exist nowhere else: looking for them in a registry would only delay a misleading error.
async fn must_be_here_if_ours(engine: &Engine, recipe: &NodeRecipe) -> Result<(), EnvironmentError> {
    if images::is_own(&recipe.image) && engine.image(&recipe.image).await?.is_none() {
        return Err(missing(recipe, "it has not been built".to_owned()));
    }
    Ok(())
}

fn missing(recipe: &NodeRecipe, reason: String) -> EnvironmentError {
    EnvironmentError::ImageMissing {
        image: recipe.image.clone(),
        node: recipe.name.clone(),
        reason,
        help: images::way_out(&recipe.image),
    }
}

async fn image_facts(engine: &Engine, recipe: &NodeRecipe) -> Result<ImageFacts, EnvironmentError> {
    engine.image(&recipe.image).await?.ok_or_else(|| missing(recipe, "it was removed while it was in use".to_owned()))
}

fn request(recipe: &NodeRecipe, labels: &NodeLabels) -> Result<ContainerRequest<GenericImage>, EnvironmentError> {
    let placed = recipe.placed(&PLACES);
    let Some((program, arguments)) = placed.command.split_first() else {
        return Err(EnvironmentError::step(
            format!("the recipe of {} names no program", recipe.name),
            "give its command in the broker's `launch`",
        ));
    };
    let (name, tag) = name_and_tag(&recipe.image);
    let limits = recipe.limits;
    let mounts: Vec<Mount> = iter::once(volume(labels)).chain(limits.disk.map(disk)).collect();
    let mut request = GenericImage::new(name, tag)
        .with_entrypoint(program)
        .with_cmd(arguments.iter().cloned())
        .with_network("host")
        .with_user(USER)
        .with_labels(labels.all())
        .with_host_config_modifier(move |host: &mut HostConfig| {
            host.publish_all_ports = Some(false);
            host.mounts = Some(mounts.clone());
            host.nano_cpus = limits.cpus.map(|cpus| (cpus * 1e9).round() as i64);
            host.cpuset_cpus = limits.cores.map(|cores| cores.to_string());
            host.memory = limits.memory.and_then(|bytes| i64::try_from(bytes).ok());
            // The same as `memory`: no swap on top.
            host.memory_swap = host.memory;
        });
    for (key, value) in placed.variables {
        request = request.with_env_var(key, value);
    }
    for (file, text) in placed.files {
        request = request.with_copy_to(format!("{FOLDER}/{file}"), text.into_bytes());
    }
    Ok(request)
}

/// Without a name of its own a volume is removed with its container.
fn volume(labels: &NodeLabels) -> Mount {
    Mount {
        target: Some(FOLDER.to_owned()),
        typ: Some(MountType::VOLUME),
        volume_options: Some(MountVolumeOptions { labels: Some(labels.all()), ..MountVolumeOptions::default() }),
        ..Mount::default()
    }
}

/// For a node's data: it ends with the container.
fn disk(bytes: u64) -> Mount {
    Mount {
        target: Some(format!("{FOLDER}/{DATA}")),
        typ: Some(MountType::TMPFS),
        tmpfs_options: Some(MountTmpfsOptions {
            size_bytes: i64::try_from(bytes).ok(),
            ..MountTmpfsOptions::default()
        }),
        ..Mount::default()
    }
}

/// `host:5000/redis` has no tag, `redis@sha256:…` is one.
fn name_and_tag(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, "latest"),
    }
}

/// What a failed start means; what it left is removed.
async fn failure(
    engine: &Engine,
    recipe: &NodeRecipe,
    labels: &NodeLabels,
    log: &Path,
    error: &TestcontainersError,
) -> EnvironmentError {
    for left in engine.containers(labels.filters()).await.unwrap_or_default() {
        if let Err(error) = engine.tear_down(&left.id, Some(log)).await {
            return error;
        }
    }
    match error {
        TestcontainersError::Client(ClientError::PullImage { err, .. }) => missing(recipe, chain(err)),
        TestcontainersError::Client(ClientError::StartContainer(err)) => EnvironmentError::step(
            format!("{} could not be started in {}: {}", recipe.name, recipe.image, chain(err)),
            format!("is `{}` a program of this image?", recipe.command.first().map_or("", String::as_str)),
        ),
        other => EnvironmentError::step(
            format!("{} could not be started in {}: {}", recipe.name, recipe.image, chain(other)),
            "`harness doctor` shows whether the engine answers",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::labels::RunLabels;
    use crate::environment::owner::Owner;

    #[test]
    fn an_image_is_split_where_its_tag_begins() {
        assert_eq!(name_and_tag("redis:8"), ("redis", "8"));
        assert_eq!(name_and_tag("redis"), ("redis", "latest"));
        assert_eq!(name_and_tag("localhost:5000/redis"), ("localhost:5000/redis", "latest"));
        assert_eq!(name_and_tag("localhost:5000/redis:8"), ("localhost:5000/redis", "8"));
        assert_eq!(name_and_tag("redis@sha256:abc"), ("redis@sha256", "abc"));
    }

    #[test]
    fn a_recipe_without_a_program_is_refused() {
        let recipe = NodeRecipe {
            name: "redis-0".to_owned(),
            image: "redis:8".to_owned(),
            command: vec![],
            files: vec![],
            variables: vec![],
            ports: vec![],
            limits: crate::model::NodeLimits::default(),
            needs: vec![],
        };
        let owner = Owner::current().expect("readable");
        let labels = RunLabels::new("run", &owner).node("redis-0", Path::new("log"));
        assert!(request(&recipe, &labels).is_err());
    }
}
