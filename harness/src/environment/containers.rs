//! Nodes in containers: on the host's network, as the same user and in the same folder whatever the image.

use super::engine::{Engine, ImageFacts, State, chain, finish_on_own_thread};
use super::images;
use super::labels::NodeLabels;
use super::node::{Node, Started};
use super::{EnvironmentError, Order};
use crate::model::NodeRecipe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use testcontainers::bollard::models::{HostConfig, Mount, MountType, MountVolumeOptions};
use testcontainers::core::error::ClientError;
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerRequest, GenericImage, ImageExt, TestcontainersError};

/// `{dir}` in a container: a volume of its own, because a container's layer may be slower than the disk below it.
const FOLDER: &str = "/harness";
/// Official images run as users of their own who may not write there; the programs do not mind being root.
const USER: &str = "0:0";

/// A started container. Dropping it saves its log and removes it.
#[derive(Debug)]
pub(super) struct Container {
    engine: Engine,
    id: String,
    log: PathBuf,
    keep: Arc<AtomicBool>,
    removed: bool,
}

/// Starts a node in a container; on failure nothing of it is left.
pub(super) async fn start(engine: Engine, order: Order) -> Result<Node, EnvironmentError> {
    let recipe = &order.recipe;
    must_be_here_if_ours(&engine, recipe).await?;
    let log = log_path(&order.logs, &recipe.name)?;
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
    let container = Container { engine: engine.clone(), id, log, keep: order.keep, removed: false };
    let image = image_facts(&engine, recipe).await?;
    match engine.state(&container.id).await? {
        State::Running(pid) => Ok(Node::new(recipe, image, Some(pid), Started::Container(container))),
        State::Ended(ending) => Err(container.ended(&recipe.name, ending).await),
    }
}

impl Container {
    /// Whether its main process runs.
    pub(super) async fn state(&self) -> Result<State, EnvironmentError> {
        self.engine.state(&self.id).await
    }

    /// The last lines of its log.
    pub(super) async fn log_tail(&self) -> String {
        self.engine.log_tail(&self.id).await
    }

    /// Saves its log and removes it.
    pub(super) async fn stop(mut self) -> Result<(), EnvironmentError> {
        self.engine.tear_down(&self.id, Some(&self.log)).await?;
        self.removed = true;
        Ok(())
    }

    /// The error for a node whose process has ended too early.
    pub(super) async fn ended(&self, node: &str, ending: String) -> EnvironmentError {
        EnvironmentError::NodeEnded { node: node.to_owned(), ending, log: self.log_tail().await }
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if self.removed || self.keep.load(Ordering::Relaxed) {
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

fn log_path(logs: &Path, node: &str) -> Result<PathBuf, EnvironmentError> {
    let folder = std::path::absolute(logs).and_then(|folder| std::fs::create_dir_all(&folder).map(|()| folder));
    let folder = folder.map_err(|error| {
        EnvironmentError::step(
            format!("cannot create the folder {} for logs: {error}", logs.display()),
            "choose another folder with `--out`",
        )
    })?;
    Ok(folder.join(format!("{node}.log")))
}

fn request(recipe: &NodeRecipe, labels: &NodeLabels) -> Result<ContainerRequest<GenericImage>, EnvironmentError> {
    let placed = recipe.placed_in(FOLDER);
    let Some((program, arguments)) = placed.command.split_first() else {
        return Err(EnvironmentError::step(
            format!("the recipe of {} names no program", recipe.name),
            "give its command in the broker's `launch`",
        ));
    };
    let (name, tag) = name_and_tag(&recipe.image);
    let volume = volume(labels);
    let mut request = GenericImage::new(name, tag)
        .with_entrypoint(program)
        .with_cmd(arguments.iter().cloned())
        .with_network("host")
        .with_user(USER)
        .with_labels(labels.all())
        .with_host_config_modifier(move |host: &mut HostConfig| {
            host.publish_all_ports = Some(false);
            host.mounts = Some(vec![volume.clone()]);
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
        };
        let owner = Owner::current().expect("readable");
        let labels = RunLabels::new("run", &owner).node("redis-0", Path::new("log"));
        assert!(request(&recipe, &labels).is_err());
    }
}
