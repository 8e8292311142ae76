//! The administrator's view: the topic, watermarks, committed offsets, replicas in sync.

use super::{group, letter};
use crate::broker::administrator::{AdminTarget, Administrator, BoxFuture, DeadEntry};
use crate::clock;
use crate::model::BrokerError;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use reports::history::{Gauge, Inspection};
use reports::units::{Partition, Position};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(5);
/// How long a broker that has just started may take until it keeps a group's offsets.
const COORDINATED_WITHIN: Duration = Duration::from_secs(15);
const ASKED_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// An administrator's connections, past the proxy.
pub(super) struct KafkaAdministrator {
    target: AdminTarget,
    admin: AdminClient<DefaultClientContext>,
    /// Reads offsets in the group's name without ever joining the group.
    reader: Arc<BaseConsumer>,
}

#[derive(Clone, Copy)]
struct PartitionState {
    partition: Partition,
    low: u64,
    high: u64,
    committed: Option<u64>,
    in_sync: usize,
}

impl PartitionState {
    fn lag(&self) -> u64 {
        self.high.saturating_sub(self.committed.unwrap_or(self.low).max(self.low))
    }
}

impl KafkaAdministrator {
    pub(super) fn connect(target: AdminTarget) -> Result<Self, BrokerError> {
        let refuse = |error| BrokerError(format!("librdkafka refuses the administrator's settings: {error}"));
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &target.address).set("broker.address.family", "v4");
        config.set("reconnect.backoff.ms", "50").set("reconnect.backoff.max.ms", "200");
        let admin = config.create().map_err(refuse)?;
        // It reads offsets, and dead letters, and commits nothing.
        config.set("group.id", &target.group).set("enable.auto.commit", "false");
        let reader = config.create().map_err(refuse)?;
        Ok(Self { target, admin, reader: Arc::new(reader) })
    }

    fn problem(&self, doing: &str, error: &dyn std::fmt::Display) -> BrokerError {
        BrokerError(format!("Kafka at {}: {doing}: {error}", self.target.address))
    }

    /// librdkafka's calls block, so they run where blocking is allowed.
    async fn states(&self) -> Result<Vec<PartitionState>, BrokerError> {
        let (reader, topic, partitions) = (Arc::clone(&self.reader), self.target.topic.clone(), self.target.partitions);
        let read = tokio::task::spawn_blocking(move || read_states(&reader, &topic, partitions)).await;
        read.map_err(|error| self.problem("reading offsets", &error))?
            .map_err(|error| self.problem("reading offsets", &error))
    }
}

fn read_states(
    reader: &BaseConsumer,
    topic: &str,
    partitions: u16,
) -> Result<Vec<PartitionState>, rdkafka::error::KafkaError> {
    let mut wanted = TopicPartitionList::new();
    for partition in 0..partitions {
        wanted.add_partition(topic, i32::from(partition));
    }
    let committed = reader.committed_offsets(wanted, PATIENCE)?;
    let metadata = reader.fetch_metadata(Some(topic), PATIENCE)?;
    let mut states = Vec::new();
    for partition in 0..partitions {
        let (low, high) = reader.fetch_watermarks(topic, i32::from(partition), PATIENCE)?;
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

impl Administrator for KafkaAdministrator {
    fn ping(&mut self) -> BoxFuture<'_, Result<(), BrokerError>> {
        Box::pin(async {
            let reader = Arc::clone(&self.reader);
            let asked =
                tokio::task::spawn_blocking(move || reader.fetch_metadata(None, Duration::from_secs(1)).map(drop))
                    .await;
            asked.map_err(|error| self.problem("metadata", &error))?.map_err(|error| self.problem("metadata", &error))
        })
    }

    fn version(&mut self) -> BoxFuture<'_, Result<Option<String>, BrokerError>> {
        // Kafka's protocol names API versions, not the release.
        Box::pin(async { Ok(None) })
    }

    fn provision(&mut self) -> BoxFuture<'_, Result<BTreeMap<String, String>, BrokerError>> {
        Box::pin(async {
            let topic =
                NewTopic::new(&self.target.topic, i32::from(self.target.partitions), TopicReplication::Fixed(1));
            let options = AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE));
            let dead = self.target.dead_letters.as_deref();
            let dead = dead.map(|name| NewTopic::new(name, 1, TopicReplication::Fixed(1)));
            let results = self.admin.create_topics(std::iter::once(&topic).chain(&dead), &options).await;
            let results = results.map_err(|error| self.problem("creating the topic", &error))?;
            for result in results {
                result.map_err(|(name, code)| self.problem(&format!("creating the topic {name}"), &code))?;
            }
            // Asking for offsets makes the broker create the topic in which it keeps them. Consumers that had to wait for
            // that would join one after the other, and each late one costs the group a rebalance. Until it is there the
            // broker may say that it is not the group's coordinator, or that the coordinator is loading.
            let deadline = Instant::now() + COORDINATED_WITHIN;
            loop {
                match self.states().await {
                    Err(_) if Instant::now() < deadline => tokio::time::sleep(ASKED_AGAIN_AFTER).await,
                    states => return states.map(|_| BTreeMap::new()),
                }
            }
        })
    }

    fn group_lacks(&mut self, consumers: u16) -> BoxFuture<'_, Result<Option<String>, BrokerError>> {
        Box::pin(async move {
            let (reader, target) = (Arc::clone(&self.reader), self.target.clone());
            let asked = tokio::task::spawn_blocking(move || {
                let AdminTarget { group, topic, partitions, .. } = &target;
                group::lacks(&reader, (group, topic), (consumers, *partitions), PATIENCE)
            });
            let lacks = asked.await.map_err(|error| self.problem("describing the group", &error))?;
            lacks.map_err(|error| self.problem("describing the group", &error))
        })
    }

    fn gauges(&mut self) -> BoxFuture<'_, Result<Vec<Gauge>, BrokerError>> {
        Box::pin(async {
            let mut gauges = Vec::new();
            for state in self.states().await? {
                let subject = format!("partition-{}", state.partition.0);
                let mut add = |metric: &str, value: u64| {
                    let (metric, subject) = (metric.to_owned(), subject.clone());
                    gauges.push(Gauge { at: clock::now(), metric, subject, value: value as f64 });
                };
                add("length", state.high - state.low.min(state.high));
                add("lag", state.lag());
                add("in-sync-replicas", state.in_sync as u64);
            }
            Ok(gauges)
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, Result<(), BrokerError>> {
        Box::pin(async {
            let options = AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE));
            let groups = self.admin.delete_groups(&[&self.target.group], &options).await;
            let names = std::iter::once(&self.target.topic).chain(&self.target.dead_letters);
            let names: Vec<&str> = names.map(String::as_str).collect();
            let topics = self.admin.delete_topics(&names, &options).await;
            let topics = topics.map_err(|error| self.problem("removing the topic", &error))?;
            for result in topics {
                result.map_err(|(name, code)| self.problem(&format!("removing the topic {name}"), &code))?;
            }
            // A consumer that was killed is a member until its session ends; then the broker forgets the group itself.
            groups.map(drop).map_err(|error| self.problem("removing the group", &error))
        })
    }

    fn dead_letters(&mut self) -> BoxFuture<'_, Result<Option<Vec<DeadEntry>>, BrokerError>> {
        Box::pin(async {
            let Some(topic) = self.target.dead_letters.clone() else { return Ok(None) };
            let reader = Arc::clone(&self.reader);
            let asked = tokio::task::spawn_blocking(move || letter::read_all(&reader, &topic, PATIENCE)).await;
            let letters = asked.map_err(|error| self.problem("reading dead letters", &error))?;
            letters.map(Some).map_err(|error| self.problem("reading dead letters", &error))
        })
    }

    fn inspect(&mut self) -> BoxFuture<'_, Result<Vec<Inspection>, BrokerError>> {
        Box::pin(async {
            let states = self.states().await?;
            let inspection = |state: &PartitionState| Inspection {
                at: clock::now(),
                partition: state.partition,
                length: state.high.saturating_sub(state.low),
                appended: Some(state.high),
                first: (state.high > state.low).then_some(Position(state.low)),
                end: Some(Position(state.high)),
                committed: state.committed.map(Position),
                pending: state.lag(),
                lag: Some(state.lag()),
                group: true,
            };
            Ok(states.iter().map(inspection).collect())
        })
    }
}
