//! `dead_letters`: what the dead-letter queue held at the end, entry by entry.

use super::DeadLetter;
use super::builders::builders;
use super::column::{ColumnError, Found};
use super::table::{HistoryTable, SmallTable};
use crate::units::{MessageId, Nanos, Partition, Position, ProducerId, Sequence};
use arrow_array::builder::{BooleanBuilder, StringBuilder, UInt16Builder, UInt64Builder};

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum DeadLetters {}

builders! {
    /// Its columns while they are collected.
    DeadLetterBuilders {
        at: UInt64Builder = required("at_ns", "when it was read"),
        position: UInt64Builder = required("position", "its position in the dead-letter queue"),
        producer: UInt16Builder = required("producer", "who sent the message, as the payload says"),
        partition: UInt16Builder = required("partition", "where it was sent to, as the payload says"),
        seq: UInt64Builder = required("seq", "which of its producer and partition, as the payload says"),
        intended: UInt64Builder = required("intended_ns", "its intended send time, as the payload says"),
        payload_ok: BooleanBuilder = required("payload_ok", "checksum, magic and trial are right; if not, what the payload says means nothing"),
        message_id: StringBuilder = optional("message_id", "the message's identity, as the entry names it beside the payload"),
        trace_id: StringBuilder = optional("trace_id", "the trace's identity, as the entry names it"),
        retries: UInt16Builder = optional("retries", "deliveries beyond the first before it was given up, as the entry says"),
    }
}

impl HistoryTable for DeadLetters {
    const NAME: &'static str = "dead_letters";
    const ABOUT: &'static str = "one entry of the dead-letter queue; appended after the drain";
    type Row = DeadLetter;
    type Builders = DeadLetterBuilders;
    type Batch = Vec<DeadLetter>;

    fn append(builders: &mut DeadLetterBuilders, row: &DeadLetter) {
        builders.at.append_value(row.at.0);
        builders.position.append_value(row.position.0);
        builders.producer.append_value(row.message.producer.0);
        builders.partition.append_value(row.message.partition.0);
        builders.seq.append_value(row.message.seq.0);
        builders.intended.append_value(row.intended.0);
        builders.payload_ok.append_value(row.payload_ok);
        builders.message_id.append_option(row.message_id.as_deref());
        builders.trace_id.append_option(row.trace_id.as_deref());
        builders.retries.append_option(row.retries);
    }

    fn read(found: &Found<'_>) -> Result<Vec<DeadLetter>, ColumnError> {
        let at = found.u64("at_ns")?;
        let position = found.u64("position")?;
        let (producer, partition, seq) = (found.u16("producer")?, found.u16("partition")?, found.u64("seq")?);
        let intended = found.u64("intended_ns")?;
        let payload_ok = found.flags("payload_ok")?;
        let (message_id, trace_id) = (found.optional_text("message_id")?, found.optional_text("trace_id")?);
        let retries = found.optional_u16("retries")?;
        let row = |row: usize| DeadLetter {
            at: Nanos(at[row]),
            position: Position(position[row]),
            message: MessageId {
                producer: ProducerId(producer[row]),
                partition: Partition(partition[row]),
                seq: Sequence(seq[row]),
            },
            intended: Nanos(intended[row]),
            payload_ok: payload_ok.value(row),
            message_id: message_id.owned_if_any(row),
            trace_id: trace_id.owned_if_any(row),
            retries: retries.get(row),
        };
        Ok((0..found.rows()).map(row).collect())
    }
}

impl SmallTable for DeadLetters {
    fn at(row: &DeadLetter) -> Nanos {
        row.at
    }
}
