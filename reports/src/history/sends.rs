//! `sends`: one row for each send, appended when it settled.

use super::builders::builders;
use super::column::{ColumnError, Found, OptionalColumn, OptionalFlags, TextColumn, Word, WordBuilder};
use super::table::HistoryTable;
use super::{Outcome, Send};
use crate::units::{MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use arrow_array::builder::{BooleanBuilder, StringBuilder, UInt8Builder, UInt16Builder, UInt64Builder};
use arrow_buffer::ScalarBuffer;

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

builders! {
    /// Its columns while they are collected.
    SendBuilders {
        producer: UInt16Builder = required("producer", "who sent, from 0"),
        partition: UInt16Builder = required("partition", "where to, from 0"),
        seq: UInt64Builder = required("seq", "which of its producer and partition: 0, 1, 2 … without gaps"),
        intended: UInt64Builder = required("intended_ns", "when the schedule wanted it sent"),
        started: UInt64Builder = required("started_ns", "when it was handed to the client library"),
        settled: UInt64Builder = required("settled_ns", "when the outcome was known"),
        outcome: WordBuilder<Outcome> = required("outcome", "`ok`, `failed` (certainly not done) or `indeterminate`"),
        attempts: UInt8Builder = required("attempts", "how often the worker handed it to the client library"),
        error: StringBuilder = optional("error", "why it did not end well, in short and stable words"),
        position: UInt64Builder = optional("position", "where the broker says that it put it"),
        dead_letter: BooleanBuilder = optional("dead_letter", "of a send that was given up: whether its dead letter was acknowledged"),
    }
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
    /// Of a send that was given up: whether its dead letter was acknowledged.
    dead_letter: OptionalFlags,
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

    /// Of a send that was given up: whether its dead letter was acknowledged.
    ///
    /// # Panics
    ///
    /// Where there is no such row.
    pub fn dead_letter(&self, row: usize) -> Option<bool> {
        self.dead_letter.get(row)
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
            dead_letter: self.dead_letter.get(row),
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
        builders.dead_letter.append_option(row.dead_letter);
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
            dead_letter: found.optional_flags("dead_letter")?,
        })
    }
}
