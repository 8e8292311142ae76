//! Dead letters: what an entry of their stream says, as consumers write it and the administrator reads it.

use super::entry::{EntryId, Epoch};
use super::stream::PAYLOAD_FIELD;
use crate::broker::administrator::DeadEntry;
use crate::worker::client::Letter;
use redis::streams::StreamId;
use redis::{Cmd, FromRedisValue, from_redis_value_ref};
use reports::units::Partition;

const PARTITION: &str = "partition";
const MESSAGE_ID: &str = "message-id";
const TRACE_ID: &str = "trace-id";
const RETRIES: &str = "retries";

/// The XADD of a dead letter to their stream.
pub(in crate::broker) fn addition(stream: &str, letter: &Letter<'_>) -> Cmd {
    let mut xadd = redis::cmd("XADD");
    xadd.arg(stream).arg("*").arg(PAYLOAD_FIELD).arg(letter.payload).arg(PARTITION).arg(letter.partition.0);
    xadd.arg(MESSAGE_ID).arg(&letter.message_id).arg(TRACE_ID).arg(&letter.trace_id).arg(RETRIES).arg(letter.retries);
    xadd
}

/// What an entry says. `None`: its ID is none.
pub(super) fn read(entry: &StreamId, epoch: Epoch) -> Option<DeadEntry> {
    Some(DeadEntry {
        position: epoch.nearest(EntryId::parse(&entry.id)?),
        partition: field(entry, PARTITION).map(Partition),
        message_id: field(entry, MESSAGE_ID),
        trace_id: field(entry, TRACE_ID),
        retries: field(entry, RETRIES),
        payload: field(entry, PAYLOAD_FIELD).unwrap_or_default(),
    })
}

fn field<T: FromRedisValue>(entry: &StreamId, name: &str) -> Option<T> {
    entry.map.get(name).and_then(|value| from_redis_value_ref(value).ok())
}
