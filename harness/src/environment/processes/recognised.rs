//! A process that is recognised again.

use crate::environment::EnvironmentError;
use procfs::process::Process;
use rustix::process::{Pid, Signal, kill_process};
use std::fmt;
use std::time::{Duration, Instant};

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

    pub(super) fn runs(self) -> bool {
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
