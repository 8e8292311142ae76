//! `sends`: one row for each send, appended when it settled.

use super::column::{ColumnError, Found, OptionalColumn, TextColumn, Word, WordBuilder, word_type};
use super::table::{Column, HistoryTable};
use super::{Outcome, Send};
use crate::units::{MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use arrow_array::ArrayRef;
use arrow_array::builder::{StringBuilder, UInt8Builder, UInt16Builder, UInt64Builder};
use arrow_buffer::ScalarBuffer;
use arrow_schema::DataType;
use std::sync::Arc;

impl Word for Outcome {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Ok, "ok"), (Self::Failed, "failed"), (Self::Indeterminate, "indeterminate")];

    fn index(self) -> u8 {
        self as u8
    }
}

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum Sends {}

/// Its columns while they are collected.
#[derive(Debug, Default)]
pub struct SendBuilders {
    producer: UInt16Builder,
    partition: UInt16Builder,
    seq: UInt64Builder,
    intended: UInt64Builder,
    started: UInt64Builder,
    settled: UInt64Builder,
    outcome: WordBuilder<Outcome>,
    attempts: UInt8Builder,
    error: StringBuilder,
    position: UInt64Builder,
}

/// Sends as columns of equal length. Times are nanoseconds of the monotonic clock.
#[derive(Clone, Debug)]
pub struct SendBatch {
    /// Who sent.
    pub producer: ScalarBuffer<u16>,
    /// Where to.
    pub partition: ScalarBuffer<u16>,
    /// Which of its producer and partition.
    pub seq: ScalarBuffer<u64>,
    /// When the schedule wanted it sent.
    pub intended: ScalarBuffer<u64>,
    /// When it was handed to the client library.
    pub started: ScalarBuffer<u64>,
    /// When the outcome was known.
    pub settled: ScalarBuffer<u64>,
    /// How it ended.
    pub outcome: Vec<Outcome>,
    /// How often the worker handed it to the client library.
    pub attempts: ScalarBuffer<u8>,
    /// Why it did not end well.
    pub error: TextColumn,
    /// Where the broker says that it put it.
    pub position: OptionalColumn<u64>,
}

impl SendBatch {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.seq.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.seq.is_empty()
    }

    /// Which message a row is about.
    ///
    /// # Panics
    ///
    /// Where there is no such row.
    pub fn message(&self, row: usize) -> MessageId {
        MessageId {
            producer: ProducerId(self.producer[row]),
            partition: Partition(self.partition[row]),
            seq: Sequence(self.seq[row]),
        }
    }

    /// A row, its error copied.
    ///
    /// # Panics
    ///
    /// Where there is no such row.
    pub fn row(&self, row: usize) -> Send {
        Send {
            message: self.message(row),
            intended: Nanos(self.intended[row]),
            started: Nanos(self.started[row]),
            settled: Nanos(self.settled[row]),
            outcome: self.outcome[row],
            attempts: self.attempts[row],
            error: self.error.owned_if_any(row),
            position: self.position.get(row).map(Position),
        }
    }

    /// All rows, in the order of the file.
    pub fn rows(&self) -> impl Iterator<Item = Send> + '_ {
        (0..self.len()).map(|row| self.row(row))
    }
}

impl HistoryTable for Sends {
    const NAME: &'static str = "sends";
    const ABOUT: &'static str = "one send; appended when its outcome was known";
    type Row = Send;
    type Builders = SendBuilders;
    type Batch = SendBatch;

    fn columns() -> Vec<Column> {
        vec![
            Column::required("producer", DataType::UInt16, "who sent, from 0"),
            Column::required("partition", DataType::UInt16, "where to, from 0"),
            Column::required("seq", DataType::UInt64, "which of its producer and partition: 0, 1, 2 … without gaps"),
            Column::required("intended_ns", DataType::UInt64, "when the schedule wanted it sent"),
            Column::required("started_ns", DataType::UInt64, "when it was handed to the client library"),
            Column::required("settled_ns", DataType::UInt64, "when the outcome was known"),
            Column::required("outcome", word_type(), "`ok`, `failed` (certainly not done) or `indeterminate`"),
            Column::required("attempts", DataType::UInt8, "how often the worker handed it to the client library"),
            Column::optional("error", DataType::Utf8, "why it did not end well, in short and stable words"),
            Column::optional("position", DataType::UInt64, "where the broker says that it put it"),
        ]
    }

    fn append(builders: &mut SendBuilders, row: &Send) {
        builders.producer.append_value(row.message.producer.0);
        builders.partition.append_value(row.message.partition.0);
        builders.seq.append_value(row.message.seq.0);
        builders.intended.append_value(row.intended.0);
        builders.started.append_value(row.started.0);
        builders.settled.append_value(row.settled.0);
        builders.outcome.append(row.outcome);
        builders.attempts.append_value(row.attempts);
        builders.error.append_option(row.error.as_deref());
        builders.position.append_option(row.position.map(|position| position.0));
    }

    fn finish(builders: &mut SendBuilders) -> Vec<ArrayRef> {
        vec![
            Arc::new(builders.producer.finish()),
            Arc::new(builders.partition.finish()),
            Arc::new(builders.seq.finish()),
            Arc::new(builders.intended.finish()),
            Arc::new(builders.started.finish()),
            Arc::new(builders.settled.finish()),
            builders.outcome.finish(),
            Arc::new(builders.attempts.finish()),
            Arc::new(builders.error.finish()),
            Arc::new(builders.position.finish()),
        ]
    }

    fn read(found: &Found<'_>) -> Result<SendBatch, ColumnError> {
        Ok(SendBatch {
            producer: found.u16("producer")?,
            partition: found.u16("partition")?,
            seq: found.u64("seq")?,
            intended: found.u64("intended_ns")?,
            started: found.u64("started_ns")?,
            settled: found.u64("settled_ns")?,
            outcome: found.words("outcome")?,
            attempts: found.u8("attempts")?,
            error: found.optional_text("error")?,
            position: found.optional_u64("position")?,
        })
    }
}
