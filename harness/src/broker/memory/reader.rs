//! Reading what the partitions hold, page by page.

use super::log::Log;
use crate::broker::log_reader::{LogReader, LogSink};
use crate::model::BrokerError;
use reports::units::{Partition, Position};
use std::sync::Arc;

const PAGE: usize = 4096;

/// Reads the partitions of a topic.
pub(super) struct MemoryLogReader {
    log: Arc<Log>,
    partitions: u16,
}

impl MemoryLogReader {
    pub(super) const fn new(log: Arc<Log>, partitions: u16) -> Self {
        Self { log, partitions }
    }
}

impl LogReader for MemoryLogReader {
    fn read(&mut self, sink: &mut dyn LogSink) -> Result<(), BrokerError> {
        for partition in (0..self.partitions).map(Partition) {
            let mut from = 0;
            loop {
                if sink.is_over() {
                    return Ok(());
                }
                let page = self.log.kept(partition, from, PAGE);
                for (position, payload) in &page {
                    sink.entry(partition, Position(*position), payload);
                    from = position + 1;
                }
                if page.len() < PAGE {
                    break;
                }
            }
            sink.whole(partition);
        }
        Ok(())
    }
}
