//! Receiving: XREADGROUP on one dedicated connection, XACK on the same, XAUTOCLAIM now and then.
//!
//! After every (re)connect the consumer first reads its own pending entries, those that it was given and never
//! acknowledged, and only then new ones: an answer that was lost with the connection is not lost with it.

use super::settings::ConsumerSettings;
use crate::broker::redis_streams::connection::{client, connect_timeout, describe};
use crate::broker::redis_streams::stream::{self, entry_position};
use crate::clock;
use crate::model::BrokerError;
use crate::worker::client::{Consumer, ConsumerContext, ConsumerDiary, Processed, Received};
use crate::worker::protocol::Policy;
use crate::worker::{Backoff, ConnectionLog, Control};
use redis::streams::{StreamAutoClaimReply, StreamId, StreamPendingCountReply, StreamReadReply};
use redis::{Connection, RedisError, RedisResult, Value};
use reports::history::{ConnectionEvent, GroupEvent, Outcome, SettlementKind};
use reports::units::{Nanos, Partition};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PEER: &str = "main";

/// The receiving client.
pub(super) struct RedisConsumer {
    client: redis::Client,
    connection: Option<Connection>,
    policy: Policy,
    settings: ConsumerSettings,
    group: String,
    name: String,
    streams: Vec<String>,
    partitions: HashMap<String, Partition>,
    backoff: Backoff,
    log: ConnectionLog,
    diary: ConsumerDiary,
    control: Arc<Control>,
    /// Where the re-reading of its own pending entries stands, by stream; empty when that is done.
    own_pending: HashMap<String, String>,
    next_claim: Instant,
    unsettled: Vec<Processed>,
}

impl Consumer for RedisConsumer {
    fn connect(context: ConsumerContext) -> Result<Self, BrokerError> {
        let spec = context.connection;
        let settings = ConsumerSettings::from_settings(&spec.settings)?;
        let streams: Vec<String> = (0..spec.partitions).map(|partition| stream::name(&spec.topic, partition)).collect();
        let partitions = streams.iter().cloned().zip((0..spec.partitions).map(Partition)).collect();
        let mut consumer = Self {
            client: client(&spec.address)?,
            connection: None,
            next_claim: Instant::now() + settings.claim_every,
            settings,
            group: spec.group,
            name: context.connections.client().to_owned(),
            streams,
            partitions,
            backoff: Backoff::new(&spec.policy, context.connections.client()),
            policy: spec.policy,
            log: context.connections,
            diary: context.diary,
            control: context.control,
            own_pending: HashMap::new(),
            unsettled: Vec::new(),
        };
        consumer.attempt().map_err(|error| {
            BrokerError(format!("{} could not be reached: {error}; is the broker up?", spec.address))
        })?;
        let all = consumer.partitions.values().copied().collect::<std::collections::BTreeSet<_>>();
        consumer.diary.group(GroupEvent::Joined, all.into_iter().collect());
        Ok(consumer)
    }

    fn receive(&mut self, patience: Duration, mut deliver: impl FnMut(Received<'_>)) {
        if !self.usable() {
            return;
        }
        let result = self.settle_leftovers().and_then(|()| {
            if self.own_pending.is_empty() {
                self.claim_stale(&mut deliver)?;
                self.read_new(patience, &mut deliver)
            } else {
                self.read_own_pending(&mut deliver)
            }
        });
        if let Err(error) = result {
            self.lose(&error);
        }
    }

    fn settle(&mut self, processed: &[Processed]) {
        self.unsettled.extend_from_slice(processed);
        if let Err(error) = self.settle_leftovers() {
            self.lose(&error);
        }
    }

    fn leave(mut self) {
        // The consumer's name stays in the group: deleting it would drop whatever it still holds.
        if let Err(error) = self.settle_leftovers() {
            self.lose(&error);
        }
        self.diary.group(GroupEvent::Left, Vec::new());
    }
}

/// How far a look for entries to take over has come in a stream.
struct Scan {
    stream: String,
    cursor: String,
}

impl RedisConsumer {
    /// Whether there is a connection; makes one by the policy, one attempt a call, napping so that an order is heard.
    fn usable(&mut self) -> bool {
        if self.connection.is_some() {
            return true;
        }
        let wait = self.backoff.next_wait();
        let until = Instant::now() + wait;
        while Instant::now() < until {
            if self.control.is_finished() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20).min(until.saturating_duration_since(Instant::now())));
        }
        self.attempt().is_ok()
    }

    fn attempt(&mut self) -> Result<(), String> {
        self.log.note(PEER, ConnectionEvent::Connecting, None);
        match self.open() {
            Ok(connection) => {
                self.log.note(PEER, ConnectionEvent::Connected, None);
                self.connection = Some(connection);
                self.backoff.reset();
                self.own_pending = self.streams.iter().map(|stream| (stream.clone(), "0".to_owned())).collect();
                Ok(())
            }
            Err(error) => {
                let error = describe(&error);
                self.log.note(PEER, ConnectionEvent::AttemptFailed, Some(error.clone()));
                Err(error)
            }
        }
    }

    fn open(&self) -> RedisResult<Connection> {
        let timeout = connect_timeout(&self.policy);
        let mut connection = self.client.get_connection_with_timeout(timeout)?;
        connection.set_read_timeout(Some(timeout))?;
        redis::cmd("PING").query::<()>(&mut connection)?;
        let request = Duration::from(self.policy.request_timeout_ns);
        // The answer to a blocking read may rightly take as long as it blocks.
        connection.set_read_timeout(Some(request + self.settings.block))?;
        connection.set_write_timeout(Some(request))?;
        Ok(connection)
    }

    fn lose(&mut self, error: &RedisError) {
        if self.connection.take().is_some() {
            self.log.note(PEER, ConnectionEvent::Lost, Some(describe(error)));
        }
    }

    fn read_new(&mut self, patience: Duration, deliver: &mut impl FnMut(Received<'_>)) -> RedisResult<()> {
        let Some(connection) = self.connection.as_mut() else { return Ok(()) };
        let block = patience.min(self.settings.block).as_millis().max(1) as u64;
        let mut command = redis::cmd("XREADGROUP");
        command.arg("GROUP").arg(&self.group).arg(&self.name).arg("COUNT").arg(self.settings.count);
        command.arg("BLOCK").arg(block).arg("STREAMS").arg(&self.streams);
        for _ in &self.streams {
            command.arg(">");
        }
        let reply: Option<StreamReadReply> = command.query(connection)?;
        let received = clock::now();
        for key in reply.into_iter().flat_map(|reply| reply.keys) {
            let Some(&partition) = self.partitions.get(&key.key) else { continue };
            for entry in &key.ids {
                hand_over(entry, partition, 1, received, deliver);
            }
        }
        Ok(())
    }

    fn read_own_pending(&mut self, deliver: &mut impl FnMut(Received<'_>)) -> RedisResult<()> {
        let Some((stream, after)) =
            self.own_pending.iter().next().map(|(stream, after)| (stream.clone(), after.clone()))
        else {
            return Ok(());
        };
        let Some(connection) = self.connection.as_mut() else { return Ok(()) };
        let reply: Option<StreamReadReply> = redis::cmd("XREADGROUP")
            .arg("GROUP")
            .arg(&self.group)
            .arg(&self.name)
            .arg("COUNT")
            .arg(self.settings.count)
            .arg("STREAMS")
            .arg(&stream)
            .arg(&after)
            .query(connection)?;
        let received = clock::now();
        let entries: Vec<StreamId> = reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids).collect();
        let Some(last) = entries.last() else {
            self.own_pending.remove(&stream);
            return Ok(());
        };
        let counts = delivery_counts(connection, &self.group, &self.name, &stream, &entries)?;
        let partition = self.partition(&stream);
        self.own_pending.insert(stream, last.id.clone());
        for entry in &entries {
            // An entry that has been trimmed from the stream is still pending, but has nothing to deliver.
            if !entry.map.is_empty() {
                hand_over(entry, partition, counts.get(&entry.id).copied().unwrap_or(2), received, deliver);
            }
        }
        Ok(())
    }

    /// Takes over what other consumers were given and have not acknowledged for the time after which they count as dead.
    fn claim_stale(&mut self, deliver: &mut impl FnMut(Received<'_>)) -> RedisResult<()> {
        if Instant::now() < self.next_claim {
            return Ok(());
        }
        self.next_claim = Instant::now() + self.settings.claim_every;
        let mut scans: Vec<Scan> =
            self.streams.iter().map(|stream| Scan { stream: stream.clone(), cursor: "0-0".to_owned() }).collect();
        while !scans.is_empty() && self.connection.is_some() {
            scans = self.claim_round(scans, deliver)?;
        }
        Ok(())
    }

    /// One question for each scan, all in one round trip: on a slow network one after the other would hold reading up. Only
    /// where something was taken over, its delivery counts cost another.
    /// Returns what is left to scan, for XAUTOCLAIM looks at no more than ten entries for each that it may return.
    fn claim_round(&mut self, scans: Vec<Scan>, deliver: &mut impl FnMut(Received<'_>)) -> RedisResult<Vec<Scan>> {
        let Some(connection) = self.connection.as_mut() else { return Ok(Vec::new()) };
        let mut pipeline = redis::Pipeline::with_capacity(scans.len());
        for scan in &scans {
            pipeline
                .cmd("XAUTOCLAIM")
                .arg(&scan.stream)
                .arg(&self.group)
                .arg(&self.name)
                .arg(self.settings.claim_idle.as_millis() as u64)
                .arg(&scan.cursor)
                .arg("COUNT")
                .arg(self.settings.count);
        }
        let requested = clock::now();
        let replies: Vec<StreamAutoClaimReply> = pipeline.query(connection)?;
        let received = clock::now();
        // All of them before the next question, which may find the connection lost.
        for (scan, reply) in scans.iter().zip(&replies) {
            self.note_claims(&scan.stream, &reply.claimed, requested, received);
        }
        let mut unfinished = Vec::new();
        for (scan, reply) in scans.into_iter().zip(replies) {
            self.hand_over_claimed(&scan.stream, &reply.claimed, received, deliver)?;
            if reply.next_stream_id != "0-0" {
                unfinished.push(Scan { stream: scan.stream, cursor: reply.next_stream_id });
            }
        }
        Ok(unfinished)
    }

    fn hand_over_claimed(
        &mut self,
        stream: &str,
        claimed: &[StreamId],
        received: Nanos,
        deliver: &mut impl FnMut(Received<'_>),
    ) -> RedisResult<()> {
        let Some(connection) = self.connection.as_mut() else { return Ok(()) };
        let counts = delivery_counts(connection, &self.group, &self.name, stream, claimed)?;
        let partition = self.partition(stream);
        for entry in claimed {
            hand_over(entry, partition, counts.get(&entry.id).copied().unwrap_or(2), received, deliver);
        }
        Ok(())
    }

    fn note_claims(&self, stream: &str, claimed: &[StreamId], requested: Nanos, settled: Nanos) {
        if claimed.is_empty() {
            return;
        }
        let partition = self.partition(stream);
        for position in claimed.iter().filter_map(|entry| entry_position(&entry.id)) {
            let claimed = Processed { message: None, partition, position };
            self.diary.message_settled(&claimed, SettlementKind::Claim, requested, settled, Outcome::Ok);
        }
        self.diary.group(GroupEvent::Claimed, vec![partition]);
    }

    fn partition(&self, stream: &str) -> Partition {
        self.partitions.get(stream).copied().unwrap_or(Partition(0))
    }

    /// Acknowledges what waits for it. What the server did not answer is recorded as indeterminate and not asked again:
    /// it is either acknowledged, or comes back among the own pending entries.
    fn settle_leftovers(&mut self) -> RedisResult<()> {
        if self.unsettled.is_empty() {
            return Ok(());
        }
        let processed = std::mem::take(&mut self.unsettled);
        let Some(connection) = self.connection.as_mut() else {
            // Without a connection nothing was asked; the entries come back among the own pending ones.
            return Ok(());
        };
        let mut pipeline = redis::Pipeline::new();
        for (partition, name) in self.streams.iter().enumerate() {
            let mut entries = processed.iter().filter(|entry| usize::from(entry.partition.0) == partition).peekable();
            if entries.peek().is_some() {
                let command = pipeline.cmd("XACK").arg(name).arg(&self.group);
                for entry in entries {
                    let (ms, seq) = entry.position.to_redis();
                    command.arg(format!("{ms}-{seq}"));
                }
            }
        }
        let requested = clock::now();
        let answer: RedisResult<Vec<Value>> = pipeline.query(connection);
        let settled = clock::now();
        let outcome = match &answer {
            Ok(_) => Outcome::Ok,
            Err(error) if error.code().is_some() => Outcome::Failed,
            Err(_) => Outcome::Indeterminate,
        };
        for entry in &processed {
            self.diary.message_settled(entry, SettlementKind::Ack, requested, settled, outcome);
        }
        answer.map(drop)
    }
}

fn hand_over(
    entry: &StreamId,
    partition: Partition,
    delivery_count: u16,
    received: Nanos,
    deliver: &mut impl FnMut(Received<'_>),
) {
    let Some(position) = entry_position(&entry.id) else { return };
    let payload: &[u8] = match entry.map.get("p") {
        Some(Value::BulkString(bytes)) => bytes,
        _ => &[],
    };
    deliver(Received { partition, position, delivery_count, received, payload });
}

/// How often the server has delivered each of these entries to this consumer, by XPENDING.
fn delivery_counts(
    connection: &mut Connection,
    group: &str,
    consumer: &str,
    stream: &str,
    entries: &[StreamId],
) -> RedisResult<HashMap<String, u16>> {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(HashMap::new()) };
    let command = redis::cmd("XPENDING")
        .arg(stream)
        .arg(group)
        .arg(&first.id)
        .arg(&last.id)
        .arg(entries.len())
        .arg(consumer)
        .to_owned();
    let reply: StreamPendingCountReply = command.query(connection)?;
    let count = |times: usize| u16::try_from(times).unwrap_or(u16::MAX);
    Ok(reply.ids.into_iter().map(|entry| (entry.id, count(entry.times_delivered))).collect())
}
