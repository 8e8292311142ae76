//! The administrator's view: streams and groups, XINFO, XPENDING.

use super::connection::{client, describe};
use super::stream::{self, entry_position};
use crate::broker::administrator::{AdminTarget, Administrator, BoxFuture};
use crate::clock;
use crate::model::BrokerError;
use redis::aio::MultiplexedConnection;
use redis::streams::{StreamInfoConsumersReply, StreamInfoGroupsReply, StreamInfoStreamReply};
use redis::{AsyncCommands, AsyncConnectionConfig, RedisError};
use reports::history::{Gauge, Inspection};
use reports::units::{Partition, Position};
use std::collections::BTreeMap;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);

/// An administrator's connection, past the proxy.
pub(super) struct RedisAdministrator {
    target: AdminTarget,
    connection: MultiplexedConnection,
}

/// One stream's state.
struct StreamState {
    partition: Partition,
    length: u64,
    end: Option<Position>,
    read: Option<Position>,
    pending: u64,
    lag: Option<u64>,
    consumers: Vec<(String, u64, u64)>,
}

impl RedisAdministrator {
    pub(super) async fn connect(target: AdminTarget) -> Result<Self, BrokerError> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
        let connection = client(&target.address)?
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(|error| unreachable(&target.address, &error))?;
        Ok(Self { target, connection })
    }

    fn problem(&self, doing: &str, error: &RedisError) -> BrokerError {
        BrokerError(format!("Redis at {}: {doing}: {}", self.target.address, describe(error)))
    }

    async fn state(&mut self, partition: u16) -> Result<StreamState, BrokerError> {
        let key = stream::name(&self.target.topic, partition);
        let mut connection = self.connection.clone();
        let info: StreamInfoStreamReply =
            connection.xinfo_stream(&key).await.map_err(|error| self.problem("XINFO STREAM", &error))?;
        let groups: StreamInfoGroupsReply =
            connection.xinfo_groups(&key).await.map_err(|error| self.problem("XINFO GROUPS", &error))?;
        let consumers: StreamInfoConsumersReply = connection
            .xinfo_consumers(&key, &self.target.group)
            .await
            .map_err(|error| self.problem("XINFO CONSUMERS", &error))?;
        let group = groups.groups.into_iter().find(|group| group.name == self.target.group);
        let end = (info.length > 0).then(|| entry_position(&info.last_generated_id)).flatten();
        let read = group.as_ref().and_then(|group| entry_position(&group.last_delivered_id));
        let known_lag = group.as_ref().and_then(|group| group.lag).map(|lag| lag as u64);
        Ok(StreamState {
            partition: Partition(partition),
            length: info.length as u64,
            end,
            read,
            pending: group.as_ref().map_or(0, |group| group.pending as u64),
            // The server's lag is nil after some deletions; having read the last entry says zero all the same.
            lag: known_lag.or_else(|| (end.is_none() || end <= read).then_some(0)),
            consumers: consumers
                .consumers
                .into_iter()
                .map(|consumer| (consumer.name, consumer.pending as u64, consumer.idle as u64))
                .collect(),
        })
    }
}

impl Administrator for RedisAdministrator {
    fn ping(&mut self) -> BoxFuture<'_, Result<(), BrokerError>> {
        Box::pin(async {
            let mut connection = self.connection.clone();
            let answer = redis::cmd("PING").query_async::<String>(&mut connection).await;
            answer.map(drop).map_err(|error| self.problem("PING", &error))
        })
    }

    fn version(&mut self) -> BoxFuture<'_, Result<Option<String>, BrokerError>> {
        Box::pin(async {
            let mut connection = self.connection.clone();
            let info = redis::cmd("INFO").arg("server").query_async::<String>(&mut connection).await;
            let info = info.map_err(|error| self.problem("INFO", &error))?;
            let line = info.lines().find_map(|line| line.strip_prefix("redis_version:"));
            Ok(line.map(|version| version.trim().to_owned()))
        })
    }

    fn provision(&mut self) -> BoxFuture<'_, Result<(), BrokerError>> {
        Box::pin(async {
            for partition in 0..self.target.partitions {
                let key = stream::name(&self.target.topic, partition);
                let mut connection = self.connection.clone();
                // From 0, not from $: whatever is sent before the first read belongs to the group too.
                let created: Result<(), RedisError> =
                    connection.xgroup_create_mkstream(&key, &self.target.group, "0").await;
                created.map_err(|error| self.problem(&format!("XGROUP CREATE {key}"), &error))?;
            }
            Ok(())
        })
    }

    fn gauges(&mut self) -> BoxFuture<'_, Result<Vec<Gauge>, BrokerError>> {
        Box::pin(async {
            let mut gauges = Vec::new();
            let mut by_consumer: BTreeMap<String, (u64, u64)> = BTreeMap::new();
            for partition in 0..self.target.partitions {
                let state = self.state(partition).await?;
                let subject = format!("partition-{partition}");
                let mut add = |metric: &str, subject: &str, value: u64| {
                    let (metric, subject) = (metric.to_owned(), subject.to_owned());
                    gauges.push(Gauge { at: clock::now(), metric, subject, value: value as f64 });
                };
                add("length", &subject, state.length);
                add("pending", &subject, state.pending);
                if let Some(lag) = state.lag {
                    add("lag", &subject, lag);
                }
                for (name, pending, idle) in state.consumers {
                    let entry = by_consumer.entry(name).or_default();
                    entry.0 += pending;
                    entry.1 = if pending > 0 { entry.1.max(idle) } else { entry.1 };
                }
            }
            for (consumer, (pending, idle)) in by_consumer {
                let at = clock::now();
                gauges.push(Gauge {
                    at,
                    metric: "pending".to_owned(),
                    subject: consumer.clone(),
                    value: pending as f64,
                });
                gauges.push(Gauge {
                    at,
                    metric: "oldest-pending-ms".to_owned(),
                    subject: consumer,
                    value: idle as f64,
                });
            }
            Ok(gauges)
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, Result<(), BrokerError>> {
        Box::pin(async {
            let keys: Vec<String> =
                (0..self.target.partitions).map(|partition| stream::name(&self.target.topic, partition)).collect();
            // A group is part of its stream.
            let removed = self.connection.clone().del::<_, ()>(&keys).await;
            removed.map_err(|error| self.problem("removing the streams", &error))
        })
    }

    fn inspect(&mut self) -> BoxFuture<'_, Result<Vec<Inspection>, BrokerError>> {
        Box::pin(async {
            let mut inspections = Vec::new();
            for partition in 0..self.target.partitions {
                let state = self.state(partition).await?;
                inspections.push(Inspection {
                    at: clock::now(),
                    partition: state.partition,
                    length: state.length,
                    appended: None,
                    first: None,
                    end: state.end,
                    committed: state.read,
                    pending: state.pending,
                    lag: state.lag,
                    group: true,
                });
            }
            Ok(inspections)
        })
    }
}

fn unreachable(address: &str, error: &RedisError) -> BrokerError {
    BrokerError(format!("Redis at {address} could not be reached: {}", describe(error)))
}
