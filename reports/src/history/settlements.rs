//! `settlements`: one row for each acknowledgement, refusal, commit, dead letter or claim.

use super::builders::builders;
use super::column::{ColumnError, Found, OptionalColumn, Word, WordBuilder};
use super::table::HistoryTable;
use super::{Outcome, Settlement, SettlementKind};
use crate::units::{ConsumerId, Nanos, Partition, Position, ProducerId, Sequence};
use arrow_array::builder::{UInt16Builder, UInt64Builder};
use arrow_buffer::ScalarBuffer;

impl Word for SettlementKind {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Ack, "ack"),
        (Self::Nack, "nack"),
        (Self::Commit, "commit"),
        (Self::DeadLetter, "dead-letter"),
        (Self::Claim, "claim"),
        (Self::Processed, "processed"),
    ];

    fn index(self) -> u8 {
        self as u8
    }
}

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum Settlements {}

builders! {
    /// Its columns while they are collected.
    SettlementBuilders {
        consumer: UInt16Builder = required("consumer", "who settled, from 0"),
        partition: UInt16Builder = required("partition", "of which partition"),
        producer: UInt16Builder = optional("producer", "whose message, where the consumer has read it"),
        seq: UInt64Builder = optional("seq", "which message, where the consumer has read it"),
        position: UInt64Builder = optional("position", "where the message stands; for `commit`: the first position not committed"),
        kind: WordBuilder<SettlementKind> = required("kind", "`ack`, `nack`, `commit` (all of the partition below `position`), `dead-letter`, `claim` (a pending \
                 message taken over) or `processed` (to its end, where messages are settled before)"),
        requested: UInt64Builder = required("requested_ns", "when the consumer asked"),
        settled: UInt64Builder = required("settled_ns", "when the answer was known"),
        outcome: WordBuilder<Outcome> = required("outcome", "`ok`, `failed` (certainly not done) or `indeterminate`"),
    }
}

/// Settlements as columns of equal length. Times are nanoseconds of the monotonic clock.
#[derive(Clone, Debug)]
pub struct SettlementBatch {
    /// Who settled.
    pub consumer: ScalarBuffer<u16>,
    /// Of which partition.
    pub partition: ScalarBuffer<u16>,
    /// Whose message, where the consumer has read it.
    pub producer: OptionalColumn<u16>,
    /// Which message, where the consumer has read it.
    pub seq: OptionalColumn<u64>,
    /// Where the message stands; for commits: the first position not committed.
    pub position: OptionalColumn<u64>,
    /// What it did.
    pub kind: Vec<SettlementKind>,
    /// When the consumer asked.
    pub requested: ScalarBuffer<u64>,
    /// When the answer was known.
    pub settled: ScalarBuffer<u64>,
    /// How it ended.
    pub outcome: Vec<Outcome>,
}

impl SettlementBatch {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.settled.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.settled.is_empty()
    }

    /// A row.
    ///
    /// # Panics
    ///
    /// Where there is no such row.
    pub fn row(&self, row: usize) -> Settlement {
        Settlement {
            consumer: ConsumerId(self.consumer[row]),
            partition: Partition(self.partition[row]),
            message: self.producer.get(row).map(ProducerId).zip(self.seq.get(row).map(Sequence)),
            position: self.position.get(row).map(Position),
            kind: self.kind[row],
            requested: Nanos(self.requested[row]),
            settled: Nanos(self.settled[row]),
            outcome: self.outcome[row],
        }
    }

    /// All rows, in the order of the file.
    pub fn rows(&self) -> impl Iterator<Item = Settlement> + '_ {
        (0..self.len()).map(|row| self.row(row))
    }
}

impl HistoryTable for Settlements {
    const NAME: &'static str = "settlements";
    const ABOUT: &'static str =
        "one message or position settled; appended when the broker answered, or did not in time";
    type Row = Settlement;
    type Builders = SettlementBuilders;
    type Batch = SettlementBatch;

    fn append(builders: &mut SettlementBuilders, row: &Settlement) {
        let (producer, seq) = row.message.map(|(producer, seq)| (producer.0, seq.0)).unzip();
        builders.consumer.append_value(row.consumer.0);
        builders.partition.append_value(row.partition.0);
        builders.producer.append_option(producer);
        builders.seq.append_option(seq);
        builders.position.append_option(row.position.map(|position| position.0));
        builders.kind.append(row.kind);
        builders.requested.append_value(row.requested.0);
        builders.settled.append_value(row.settled.0);
        builders.outcome.append(row.outcome);
    }

    fn read(found: &Found<'_>) -> Result<SettlementBatch, ColumnError> {
        Ok(SettlementBatch {
            consumer: found.u16("consumer")?,
            partition: found.u16("partition")?,
            producer: found.optional_u16("producer")?,
            seq: found.optional_u64("seq")?,
            position: found.optional_u64("position")?,
            kind: found.words("kind")?,
            requested: found.u64("requested_ns")?,
            settled: found.u64("settled_ns")?,
            outcome: found.words("outcome")?,
        })
    }
}
