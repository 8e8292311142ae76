//! `deliveries`: one row for each message that a consumer received, as often as it received it.

use super::Delivery;
use super::builders::builders;
use super::column::{ColumnError, Found, OptionalColumn};
use super::table::HistoryTable;
use crate::units::{ConsumerId, MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use arrow_array::builder::{BooleanBuilder, UInt16Builder, UInt64Builder};
use arrow_buffer::{BooleanBuffer, ScalarBuffer};

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum Deliveries {}

builders! {
    /// Its columns while they are collected.
    DeliveryBuilders {
        consumer: UInt16Builder = required("consumer", "who received, from 0"),
        producer: UInt16Builder = required("producer", "who sent, as the payload says"),
        partition: UInt16Builder = required("partition", "where to, as the payload says"),
        seq: UInt64Builder = required("seq", "which of its producer and partition, as the payload says"),
        intended: UInt64Builder = required("intended_ns", "the intended send time, as the payload says"),
        asked: UInt64Builder = optional("asked_ns", "when the request that brought it was made"),
        received: UInt64Builder = required("received_ns", "when the consumer had it in hand"),
        delivery_count: UInt16Builder = required("delivery_count", "which delivery of the entry by the broker's account, from 1; 0 where it keeps none"),
        position: UInt64Builder = required("position", "where it stood"),
        payload_ok: BooleanBuilder = required("payload_ok", "checksum, magic, trial and partition are right; where not, the payload's say means nothing"),
    }
}

/// Deliveries as columns of equal length. Times are nanoseconds of the monotonic clock.
#[derive(Clone, Debug)]
pub struct DeliveryBatch {
    /// Who received.
    pub consumer: ScalarBuffer<u16>,
    /// Who sent, as the payload says; meaningless where `payload_ok` is false, as are the next three.
    pub producer: ScalarBuffer<u16>,
    /// Where to.
    pub partition: ScalarBuffer<u16>,
    /// Which of its producer and partition.
    pub seq: ScalarBuffer<u64>,
    /// The intended send time that the payload carries.
    pub intended: ScalarBuffer<u64>,
    /// When the request that brought it was made, where the client can tell.
    pub asked: OptionalColumn<u64>,
    /// When the consumer had it in hand.
    pub received: ScalarBuffer<u64>,
    /// Which delivery of the entry this is by the broker's account, from 1; 0 where it keeps none.
    pub delivery_count: ScalarBuffer<u16>,
    /// Where it stood.
    pub position: ScalarBuffer<u64>,
    /// Whether the payload is what was sent: `payload_ok.value(row)`.
    pub payload_ok: BooleanBuffer,
}

impl DeliveryBatch {
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

    /// A row.
    ///
    /// # Panics
    ///
    /// Where there is no such row.
    pub fn row(&self, row: usize) -> Delivery {
        Delivery {
            consumer: ConsumerId(self.consumer[row]),
            message: self.message(row),
            intended: Nanos(self.intended[row]),
            asked: self.asked.get(row).map(Nanos),
            received: Nanos(self.received[row]),
            delivery_count: self.delivery_count[row],
            position: Position(self.position[row]),
            payload_ok: self.payload_ok.value(row),
        }
    }

    /// All rows, in the order of the file.
    pub fn rows(&self) -> impl Iterator<Item = Delivery> + '_ {
        (0..self.len()).map(|row| self.row(row))
    }
}

impl HistoryTable for Deliveries {
    const NAME: &'static str = "deliveries";
    const ABOUT: &'static str = "one message in a consumer's hand, as often as it got there; appended when received";
    type Row = Delivery;
    type Builders = DeliveryBuilders;
    type Batch = DeliveryBatch;

    fn append(builders: &mut DeliveryBuilders, row: &Delivery) {
        builders.consumer.append_value(row.consumer.0);
        builders.producer.append_value(row.message.producer.0);
        builders.partition.append_value(row.message.partition.0);
        builders.seq.append_value(row.message.seq.0);
        builders.intended.append_value(row.intended.0);
        builders.asked.append_option(row.asked.map(|at| at.0));
        builders.received.append_value(row.received.0);
        builders.delivery_count.append_value(row.delivery_count);
        builders.position.append_value(row.position.0);
        builders.payload_ok.append_value(row.payload_ok);
    }

    fn read(found: &Found<'_>) -> Result<DeliveryBatch, ColumnError> {
        Ok(DeliveryBatch {
            consumer: found.u16("consumer")?,
            producer: found.u16("producer")?,
            partition: found.u16("partition")?,
            seq: found.u64("seq")?,
            intended: found.u64("intended_ns")?,
            asked: found.optional_u64("asked_ns")?,
            received: found.u64("received_ns")?,
            delivery_count: found.u16("delivery_count")?,
            position: found.u64("position")?,
            payload_ok: found.flags("payload_ok")?,
        })
    }
}
