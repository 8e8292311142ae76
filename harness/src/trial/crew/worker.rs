//! One worker's process, as the run sees it.

use super::post::Post;
use crate::trial::scribe::{Lately, Scribe};
use crate::worker::protocol::{Progress, Task};
use reports::facts::FileFacts;
use reports::units::Nanos;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};

pub(super) enum Life {
    Process(Child),
    Thread,
}

pub(super) struct Worker {
    /// What it was spawned for, and which process of it this is.
    pub(super) post: Post,
    pub(super) input: Option<Box<dyn Write + Send>>,
    pub(super) life: Life,
    pub(super) scribe: Option<Scribe>,
    pub(super) progress: Progress,
    pub(super) state: Standing,
    /// What it complained of last.
    pub(super) complaint: Option<String>,
    /// How long it has said to work on a message, since it was told otherwise last.
    pub(super) works: Option<Nanos>,
    /// A fault has told it to leave its group.
    pub(super) told_to_leave: bool,
    /// It has said that it left its group, and with how many pending entries its name was deleted there.
    pub(super) left: Option<Option<u64>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Starting,
    Ready,
    /// It has said that it is done.
    Done,
    /// It has left after that, or was killed because it did not.
    Left,
    /// It has left without a word.
    Gone,
    /// A fault has killed it, and it has not been seen to end yet.
    Dying,
    /// It has ended in this way, as a fault asked for.
    Killed(String),
    /// It has left its group and ended, as a fault asked for; its name was deleted with so many pending entries, if it was.
    Departed(Option<u64>),
    /// One of the two before, and a successor has been spawned.
    Succeeded,
}

impl Standing {
    /// Nothing more will be heard of it.
    pub(super) const fn has_left(&self) -> bool {
        matches!(self, Self::Left | Self::Gone | Self::Killed(_) | Self::Departed(_) | Self::Succeeded)
    }
}

impl Worker {
    pub(super) fn name(&self) -> &str {
        &self.post.assignment.worker
    }

    /// Its process id. `None`: it has ended, or is a thread.
    pub(super) fn pid(&self) -> Option<u32> {
        match &self.life {
            Life::Process(child) if !self.state.has_left() => Some(child.id()),
            Life::Process(_) | Life::Thread => None,
        }
    }

    /// Who has left as a fault told it to, or has been followed by another, is missed by nobody.
    pub(super) const fn is_wanted(&self) -> bool {
        !matches!(self.state, Standing::Succeeded | Standing::Departed(_))
    }

    /// A client that tells of no connections is connected once it is ready.
    pub(super) fn is_connected(&self, lately: &Lately) -> bool {
        matches!(self.state, Standing::Ready | Standing::Done) && lately.connected.unwrap_or(true)
    }

    /// A process whose output has ended is ending; one whose output has not is ended. A thread cannot be killed: its input ends
    /// instead. From then on its scribe expects nothing more.
    pub(super) fn end(&mut self) {
        self.input = None;
        if let Life::Process(child) = &mut self.life {
            let _ = child.kill();
            let _ = child.wait();
        }
        self.tell_scribe();
    }

    /// Kills its process because a fault asks for it. `false`: it had ended before.
    pub(super) fn kill(&mut self) -> bool {
        let Life::Process(child) = &mut self.life else { return false };
        if !matches!(child.try_wait(), Ok(None)) || child.kill().is_err() {
            return false;
        }
        self.state = Standing::Dying;
        true
    }

    /// Looks whether a process that was killed has ended.
    pub(super) fn reap(&mut self) {
        if self.state != Standing::Dying {
            return;
        }
        let Life::Process(child) = &mut self.life else { return };
        if let Ok(Some(status)) = child.try_wait() {
            self.state = Standing::Killed(words(status));
            self.input = None;
            self.tell_scribe();
        }
    }

    /// How long it was assigned to work on a message. `None`: it consumes nothing.
    pub(super) fn assigned(&self) -> Option<Nanos> {
        match &self.post.assignment.task {
            Task::Consume(task) => Some(task.processing_ns),
            Task::Produce(_) => None,
        }
    }

    /// All that it recorded is in the history: the files, and how many sends it had begun. `None`: not yet.
    pub(super) fn closed(&mut self) -> Option<(Vec<FileFacts>, u64)> {
        let scribe = self.scribe.take_if(|scribe| scribe.is_through())?;
        let begun = scribe.begun();
        Some((scribe.finish(), begun))
    }

    fn tell_scribe(&self) {
        if let Some(scribe) = &self.scribe {
            scribe.worker_ended();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
        if let Some(scribe) = self.scribe.take() {
            scribe.finish();
        }
    }
}

fn words(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (_, Some(9)) => "signal 9 (SIGKILL)".to_owned(),
        (_, Some(signal)) => format!("signal {signal}"),
        (Some(code), None) => format!("exit code {code}"),
        (None, None) => "nobody knows how".to_owned(),
    }
}
