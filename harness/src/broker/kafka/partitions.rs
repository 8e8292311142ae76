//! What brokers say of partitions: offsets, leaders, replicas in sync; and which brokers there are.

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::metadata::MetadataPartition;
use rdkafka::{Offset, TopicPartitionList};
use reports::units::Partition;
use std::time::Duration;

/// One partition, as its leader describes it.
#[derive(Clone, Copy)]
pub(super) struct PartitionState {
    pub(super) partition: Partition,
    pub(super) low: u64,
    pub(super) high: u64,
    pub(super) committed: Option<u64>,
    pub(super) in_sync: usize,
}

impl PartitionState {
    /// Messages that the group has not committed.
    pub(super) fn lag(&self) -> u64 {
        self.high.saturating_sub(self.committed.unwrap_or(self.low).max(self.low))
    }
}

/// Reads all partitions of a topic.
///
/// # Errors
/// No broker answers for one of them in time.
pub(super) fn read(
    reader: &BaseConsumer,
    topic: &str,
    partitions: u16,
    patience: Duration,
) -> Result<Vec<PartitionState>, KafkaError> {
    let mut wanted = TopicPartitionList::new();
    for partition in 0..partitions {
        wanted.add_partition(topic, i32::from(partition));
    }
    let committed = reader.committed_offsets(wanted, patience)?;
    let metadata = reader.fetch_metadata(Some(topic), patience)?;
    let mut states = Vec::new();
    for partition in 0..partitions {
        let (low, high) = reader.fetch_watermarks(topic, i32::from(partition), patience)?;
        let offset = committed.find_partition(topic, i32::from(partition)).map(|element| element.offset());
        let in_sync = metadata
            .topics()
            .iter()
            .flat_map(|topic| topic.partitions())
            .find(|found| found.id() == i32::from(partition))
            .map_or(0, |found| found.isr().len());
        states.push(PartitionState {
            partition: Partition(partition),
            low: u64::try_from(low).unwrap_or(0),
            high: u64::try_from(high).unwrap_or(0),
            committed: match offset {
                Some(Offset::Offset(offset)) => u64::try_from(offset).ok(),
                _ => None,
            },
            in_sync,
        });
    }
    Ok(states)
}

/// How many brokers are in the cluster, and not fenced.
///
/// # Errors
/// None answers in time.
pub(super) fn brokers(reader: &BaseConsumer, patience: Duration) -> Result<usize, KafkaError> {
    Ok(reader.fetch_metadata(None, patience)?.brokers().len())
}

/// One broker that leads, and how many copies there are of a topic's messages: of the partition with the fewest.
///
/// # Errors
/// Nobody answered.
pub(super) fn copies(reader: &BaseConsumer, topic: &str, patience: Duration) -> Result<(i32, usize), KafkaError> {
    let metadata = reader.fetch_metadata(Some(topic), patience)?;
    let partitions = metadata.topics().iter().flat_map(rdkafka::metadata::MetadataTopic::partitions);
    let copies = partitions.clone().map(|partition| partition.replicas().len()).min().unwrap_or(0);
    let leader = partitions.map(rdkafka::metadata::MetadataPartition::leader).next().unwrap_or(0);
    Ok((leader, copies))
}

/// The `node.id` of the leader of each partition that has one.
///
/// # Errors
/// No broker answers in time.
pub(super) fn leaders(
    reader: &BaseConsumer,
    topic: &str,
    patience: Duration,
) -> Result<Vec<(Partition, u8)>, KafkaError> {
    let metadata = reader.fetch_metadata(Some(topic), patience)?;
    let of_partition = |partition: &MetadataPartition| {
        let (number, leader) = (u16::try_from(partition.id()).ok()?, u8::try_from(partition.leader()).ok()?);
        Some((Partition(number), leader))
    };
    Ok(metadata.topics().iter().flat_map(|topic| topic.partitions()).filter_map(of_partition).collect())
}

/// What a topic lacks until each of its partitions has a leader and this many replicas in sync; `None`: nothing.
///
/// # Errors
/// No broker answers in time.
pub(super) fn lacks_replicas(
    reader: &BaseConsumer,
    topic: &str,
    copies: usize,
    patience: Duration,
) -> Result<Option<String>, KafkaError> {
    let metadata = reader.fetch_metadata(Some(topic), patience)?;
    let partitions: Vec<&MetadataPartition> = metadata.topics().iter().flat_map(|topic| topic.partitions()).collect();
    if partitions.is_empty() {
        return Ok(Some(format!("the topic {topic} is not known to every broker yet")));
    }
    let lacking = partitions.iter().find(|partition| partition.leader() < 0 || partition.isr().len() < copies);
    Ok(lacking.map(|partition| {
        let (id, in_sync) = (partition.id(), partition.isr().len());
        format!("partition {id} of {topic} has {in_sync} of {copies} replicas in sync")
    }))
}
