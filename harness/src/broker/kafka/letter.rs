//! Dead letters: what a record of their topic says, as consumers write it and the administrator reads it.

use crate::broker::administrator::DeadEntry;
use crate::worker::client::Letter;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};
use rdkafka::{Offset, TopicPartitionList};
use reports::units::{Partition, Position};
use std::time::{Duration, Instant};

/// The only partition of the topic of dead letters.
pub(in crate::broker) const PARTITION: i32 = 0;

const FROM: &str = "partition";
const MESSAGE_ID: &str = "message-id";
const TRACE_ID: &str = "trace-id";
const RETRIES: &str = "retries";

/// The headers of a dead letter's record; its value is the message's payload.
pub(in crate::broker) fn headers(letter: &Letter<'_>) -> OwnedHeaders {
    let (from, retries) = (letter.partition.0.to_string(), letter.retries.to_string());
    let each = [
        (FROM, from.as_str()),
        (MESSAGE_ID, letter.message_id.as_str()),
        (TRACE_ID, letter.trace_id.as_str()),
        (RETRIES, retries.as_str()),
    ];
    let headers = OwnedHeaders::new_with_capacity(each.len());
    each.iter().fold(headers, |headers, &(key, value)| headers.insert(Header { key, value: Some(value) }))
}

/// Reads a topic of dead letters from its first record to its last.
///
/// # Errors
/// The broker did not answer in time.
pub(super) fn read_all(reader: &BaseConsumer, topic: &str, patience: Duration) -> Result<Vec<DeadEntry>, KafkaError> {
    let (low, high) = reader.fetch_watermarks(topic, PARTITION, patience)?;
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(topic, PARTITION, Offset::Offset(low))?;
    reader.assign(&assignment)?;
    let (mut letters, mut next) = (Vec::new(), low);
    let mut deadline = Instant::now() + patience;
    while next < high && Instant::now() < deadline {
        // What goes wrong on the way librdkafka mends by itself, or not within the time that there is.
        let Some(Ok(message)) = reader.poll(Duration::from_millis(100)) else { continue };
        next = message.offset() + 1;
        letters.push(entry(&message));
        deadline = Instant::now() + patience;
    }
    reader.unassign()?;
    if next < high {
        return Err(KafkaError::MessageConsumption(rdkafka::types::RDKafkaErrorCode::OperationTimedOut));
    }
    Ok(letters)
}

fn entry(message: &BorrowedMessage<'_>) -> DeadEntry {
    let header = |name: &str| {
        let found = message.headers()?.iter().find(|header| header.key == name)?;
        String::from_utf8(found.value?.to_vec()).ok()
    };
    DeadEntry {
        position: Position(u64::try_from(message.offset()).unwrap_or(0)),
        partition: header(FROM).and_then(|text| text.parse().ok()).map(Partition),
        message_id: header(MESSAGE_ID),
        trace_id: header(TRACE_ID),
        retries: header(RETRIES).and_then(|text| text.parse().ok()),
        payload: message.payload().unwrap_or_default().to_vec(),
    }
}
