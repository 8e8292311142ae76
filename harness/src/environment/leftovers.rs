//! What dead runs left behind: found by its labels, and removed. Nothing else is touched.

use super::EnvironmentError;
use super::engine::{Engine, Found};
use super::labels::{RUN, ReadLabels, RunLabels};
use super::owner::{Owner, OwnerState};
use std::fmt;
use std::path::{Path, PathBuf};

/// A container that some run of the harness started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// The run's id.
    pub run: String,
    /// The node: `redis-0`.
    pub node: String,
    /// The container's id.
    pub container: String,
    /// Whether the process that started it lives.
    pub owner: OwnerState,
    /// The id of that process, where it can be read.
    pub process: Option<i32>,
    /// Where its log belongs.
    pub log: Option<PathBuf>,
}

/// As `harness clean` prints it.
impl fmt::Display for Leftover {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = self.container.get(..12).unwrap_or(&self.container);
        let process = self.process.map_or_else(|| "?".to_owned(), |process| process.to_string());
        let state = match self.owner {
            OwnerState::Alive => "runs",
            OwnerState::Dead => "has ended",
            OwnerState::Elsewhere => "is not visible from here",
        };
        write!(out, "{} of run {} (container {short}; its process {process} {state})", self.node, self.run)
    }
}

/// Everything that any run started and that is still there, whether its owner lives or not.
///
/// # Errors
/// No engine answers.
pub async fn leftovers() -> Result<Vec<Leftover>, EnvironmentError> {
    list(&Engine::find().await?).await
}

/// Removes what dead runs left, and says what that was. Logs are saved if their folder still exists.
///
/// # Errors
/// No engine answers, or it refuses to remove.
pub async fn sweep() -> Result<Vec<Leftover>, EnvironmentError> {
    sweep_with(&Engine::find().await?).await
}

/// As `sweep`, with an engine that was found before.
pub(super) async fn sweep_with(engine: &Engine) -> Result<Vec<Leftover>, EnvironmentError> {
    let mut dead = list(engine).await?;
    dead.retain(|leftover| leftover.owner == OwnerState::Dead);
    for leftover in &dead {
        engine.tear_down(&leftover.container, leftover.reachable_log()).await?;
    }
    Ok(dead)
}

/// Removes what this process started for this run.
pub(super) async fn remove_run(engine: &Engine, run: &RunLabels) -> Result<(), EnvironmentError> {
    for found in engine.containers(run.filters()).await? {
        let log = ReadLabels::read(&found.labels).and_then(|labels| labels.log);
        engine.tear_down(&found.id, log.as_deref()).await?;
    }
    Ok(())
}

async fn list(engine: &Engine) -> Result<Vec<Leftover>, EnvironmentError> {
    let me = Owner::current()?;
    let found = engine.containers(vec![RUN.to_owned()]).await?;
    Ok(found.into_iter().filter_map(|found| Leftover::read(found, &me)).collect())
}

impl Leftover {
    fn read(found: Found, me: &Owner) -> Option<Self> {
        let labels = ReadLabels::read(&found.labels)?;
        // An owner that cannot be read was not written by this version: hands off.
        let owner = labels.owner.as_ref().map_or(OwnerState::Elsewhere, |owner| owner.state(me));
        let process = labels.owner.as_ref().map(Owner::pid);
        Some(Self { run: labels.run, node: labels.node, container: found.id, owner, process, log: labels.log })
    }

    /// Where its log belongs, if that folder still exists.
    fn reachable_log(&self) -> Option<&Path> {
        self.log.as_deref().filter(|path| path.parent().is_some_and(Path::is_dir))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn found(labels: &[(&str, &str)]) -> Found {
        let labels = labels.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        Found { id: "0123456789abcdef".to_owned(), labels }
    }

    #[test]
    fn a_container_without_the_runs_label_is_not_a_leftover() {
        let me = Owner::current().expect("readable");
        assert_eq!(Leftover::read(Found { id: "1".to_owned(), labels: HashMap::new() }, &me), None);
    }

    #[test]
    fn an_unreadable_owner_is_not_taken_for_dead() {
        let me = Owner::current().expect("readable");
        let leftover = Leftover::read(found(&[("harness.run", "r"), ("harness.owner", "?")]), &me).expect("ours");
        assert_eq!(leftover.owner, OwnerState::Elsewhere);
    }

    #[test]
    fn a_leftover_reads_as_a_line() {
        let me = Owner::current().expect("readable");
        let labels = [("harness.run", "r1"), ("harness.node", "redis-0"), ("harness.owner", &me.label())];
        let line = Leftover::read(found(&labels), &me).expect("ours").to_string();
        assert!(line.starts_with("redis-0 of run r1 (container 0123456789ab; its process "), "{line}");
        assert!(line.ends_with(" runs)"), "{line}");
    }

    #[test]
    fn a_log_is_saved_only_where_its_folder_is_left() {
        let me = Owner::current().expect("readable");
        let read = |log: &str| Leftover::read(found(&[("harness.run", "r"), ("harness.log", log)]), &me).expect("ours");
        assert_eq!(read("/no/such/folder/redis-0.log").reachable_log(), None);
        assert!(read("/tmp/redis-0.log").reachable_log().is_some());
    }
}
