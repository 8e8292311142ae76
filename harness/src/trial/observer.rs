//! The run's own part of the history: the broker's gauges, what processes use, faults, and the broker's account at the end.

use super::account::SharedAdministrator;
use super::roster::{Roster, Watched};
use crate::clock;
use reports::facts::FileFacts;
use reports::history::{
    DeadLetter, DeadLetters, Fault, Faults, Gauge, Gauges, HistoryError, HistoryTable, Inspection, Inspections,
    LogEntries, Logged, NodeChange, Nodes, Resource, Resources, Writer,
};
use reports::units::Nanos;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex as BlockingMutex;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::sync::watch;

/// The writer's name in file names.
const WRITER: &str = "observer";
/// The files that it writes.
pub(super) fn files() -> [FileFacts; 7] {
    [
        Writer::<Gauges>::facts(WRITER),
        Writer::<Resources>::facts(WRITER),
        Writer::<Faults>::facts(WRITER),
        Writer::<Nodes>::facts(WRITER),
        Writer::<Inspections>::facts(WRITER),
        Writer::<LogEntries>::facts(WRITER),
        Writer::<DeadLetters>::facts(WRITER),
    ]
}

const EVERY: Duration = Duration::from_secs(1);

struct Writers {
    gauges: Writer<Gauges>,
    resources: Writer<Resources>,
    faults: Writer<Faults>,
    nodes: Writer<Nodes>,
    inspections: Writer<Inspections>,
    log: Writer<LogEntries>,
    dead_letters: Writer<DeadLetters>,
}

/// All gauges of one look at the broker; none where it did not answer, and before the first look.
pub(super) type Sample = Arc<[Gauge]>;

/// Writes the run's own tables.
#[derive(Clone)]
pub(super) struct Observer {
    writers: Arc<BlockingMutex<Option<Writers>>>,
    first_error: Arc<BlockingMutex<Option<HistoryError>>>,
    newest: Arc<watch::Sender<Sample>>,
}

impl Observer {
    /// Creates the tables' files in the history of the trial in this folder.
    ///
    /// # Errors
    /// One cannot be created.
    pub(super) fn create(trial: &Path) -> Result<Self, HistoryError> {
        let writers = Writers {
            gauges: Writer::create(trial, WRITER)?,
            resources: Writer::create(trial, WRITER)?,
            faults: Writer::create(trial, WRITER)?,
            nodes: Writer::create(trial, WRITER)?,
            inspections: Writer::create(trial, WRITER)?,
            log: Writer::create(trial, WRITER)?,
            dead_letters: Writer::create(trial, WRITER)?,
        };
        Ok(Self {
            writers: Arc::new(BlockingMutex::new(Some(writers))),
            first_error: Arc::default(),
            newest: Arc::new(watch::channel(Sample::default()).0),
        })
    }

    /// Samples once a second until the returned task is aborted: the processes of the roster in step, and beside them the
    /// broker's gauges, for which a broker that does not answer may keep whoever asks waiting.
    pub(super) fn sample(&self, administrator: SharedAdministrator, roster: Roster) -> tokio::task::JoinHandle<()> {
        let (processes, broker) = (self.clone(), self.clone());
        let resources = async move {
            let mut ticks = ticks();
            loop {
                ticks.tick().await;
                let rows: Vec<Resource> = roster.all().iter().filter_map(measure).collect();
                processes.write(|writers| {
                    rows.iter().try_for_each(|row| writers.resources.append(row))?;
                    writers.resources.flush_if_due(clock::now())
                });
            }
        };
        let gauges = async move {
            let mut ticks = ticks();
            loop {
                ticks.tick().await;
                // A broker that is away has no gauges; the gap says so.
                let rows = administrator.lock().await.gauges().await.unwrap_or_default();
                broker.write(|writers| {
                    rows.iter().try_for_each(|row| writers.gauges.append(row))?;
                    writers.gauges.flush_if_due(clock::now())
                });
                broker.newest.send_replace(rows.into());
            }
        };
        tokio::spawn(async move {
            let ((), ()) = tokio::join!(resources, gauges);
        })
    }

    /// The newest gauges, as they are sampled.
    pub(super) fn samples(&self) -> watch::Receiver<Sample> {
        self.newest.subscribe()
    }

    /// What clients say of themselves.
    pub(super) fn gauges(&self, rows: &[Gauge]) {
        self.write(|writers| rows.iter().try_for_each(|row| writers.gauges.append(row)));
    }

    /// A fault has come to its end.
    pub(super) fn fault(&self, row: &Fault) {
        self.write(|writers| writers.faults.append(row));
    }

    /// Something happened to a node. Written through at once: it may be the last that is told.
    pub(super) fn node(&self, row: &NodeChange) {
        self.write(|writers| {
            writers.nodes.append(row)?;
            writers.nodes.flush()
        });
    }

    /// The broker's account at the end.
    pub(super) fn inspections(&self, rows: &[Inspection]) {
        self.write(|writers| rows.iter().try_for_each(|row| writers.inspections.append(row)));
    }

    /// Entries that the broker's log holds.
    pub(super) fn log(&self, rows: &[Logged]) {
        self.write(|writers| rows.iter().try_for_each(|row| writers.log.append(row)));
    }

    /// What the dead-letter queue held at the end.
    pub(super) fn dead_letters(&self, rows: &[DeadLetter]) {
        self.write(|writers| rows.iter().try_for_each(|row| writers.dead_letters.append(row)));
    }

    /// Writes the files' ends; returns the files with them.
    ///
    /// # Errors
    /// The disk refused a row, now or before.
    pub(super) fn finish(&self) -> Result<Vec<FileFacts>, HistoryError> {
        let writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(error) = self.first_error.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error);
        }
        let Some(writers) = writers else { return Ok(Vec::new()) };
        Ok(vec![
            ended(writers.gauges)?,
            ended(writers.resources)?,
            ended(writers.faults)?,
            ended(writers.nodes)?,
            ended(writers.inspections)?,
            ended(writers.log)?,
            ended(writers.dead_letters)?,
        ])
    }

    fn write(&self, append: impl FnOnce(&mut Writers) -> Result<(), HistoryError>) {
        let mut writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = writers.as_mut() else { return };
        if let Err(error) = append(open) {
            self.first_error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    ticks
}

fn ended<T: HistoryTable>(writer: Writer<T>) -> Result<FileFacts, HistoryError> {
    Ok(FileFacts { end: Some(writer.finish()?), ..Writer::<T>::facts(WRITER) })
}

/// What a process has used so far. `None`: it is gone, or may not be looked at.
fn measure(watched: &Watched) -> Option<Resource> {
    let process = procfs::process::Process::new(i32::try_from(watched.pid).ok()?).ok()?;
    let stat = process.stat().ok()?;
    let io = process.io().ok();
    let ticks = Nanos(1_000_000_000 / procfs::ticks_per_second().max(1));
    Some(Resource {
        at: clock::now(),
        role: watched.role.to_owned(),
        process: watched.name.clone(),
        cpu: Nanos((stat.utime + stat.stime) * ticks.0),
        rss: stat.rss * procfs::page_size(),
        read: io.as_ref().map_or(0, |io| io.read_bytes),
        written: io.as_ref().map_or(0, |io| io.write_bytes),
        sent: None,
        received: None,
    })
}
