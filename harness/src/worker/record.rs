//! The recorder: takes rows from any thread and appends them to the worker's part of the history on its own.

use crate::clock;
use reports::facts::FileFacts;
use reports::history::{
    Connection, Connections, Deliveries, Delivery, GroupChange, GroupEvents, HistoryError, Send, Sends, Settlement,
    Settlements, Writer,
};
use reports::units::Nanos;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Rows that may wait for the disk; whoever adds one more waits too, so that memory stays bounded.
const WAITING_ROWS_AT_MOST: usize = 200_000;
const WRITE_EVERY: Duration = Duration::from_millis(100);

/// One row of one of a worker's tables.
#[derive(Clone, Debug)]
pub enum Row {
    /// Of `sends`.
    Send(Send),
    /// Of `deliveries`.
    Delivery(Delivery),
    /// Of `settlements`.
    Settlement(Settlement),
    /// Of `connections`.
    Connection(Connection),
    /// Of `group_events`.
    Group(GroupChange),
}

#[derive(Debug, Default)]
struct Waiting {
    rows: Vec<Row>,
    closed: bool,
    broken: bool,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    taken: Condvar,
    added: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way into the history. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Records(Arc<Queue>);

impl Records {
    /// Adds a row, waiting while too many already wait for the disk. Rows are dropped once the disk has refused any:
    /// the worker has said so, and the missing end of the file says it too.
    pub fn push(&self, row: Row) {
        let mut waiting = self
            .0
            .taken
            .wait_while(self.0.lock(), |waiting| waiting.rows.len() >= WAITING_ROWS_AT_MOST && !waiting.broken)
            .unwrap_or_else(PoisonError::into_inner);
        if !waiting.broken {
            waiting.rows.push(row);
        }
    }
}

/// The thread that writes.
#[derive(Debug)]
pub(super) struct Recorder {
    queue: Arc<Queue>,
    thread: JoinHandle<Result<(), HistoryError>>,
}

/// The tables of a producer, or of a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tables {
    /// `sends`, `connections`.
    Producer,
    /// `deliveries`, `settlements`, `connections`, `group_events`.
    Consumer,
}

impl Tables {
    /// The files of a worker of this name.
    pub fn files(self, worker: &str) -> Vec<FileFacts> {
        let connections = Writer::<Connections>::facts(worker);
        match self {
            Self::Producer => vec![Writer::<Sends>::facts(worker), connections],
            Self::Consumer => vec![
                Writer::<Deliveries>::facts(worker),
                Writer::<Settlements>::facts(worker),
                connections,
                Writer::<GroupEvents>::facts(worker),
            ],
        }
    }
}

struct Writers {
    sends: Option<Writer<Sends>>,
    deliveries: Option<Writer<Deliveries>>,
    settlements: Option<Writer<Settlements>>,
    connections: Writer<Connections>,
    groups: Option<Writer<GroupEvents>>,
}

impl Recorder {
    /// Creates the files of `worker` in the history of the trial in `folder`, and begins. `complain` is called once, if the
    /// disk refuses a row.
    ///
    /// # Errors
    /// A file cannot be created.
    pub(super) fn start(
        folder: &Path,
        worker: &str,
        tables: Tables,
        complain: impl FnOnce(&HistoryError) + std::marker::Send + 'static,
    ) -> Result<Self, HistoryError> {
        let mut writers = Writers::create(folder, worker, tables)?;
        let queue = Arc::new(Queue::default());
        let shared = Arc::clone(&queue);
        let thread = std::thread::spawn(move || {
            let written = write_until_closed(&shared, &mut writers);
            let result = written.and_then(|()| writers.finish());
            if let Err(error) = &result {
                complain(error);
                shared.lock().broken = true;
                shared.taken.notify_all();
            }
            result
        });
        Ok(Self { queue, thread })
    }

    /// The way in.
    pub(super) fn records(&self) -> Records {
        Records(Arc::clone(&self.queue))
    }

    /// Writes what waits, and the files' ends.
    ///
    /// # Errors
    /// The disk refused a row, now or before.
    pub(super) fn finish(self) -> Result<(), HistoryError> {
        self.queue.lock().closed = true;
        self.queue.added.notify_all();
        match self.thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn write_until_closed(queue: &Queue, writers: &mut Writers) -> Result<(), HistoryError> {
    let mut rows = Vec::new();
    loop {
        let closed = {
            let (mut waiting, _) = queue
                .added
                .wait_timeout_while(queue.lock(), WRITE_EVERY, |waiting| !waiting.closed)
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::swap(&mut waiting.rows, &mut rows);
            waiting.closed
        };
        queue.taken.notify_all();
        for row in rows.drain(..) {
            writers.append(row)?;
        }
        writers.flush_if_due(clock::now())?;
        if closed {
            return Ok(());
        }
    }
}

impl Writers {
    fn create(trial: &Path, worker: &str, tables: Tables) -> Result<Self, HistoryError> {
        let connections = Writer::create(trial, worker)?;
        Ok(match tables {
            Tables::Producer => Self {
                sends: Some(Writer::create(trial, worker)?),
                deliveries: None,
                settlements: None,
                connections,
                groups: None,
            },
            Tables::Consumer => Self {
                sends: None,
                deliveries: Some(Writer::create(trial, worker)?),
                settlements: Some(Writer::create(trial, worker)?),
                connections,
                groups: Some(Writer::create(trial, worker)?),
            },
        })
    }

    /// A row of a table that this worker's role does not write is dropped: no code path makes one.
    fn append(&mut self, row: Row) -> Result<(), HistoryError> {
        match row {
            Row::Send(row) => self.sends.as_mut().map_or(Ok(()), |writer| writer.append(&row)),
            Row::Delivery(row) => self.deliveries.as_mut().map_or(Ok(()), |writer| writer.append(&row)),
            Row::Settlement(row) => self.settlements.as_mut().map_or(Ok(()), |writer| writer.append(&row)),
            Row::Connection(row) => self.connections.append(&row),
            Row::Group(row) => self.groups.as_mut().map_or(Ok(()), |writer| writer.append(&row)),
        }
    }

    fn flush_if_due(&mut self, now: Nanos) -> Result<(), HistoryError> {
        self.sends.as_mut().map_or(Ok(()), |writer| writer.flush_if_due(now))?;
        self.deliveries.as_mut().map_or(Ok(()), |writer| writer.flush_if_due(now))?;
        self.settlements.as_mut().map_or(Ok(()), |writer| writer.flush_if_due(now))?;
        self.groups.as_mut().map_or(Ok(()), |writer| writer.flush_if_due(now))?;
        self.connections.flush_if_due(now)
    }

    fn finish(self) -> Result<(), HistoryError> {
        self.sends.map_or(Ok(0), Writer::finish)?;
        self.deliveries.map_or(Ok(0), Writer::finish)?;
        self.settlements.map_or(Ok(0), Writer::finish)?;
        self.groups.map_or(Ok(0), Writer::finish)?;
        self.connections.finish().map(drop)
    }
}
