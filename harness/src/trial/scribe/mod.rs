//! The scribe: turns a worker's journal into tables of the history, while the trial goes on and after the worker's death.
//! From here journals and history writers may be touched; never a worker or a broker.
//! To add a table: give `Tables` a writer of it, and the row its arm in `append`.

mod due;
mod lately;
mod open_sends;
mod tables;

pub(super) use due::DueTimes;
pub(super) use lately::{LateTimes, Lately, count, no_times};
pub use tables::Tables;

use crate::clock;
use crate::worker::Row;
use crate::worker::journal::{JournalError, Reader, Writing};
use lately::{Glass, Noticed};
use reports::facts::{FileFacts, WriterEnd};
use reports::history::HistoryError;
use reports::units::Nanos;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;
use tables::Writers;

/// How long a scribe that has read everything rests: a tenth of what fills a journal at full speed.
const REST: Duration = Duration::from_millis(20);
/// Rows that are read before their places are given back: few enough that a writer without room does not wait for long.
const ROWS_AT_ONCE: usize = 4096;

/// Why a worker's part of the history could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ScribeError {
    /// The disk.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The worker has written what nobody understands.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// A thread that writes one worker's part of the history.
#[derive(Debug)]
pub struct Scribe {
    ended: Arc<OnceLock<Nanos>>,
    begun: Arc<AtomicU64>,
    glass: Glass,
    thread: JoinHandle<Vec<FileFacts>>,
}

impl Scribe {
    /// Creates the files of `worker` in the history of the trial in `folder`, and begins. `complain` is called once, if the
    /// disk refuses a row or a row is not understood; the journal takes no more then.
    ///
    /// # Errors
    /// A file cannot be created.
    pub fn start(
        reader: Reader,
        folder: &Path,
        worker: &str,
        tables: Tables,
        complain: impl FnOnce(&ScribeError) + Send + 'static,
    ) -> Result<Self, HistoryError> {
        Self::watching(reader, (folder, worker, tables), None, complain)
    }

    /// As [`Scribe::start`], and sees whether what a producer begins was due when it says.
    pub(super) fn watching(
        reader: Reader,
        (folder, worker, tables): (&Path, &str, Tables),
        mut due: Option<DueTimes>,
        complain: impl FnOnce(&ScribeError) + Send + 'static,
    ) -> Result<Self, HistoryError> {
        let writers = Writers::create(folder, worker, tables)?;
        let ended = Arc::new(OnceLock::new());
        let told = Arc::clone(&ended);
        let begun = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&begun);
        let glass = Glass::default();
        let noticed = Noticed::new(glass.clone());
        let thread = std::thread::spawn(move || {
            let mut reader = reader;
            let written = write_until_ended(&mut reader, (writers, noticed, due.as_mut()), &told, &count);
            reader.close();
            written.unwrap_or_else(|error| {
                complain(&error);
                Vec::new()
            })
        });
        Ok(Self { ended, begun, glass, thread })
    }

    /// The worker is dead, as of now: nothing more will be recorded.
    pub fn worker_ended(&self) {
        let _ = self.ended.set(clock::now());
        self.thread.thread().unpark();
    }

    /// Whether everything is written, and the files' ends, so that `finish` need not wait.
    pub fn is_through(&self) -> bool {
        self.thread.is_finished()
    }

    /// How many sends the worker has begun, as far as its journal has been read.
    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::Acquire)
    }

    /// What it has read since this was last called.
    pub(super) fn lately(&self) -> Lately {
        self.glass.take()
    }

    /// Waits until everything is written, and the files' ends. To be called after [`Scribe::worker_ended`]. Returns the files
    /// with their ends; none where one could not be written.
    pub fn finish(self) -> Vec<FileFacts> {
        match self.thread.join() {
            Ok(files) => files,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn write_until_ended(
    reader: &mut Reader,
    (mut writers, mut noticed, mut due): (Writers, Noticed, Option<&mut DueTimes>),
    ended: &OnceLock<Nanos>,
    begun: &AtomicU64,
) -> Result<Vec<FileFacts>, ScribeError> {
    loop {
        // Asked before the rows are read: what was recorded before the end is read after it is known.
        let end = ended.get().copied();
        let writing = if end.is_some() { Writing::HasEnded } else { Writing::GoesOn };
        let read = write_some(reader, (&mut writers, &mut noticed, due.as_deref_mut()), writing, begun)?;
        writers.flush_if_due(clock::now())?;
        match end {
            Some(_) if read == ROWS_AT_ONCE => {}
            Some(at) => return Ok(finish(reader, writers, at)?),
            None if read == ROWS_AT_ONCE => {}
            None => std::thread::park_timeout(REST),
        }
    }
}

/// Returns how many rows it wrote: fewer than it may where there were no more.
fn write_some(
    reader: &mut Reader,
    (writers, noticed, mut due): (&mut Writers, &mut Noticed, Option<&mut DueTimes>),
    writing: Writing,
    begun: &AtomicU64,
) -> Result<usize, ScribeError> {
    let mut read = 0;
    let mut begins = 0;
    while read < ROWS_AT_ONCE
        && let Some(row) = reader.next(writing)?
    {
        match &row {
            Row::Begun(send) => {
                begins += 1;
                if let Some(due) = &mut due {
                    due.begun(send);
                }
            }
            Row::Send(send) => {
                if let Some(due) = &mut due {
                    due.ended(send, writers.begun(send.message));
                }
            }
            _ => {}
        }
        noticed.see(&row);
        writers.append(row)?;
        read += 1;
    }
    begun.fetch_add(begins, Ordering::Release);
    reader.release();
    if read > 0 {
        noticed.hand_over();
    }
    Ok(read)
}

fn finish(reader: &Reader, writers: Writers, ended: Nanos) -> Result<Vec<FileFacts>, HistoryError> {
    match reader.finished() {
        Some(at) => writers.finish(WriterEnd::Finished, at),
        None => writers.finish(WriterEnd::Killed { at: ended }, ended),
    }
}

#[cfg(test)]
mod tests;
