//! Local nodes that are found rather than started: by the labels in their environment, and by what their folder says, because
//! a program that sets its title (Redis does) writes over its environment.

use super::folders;
use crate::environment::EnvironmentError;
use crate::environment::labels::RUN;
use crate::environment::leftovers::Leftover;
use crate::environment::owner::Owner;
use procfs::process::Process;
use rustix::process::{Pid, Signal, kill_process};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::{Duration, Instant};

/// What leftovers of this kind are called.
pub(super) const PROCESS: &str = "process";
const LOOKED_AT_EVERY: Duration = Duration::from_millis(5);

/// A process, recognised even when its id is given to another later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FoundProcess {
    pid: i32,
    /// When it started, in clock ticks after the boot.
    started: u64,
}

/// As leftovers name it; `parse` reads it back.
impl fmt::Display for FoundProcess {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, started {}", self.pid, self.started)
    }
}

impl FoundProcess {
    /// The process with this id now. `None`: there is none that runs.
    pub(super) fn of(pid: i32) -> Option<Self> {
        let stat = Process::new(pid).ok()?.stat().ok()?;
        (stat.state != 'Z').then_some(Self { pid, started: stat.starttime })
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (pid, started) = text.trim().split_once(", started ")?;
        Some(Self { pid: pid.parse().ok()?, started: started.parse().ok()? })
    }

    fn runs(self) -> bool {
        Self::of(self.pid) == Some(self)
    }

    /// Kills it, and waits until it has ended.
    pub(super) async fn end(self, run: &str, patience: Duration) -> Result<(), EnvironmentError> {
        let deadline = Instant::now() + patience;
        while self.runs() {
            if Instant::now() > deadline {
                return Err(EnvironmentError::step(
                    format!("the process {} of run {run} did not end on SIGKILL", self.pid),
                    "a disk that does not answer can hold a process; try `harness clean` later",
                ));
            }
            if let Some(pid) = Pid::from_raw(self.pid) {
                let _ = kill_process(pid, Signal::KILL);
            }
            tokio::time::sleep(LOOKED_AT_EVERY).await;
        }
        Ok(())
    }
}

/// The processes of all runs: nodes, and what they have started themselves.
pub(super) fn processes(me: &Owner) -> Vec<Leftover> {
    let Ok(all) = procfs::process::all_processes() else { return Vec::new() };
    let labelled = all.filter_map(Result::ok).filter_map(|process| {
        let labels = labels_of(&process)?;
        Some((FoundProcess::of(process.pid)?, labels))
    });
    let noted = folders::noted().into_iter().filter(|(process, _)| process.runs());
    let found: BTreeMap<FoundProcess, HashMap<String, String>> = noted.chain(labelled).collect();
    let read = |(process, labels): (FoundProcess, HashMap<String, String>)| {
        Leftover::read(PROCESS, process.to_string(), &labels, me)
    };
    found.into_iter().filter_map(read).collect()
}

/// `None`: it carries none, or may not be looked at.
fn labels_of(process: &Process) -> Option<HashMap<String, String>> {
    let label = |(key, value): (std::ffi::OsString, std::ffi::OsString)| {
        let key = key.to_str()?.strip_prefix("HARNESS_")?.to_lowercase();
        Some((format!("harness.{key}"), value.to_str()?.to_owned()))
    };
    let labels: HashMap<String, String> = process.environ().ok()?.into_iter().filter_map(label).collect();
    labels.contains_key(RUN).then_some(labels)
}
