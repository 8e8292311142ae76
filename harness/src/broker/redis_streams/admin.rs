//! The administrator's view: streams and groups as the primary of the moment describes them.

use super::account::{Account, questions};
use super::connection::{describe, is_answer, sign_of_life};
use super::entry::Epoch;
use super::reader::RedisLogReader;
use super::{in_force, letter, members, options, persistence, stream};
use crate::broker::administrator::{AdminTarget, Administrator, DeadEntry};
use crate::broker::log_reader::LogReader;
use crate::clock;
use crate::model::{BrokerError, Endpoint};
use futures_util::future::BoxFuture;
use redis::aio::MultiplexedConnection;
use redis::streams::StreamRangeReply;
use redis::{FromRedisValue, Pipeline, RedisError, RedisResult, Value};
use reports::facts::Setting;
use reports::history::{Gauge, Inspection};
use reports::units::Partition;
use std::collections::BTreeMap;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);
/// Dead letters that one question may bring.
const LETTERS_AT_ONCE: usize = 1000;

/// An administrator's connection to the primary, past the proxy. A server that was restarted is connected to again, and after a
/// failover the new primary.
pub(super) struct RedisAdministrator {
    target: AdminTarget,
    /// Which node it is connected to; `None`: as the target says.
    leader: Option<Endpoint>,
    connection: Option<MultiplexedConnection>,
    /// From when positions count; by the server's clock when the streams were made.
    epoch: Epoch,
}

impl RedisAdministrator {
    pub(super) async fn connect(target: AdminTarget) -> Result<Self, BrokerError> {
        let mut administrator = Self { target, leader: None, connection: None, epoch: Epoch::for_clock(0) };
        administrator.connected().await.map_err(|error| administrator.problem("connecting", &error))?;
        Ok(administrator)
    }

    fn problem(&self, doing: &str, error: &RedisError) -> BrokerError {
        BrokerError(format!("Redis at {}: {doing}: {}", self.address(), describe(error)))
    }

    /// `host:port` of the node that it asks.
    fn address(&self) -> &str {
        self.leader.as_ref().map_or(&self.target.at.contact, |leader| &leader.address)
    }

    /// From now on the primary of the moment is asked. Where no Sentinel says which that is, it stays the one that it was.
    async fn follow(&mut self) {
        let found = members::primary(&self.target.at).await;
        if found.is_some() && found != self.leader {
            self.connection =
                self.connection.take().filter(|_| self.leader.is_none() && self.is_contact(found.as_ref()));
            self.leader = found;
        }
    }

    fn is_contact(&self, node: Option<&Endpoint>) -> bool {
        node.is_some_and(|node| node.address == self.target.at.contact)
    }

    async fn connected(&mut self) -> RedisResult<MultiplexedConnection> {
        if let Some(connection) = &self.connection {
            return Ok(connection.clone());
        }
        let connection = members::connect(self.address(), PATIENCE).await?;
        self.connection = Some(connection.clone());
        Ok(connection)
    }

    /// Asks all at once. A connection that turns out to be lost is made anew, and the question asked once more: so no
    /// question may do harm when it is asked twice.
    async fn ask<T: FromRedisValue>(&mut self, doing: &str, questions: &Pipeline) -> Result<T, BrokerError> {
        let was_connected = self.connection.is_some();
        let mut result = self.try_asking(questions).await;
        if was_connected && self.connection.is_none() {
            result = self.try_asking(questions).await;
        }
        result.map_err(|error| self.problem(doing, &error))
    }

    async fn try_asking<T: FromRedisValue>(&mut self, questions: &Pipeline) -> RedisResult<T> {
        let mut connection = self.connected().await?;
        let result = questions.query_async(&mut connection).await;
        if result.as_ref().is_err_and(|error| !is_answer(error)) {
            self.connection = None;
        }
        result
    }

    /// A section of what the primary says of itself.
    async fn info(&mut self, section: &str) -> Result<String, BrokerError> {
        let (info,): (String,) = self.ask("INFO", redis::pipe().cmd("INFO").arg(section)).await?;
        Ok(info)
    }

    /// What the nodes lack until all replicas are in sync and all Sentinels know them.
    async fn lacking(&mut self) -> Result<Option<String>, BrokerError> {
        let info = self.info(members::SECTION).await?;
        let lacks = members::lacks(&self.target.system, &self.target.at, &info).await;
        lacks.map_err(|error| self.problem("looking for all nodes", &error))
    }

    async fn accounts(&mut self) -> Result<Vec<Account>, BrokerError> {
        self.follow().await;
        let streams: Vec<String> =
            (0..self.target.partitions).map(|partition| stream::name(&self.target.topic, partition)).collect();
        let answers: Vec<RedisResult<Value>> = self.ask("XINFO", &questions(&streams, &self.target.group)).await?;
        let accounts: RedisResult<Vec<Account>> = (0..self.target.partitions)
            .zip(answers.chunks(answers.len() / streams.len().max(1)))
            .map(|(partition, answers)| Account::read(partition, answers, &self.target.group))
            .collect();
        accounts.map_err(|error| self.problem("XINFO", &error))
    }
}

impl Administrator for RedisAdministrator {
    fn ping(&mut self) -> BoxFuture<'_, Result<(), BrokerError>> {
        Box::pin(async {
            self.ask::<()>("DBSIZE", redis::pipe().add_command(sign_of_life()).ignore()).await?;
            if options::replicas(&self.target.system) == 0 || self.target.at.nodes.is_empty() {
                return Ok(());
            }
            match self.lacking().await? {
                None => Ok(()),
                Some(lacks) => Err(BrokerError(format!("Redis at {}: {lacks}", self.address()))),
            }
        })
    }

    fn lacks(&mut self) -> BoxFuture<'_, Result<Option<String>, BrokerError>> {
        Box::pin(async {
            self.follow().await;
            self.ask::<()>("DBSIZE", redis::pipe().add_command(sign_of_life()).ignore()).await?;
            if options::replicas(&self.target.system) == 0 { Ok(None) } else { self.lacking().await }
        })
    }

    fn version(&mut self) -> BoxFuture<'_, Result<Option<String>, BrokerError>> {
        Box::pin(async {
            let info = self.info("server").await?;
            let line = info.lines().find_map(|line| line.strip_prefix("redis_version:"));
            Ok(line.map(|version| version.trim().to_owned()))
        })
    }

    fn provision(&mut self) -> BoxFuture<'_, Result<BTreeMap<String, String>, BrokerError>> {
        Box::pin(async {
            let ((seconds, _micros),): ((u64, u64),) = self.ask("TIME", redis::pipe().cmd("TIME")).await?;
            self.epoch = Epoch::for_clock(seconds.saturating_mul(1000));
            let mut connection =
                self.connected().await.map_err(|error| self.problem("creating the streams", &error))?;
            for partition in 0..self.target.partitions {
                let key = stream::name(&self.target.topic, partition);
                // From 0, not from $: whatever is sent before the first read belongs to the group too.
                let mut create = redis::cmd("XGROUP");
                create.arg("CREATE").arg(&key).arg(&self.target.group).arg("0").arg("MKSTREAM");
                let created: RedisResult<()> = create.query_async(&mut connection).await;
                created.map_err(|error| self.problem(&format!("XGROUP CREATE {key}"), &error))?;
            }
            Ok(BTreeMap::from([self.epoch.to_setting()]))
        })
    }

    fn in_force(&mut self) -> BoxFuture<'_, Result<Vec<Setting>, BrokerError>> {
        Box::pin(async {
            let (answer,) = self.ask("CONFIG GET", redis::pipe().add_command(in_force::question())).await?;
            Ok(in_force::rows(&answer))
        })
    }

    fn leaders(&mut self) -> BoxFuture<'_, Result<BTreeMap<Partition, String>, BrokerError>> {
        Box::pin(async {
            let partitions = (0..self.target.partitions).map(Partition);
            match members::primary(&self.target.at).await {
                Some(primary) => Ok(partitions.map(|partition| (partition, primary.node.clone())).collect()),
                None if self.target.at.nodes.is_empty() => Ok(BTreeMap::new()),
                None => Err(BrokerError("no Sentinel says which node is the primary".to_owned())),
            }
        })
    }

    fn gauges(&mut self) -> BoxFuture<'_, Result<Vec<Gauge>, BrokerError>> {
        Box::pin(async {
            let accounts = self.accounts().await?;
            let mut replicas = None;
            if options::replicas(&self.target.system) > 0 {
                let info = self.info(members::SECTION).await?;
                replicas = Some(members::in_sync(&info, options::max_lag_seconds(&self.target.system)));
            }
            // Somebody else's server may keep this to itself.
            let info = self.info(persistence::SECTION).await.ok();
            let rewrites = info.and_then(|info| persistence::rewrites(&info));
            let leader = self.leader.as_ref().map(|leader| leader.node.clone()).unwrap_or_default();
            let at = clock::now();
            let mut gauges = Vec::new();
            let mut add = |metric: &str, subject: &str, value: u64| {
                let (metric, subject) = (metric.to_owned(), subject.to_owned());
                gauges.push(Gauge { at, metric, subject, value: value as f64 });
            };
            // By consumer: what it holds, and for how long the longest has not been heard of.
            let mut held: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
            for account in &accounts {
                let subject = format!("partition-{}", account.partition.0);
                add("length", &subject, account.length);
                if let Some(group) = &account.group {
                    add("pending", &subject, group.pending);
                    if let Some(lag) = group.lag {
                        add("lag", &subject, lag);
                    }
                }
                for consumer in &account.consumers {
                    let (pending, idle_ms) = held.entry(&consumer.name).or_default();
                    *pending += consumer.pending;
                    *idle_ms = if consumer.pending > 0 { consumer.idle_ms.max(*idle_ms) } else { *idle_ms };
                }
            }
            for (consumer, (pending, idle_ms)) in held {
                add("pending", consumer, pending);
                add("oldest-pending-ms", consumer, idle_ms);
            }
            if let Some(replicas) = replicas {
                // The primary has all, and is counted as Kafka counts a leader.
                add("in-sync-replicas", &leader, 1 + replicas as u64);
            }
            if let Some(rewrites) = rewrites {
                add("aof-rewrites", if leader.is_empty() { "all" } else { &leader }, rewrites);
            }
            Ok(gauges)
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, Result<(), BrokerError>> {
        Box::pin(async {
            let mut keys: Vec<String> =
                (0..self.target.partitions).map(|partition| stream::name(&self.target.topic, partition)).collect();
            keys.extend(self.target.dead_letters.clone());
            // A group is part of its stream.
            self.ask::<()>("removing the streams", redis::pipe().cmd("DEL").arg(&keys).ignore()).await
        })
    }

    fn dead_letters(&mut self) -> BoxFuture<'_, Result<Option<Vec<DeadEntry>>, BrokerError>> {
        Box::pin(async {
            let Some(stream) = self.target.dead_letters.clone() else { return Ok(None) };
            self.follow().await;
            let (mut letters, mut after) = (Vec::new(), "-".to_owned());
            loop {
                let mut question = redis::pipe();
                question.cmd("XRANGE").arg(&stream).arg(&after).arg("+").arg("COUNT").arg(LETTERS_AT_ONCE);
                let (page,): (StreamRangeReply,) = self.ask("XRANGE", &question).await?;
                letters.extend(page.ids.iter().filter_map(|entry| letter::read(entry, self.epoch)));
                match page.ids.last() {
                    Some(last) if page.ids.len() == LETTERS_AT_ONCE => after = format!("({}", last.id),
                    _ => return Ok(Some(letters)),
                }
            }
        })
    }

    fn inspect(&mut self) -> BoxFuture<'_, Result<Vec<Inspection>, BrokerError>> {
        Box::pin(async {
            let accounts = self.accounts().await?;
            Ok(accounts.iter().map(|account| account.inspection(self.epoch, clock::now())).collect())
        })
    }

    fn log_reader(&self) -> Option<Box<dyn LogReader>> {
        Some(Box::new(RedisLogReader::new(self.target.clone(), self.address().to_owned(), self.epoch)))
    }
}
