//! Places where nodes run, and what a node that runs in one of them answers to.

use super::EnvironmentError;
use super::labels::RunLabels;
use super::leftover::Leftover;
use crate::model::NodeRecipe;
use futures_util::future::BoxFuture;
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// A place where nodes run. Cold: asked when something starts or ends, never on a message's way.
pub trait Host: fmt::Debug + Send + Sync {
    /// Its name on the command line: `containers`.
    fn name(&self) -> &'static str;
    /// What can be done to nodes that run here.
    fn can(&self) -> Abilities;
    /// What a run's provenance says of it: words, and versions by name.
    fn facts(&self) -> BoxFuture<'_, HostFacts>;
    /// Looks, before anything is started, whether a node of this recipe can be started here.
    ///
    /// # Errors
    /// Its image or one of its programs is missing; says how to get it.
    fn check<'a>(&'a self, recipe: &'a NodeRecipe) -> BoxFuture<'a, Result<(), EnvironmentError>>;
    /// Starts a node. Its process runs when this returns; on failure nothing of it is left.
    ///
    /// # Errors
    /// Its image or program is missing, or cannot be run.
    fn start(&self, order: NodeOrder) -> BoxFuture<'static, Result<Box<dyn Running>, EnvironmentError>>;
    /// Everything that any run started here and that is still there, whether its owner lives or not.
    ///
    /// # Errors
    /// The place cannot be looked at.
    fn leftovers(&self) -> BoxFuture<'_, Result<Vec<Leftover>, EnvironmentError>>;
    /// Removes one of these; its log is saved where its folder still exists.
    ///
    /// # Errors
    /// It cannot be removed.
    fn remove<'a>(&'a self, leftover: &'a Leftover) -> BoxFuture<'a, Result<(), EnvironmentError>>;
}

/// A node that was started. Dropping it removes it, as [`Keeping`] says.
pub trait Running: fmt::Debug + Send + Sync {
    /// What it was started from.
    fn origin(&self) -> &NodeSource;
    /// Its main process on this host, for reading what it uses. `None` where it has ended or cannot be seen.
    fn pid(&self) -> Option<u32>;
    /// Sends its main process a signal; one that has ended already is fine.
    ///
    /// # Errors
    /// The host cannot, or refuses.
    fn signal(&self, signal: Signal) -> BoxFuture<'_, Result<(), EnvironmentError>>;
    /// Starts it again after its end, with the same files and ports.
    ///
    /// # Errors
    /// The host cannot, or it does not start.
    fn restart(&self) -> BoxFuture<'_, Result<(), EnvironmentError>>;
    /// Waits until its main process has ended, and says how.
    fn ended(&self) -> BoxFuture<'static, Ending>;
    /// How its main process ended; `None`: it runs.
    ///
    /// # Errors
    /// The host does not answer.
    fn ending(&self) -> BoxFuture<'_, Result<Option<Ending>, EnvironmentError>>;
    /// The last lines of its log; empty where there are none.
    fn log_tail(&self) -> BoxFuture<'static, Vec<String>>;
    /// How somebody gets at it from a shell, with a client's program and arguments in which `{home}` stands for what it stands for
    /// in recipes.
    fn access(&self, client: Vec<String>) -> BoxFuture<'_, NodeAccess>;
    /// Ends it, saves its log and removes it.
    ///
    /// # Errors
    /// The host refuses.
    fn remove(self: Box<Self>) -> BoxFuture<'static, Result<(), EnvironmentError>>;
}

/// How somebody gets at a node from a shell of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeAccess {
    /// Where it is: `container focused_curie`, `process 4711`.
    pub place: String,
    /// What runs the client there, ready for a shell.
    pub command: String,
}

/// What can be done to the nodes of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// They can be ended, paused and started again.
    pub signals: bool,
    /// What they use of the machine can be read.
    pub resources: bool,
}

/// What a host says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostFacts {
    /// How nodes run here: `containers, on the host's network`.
    pub words: String,
    /// Versions by name: `engine`.
    pub versions: BTreeMap<String, String>,
}

/// What a node was started from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeSource {
    /// `image`, `program` or `address`.
    pub kind: &'static str,
    /// The image as the recipe names it, or the program's path.
    pub reference: String,
    /// What identifies its content, where something does: `sha256:…`.
    pub id: Option<String>,
    /// Its version, where it is labelled with one.
    pub version: Option<String>,
}

/// As provenance shows it: `harness/redis:8.0 sha256:…`.
impl fmt::Display for NodeSource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.reference)?;
        self.id.iter().try_for_each(|id| write!(out, " {id}"))
    }
}

/// What a host needs to know to start a node.
#[derive(Clone, Debug)]
pub struct NodeOrder {
    pub(super) recipe: NodeRecipe,
    pub(super) run: RunLabels,
    /// The folder for its log.
    pub(super) logs: PathBuf,
    pub(super) keeping: Keeping,
}

impl NodeOrder {
    /// Where the node's log belongs; its folder is there when this returns.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub(super) fn log(&self) -> Result<PathBuf, EnvironmentError> {
        let folder =
            std::path::absolute(&self.logs).and_then(|folder| std::fs::create_dir_all(&folder).map(|()| folder));
        let folder = folder.map_err(|error| {
            EnvironmentError::step(
                format!("cannot create the folder {} for logs: {error}", self.logs.display()),
                "choose another folder with `--out`",
            )
        })?;
        Ok(folder.join(format!("{}.log", self.recipe.name)))
    }
}

/// What becomes of nodes when they are dropped; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Keeping(Arc<AtomicU8>);

const REMOVED: u8 = 0;
const LEFT: u8 = 1;
const KEPT: u8 = 2;

impl Keeping {
    /// Nodes stay, also after the run.
    pub(super) fn keep(&self) {
        self.0.store(KEPT, Ordering::Relaxed);
    }

    /// Nodes stay until their environment is dropped: for when there is no time to remove each by itself.
    pub(super) fn leave(&self) {
        let _ = self.0.compare_exchange(REMOVED, LEFT, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether nodes stay after the run.
    pub(super) fn is_kept(&self) -> bool {
        self.0.load(Ordering::Relaxed) == KEPT
    }

    /// Whether a node that is dropped removes itself.
    pub(super) fn removes_nodes(&self) -> bool {
        self.0.load(Ordering::Relaxed) == REMOVED
    }
}

/// How a node's main process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this code.
    Exit(i32),
    /// By this signal.
    Signal(i32),
    /// By the kernel, for want of memory.
    OutOfMemory,
    /// It is not there any more.
    Removed,
}

/// What shells add to a signal's number to make an exit code of it; engines do the same.
const SIGNALLED: i32 = 128;
const SIGKILL: i32 = 9;

impl Ending {
    /// From an exit code in which a signal may be hidden, as engines give it.
    pub(super) fn of_code(code: i32) -> Self {
        if (SIGNALLED + 1..=SIGNALLED + 64).contains(&code) { Self::Signal(code - SIGNALLED) } else { Self::Exit(code) }
    }

    /// As an exit code: a signal as 128 and its number.
    pub fn exit(&self) -> Option<u16> {
        let code = match self {
            Self::Exit(code) => *code,
            Self::Signal(signal) => SIGNALLED + signal,
            Self::OutOfMemory => SIGNALLED + SIGKILL,
            Self::Removed => return None,
        };
        u16::try_from(code).ok()
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(code) => write!(out, "exit code {code}"),
            Self::Signal(number) => write!(out, "{}", signal_name(*number)),
            Self::OutOfMemory => write!(out, "out of memory"),
            Self::Removed => write!(out, "it was removed"),
        }
    }
}

fn signal_name(number: i32) -> String {
    const NAMES: [(i32, &str); 9] = [
        (1, "SIGHUP"),
        (2, "SIGINT"),
        (3, "SIGQUIT"),
        (6, "SIGABRT"),
        (7, "SIGBUS"),
        (SIGKILL, "SIGKILL"),
        (11, "SIGSEGV"),
        (13, "SIGPIPE"),
        (15, "SIGTERM"),
    ];
    let name = NAMES.iter().find(|(known, _)| *known == number).map(|(_, name)| *name);
    name.map_or_else(|| format!("signal {number}"), |name| format!("signal {number} ({name})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_names_its_signal_and_keeps_the_code_that_a_shell_would_show() {
        let killed = Ending::of_code(137);
        assert_eq!((killed.to_string().as_str(), killed.exit()), ("signal 9 (SIGKILL)", Some(137)));
        let failed = Ending::of_code(1);
        assert_eq!((failed.to_string().as_str(), failed.exit()), ("exit code 1", Some(1)));
        assert_eq!(Ending::of_code(255), Ending::Exit(255));
        assert_eq!(Ending::Signal(40).to_string(), "signal 40");
        assert_eq!((Ending::OutOfMemory.exit(), Ending::Removed.exit()), (Some(137), None));
    }

    #[test]
    fn what_is_kept_stays_kept_in_a_hurry() {
        let keeping = Keeping::default();
        assert!(keeping.removes_nodes());
        keeping.leave();
        assert!(!keeping.removes_nodes() && !keeping.is_kept());
        keeping.keep();
        keeping.leave();
        assert!(keeping.is_kept());
    }
}
