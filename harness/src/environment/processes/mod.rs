//! Nodes as processes of this machine: the recipes' programs, looked for in the harness's home and on PATH.
//! From here processes, their folders and `/proc` may be touched; no engine and no network.
//! To add what a node gets: extend `Launch` in `launch.rs`, and say in `docs/environment.md` what a container has for it.

mod folders;
mod found;
mod launch;
mod programs;
mod recognised;

use self::folders::Folder;
use self::launch::{Launch, Launcher, Process};
use self::programs::Programs;
use self::recognised::FoundProcess;
use super::EnvironmentError;
use super::host::{Abilities, Ending, Host, HostFacts, Keeping, NodeAccess, NodeOrder, NodeSource, Running};
use super::labels::NodeLabels;
use super::leftover::Leftover;
use super::owner::Owner;
use crate::model::{NodeRecipe, Places};
use futures_util::future::BoxFuture;
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

/// How long a killed process may take until it has ended.
const ENDS_WITHIN: Duration = Duration::from_secs(10);
/// Lines of a log that an error shows, and as much of the file as holds them.
const TAIL_LINES: usize = 20;
const TAIL_BYTES: u64 = 64 * 1024;

/// This machine's processes.
#[derive(Debug)]
pub(super) struct Processes {
    programs: Programs,
    launcher: Launcher,
}

/// A node's process, its folder and its log. Dropping it ends the process and removes the folder.
#[derive(Debug)]
struct LocalNode {
    launcher: Launcher,
    programs: Programs,
    launch: Launch,
    process: Mutex<Process>,
    origin: NodeSource,
    folder: Option<Folder>,
    log: PathBuf,
    keeping: Keeping,
}

impl Processes {
    /// With the programs that are here.
    ///
    /// # Errors
    /// The thread from which processes are started cannot be had.
    pub(super) fn new() -> Result<Self, EnvironmentError> {
        Ok(Self { programs: Programs::find(), launcher: Launcher::start()? })
    }
}

impl Host for Processes {
    fn name(&self) -> &'static str {
        "processes"
    }

    fn can(&self) -> Abilities {
        Abilities { signals: true, resources: true }
    }

    fn facts(&self) -> BoxFuture<'_, HostFacts> {
        let words = format!("processes, with data in {}", folders::base().display());
        Box::pin(async { HostFacts { words, versions: BTreeMap::new() } })
    }

    fn check<'a>(&'a self, recipe: &'a NodeRecipe) -> BoxFuture<'a, Result<(), EnvironmentError>> {
        Box::pin(async {
            if let Some((option, what)) = recipe.limits.first() {
                return Err(EnvironmentError::step(
                    format!("{} is to have {what}, and a local process has none", recipe.name),
                    format!("leave `{option}` out, or run it in containers: --environment containers"),
                ));
            }
            self.programs.must_be_here(recipe).map(drop)
        })
    }

    fn start(&self, order: NodeOrder) -> BoxFuture<'static, Result<Box<dyn Running>, EnvironmentError>> {
        let started = self.start_here(&order);
        Box::pin(async move { Ok(Box::new(started?) as Box<dyn Running>) })
    }

    fn leftovers(&self) -> BoxFuture<'_, Result<Vec<Leftover>, EnvironmentError>> {
        Box::pin(async {
            let me = Owner::current()?;
            let mut all = found::processes(&me);
            all.extend(folders::leftovers(&me));
            Ok(all)
        })
    }

    fn remove<'a>(&'a self, leftover: &'a Leftover) -> BoxFuture<'a, Result<(), EnvironmentError>> {
        Box::pin(async {
            match FoundProcess::parse(&leftover.id) {
                Some(process) if leftover.kind == found::PROCESS => process.end(&leftover.run, ENDS_WITHIN).await,
                _ => folders::remove(&PathBuf::from(&leftover.id)),
            }
        })
    }
}

impl Processes {
    fn start_here(&self, order: &NodeOrder) -> Result<LocalNode, EnvironmentError> {
        let recipe = &order.recipe;
        let program = self.programs.must_be_here(recipe)?;
        let log = order.log()?;
        let labels = order.run.node(&recipe.name, &log);
        let folder = Folder::create(&labels)?;
        let (dir, home) = (folder.path().display().to_string(), self.programs.home().display().to_string());
        let placed = recipe.placed(&Places { dir: &dir, home: &home });
        folder.fill(&placed.files)?;
        let output = OpenOptions::new().create(true).append(true).open(&log).map_err(|error| {
            EnvironmentError::step(
                format!("cannot write the log {}: {error}", log.display()),
                "choose another folder with `--out`",
            )
        })?;
        let mut variables = placed.variables;
        variables.push(("PATH".to_owned(), self.programs.path().to_string_lossy().into_owned()));
        variables.extend(self::variables(&labels));
        let launch = Launch {
            node: recipe.name.clone(),
            program: program.clone(),
            arguments: placed.command.into_iter().skip(1).collect(),
            variables,
            folder: folder.path().to_owned(),
            output: std::sync::Arc::new(output),
            cores: recipe.limits.cores,
            outlives: order.keeping.is_kept(),
        };
        let process = self.launcher.launch(&launch)?;
        folder.note(&process);
        Ok(LocalNode {
            launcher: self.launcher.clone(),
            programs: self.programs.clone(),
            launch,
            process: Mutex::new(process),
            origin: origin(&program, &placed.needs),
            folder: Some(folder),
            log,
            keeping: order.keeping.clone(),
        })
    }
}

impl LocalNode {
    fn process(&self) -> Process {
        self.process.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

impl Running for LocalNode {
    fn origin(&self) -> &NodeSource {
        &self.origin
    }

    fn pid(&self) -> Option<u32> {
        self.process().pid()
    }

    fn signal(&self, signal: Signal) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async move { self.process().signal(signal) })
    }

    fn restart(&self) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async {
            let process = self.launcher.launch(&self.launch)?;
            self.folder.iter().for_each(|folder| folder.note(&process));
            *self.process.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = process;
            Ok(())
        })
    }

    fn ended(&self) -> BoxFuture<'static, Ending> {
        let process = self.process();
        Box::pin(async move { process.ended().await })
    }

    fn ending(&self) -> BoxFuture<'_, Result<Option<Ending>, EnvironmentError>> {
        Box::pin(async { Ok(self.process().ending()) })
    }

    fn log_tail(&self) -> BoxFuture<'static, Vec<String>> {
        let log = self.log.clone();
        Box::pin(async move { tail(&log).unwrap_or_else(|error| vec![format!("(not readable: {error})")]) })
    }

    fn access(&self, client: Vec<String>) -> BoxFuture<'_, NodeAccess> {
        Box::pin(async move {
            let place = self.pid().map_or_else(|| "no process any more".to_owned(), |pid| format!("process {pid}"));
            NodeAccess { place, command: self.programs.typed(&client) }
        })
    }

    fn remove(mut self: Box<Self>) -> BoxFuture<'static, Result<(), EnvironmentError>> {
        Box::pin(async move {
            let process = self.process();
            process.end_all();
            if tokio::time::timeout(ENDS_WITHIN, process.ended()).await.is_err() {
                return Err(EnvironmentError::step(
                    format!("the process {} did not end on SIGKILL", self.launch.node),
                    "a disk that does not answer can hold a process; `harness clean` ends it later",
                ));
            }
            self.folder.take().map_or(Ok(()), Folder::remove)
        })
    }
}

impl Drop for LocalNode {
    fn drop(&mut self) {
        let Some(folder) = self.folder.take() else { return };
        if !self.keeping.removes_nodes() {
            folder.leave();
            return;
        }
        let process = self.process();
        process.end_all();
        process.await_end(ENDS_WITHIN);
        if let Err(error) = folder.remove() {
            tracing::warn!("{error}");
        }
    }
}

/// Where the program lies; for one that runs in a shell or a virtual machine, where its own files lie, and the version that
/// whoever put them there left beside them.
fn origin(program: &Path, needs: &[String]) -> NodeSource {
    let files = needs.iter().map(Path::new).find(|need| need.is_absolute());
    let version = files.and_then(Path::parent).and_then(|folder| std::fs::read_to_string(folder.join("version")).ok());
    let reference = files.unwrap_or(program).display().to_string();
    NodeSource { kind: "program", reference, id: None, version: version.map(|version| version.trim().to_owned()) }
}

/// Labels as a process carries them: in its environment.
pub(super) fn variables(labels: &NodeLabels) -> Vec<(String, String)> {
    labels.all().into_iter().map(|(key, value)| (variable(&key), value)).collect()
}

/// `harness.run` as `HARNESS_RUN`.
fn variable(label: &str) -> String {
    label.replace('.', "_").to_uppercase()
}

/// The last lines of a file.
fn tail(path: &Path) -> std::io::Result<Vec<String>> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    Ok(lines.iter().skip(lines.len().saturating_sub(TAIL_LINES)).map(|line| (*line).to_owned()).collect())
}

#[cfg(test)]
mod tests;
