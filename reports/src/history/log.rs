//! `log`: one row for each entry that the broker's log held after the drain, as a client apart from those under test read it.

use super::Logged;
use super::builders::builders;
use super::column::{ColumnError, Found};
use super::table::HistoryTable;
use crate::units::{MessageId, Partition, Position, ProducerId, Sequence};
use arrow_array::builder::{BooleanBuilder, UInt16Builder, UInt64Builder};
use arrow_buffer::{BooleanBuffer, ScalarBuffer};

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum LogEntries {}

builders! {
    /// Its columns while they are collected.
    LogBuilders {
        partition: UInt16Builder = required("partition", "in which partition it stands"),
        position: UInt64Builder = required("position", "where"),
        producer: UInt16Builder = required("producer", "who sent, as the payload says"),
        seq: UInt64Builder = required("seq", "which of its producer and partition, as the payload says"),
        payload_ok: BooleanBuilder =
            required("payload_ok", "checksum, magic, trial and partition are right; where not, the payload's say means nothing"),
    }
}

/// Entries of the log as columns of equal length.
#[derive(Clone, Debug)]
pub struct LogBatch {
    /// In which partition.
    pub partition: ScalarBuffer<u16>,
    /// Where it stands.
    pub position: ScalarBuffer<u64>,
    /// Who sent, as the payload says; meaningless where `payload_ok` is false, as is the next.
    pub producer: ScalarBuffer<u16>,
    /// Which of its producer and partition.
    pub seq: ScalarBuffer<u64>,
    /// Whether the payload is what was sent: `payload_ok.value(row)`.
    pub payload_ok: BooleanBuffer,
}

impl LogBatch {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.seq.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.seq.is_empty()
    }

    /// A row.
    ///
    /// # Panics
    ///
    /// Where there is no such row.
    #[inline]
    pub fn row(&self, row: usize) -> Logged {
        let partition = Partition(self.partition[row]);
        Logged {
            message: MessageId { producer: ProducerId(self.producer[row]), partition, seq: Sequence(self.seq[row]) },
            position: Position(self.position[row]),
            payload_ok: self.payload_ok.value(row),
        }
    }

    /// All rows, in the order of the file.
    pub fn rows(&self) -> impl Iterator<Item = Logged> + '_ {
        (0..self.len()).map(|row| self.row(row))
    }
}

impl HistoryTable for LogEntries {
    const NAME: &'static str = "log";
    const ABOUT: &'static str = "one entry that the broker's log holds; appended when the log was read after the drain";
    type Row = Logged;
    type Builders = LogBuilders;
    type Batch = LogBatch;

    fn append(builders: &mut LogBuilders, row: &Logged) {
        builders.partition.append_value(row.message.partition.0);
        builders.position.append_value(row.position.0);
        builders.producer.append_value(row.message.producer.0);
        builders.seq.append_value(row.message.seq.0);
        builders.payload_ok.append_value(row.payload_ok);
    }

    fn read(found: &Found<'_>) -> Result<LogBatch, ColumnError> {
        Ok(LogBatch {
            partition: found.u16("partition")?,
            position: found.u64("position")?,
            producer: found.u16("producer")?,
            seq: found.u64("seq")?,
            payload_ok: found.flags("payload_ok")?,
        })
    }
}
