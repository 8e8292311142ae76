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
pub(crate) struct Recorder {
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
    pub(crate) fn start(
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
    pub(crate) fn records(&self) -> Records {
        Records(Arc::clone(&self.queue))
    }

    /// Writes what waits, and the files' ends.
    ///
    /// # Errors
    /// The disk refused a row, now or before.
    pub(crate) fn finish(self) -> Result<(), HistoryError> {
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
        self.sends.map(Writer::finish).transpose()?;
        self.deliveries.map(Writer::finish).transpose()?;
        self.settlements.map(Writer::finish).transpose()?;
        self.groups.map(Writer::finish).transpose()?;
        self.connections.finish().map(drop)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use reports::facts::TrialFacts;
    use reports::history::{ConnectionEvent, FOLDER, GroupEvent};
    use reports::units::{ConsumerId, Partition};
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    /// Records that nobody writes to a disk.
    pub(crate) fn kept() -> Records {
        Records(Arc::default())
    }

    /// What has been recorded since this was last asked.
    pub(crate) fn rows(records: &Records) -> Vec<Row> {
        std::mem::take(&mut records.0.lock().rows)
    }

    fn connection(at: u64) -> Row {
        let (client, peer) = ("producer-0".to_owned(), "main".to_owned());
        Row::Connection(Connection { client, peer, event: ConnectionEvent::Connected, at: Nanos(at), error: None })
    }

    fn group(at: u64) -> Row {
        let consumer = ConsumerId(0);
        Row::Group(GroupChange { consumer, event: GroupEvent::Joined, partitions: vec![Partition(0)], at: Nanos(at) })
    }

    /// Whether a file of the history was finished.
    fn is_whole(trial: &Path, file: &FileFacts) -> bool {
        let bytes = std::fs::read(trial.join(FOLDER).join(&file.name)).expect("written");
        bytes.ends_with(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])
    }

    fn never(error: &HistoryError) {
        panic!("the disk refused: {error}");
    }

    #[test]
    fn every_file_that_is_promised_is_written_to_its_end() {
        for (tables, count) in [(Tables::Producer, 2), (Tables::Consumer, 4)] {
            let trial = tempfile::tempdir().expect("a folder");
            let recorder = Recorder::start(trial.path(), "worker-0", tables, never).expect("created");
            recorder.records().push(connection(1));
            recorder.finish().expect("written");
            let files = tables.files("worker-0");
            assert_eq!(files.len(), count);
            assert_eq!(std::fs::read_dir(trial.path().join(FOLDER)).expect("listed").count(), count);
            assert!(files.iter().all(|file| is_whole(trial.path(), file)), "{files:?}");
        }
    }

    #[test]
    fn rows_of_any_thread_are_read_back_and_those_of_another_role_are_dropped() {
        let trial = tempfile::tempdir().expect("a folder");
        let recorder = Recorder::start(trial.path(), "producer-0", Tables::Producer, never).expect("created");
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let records = recorder.records();
                scope.spawn(move || {
                    for nth in 0..100 {
                        records.push(connection(thread * 100 + nth));
                        records.push(group(nth));
                    }
                });
            }
        });
        recorder.finish().expect("written");
        let mut facts = facts();
        facts.files = Tables::Producer.files("producer-0");
        facts.save(trial.path()).expect("saved");
        let history = reports::history::Trial::open(trial.path()).expect("opened");
        let times: Vec<u64> = history.connections().expect("read").iter().map(|row| row.at.0).collect();
        assert_eq!(times, (0..400).collect::<Vec<u64>>());
    }

    #[test]
    fn a_recorder_that_is_dropped_leaves_no_end() {
        let trial = tempfile::tempdir().expect("a folder");
        let recorder = Recorder::start(trial.path(), "producer-0", Tables::Producer, never).expect("created");
        drop(recorder);
        assert!(!is_whole(trial.path(), &Tables::Producer.files("producer-0")[0]));
    }

    #[test]
    fn a_history_is_never_written_over() {
        let trial = tempfile::tempdir().expect("a folder");
        let first = Recorder::start(trial.path(), "producer-0", Tables::Producer, never).expect("created");
        let second = Recorder::start(trial.path(), "producer-0", Tables::Producer, never);
        assert!(second.is_err());
        first.finish().expect("written");
    }

    #[test]
    fn a_full_queue_makes_the_next_one_wait_until_the_disk_has_taken_it() {
        let records = kept();
        for at in 0..WAITING_ROWS_AT_MOST as u64 {
            records.push(connection(at));
        }
        let (waiting, through) = (records.clone(), Arc::new(AtomicBool::new(false)));
        let told = Arc::clone(&through);
        let pusher = std::thread::spawn(move || {
            waiting.push(connection(0));
            told.store(true, Relaxed);
        });
        std::thread::sleep(Duration::from_millis(50));
        assert!(!through.load(Relaxed), "it did not wait");
        assert_eq!(rows(&records).len(), WAITING_ROWS_AT_MOST);
        records.0.taken.notify_all();
        pusher.join().expect("pushed");
        assert_eq!(rows(&records).len(), 1);
    }

    #[test]
    fn nobody_waits_for_a_disk_that_has_refused() {
        let records = kept();
        for at in 0..WAITING_ROWS_AT_MOST as u64 {
            records.push(connection(at));
        }
        records.0.lock().broken = true;
        records.push(connection(0));
        assert_eq!(rows(&records).len(), WAITING_ROWS_AT_MOST);
        records.push(connection(0));
        assert!(rows(&records).is_empty(), "what can never be written is dropped");
    }

    fn facts() -> TrialFacts {
        serde_json::from_str(
            r#"{
                "schema": "harness-history/1.0",
                "run": {"id": "run", "started": "", "command": [], "versions": {}, "host": {}},
                "scenario": "s", "title": "t", "repeat": 1, "trial_id": 1,
                "system": {"name": "m", "broker": "memory", "client": "c", "path": "direct", "ordering": "none",
                           "settling": "message", "fairness": [], "versions": {}},
                "workload": {"rate": "", "offered": 0, "message_bytes": 64, "producers": 1, "consumers": 1,
                             "partitions": 1, "seed": 1},
                "phases": [], "clients": [], "faults": [], "files": [], "end": null,
                "limits": {"lost": 0, "phantom": 0, "corrupted": 0, "duplicated": 0, "out_of_order": 0,
                           "unrecovered": 0, "resurrected": 0, "redelivered": null, "reconnected": null,
                           "unavailable": null, "recovered": null, "latency": [], "throughput": [],
                           "generator_lag": 1}
            }"#,
        )
        .expect("facts")
    }
}
