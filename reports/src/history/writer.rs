//! The writing side: rows in, a stream on disk that can be read up to its last batch whenever the process dies.

use super::builders::Builders;
use super::digest::Summed;
use super::error::HistoryError;
use super::table::HistoryTable;
use super::trial_file::FOLDER;
use crate::facts::{FileEnd, FileFacts, WriterEnd};
use crate::units::Nanos;
use arrow_array::RecordBatch;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use arrow_schema::{ArrowError, SchemaRef};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

/// A batch is written when it has this many rows. Who reads several files holds a few of each: with 50,000 rows, files were a fiftieth
/// smaller, and judging ten minutes of 50,000 messages a second took a quarter more memory.
pub const ROWS_PER_BATCH: usize = 16_384;

/// How long rows wait at most, as long as [`Writer::flush_if_due`] is called.
const PERIOD: Nanos = Nanos::SECOND;

/// Measured: as quick as 1 and a tenth smaller for sends and deliveries; 3 takes a fifth longer and saves nothing.
const ZSTD_LEVEL: i32 = 2;

/// What the stream keeps back until it is handed to the system, as one write instead of one for each column.
const BUFFER_BYTES: usize = 256 << 10;

/// The bytes from which on every buffer in the file begins; Arrow's default of 64 would be spent on padding.
const ALIGNMENT: usize = 8;

/// Appends rows to one file of a history, `history/<table>.<writer>.arrows`.
///
/// Not finished, only dropped: the file has no end-of-stream marker, and rows since the last batch are lost. That is what
/// a killed process leaves behind. Holds at most [`ROWS_PER_BATCH`] rows.
pub struct Writer<T: HistoryTable, W: io::Write = File> {
    path: PathBuf,
    stream: StreamWriter<BufWriter<Summed<W>>>,
    schema: SchemaRef,
    builders: T::Builders,
    buffered: usize,
    written: u64,
    flushed: Option<Nanos>,
    state: State,
}

impl<T: HistoryTable, W: io::Write> fmt::Debug for Writer<T, W> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Writer")
            .field("path", &self.path)
            .field("buffered", &self.buffered)
            .field("written", &self.written)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Whether more may be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// What is on disk may end within a batch; anything after it could not be read.
    Failed,
}

impl<T: HistoryTable> Writer<T> {
    /// The entry that `trial.json` must have for the file of this writer (`producer-0`, `observer`).
    pub fn facts(writer: &str) -> FileFacts {
        FileFacts {
            name: format!("{}.{writer}.arrows", T::NAME),
            table: T::NAME.to_owned(),
            writer: writer.to_owned(),
            end: None,
        }
    }

    /// Creates the file in the `history` folder of a trial's folder, and the folder where it is missing. The schema is on
    /// disk when this returns.
    ///
    /// # Errors
    ///
    /// Where the file exists, since a history is never written over, or cannot be created.
    pub fn create(trial: &Path, writer: &str) -> Result<Self, HistoryError> {
        let folder = trial.join(FOLDER);
        fs::create_dir_all(&folder).map_err(HistoryError::write(&folder))?;
        let path = folder.join(Self::facts(writer).name);
        let file = File::create_new(&path).map_err(HistoryError::write(&path))?;
        Self::over(file, path)
    }
}

impl<T: HistoryTable, W: io::Write> Writer<T, W> {
    /// Begins a stream that errors name by this path.
    pub(super) fn over(sink: W, path: PathBuf) -> Result<Self, HistoryError> {
        let schema = T::schema();
        let stream = open_stream(sink, &schema).map_err(failure(&path))?;
        Ok(Self {
            path,
            stream,
            schema,
            builders: T::Builders::default(),
            buffered: 0,
            written: 0,
            flushed: None,
            state: State::Open,
        })
    }

    /// Appends a row. Cheap, but for the row that completes a batch: that one is compressed and written before this
    /// returns, which takes some milliseconds.
    ///
    /// # Errors
    ///
    /// Where a batch cannot be written. Nothing more is recorded then; each later call fails too.
    pub fn append(&mut self, row: &T::Row) -> Result<(), HistoryError> {
        if self.state == State::Failed {
            return Err(HistoryError::Stopped { path: self.path.clone() });
        }
        T::append(&mut self.builders, row);
        self.buffered += 1;
        if self.buffered >= ROWS_PER_BATCH { self.flush() } else { Ok(()) }
    }

    /// Writes what waits, if a second has passed since this last did. To be called several times a second.
    ///
    /// # Errors
    ///
    /// As [`Writer::append`].
    pub fn flush_if_due(&mut self, now: Nanos) -> Result<(), HistoryError> {
        let flushed = *self.flushed.get_or_insert(now);
        if now.since(flushed) < PERIOD {
            return Ok(());
        }
        self.flushed = Some(now);
        self.flush()
    }

    /// Writes what waits as a batch and hands it to the system, so that it outlives this process.
    ///
    /// # Errors
    ///
    /// As [`Writer::append`].
    pub fn flush(&mut self) -> Result<(), HistoryError> {
        if self.state == State::Failed {
            return Err(HistoryError::Stopped { path: self.path.clone() });
        }
        if self.buffered == 0 {
            return Ok(());
        }
        let result = self.write_batch().map_err(failure(&self.path));
        if result.is_err() {
            self.state = State::Failed;
        }
        result
    }

    /// Writes what waits and the end-of-stream marker. Returns how the file ended, for `trial.json`; whoever writes in the
    /// name of a process that died meanwhile says so there.
    ///
    /// # Errors
    ///
    /// As [`Writer::append`]. The file has no marker then.
    pub fn finish(mut self) -> Result<FileEnd, HistoryError> {
        self.flush()?;
        self.stream.finish().and_then(|()| self.stream.flush()).map_err(failure(&self.path))?;
        let summed = self.stream.get_ref().get_ref();
        let (bytes, digest) = (summed.bytes(), summed.digest());
        Ok(FileEnd { how: WriterEnd::Finished, bytes, rows: self.written, digest })
    }

    fn write_batch(&mut self) -> Result<(), ArrowError> {
        let rows = std::mem::take(&mut self.buffered);
        let batch = RecordBatch::try_new(SchemaRef::clone(&self.schema), self.builders.finish())?;
        self.stream.write(&batch)?;
        self.stream.flush()?;
        self.written += rows as u64;
        Ok(())
    }
}

fn open_stream<W: io::Write>(sink: W, schema: &SchemaRef) -> Result<StreamWriter<BufWriter<Summed<W>>>, ArrowError> {
    let options = IpcWriteOptions::try_new(ALIGNMENT, false, arrow_ipc::MetadataVersion::V5)?
        .try_with_compression(Some(CompressionType::ZSTD))?
        .try_with_compression_level(Some(ZSTD_LEVEL))?;
    let buffered = BufWriter::with_capacity(BUFFER_BYTES, Summed::new(sink));
    let mut stream = StreamWriter::try_new_with_options(buffered, schema, options)?;
    stream.flush()?;
    Ok(stream)
}

/// Arrow wraps the system's errors; here they come out again.
fn failure(path: &Path) -> impl FnOnce(ArrowError) -> HistoryError {
    move |error| match error {
        ArrowError::IoError(_, source) => HistoryError::Write { path: path.to_owned(), source },
        ArrowError::ExternalError(source) => match source.downcast::<io::Error>() {
            Ok(source) => HistoryError::Write { path: path.to_owned(), source: *source },
            Err(other) => HistoryError::Encode { path: path.to_owned(), why: other.to_string() },
        },
        other => HistoryError::Encode { path: path.to_owned(), why: other.to_string() },
    }
}
