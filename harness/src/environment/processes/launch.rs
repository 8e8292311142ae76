//! Starting processes that die with the harness, and waiting for their end.
//!
//! `PR_SET_PDEATHSIG` follows the thread that started the process, not its process: so one thread, which lives as long as
//! anybody may want to start something, starts them all.

use crate::environment::EnvironmentError;
use crate::environment::cores::started_on;
use crate::environment::host::Ending;
use crate::model::Cores;
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, getpid, getppid, kill_process, kill_process_group,
    set_parent_process_death_signal, waitid,
};
use std::fs::File;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// What to start.
#[derive(Clone, Debug)]
pub(super) struct Launch {
    /// The node's name.
    pub(super) node: String,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) variables: Vec<(String, String)>,
    /// Its working folder.
    pub(super) folder: PathBuf,
    /// Where its stdout and stderr go.
    pub(super) output: Arc<File>,
    /// The cores on which it may run; `None`: all.
    pub(super) cores: Option<Cores>,
    /// It stays when the harness ends.
    pub(super) outlives: bool,
}

/// The thread that starts processes; it ends when the last clone is dropped.
#[derive(Clone, Debug)]
pub(super) struct Launcher(Sender<(Launch, Sender<std::io::Result<Child>>)>);

/// A started process; clones are of the same.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pid: Pid,
    life: Arc<Life>,
    ended: watch::Receiver<Option<Ending>>,
}

/// While nobody has reaped it, its process id is its own: signals are sent, and it is reaped, under this lock.
#[derive(Debug, Default)]
struct Life {
    over: Mutex<bool>,
    changed: Condvar,
}

impl Launcher {
    pub(super) fn start() -> Result<Self, EnvironmentError> {
        let (sender, orders) = channel::<(Launch, Sender<std::io::Result<Child>>)>();
        let work = move || {
            for (launch, answer) in orders {
                let _ = answer.send(started_on(launch.cores, || command(&launch)?.spawn()));
            }
        };
        let thread = std::thread::Builder::new().name("launcher".to_owned()).spawn(work);
        thread.map(|_| Self(sender)).map_err(|error| {
            EnvironmentError::step(
                format!("no thread could be had from which to start processes: {error}"),
                "raise the limit of processes (`ulimit -u`)",
            )
        })
    }

    /// Starts a process.
    ///
    /// # Errors
    /// It cannot be run.
    pub(super) fn launch(&self, launch: &Launch) -> Result<Process, EnvironmentError> {
        let (answer, answered) = channel();
        let gone = || std::io::Error::other("the thread that starts processes has ended");
        let started = self.0.send((launch.clone(), answer)).map_err(|_| gone());
        let started = started.and_then(|()| answered.recv().unwrap_or_else(|_| Err(gone())));
        let memory_kills = kills_for_want_of_memory();
        let child = started.map_err(|error| {
            EnvironmentError::step(
                format!("{} could not be started as {}: {error}", launch.node, launch.program.display()),
                "is it a program that this user may run? `harness doctor` shows what is found",
            )
        })?;
        Process::of(child, memory_kills).map_err(|error| {
            EnvironmentError::step(
                format!("{} was started, but its end cannot be waited for: {error}", launch.node),
                "raise the limit of processes (`ulimit -u`)",
            )
        })
    }
}

fn command(launch: &Launch) -> std::io::Result<Command> {
    let mut command = Command::new(&launch.program);
    command
        .args(&launch.arguments)
        .envs(launch.variables.iter().map(|(name, value)| (name, value)))
        .current_dir(&launch.folder)
        .stdin(Stdio::null())
        .stdout(launch.output.try_clone()?)
        .stderr(launch.output.try_clone()?)
        // A Ctrl-C on the terminal is the run's to handle; and what the node starts itself is ended with it.
        .process_group(0);
    if !launch.outlives {
        let harness = getpid();
        let die_with_the_harness = move || {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            // The harness may have died before the kernel was told.
            if getppid() == Some(harness) { Ok(()) } else { Err(Errno::SRCH.into()) }
        };
        // SAFETY: between fork and exec only two system calls are made, which is allowed there; nothing is allocated.
        unsafe { command.pre_exec(die_with_the_harness) };
    }
    Ok(command)
}

impl Process {
    /// Waits for its end on a thread of its own.
    fn of(mut child: Child, memory_kills: Option<u64>) -> std::io::Result<Self> {
        let pid = Pid::from_child(&child);
        let (tell, ended) = watch::channel(None);
        let life = Arc::new(Life::default());
        let process = Self { pid, life: Arc::clone(&life), ended };
        let wait = move || {
            let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
            let mut over = life.lock();
            let status = child.wait();
            *over = true;
            drop(over);
            life.changed.notify_all();
            let ending = match status.map(|status| (status.code(), status.signal())) {
                Ok((_, Some(9))) if kills_for_want_of_memory() > memory_kills => Ending::OutOfMemory,
                Ok((_, Some(signal))) => Ending::Signal(signal),
                Ok((Some(code), None)) => Ending::Exit(code),
                Ok((None, None)) | Err(_) => Ending::Removed,
            };
            let _ = tell.send(Some(ending));
        };
        match std::thread::Builder::new().name("waiting".to_owned()).spawn(wait) {
            Ok(_) => Ok(process),
            Err(error) => {
                let _ = kill_process(pid, Signal::KILL);
                Err(error)
            }
        }
    }

    /// Its process id; `None` once it has ended.
    pub(super) fn pid(&self) -> Option<u32> {
        let pid = u32::try_from(self.pid.as_raw_nonzero().get()).ok();
        pid.filter(|_| !*self.life.lock())
    }

    /// Sends it a signal; one that has ended is fine.
    pub(super) fn signal(&self, signal: Signal) -> Result<(), EnvironmentError> {
        let over = self.life.lock();
        if *over {
            return Ok(());
        }
        kill_process(self.pid, signal).map_err(|error| {
            EnvironmentError::step(
                format!("the process {} could not be sent a signal: {error}", self.pid.as_raw_nonzero()),
                "does it run as another user?",
            )
        })
    }

    /// Kills it with everything that it has started in its group.
    pub(super) fn end_all(&self) {
        let over = self.life.lock();
        if !*over {
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
    }

    /// Waits for its end, and says how it was.
    pub(super) async fn ended(&self) -> Ending {
        let mut ended = self.ended.clone();
        match ended.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(ending)) => ending.clone(),
            Ok(None) | Err(_) => Ending::Removed,
        }
    }

    /// How it ended; `None`: it runs.
    pub(super) fn ending(&self) -> Option<Ending> {
        self.ended.borrow().clone()
    }

    /// Waits for its end where nothing async can.
    pub(super) fn await_end(&self, patience: Duration) {
        let over = self.life.lock();
        drop(self.life.changed.wait_timeout_while(over, patience, |over| !*over));
    }
}

impl Life {
    fn lock(&self) -> MutexGuard<'_, bool> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many processes the kernel has ended for want of memory since the boot.
fn kills_for_want_of_memory() -> Option<u64> {
    let counters = std::fs::read_to_string("/proc/vmstat").ok()?;
    counters.lines().find_map(|line| line.strip_prefix("oom_kill "))?.trim().parse().ok()
}
