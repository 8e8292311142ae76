//! What a worker is spawned for.

use crate::model::Cores;
use crate::trial::scribe::Tables;
use crate::worker::protocol::{Assignment, Task};
use reports::history::HistoryError;
use std::path::PathBuf;

/// Where a worker lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::trial) enum Housing {
    /// In a process of its own: that of this program, with these arguments.
    Process(Vec<String>),
    /// On a thread of this process: for brokers that live here too.
    Thread,
}

/// What a worker is spawned for. Its successor gets the same, as far as that is not done.
#[derive(Clone, Debug)]
pub(in crate::trial) struct Post {
    /// What to do; the journal is the crew's to fill in.
    pub(in crate::trial) assignment: Assignment,
    pub(in crate::trial) tables: Tables,
    pub(in crate::trial) housing: Housing,
    /// The cores on which its process may run; `None`: all.
    pub(in crate::trial) cores: Option<Cores>,
    /// The trial's folder.
    pub(in crate::trial) folder: PathBuf,
    /// Where its stderr goes: `<writer>.log`.
    pub(in crate::trial) logs: PathBuf,
    /// By what its process is found again if the run dies.
    pub(in crate::trial) labels: Vec<(String, String)>,
    /// Which process of its name it is, from 1.
    pub(in crate::trial) number: u32,
}

impl Post {
    /// As files name it: `consumer-1`, and its first successor `consumer-1-2`.
    pub(super) fn writer(&self) -> String {
        let name = &self.assignment.worker;
        if self.number == 1 { name.clone() } else { format!("{name}-{}", self.number) }
    }

    /// The post of the successor of a process that had begun so many sends.
    pub(super) fn succession(&self, begun: u64) -> Self {
        let mut next = self.clone();
        next.number += 1;
        if let Task::Produce(task) = &mut next.assignment.task {
            task.first += begun;
        }
        next
    }
}

/// Why a worker could not be spawned.
#[derive(Debug)]
pub(in crate::trial) enum SpawnError {
    /// Its part of the history could not be created.
    History(HistoryError),
    /// Its process could not be started, or it could not be given what it needs.
    Process {
        /// Which worker.
        worker: String,
        /// What the system said.
        source: std::io::Error,
    },
}
