//! The files of one worker.

use super::open_sends::OpenSends;
use crate::worker::{Begun, Row};
use reports::facts::{FileEnd, FileFacts, WriterEnd};
use reports::history::{Connections, Deliveries, GroupEvents, HistoryError, HistoryTable, Sends, Settlements, Writer};
use reports::units::{MessageId, Nanos};
use std::path::Path;

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

/// One worker's files while they are written.
#[derive(Debug)]
pub(super) struct Writers {
    worker: String,
    open: OpenSends,
    sends: Option<Writer<Sends>>,
    deliveries: Option<Writer<Deliveries>>,
    settlements: Option<Writer<Settlements>>,
    connections: Writer<Connections>,
    groups: Option<Writer<GroupEvents>>,
}

impl Writers {
    pub(super) fn create(trial: &Path, worker: &str, tables: Tables) -> Result<Self, HistoryError> {
        let mut writers = Self {
            worker: worker.to_owned(),
            open: OpenSends::default(),
            sends: None,
            deliveries: None,
            settlements: None,
            connections: Writer::create(trial, worker)?,
            groups: None,
        };
        match tables {
            Tables::Producer => writers.sends = Some(Writer::create(trial, worker)?),
            Tables::Consumer => {
                writers.deliveries = Some(Writer::create(trial, worker)?);
                writers.settlements = Some(Writer::create(trial, worker)?);
                writers.groups = Some(Writer::create(trial, worker)?);
            }
        }
        Ok(writers)
    }

    /// How a send that is under way began.
    pub(super) fn begun(&self, message: MessageId) -> Option<&Begun> {
        self.open.get(message)
    }

    /// A row of a table that a worker of this role does not have is dropped: its files are not the history's.
    pub(super) fn append(&mut self, row: Row) -> Result<(), HistoryError> {
        match row {
            Row::Begun(begun) => match self.open.begin(begun) {
                Some(before) => append(&mut self.sends, &before),
                None => Ok(()),
            },
            Row::Send(row) => {
                self.open.end(row.message);
                append(&mut self.sends, &row)
            }
            Row::Delivery(row) => append(&mut self.deliveries, &row),
            Row::Settlement(row) => append(&mut self.settlements, &row),
            Row::Connection(row) => self.connections.append(&row),
            Row::Group(row) => append(&mut self.groups, &row),
        }
    }

    pub(super) fn flush_if_due(&mut self, now: Nanos) -> Result<(), HistoryError> {
        flush_if_due(&mut self.sends, now)?;
        flush_if_due(&mut self.deliveries, now)?;
        flush_if_due(&mut self.settlements, now)?;
        flush_if_due(&mut self.groups, now)?;
        self.connections.flush_if_due(now)
    }

    /// Writes what is still open, of which nothing will be heard any more since `at`, and the files' ends.
    pub(super) fn finish(mut self, how: WriterEnd, at: Nanos) -> Result<Vec<FileFacts>, HistoryError> {
        for row in std::mem::take(&mut self.open).close(at) {
            append(&mut self.sends, &row)?;
        }
        let mut files = Vec::new();
        files.extend(self.sends.map(|writer| ended(writer, &self.worker, how)).transpose()?);
        files.extend(self.deliveries.map(|writer| ended(writer, &self.worker, how)).transpose()?);
        files.extend(self.settlements.map(|writer| ended(writer, &self.worker, how)).transpose()?);
        files.push(ended(self.connections, &self.worker, how)?);
        files.extend(self.groups.map(|writer| ended(writer, &self.worker, how)).transpose()?);
        Ok(files)
    }
}

fn append<T: HistoryTable>(writer: &mut Option<Writer<T>>, row: &T::Row) -> Result<(), HistoryError> {
    writer.as_mut().map_or(Ok(()), |writer| writer.append(row))
}

fn flush_if_due<T: HistoryTable>(writer: &mut Option<Writer<T>>, now: Nanos) -> Result<(), HistoryError> {
    writer.as_mut().map_or(Ok(()), |writer| writer.flush_if_due(now))
}

fn ended<T: HistoryTable>(writer: Writer<T>, worker: &str, how: WriterEnd) -> Result<FileFacts, HistoryError> {
    let end = FileEnd { how, ..writer.finish()? };
    Ok(FileFacts { end: Some(end), ..Writer::<T>::facts(worker) })
}
