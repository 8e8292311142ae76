//! Receiving: XREADGROUP on one dedicated connection, XACK on the same, XAUTOCLAIM now and then.
//!
//! After every (re)connect the consumer first reads its own pending entries, those that it was given and never
//! acknowledged, and only then new ones: an answer that was lost with the connection is not lost with it.

use super::hand::{Hand, Refused};
use super::keeper::Keeper;
use super::opener::Opener;
use super::primary::Primary;
use super::settings::ConsumerSettings;
use super::streams::{CALM, NO_GROUP, Streams};
use crate::broker::redis_streams::connection::{describe, is_answer};
use crate::broker::redis_streams::entry::{EntryId, Epoch};
use crate::clock;
use crate::model::{BrokerError, Parting, Recovery};
use crate::worker::client::{Consumer, ConsumerContext, ConsumerDiary, Letter, Processed, Received};
use crate::worker::{Complaints, Control, Waits};
use redis::streams::{StreamId, StreamPendingCountReply, StreamReadReply};
use redis::{Connection, RedisError, RedisResult};
use reports::history::{GroupEvent, Outcome, SettlementKind};
use reports::units::Partition;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a consumer that leaves waits for a connection to settle over.
const LEAVE_WITHIN: Duration = Duration::from_secs(1);

/// The receiving client.
pub(super) struct RedisConsumer {
    keeper: Keeper,
    primary: Primary,
    session: Session,
    control: Arc<Control>,
    /// Until then the server is not asked again: it refused the last time.
    rests_until: Instant,
}

/// What goes on over the connection of the moment.
pub(super) struct Session {
    pub(super) settings: ConsumerSettings,
    pub(super) name: String,
    pub(super) streams: Streams,
    pub(super) diary: ConsumerDiary,
    pub(super) hand: Hand,
    complaints: Complaints,
    /// Over which of the client's connections it went on last, from 1.
    nth: u64,
    /// Where the re-reading of its own pending entries stands, by partition; empty when that is done.
    own_pending: BTreeMap<Partition, String>,
    pub(super) next_claim: Instant,
    /// How it comes back to what is pending, and how long a refused entry waits.
    pub(super) recovery: Recovery,
    pub(super) retry_after: Duration,
    pub(super) refused: Vec<Refused>,
    /// The stream of dead letters.
    pub(super) dead_letters: String,
    /// To be acknowledged, with the IDs that were read.
    unsettled: Vec<(Processed, EntryId)>,
}

impl Consumer for RedisConsumer {
    fn connect(context: ConsumerContext) -> Result<Self, BrokerError> {
        let spec = context.connection;
        let settings = ConsumerSettings::from_settings(&spec.settings)?;
        let epoch = Epoch::from_settings(&spec.settings)?;
        let name = context.connections.client().to_owned();
        let primary = Primary::of(&spec)?;
        let opener = Opener::new(primary.clone(), &spec.policy, settings.block);
        let keeper = Keeper::open(opener, Waits::new(&spec.policy, &name), context.connections).map_err(|error| {
            BrokerError(format!("{} could not be reached: {error}; is the broker up?", spec.address))
        })?;
        let session = Session {
            next_claim: Instant::now() + settings.claim_every,
            streams: Streams::new(&spec.topic, spec.partitions, spec.group, settings.recreate_at),
            settings,
            name,
            diary: context.diary,
            hand: Hand::new(epoch, context.complaints.clone()),
            complaints: context.complaints,
            nth: 0,
            own_pending: BTreeMap::new(),
            recovery: spec.policy.recovery,
            retry_after: spec.policy.retry_after_ns.into(),
            refused: Vec::new(),
            dead_letters: spec.dead_letters,
            unsettled: Vec::new(),
        };
        session.diary.group(GroupEvent::Joined, session.streams.all().collect());
        Ok(Self { keeper, primary, session, control: context.control, rests_until: Instant::now() })
    }

    fn receive(&mut self, patience: Duration, mut deliver: impl FnMut(Received<'_>)) {
        let rest = self.rests_until.saturating_duration_since(Instant::now());
        if !rest.is_zero() {
            self.control.wait_for_finish(rest.min(patience));
            return;
        }
        let session = &mut self.session;
        let result =
            self.keeper.with(patience, |connection, nth| session.receive(connection, nth, patience, &mut deliver));
        match result {
            // The keeper looks for the new primary.
            Some(Err(error)) if self.primary.is_demotion(&error) => {}
            Some(Err(error)) if is_answer(&error) => {
                self.session.complain(&error);
                self.rests_until = Instant::now() + CALM;
            }
            Some(Ok(Read::Nothing)) => self.rests_until = Instant::now() + CALM,
            // Without a connection the keeper is at it.
            Some(Ok(Read::Asked) | Err(_)) | None => {}
        }
    }

    fn settle(&mut self, processed: &[Processed]) {
        self.session.take_in(processed);
        self.settle_within(Duration::ZERO);
    }

    fn refuse(&mut self, processed: &Processed, _: &[u8]) {
        self.session.refuse(processed);
    }

    fn bury(&mut self, processed: &Processed, letter: &Letter<'_>) -> Outcome {
        let session = &mut self.session;
        let Some(id) = session.hand.id_of(processed) else { return Outcome::Failed };
        // Without a connection nothing is asked: the entry stays pending, and comes again with the next one.
        match self.keeper.with(Duration::ZERO, |connection, _| session.bury(connection, processed, id, letter)) {
            Some(Ok(outcome)) => outcome,
            // The keeper looks for the new primary, and what is pending there is read again.
            Some(Err(error)) if self.primary.is_demotion(&error) => Outcome::Failed,
            Some(Err(error)) if is_answer(&error) => {
                self.session.complain(&error);
                self.session.refuse_again(processed, id);
                Outcome::Failed
            }
            Some(Err(_)) | None => Outcome::Indeterminate,
        }
    }

    fn leave(mut self, parting: Parting) -> Option<u64> {
        self.settle_within(LEAVE_WITHIN);
        let session = &mut self.session;
        let parted = self.keeper.with(LEAVE_WITHIN, |connection, _| session.part(connection, parting));
        session.diary.group(GroupEvent::Left, Vec::new());
        parted?.ok()?
    }
}

impl RedisConsumer {
    /// Acknowledges what waits for it, where there is a connection in that time; else it waits on.
    fn settle_within(&mut self, patience: Duration) {
        let session = &mut self.session;
        if let Some(Err(error)) = self.keeper.with(patience, |connection, _| session.acknowledge(connection))
            && is_answer(&error)
            && !self.primary.is_demotion(&error)
        {
            self.session.complain(&error);
        }
    }
}

/// What a look for entries came to.
enum Read {
    /// The server was asked, and answered.
    Asked,
    /// There is no stream to ask for.
    Nothing,
}

impl Session {
    fn receive(
        &mut self,
        connection: &mut Connection,
        nth: u64,
        patience: Duration,
        deliver: &mut impl FnMut(Received<'_>),
    ) -> RedisResult<Read> {
        self.hand.clear();
        if nth != self.nth {
            self.nth = nth;
            // All that is pending is read again, what was refused too.
            self.refused.clear();
            let streams = self.streams.readable().filter(|_| self.recovery != Recovery::None);
            self.own_pending = streams.map(|(partition, _)| (partition, FROM_THE_FIRST.to_owned())).collect();
        }
        self.acknowledge(connection)?;
        let read = self.read(connection, patience, deliver);
        let lacks_group = |error: &RedisError| is_answer(error) && describe(error).starts_with(NO_GROUP);
        if read.as_ref().is_err_and(lacks_group) || self.streams.wants_look() {
            let back = self.streams.look(connection, &self.complaints)?;
            let back = back.into_iter().filter(|_| self.recovery != Recovery::None);
            self.own_pending.extend(back.map(|partition| (partition, FROM_THE_FIRST.to_owned())));
            self.own_pending.retain(|partition, _| self.streams.is_readable(*partition));
            // Refused because of what is now left out.
            return if read.as_ref().is_err_and(lacks_group) { Ok(self.can_read()) } else { read };
        }
        read
    }

    fn can_read(&self) -> Read {
        if self.streams.readable().next().is_some() { Read::Asked } else { Read::Nothing }
    }

    fn read(
        &mut self,
        connection: &mut Connection,
        patience: Duration,
        deliver: &mut impl FnMut(Received<'_>),
    ) -> RedisResult<Read> {
        if let Read::Nothing = self.can_read() {
            return Ok(Read::Nothing);
        }
        if let Some((&partition, after)) = self.own_pending.iter().next() {
            let after = after.clone();
            self.read_own_pending(connection, partition, &after, deliver)?;
        } else {
            if self.recovery == Recovery::Claim {
                self.claim_stale(connection, deliver)?;
            }
            self.read_refused(connection, deliver)?;
            self.read_new(connection, self.until_next_retry(patience), deliver)?;
        }
        Ok(Read::Asked)
    }

    fn read_new(
        &mut self,
        connection: &mut Connection,
        patience: Duration,
        deliver: &mut impl FnMut(Received<'_>),
    ) -> RedisResult<()> {
        let block = patience.min(self.settings.block).as_millis().max(1) as u64;
        let names: Vec<&str> = self.streams.readable().map(|(_, name)| name).collect();
        let mut command = redis::cmd("XREADGROUP");
        command.arg("GROUP").arg(self.streams.group()).arg(&self.name).arg("COUNT").arg(self.settings.count);
        command.arg("BLOCK").arg(block).arg("STREAMS").arg(&names);
        for _ in &names {
            command.arg(">");
        }
        let asked = clock::now();
        let reply: Option<StreamReadReply> = command.query(connection)?;
        let received = clock::now();
        for key in reply.into_iter().flat_map(|reply| reply.keys) {
            let Some(partition) = self.streams.partition(&key.key) else { continue };
            for entry in &key.ids {
                self.hand.over(entry, partition, 1, (asked, received), deliver);
            }
        }
        Ok(())
    }

    fn read_own_pending(
        &mut self,
        connection: &mut Connection,
        partition: Partition,
        after: &str,
        deliver: &mut impl FnMut(Received<'_>),
    ) -> RedisResult<()> {
        let asked = clock::now();
        let reply: Option<StreamReadReply> = redis::cmd("XREADGROUP")
            .arg("GROUP")
            .arg(self.streams.group())
            .arg(&self.name)
            .arg("COUNT")
            .arg(self.settings.count)
            .arg("STREAMS")
            .arg(self.streams.name(partition))
            .arg(after)
            .query(connection)?;
        let received = clock::now();
        let entries: Vec<StreamId> = reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids).collect();
        let Some(last) = entries.last() else {
            self.own_pending.remove(&partition);
            return Ok(());
        };
        let counts = self.delivery_counts(connection, partition, &entries)?;
        self.own_pending.insert(partition, last.id.clone());
        for entry in &entries {
            // An entry that has been trimmed from the stream is still pending, but has nothing to deliver.
            if !entry.map.is_empty() {
                self.hand.over(entry, partition, counts.of(entry), (asked, received), deliver);
            }
        }
        Ok(())
    }

    /// How often the server has delivered each of these entries to this consumer, by XPENDING.
    pub(super) fn delivery_counts(
        &self,
        connection: &mut Connection,
        partition: Partition,
        entries: &[StreamId],
    ) -> RedisResult<DeliveryCounts> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(DeliveryCounts::default()) };
        let reply: StreamPendingCountReply = redis::cmd("XPENDING")
            .arg(self.streams.name(partition))
            .arg(self.streams.group())
            .arg(&first.id)
            .arg(&last.id)
            .arg(entries.len())
            .arg(&self.name)
            .query(connection)?;
        let count = |times: usize| u16::try_from(times).unwrap_or(u16::MAX);
        Ok(DeliveryCounts(reply.ids.into_iter().map(|entry| (entry.id, count(entry.times_delivered))).collect()))
    }

    fn take_in(&mut self, processed: &[Processed]) {
        for processed in processed {
            if let Some(id) = self.hand.id_of(processed) {
                self.unsettled.push((*processed, id));
            }
        }
    }

    /// Acknowledges what waits for it, each stream's answer by itself. What the server did not answer is recorded as
    /// indeterminate and not asked again: it is either acknowledged, or comes back among the own pending entries.
    fn acknowledge(&mut self, connection: &mut Connection) -> RedisResult<()> {
        if self.unsettled.is_empty() {
            return Ok(());
        }
        let mut by_partition: BTreeMap<Partition, Vec<(Processed, EntryId)>> = BTreeMap::new();
        for entry in self.unsettled.drain(..) {
            by_partition.entry(entry.0.partition).or_default().push(entry);
        }
        let mut pipeline = redis::Pipeline::with_capacity(by_partition.len());
        pipeline.ignore_errors();
        for (&partition, entries) in &by_partition {
            let command = pipeline.cmd("XACK").arg(self.streams.name(partition)).arg(self.streams.group());
            for (_, id) in entries {
                command.arg(id.to_string());
            }
        }
        let requested = clock::now();
        let answers: RedisResult<Vec<RedisResult<usize>>> = pipeline.query(connection);
        let settled = clock::now();
        let unanswered = vec![Outcome::Indeterminate; by_partition.len()];
        let outcomes = answers.as_ref().map_or(unanswered, |answers| {
            answers.iter().zip(by_partition.values()).map(|(answer, entries)| outcome(answer, entries.len())).collect()
        });
        for (entries, outcome) in by_partition.values().zip(outcomes) {
            for (entry, _) in entries {
                self.diary.message_settled(entry, SettlementKind::Ack, requested, settled, outcome);
            }
        }
        // A refusal of one is told; the others are settled.
        answers?.into_iter().find_map(RedisResult::err).map_or(Ok(()), Err)
    }

    fn complain(&self, error: &RedisError) {
        self.complaints.tell(&format!("the server refuses to hand out or to settle messages: {}", describe(error)));
    }
}

/// Where the reading of a consumer's own pending entries begins.
const FROM_THE_FIRST: &str = "0";

/// XACK answers with how many of the entries were pending until then. None: it had no effect. Some: which ones, it does not say.
fn outcome(answer: &RedisResult<usize>, asked: usize) -> Outcome {
    match answer {
        Ok(acknowledged) if *acknowledged == asked => Outcome::Ok,
        Ok(0) | Err(_) => Outcome::Failed,
        Ok(_) => Outcome::Indeterminate,
    }
}

/// Of entries that were delivered before, by their IDs.
#[derive(Default)]
pub(super) struct DeliveryCounts(HashMap<String, u16>);

impl DeliveryCounts {
    /// At least the second, where the server does not say.
    pub(super) fn of(&self, entry: &StreamId) -> u16 {
        self.0.get(&entry.id).copied().unwrap_or(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_is_what_the_server_says_of_it() {
        assert_eq!(outcome(&Ok(3), 3), Outcome::Ok);
        assert_eq!(outcome(&Ok(0), 3), Outcome::Failed, "none was pending any more");
        assert_eq!(outcome(&Ok(2), 3), Outcome::Indeterminate, "one was not, and nobody says which");
        let refused = redis::parse_redis_value(b"-WRONGTYPE Operation against a key\r\n");
        let error = match refused {
            Ok(redis::Value::ServerError(error)) => RedisError::from(error),
            other => panic!("{other:?}"),
        };
        assert_eq!(outcome(&Err(error), 3), Outcome::Failed);
    }
}
