//! Reading whole streams: XRANGE in pages, on a connection of its own past the proxy.

use super::connection::{client, describe};
use super::entry::{EntryId, Epoch};
use super::stream::{self, PAYLOAD_FIELD};
use crate::broker::administrator::AdminTarget;
use crate::broker::log_reader::{LogReader, LogSink};
use crate::model::BrokerError;
use redis::streams::StreamRangeReply;
use redis::{Connection, RedisError, RedisResult, Value};
use reports::units::Partition;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);
/// Entries of a page: few enough that a page of large messages fits into memory, so many that round trips do not count.
const PAGE: usize = 2000;

/// Reads the streams of a topic.
pub(super) struct RedisLogReader {
    target: AdminTarget,
    /// `host:port` of the node that leads.
    address: String,
    epoch: Epoch,
}

impl RedisLogReader {
    pub(super) const fn new(target: AdminTarget, address: String, epoch: Epoch) -> Self {
        Self { target, address, epoch }
    }

    fn connect(&self) -> Result<Connection, BrokerError> {
        let connection = client(&self.address)?.get_connection_with_timeout(PATIENCE);
        let connection = connection.map_err(|error| self.problem("connecting", &error))?;
        let patient = connection.set_read_timeout(Some(PATIENCE)).and(connection.set_write_timeout(Some(PATIENCE)));
        patient.map_err(|error| self.problem("connecting", &error))?;
        Ok(connection)
    }

    fn read_stream(&self, connection: &mut Connection, partition: u16, sink: &mut dyn LogSink) -> RedisResult<()> {
        let name = stream::name(&self.target.topic, partition);
        let newest: StreamRangeReply =
            redis::cmd("XREVRANGE").arg(&name).arg("+").arg("-").arg("COUNT").arg(1).query(connection)?;
        let Some(last) = ids(&newest).next_back() else {
            sink.whole(Partition(partition));
            return Ok(());
        };
        let mut from = Some(EntryId::FIRST);
        while let Some(begin) = from.filter(|begin| *begin <= last) {
            if sink.is_over() {
                return Ok(());
            }
            let mut command = redis::cmd("XRANGE");
            command.arg(&name).arg(begin.to_string()).arg(last.to_string()).arg("COUNT").arg(PAGE);
            let page: StreamRangeReply = command.query(connection)?;
            for entry in &page.ids {
                let Some(id) = EntryId::parse(&entry.id) else { continue };
                let payload: &[u8] = match entry.map.get(PAYLOAD_FIELD) {
                    Some(Value::BulkString(bytes)) => bytes,
                    _ => &[],
                };
                sink.entry(Partition(partition), self.epoch.nearest(id), payload);
            }
            // A page that is not full was the last one.
            from = ids(&page).next_back().filter(|_| page.ids.len() == PAGE).and_then(EntryId::successor);
        }
        sink.whole(Partition(partition));
        Ok(())
    }

    fn problem(&self, doing: &str, error: &RedisError) -> BrokerError {
        BrokerError(format!("Redis at {}: {doing}: {}", self.address, describe(error)))
    }
}

impl LogReader for RedisLogReader {
    fn read(&mut self, sink: &mut dyn LogSink) -> Result<(), BrokerError> {
        let mut connection = self.connect()?;
        for partition in 0..self.target.partitions {
            if sink.is_over() {
                break;
            }
            let read = self.read_stream(&mut connection, partition, sink);
            read.map_err(|error| self.problem(&format!("reading the stream of partition {partition}"), &error))?;
        }
        Ok(())
    }
}

fn ids(page: &StreamRangeReply) -> impl DoubleEndedIterator<Item = EntryId> {
    page.ids.iter().filter_map(|entry| EntryId::parse(&entry.id))
}
