//! One file of a history: how far it can be read, and its batches.

use super::column::Found;
use super::error::{Defect, HistoryError};
use super::messages::{self, Flaw, Next};
use super::table::HistoryTable;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::{Buffer, MutableBuffer};
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{RecordBatchDecoder, read_dictionary};
use arrow_ipc::{Message, MessageHeader};
use arrow_schema::{Schema, SchemaRef};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Take};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How far a file can be read, found by walking over its messages without decoding them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Bytes of the messages that are complete.
    pub(super) bytes: u64,
    /// Rows in them.
    pub(super) rows: u64,
    /// Why it is not the whole file; `None`: its writer finished it.
    pub(super) cut: Option<Defect>,
}

/// Walks over the messages in a file's first bytes, all of them if `within` is more than it has. Reads their headers only:
/// about a hundred kilobytes for an hour of batches.
pub(super) fn measure(path: &Path, within: u64) -> Extent {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Defect::Missing,
        _ => Defect::Unreadable(error.to_string()),
    };
    let mut extent = Extent { bytes: 0, rows: 0, cut: None };
    extent.cut = match File::open(path) {
        Ok(file) => walk(file, within, &mut extent).unwrap_or_else(|error| Some(unreadable(error))),
        Err(error) => Some(unreadable(error)),
    };
    extent
}

fn walk(file: File, within: u64, extent: &mut Extent) -> io::Result<Option<Defect>> {
    let length = file.metadata()?.len().min(within);
    let mut source = BufReader::new(file);
    let mut header = Vec::new();
    loop {
        if extent.bytes == length && length == within {
            return Ok(Some(Defect::NoMarker));
        }
        match messages::next_header(&mut source, &mut header)? {
            Next::Message => {}
            Next::Marker if extent.bytes == 0 => {
                return Ok(Some(Defect::Unreadable("it begins with the end of a stream".to_owned())));
            }
            Next::Marker => return Ok(None),
            Next::End => return Ok(Some(Defect::NoMarker)),
            Next::Cut => return Ok(Some(Defect::WithinBatch)),
            Next::Garbage(why) => return Ok(Some(Defect::Unreadable(why))),
        }
        let message = messages::parse(&header).and_then(|(message, body)| Ok((messages::rows(&message)?, body)));
        let (rows, body) = match message {
            Ok(message) => message,
            Err(why) => return Ok(Some(Defect::Unreadable(why))),
        };
        let start = source.stream_position()?;
        if body > length.saturating_sub(start) {
            return Ok(Some(Defect::WithinBatch));
        }
        source.seek_relative(i64::try_from(body).map_err(io::Error::other)?)?;
        extent.bytes = start + body;
        extent.rows += rows;
    }
}

/// The batches of one file, up to its cut.
#[derive(Debug)]
pub(super) struct FileBatches<T> {
    path: PathBuf,
    source: Take<BufReader<File>>,
    header: Vec<u8>,
    /// What the last message's body was read into, where no column lies in it: pieces of always different sizes leave holes in memory.
    spare: Option<MutableBuffer>,
    /// Absent until the stream's first message was read.
    schema: Option<Columns>,
    dictionaries: HashMap<i64, ArrayRef>,
    rows: u64,
    table: PhantomData<T>,
}

/// The schema of a stream, and which of its columns the table knows.
#[derive(Debug)]
struct Columns {
    schema: SchemaRef,
    known: Vec<usize>,
}

impl<T: HistoryTable> FileBatches<T> {
    pub(super) fn open(path: &Path, extent: &Extent) -> Result<Self, HistoryError> {
        let file = File::open(path).map_err(HistoryError::read(path))?;
        Ok(Self {
            path: path.to_owned(),
            source: BufReader::with_capacity(64 << 10, file).take(extent.bytes),
            header: Vec::new(),
            spare: None,
            schema: None,
            dictionaries: HashMap::new(),
            rows: 0,
            table: PhantomData,
        })
    }

    /// The next batch that has rows.
    pub(super) fn next(&mut self) -> Result<Option<T::Batch>, HistoryError> {
        while let Some(body) = self.next_message()? {
            let batch = self.read(&body)?;
            self.spare = body.into_mutable().ok();
            if batch.is_some() {
                return Ok(batch);
            }
        }
        Ok(None)
    }

    /// A message's batch, where it is one and has rows.
    fn read(&mut self, body: &Buffer) -> Result<Option<T::Batch>, HistoryError> {
        match self.decode_contained(body) {
            Ok(Some(batch)) if batch.num_rows() > 0 => self.take(&batch).map(Some),
            Ok(_) => Ok(None),
            Err(Flaw::Damage(why)) => Err(self.damaged(why)),
            Err(Flaw::Codec(codec)) => {
                let codec = format!("{codec:?}");
                Err(HistoryError::Codec { path: self.path.clone(), codec })
            }
        }
    }

    /// Brings the next message's header and body into memory.
    fn next_message(&mut self) -> Result<Option<Buffer>, HistoryError> {
        match messages::next_header(&mut self.source, &mut self.header).map_err(HistoryError::read(&self.path))? {
            Next::Message => {}
            Next::End => return Ok(None),
            other => return Err(self.damaged(format!("the file changed since it was opened: {other:?}"))),
        }
        let (_, length) = messages::parse(&self.header).map_err(|why| self.damaged(why))?;
        let length =
            usize::try_from(length.min(self.source.limit())).map_err(|error| self.damaged(error.to_string()))?;
        let fitting = self.spare.take().filter(|spare| spare.capacity() >= length);
        let mut body = fitting.unwrap_or_else(|| MutableBuffer::with_capacity(length));
        body.resize(length, 0);
        self.source.read_exact(body.as_slice_mut()).map_err(HistoryError::read(&self.path))?;
        Ok(Some(body.into()))
    }

    fn damaged(&self, why: String) -> HistoryError {
        HistoryError::Damaged { path: self.path.clone(), rows: self.rows, why }
    }

    /// Arrow's decoder asserts in some places what a damaged file does not keep.
    fn decode_contained(&mut self, body: &Buffer) -> Result<Option<RecordBatch>, Flaw> {
        // Nothing is looked at again after an error but the path and the count of rows.
        catch_unwind(AssertUnwindSafe(|| self.decode(body)))
            .unwrap_or_else(|_| Err("its columns contradict their description".into()))
    }

    fn decode(&mut self, body: &Buffer) -> Result<Option<RecordBatch>, Flaw> {
        let (message, _) = messages::parse(&self.header)?;
        match (message.header_type(), &self.schema) {
            (MessageHeader::Schema, None) => {
                self.schema = Some(Columns::of::<T>(&message)?);
                Ok(None)
            }
            (MessageHeader::DictionaryBatch, Some(columns)) => {
                columns.learn(&message, body, &mut self.dictionaries)?;
                Ok(None)
            }
            (MessageHeader::RecordBatch, Some(columns)) => columns.decode(&message, body, &self.dictionaries).map(Some),
            (kind, _) => Err(format!("a message of the kind {kind:?} is out of place").into()),
        }
    }

    fn take(&mut self, batch: &RecordBatch) -> Result<T::Batch, HistoryError> {
        self.rows += batch.num_rows() as u64;
        T::read(&Found::new(batch)).map_err(|error| HistoryError::Column {
            path: self.path.clone(),
            column: error.column.to_owned(),
            problem: error.problem,
        })
    }
}

impl Columns {
    fn of<T: HistoryTable>(message: &Message<'_>) -> Result<Self, String> {
        let description = message.header_as_schema().ok_or("the schema has no description")?;
        let schema = try_fb_to_schema(description).map_err(|error| error.to_string())?;
        let names: Vec<_> = T::columns().iter().map(|column| column.name).collect();
        let is_known = |index: &usize| names.contains(&schema.field(*index).name().as_str());
        let known = (0..schema.fields().len()).filter(is_known).collect();
        Ok(Self { schema: Arc::new(schema), known })
    }

    fn learn(
        &self,
        message: &Message<'_>,
        body: &Buffer,
        dictionaries: &mut HashMap<i64, ArrayRef>,
    ) -> Result<(), Flaw> {
        let dictionary = message.header_as_dictionary_batch().ok_or("a dictionary has no description")?;
        messages::check(&dictionary.data().ok_or("a dictionary has no words")?, body)?;
        read_dictionary(body, dictionary, &self.schema, dictionaries, &message.version())
            .map_err(|error| error.to_string().into())
    }

    fn decode(
        &self,
        message: &Message<'_>,
        body: &Buffer,
        dictionaries: &HashMap<i64, ArrayRef>,
    ) -> Result<RecordBatch, Flaw> {
        let batch = message.header_as_record_batch().ok_or("a batch has no description")?;
        messages::check(&batch, body)?;
        let schema: Arc<Schema> = Arc::clone(&self.schema);
        RecordBatchDecoder::try_new(body, batch, schema, dictionaries, &message.version())
            .and_then(|decoder| decoder.with_projection(Some(&self.known)).read_record_batch())
            .map_err(|error| error.to_string().into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FOLDER, Outcome, Send, Sends, Writer};
    use super::*;
    use crate::units::{MessageId, Nanos, Partition, Position, ProducerId, Sequence};

    fn send(number: u64) -> Send {
        let intended = Nanos::from_millis(number);
        Send {
            message: MessageId { producer: ProducerId(0), partition: Partition(0), seq: Sequence(number) },
            intended,
            started: intended.plus(Nanos(40_000 + number % 7)),
            settled: intended.plus(Nanos(700_000 + number % 11)),
            outcome: Outcome::Ok,
            attempts: 1,
            dead_letter: None,
            error: None,
            position: Some(Position(number)),
        }
    }

    #[test]
    fn batches_are_read_into_the_same_memory_and_stay_what_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let rows: Vec<Send> = (0..9000).map(send).collect();
        let mut writer = Writer::<Sends>::create(dir.path(), "producer-0").unwrap();
        for batch in rows.chunks(3000) {
            batch.iter().for_each(|row| writer.append(row).unwrap());
            writer.flush().unwrap();
        }
        writer.finish().unwrap();
        let path = dir.path().join(FOLDER).join(Writer::<Sends>::facts("producer-0").name);
        let mut file = FileBatches::<Sends>::open(&path, &measure(&path, u64::MAX)).unwrap();
        let mut batches = Vec::new();
        while let Some(batch) = file.next().unwrap() {
            assert!(file.spare.is_some(), "something of batch {} keeps what it was read into", batches.len());
            batches.push(batch);
        }
        assert_eq!(batches.len(), 3);
        assert!(batches.iter().flat_map(|batch| batch.rows()).eq(rows));
    }
}
