//! The administrator's view: the topic, watermarks, committed offsets, who leads, replicas in sync.

use super::partitions::{self, PartitionState};
use super::reader::KafkaLogReader;
use super::{group, in_force, layout, letter, options};
use crate::broker::administrator::{AdminTarget, Administrator, DeadEntry};
use crate::broker::log_reader::LogReader;
use crate::clock;
use crate::model::BrokerError;
use futures_util::future::BoxFuture;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use reports::facts::Setting;
use reports::history::{Gauge, Inspection};
use reports::units::{Partition, Position};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where the brokers keep groups' offsets.
const OFFSETS: &str = "__consumer_offsets";
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a broker may take to tell which brokers there are: asked again and again while it starts.
const LISTED_WITHIN: Duration = Duration::from_secs(2);
/// How long a cluster that has just started may take until it creates topics, and keeps a group's offsets.
const COORDINATED_WITHIN: Duration = Duration::from_secs(30);
const ASKED_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// An administrator's connections, past the proxy.
pub(super) struct KafkaAdministrator {
    target: AdminTarget,
    admin: AdminClient<DefaultClientContext>,
    /// Reads offsets in the group's name without ever joining the group.
    reader: Arc<BaseConsumer>,
}

impl KafkaAdministrator {
    pub(super) fn connect(target: AdminTarget) -> Result<Self, BrokerError> {
        let refuse = |error| BrokerError(format!("librdkafka refuses the administrator's settings: {error}"));
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &target.at.contact).set("broker.address.family", "v4");
        config.set("reconnect.backoff.ms", "50").set("reconnect.backoff.max.ms", "200");
        let admin = config.create().map_err(refuse)?;
        // It reads offsets, and dead letters, and commits nothing.
        config.set("group.id", &target.group).set("enable.auto.commit", "false");
        let reader = config.create().map_err(refuse)?;
        Ok(Self { target, admin, reader: Arc::new(reader) })
    }

    fn problem(&self, doing: &str, error: &dyn std::fmt::Display) -> BrokerError {
        BrokerError(format!("Kafka at {}: {doing}: {error}", self.target.at.contact))
    }

    /// librdkafka's calls block, so they run where blocking is allowed.
    async fn asked<T: Send + 'static>(
        &self,
        doing: &str,
        ask: impl FnOnce(&BaseConsumer, &AdminTarget) -> Result<T, KafkaError> + Send + 'static,
    ) -> Result<T, BrokerError> {
        let (reader, target) = (Arc::clone(&self.reader), self.target.clone());
        let asked = tokio::task::spawn_blocking(move || ask(&reader, &target)).await;
        asked.map_err(|error| self.problem(doing, &error))?.map_err(|error| self.problem(doing, &error))
    }

    async fn states(&self) -> Result<Vec<PartitionState>, BrokerError> {
        let read = |reader: &BaseConsumer, target: &AdminTarget| {
            partitions::read(reader, &target.topic, target.partitions, PATIENCE)
        };
        self.asked("reading offsets", read).await
    }

    /// Creates topics, asking again where nobody was there to answer: a cluster that has just come together may elect its
    /// controller anew, and the client gives up connections to addresses that are another broker's.
    async fn create(&self, topics: &[NewTopic<'_>], deadline: Instant) -> Result<(), BrokerError> {
        let mut asked_before = false;
        loop {
            let trouble = match self.admin.create_topics(topics, &patient()).await {
                Err(error) => self.problem("creating the topic", &error),
                Ok(results) => {
                    let refused = results.into_iter().filter_map(Result::err);
                    // What is there already may be what was asked for before, and not answered.
                    let mut refused =
                        refused.filter(|(_, code)| !(asked_before && *code == RDKafkaErrorCode::TopicAlreadyExists));
                    let Some((name, code)) = refused.next() else { return Ok(()) };
                    let trouble = self.problem(&format!("creating the topic {name}"), &code);
                    if !may_pass(code) {
                        return Err(trouble);
                    }
                    trouble
                }
            };
            if Instant::now() >= deadline {
                return Err(trouble);
            }
            asked_before = true;
            tokio::time::sleep(ASKED_AGAIN_AFTER).await;
        }
    }

    /// What a topic, of messages, of dead letters or of offsets, still lacks until each of its partitions has all its replicas in
    /// sync.
    async fn lacks_replicas(&self) -> Result<Option<String>, BrokerError> {
        let copies = usize::try_from(options::replication_factor(&self.target.system)).unwrap_or(1);
        let lacks = move |reader: &BaseConsumer, target: &AdminTarget| {
            for topic in [target.topic.as_str(), OFFSETS].into_iter().chain(target.dead_letters.as_deref()) {
                let lacks = partitions::lacks_replicas(reader, topic, copies, PATIENCE)?;
                if lacks.is_some() {
                    return Ok(lacks);
                }
            }
            Ok(None)
        };
        self.asked("metadata", lacks).await
    }
}

fn patient() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE))
}

/// Whether a cluster that refuses a topic for this reason may create it a moment later.
fn may_pass(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode::{NotController, OperationTimedOut, RequestTimedOut};
    matches!(code, NotController | OperationTimedOut | RequestTimedOut)
}

impl Administrator for KafkaAdministrator {
    fn ping(&mut self) -> BoxFuture<'_, Result<(), BrokerError>> {
        Box::pin(async {
            let known = self.asked("metadata", |reader, _| partitions::brokers(reader, LISTED_WITHIN)).await?;
            let started = self.target.at.nodes.len();
            if known < started {
                return Err(self.problem("metadata", &format!("{known} of {started} brokers have joined the cluster")));
            }
            Ok(())
        })
    }

    fn lacks(&mut self) -> BoxFuture<'_, Result<Option<String>, BrokerError>> {
        Box::pin(async {
            self.ping().await?;
            self.lacks_replicas().await
        })
    }

    fn version(&mut self) -> BoxFuture<'_, Result<Option<String>, BrokerError>> {
        // Kafka's protocol names API versions, not the release.
        Box::pin(async { Ok(None) })
    }

    fn provision(&mut self) -> BoxFuture<'_, Result<BTreeMap<String, String>, BrokerError>> {
        Box::pin(async {
            let system = &self.target.system;
            let copies = i32::try_from(options::replication_factor(system)).unwrap_or(1);
            let in_sync = options::min_insync_replicas(system).to_string();
            let partitions = i32::from(self.target.partitions);
            let says_in_sync = system.external.is_none() || options::is_given(system, options::MIN_INSYNC);
            let topic = |name, partitions| {
                let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(copies));
                if says_in_sync { topic.set("min.insync.replicas", &in_sync) } else { topic }
            };
            let dead = self.target.dead_letters.as_deref().map(|name| topic(name, 1));
            let topic = topic(&self.target.topic, partitions);
            let deadline = Instant::now() + COORDINATED_WITHIN;
            let topics: Vec<NewTopic<'_>> = std::iter::once(topic).chain(dead).collect();
            self.create(&topics, deadline).await?;
            // Asking for offsets makes the broker create the topic in which it keeps them. Consumers that had to wait for
            // that would join one after the other, and each late one costs the group a rebalance. Until it is there the
            // broker may say that it is not the group's coordinator, or that the coordinator is loading.
            loop {
                let ready = match self.states().await {
                    Ok(_) => self.lacks_replicas().await,
                    Err(error) => Err(error),
                };
                match ready {
                    Ok(None) => return Ok(BTreeMap::new()),
                    Err(_) | Ok(Some(_)) if Instant::now() < deadline => tokio::time::sleep(ASKED_AGAIN_AFTER).await,
                    Ok(Some(lacks)) => return Err(self.problem("waiting for the replicas", &lacks)),
                    Err(error) => return Err(error),
                }
            }
        })
    }

    fn in_force(&mut self) -> BoxFuture<'_, Result<Vec<Setting>, BrokerError>> {
        Box::pin(async {
            let (broker, copies) =
                self.asked("metadata", |reader, target| partitions::copies(reader, &target.topic, PATIENCE)).await?;
            let rows = in_force::rows(&self.admin, (broker, &self.target.topic), &patient()).await;
            let mut rows = rows.map_err(|error| self.problem("asking for settings", &error))?;
            rows.push(Setting::new("replication", "replication.factor", copies.to_string(), None));
            Ok(rows)
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

    fn leaders(&mut self) -> BoxFuture<'_, Result<BTreeMap<Partition, String>, BrokerError>> {
        Box::pin(async {
            let leaders =
                |reader: &BaseConsumer, target: &AdminTarget| partitions::leaders(reader, &target.topic, PATIENCE);
            let leaders = self.asked("metadata", leaders).await?;
            Ok(leaders.into_iter().map(|(partition, broker)| (partition, layout::name(broker))).collect())
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
            let options = patient();
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

    fn log_reader(&self) -> Option<Box<dyn LogReader>> {
        Some(Box::new(KafkaLogReader::new(self.target.clone())))
    }
}
