//! Reading whole partitions: a plain consumer that assigns them to itself, from the beginning to the high watermark.

use crate::broker::administrator::AdminTarget;
use crate::broker::log_reader::{LogReader, LogSink};
use crate::model::BrokerError;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};
use reports::units::{Partition, Position};
use std::collections::BTreeMap;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);
/// Between two looks whether anybody still wants to have more.
const POLL: Duration = Duration::from_millis(100);

/// Reads the partitions of a topic.
pub(super) struct KafkaLogReader {
    target: AdminTarget,
}

impl KafkaLogReader {
    pub(super) const fn new(target: AdminTarget) -> Self {
        Self { target }
    }

    /// It never joins a group and commits nothing; the library wants a group's name all the same.
    fn connect(&self) -> Result<BaseConsumer, KafkaError> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.target.at.contact).set("broker.address.family", "v4");
        config.set("group.id", format!("{}-log-reader", self.target.group));
        config.set("enable.auto.commit", "false").set("enable.auto.offset.store", "false");
        config.set("auto.offset.reset", "earliest").set("isolation.level", "read_uncommitted");
        // All partitions share the room for what was fetched ahead, and no answer waits for more to come.
        config.set("queued.max.messages.kbytes", "16384").set("fetch.wait.max.ms", "10");
        config.create()
    }

    /// Where each partition that is not empty ends, once it has been given to the consumer from its beginning.
    fn begin(&self, consumer: &BaseConsumer, sink: &mut dyn LogSink) -> Result<BTreeMap<i32, i64>, KafkaError> {
        let mut ends = BTreeMap::new();
        let mut wanted = TopicPartitionList::new();
        for partition in 0..self.target.partitions {
            let number = i32::from(partition);
            let (low, high) = consumer.fetch_watermarks(&self.target.topic, number, PATIENCE)?;
            if low < high {
                wanted.add_partition_offset(&self.target.topic, number, Offset::Offset(low))?;
                ends.insert(number, high);
            } else {
                sink.whole(Partition(partition));
            }
        }
        consumer.assign(&wanted)?;
        Ok(ends)
    }

    fn follow(&self, consumer: &BaseConsumer, sink: &mut dyn LogSink) -> Result<(), KafkaError> {
        let mut ends = self.begin(consumer, sink)?;
        while !ends.is_empty() && !sink.is_over() {
            let message = match consumer.poll(POLL) {
                None => continue,
                Some(message) => message?,
            };
            let Some(end) = ends.get(&message.partition()).copied() else { continue };
            let partition = Partition(u16::try_from(message.partition()).unwrap_or(u16::MAX));
            if message.offset() < end {
                let position = Position(u64::try_from(message.offset()).unwrap_or(0));
                sink.entry(partition, position, message.payload().unwrap_or_default());
            }
            if message.offset() + 1 >= end {
                ends.remove(&message.partition());
                sink.whole(partition);
            }
        }
        Ok(())
    }
}

impl LogReader for KafkaLogReader {
    fn read(&mut self, sink: &mut dyn LogSink) -> Result<(), BrokerError> {
        let read = self.connect().and_then(|consumer| self.follow(&consumer, sink));
        read.map_err(|error| BrokerError(format!("Kafka at {}: reading the log: {error}", self.target.at.contact)))
    }
}
