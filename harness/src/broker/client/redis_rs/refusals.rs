//! Messages that cannot be processed. Redis has no NACK: what is refused stays pending, and its consumer reads it again by its
//! own ID when the policy's time has passed, which the server counts as a delivery. What is given up goes to the stream of
//! dead letters and is acknowledged in one transaction, so that it is neither there twice nor lost between the two.

use super::consume::Session;
use super::hand::Refused;
use crate::broker::redis_streams::connection::is_answer;
use crate::broker::redis_streams::entry::EntryId;
use crate::broker::redis_streams::letter;
use crate::clock;
use crate::model::Recovery;
use crate::worker::client::{Letter, Processed, Received};
use redis::streams::{StreamId, StreamReadReply};
use redis::{Connection, RedisResult, Value};
use reports::history::{Outcome, SettlementKind};
use reports::units::Partition;
use std::time::{Duration, Instant};

impl Session {
    /// Keeps in mind that an entry is to be read again, where anybody may come back to what is pending.
    pub(super) fn refuse(&mut self, processed: &Processed) {
        if let Some(id) = self.hand.id_of(processed) {
            self.refuse_again(processed, id);
        }
    }

    /// The same of an entry whose ID is at hand.
    pub(super) fn refuse_again(&mut self, processed: &Processed, id: EntryId) {
        if self.recovery != Recovery::None {
            let due = Instant::now() + self.retry_after;
            self.refused.push(Refused { due, partition: processed.partition, id });
        }
    }

    /// How long a read may wait for new entries, with those in mind that are to be read again.
    pub(super) fn until_next_retry(&self, patience: Duration) -> Duration {
        let next = self.refused.iter().map(|refused| refused.due).min();
        next.map_or(patience, |due| due.saturating_duration_since(Instant::now()).min(patience))
    }

    /// Reads the refused entries again whose time has come: each by its ID, so that one which another consumer has taken over
    /// meanwhile is left to that one.
    pub(super) fn read_refused(
        &mut self,
        connection: &mut Connection,
        deliver: &mut impl FnMut(Received<'_>),
    ) -> RedisResult<()> {
        let now = Instant::now();
        let due: Vec<(Partition, EntryId)> = self
            .refused
            .extract_if(.., |refused| refused.due <= now)
            .map(|refused| (refused.partition, refused.id))
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        let (group, name) = (self.streams.group(), &self.name);
        let mut pipeline = redis::Pipeline::with_capacity(2 * due.len());
        pipeline.ignore_errors();
        for (partition, id) in &due {
            let (stream, before) = (self.streams.name(*partition), id.before().to_string());
            let read = pipeline.cmd("XREADGROUP").arg("GROUP").arg(group).arg(name);
            read.arg("COUNT").arg(1).arg("STREAMS").arg(stream).arg(before);
            let count = pipeline.cmd("XPENDING").arg(stream).arg(group);
            count.arg(id.to_string()).arg(id.to_string()).arg(1).arg(name);
        }
        let asked = clock::now();
        let replies: Vec<RedisResult<Value>> = pipeline.query(connection)?;
        let received = clock::now();
        for ((partition, id), reply) in due.into_iter().zip(replies.chunks(2)) {
            let [read, counted] = reply else { continue };
            let Some(entry) = entry_of(read)? else { continue };
            // The first of its own pending entries from there on is another one: it is not its own any more.
            if entry.map.is_empty() || EntryId::parse(&entry.id) != Some(id) {
                continue;
            }
            self.hand.over(&entry, partition, times_delivered(counted), (asked, received), deliver);
        }
        Ok(())
    }

    /// XADD and XACK in one transaction.
    pub(super) fn bury(
        &mut self,
        connection: &mut Connection,
        processed: &Processed,
        id: EntryId,
        letter: &Letter<'_>,
    ) -> RedisResult<Outcome> {
        let mut transaction = redis::pipe();
        transaction.atomic();
        transaction.add_command(letter::addition(&self.dead_letters, letter));
        let stream = self.streams.name(processed.partition);
        transaction.cmd("XACK").arg(stream).arg(self.streams.group()).arg(id.to_string());
        let requested = clock::now();
        let answer: RedisResult<(String, usize)> = transaction.query(connection);
        let outcome = buried(&answer);
        self.diary.message_settled(processed, SettlementKind::DeadLetter, requested, clock::now(), outcome);
        answer.map(|_| outcome)
    }
}

/// XADD answers with an ID, XACK with how many entries were pending until then: none if the entry was not this group's to
/// acknowledge any more, because another consumer had settled it.
fn buried(answer: &RedisResult<(String, usize)>) -> Outcome {
    match answer {
        Ok((_, 0)) => Outcome::Failed,
        Ok(_) => Outcome::Ok,
        Err(error) if is_answer(error) => Outcome::Failed,
        Err(_) => Outcome::Indeterminate,
    }
}

fn entry_of(reply: &RedisResult<Value>) -> RedisResult<Option<StreamId>> {
    // A stream or group that is gone is told of by the next read of what is new.
    let Ok(value) = reply else { return Ok(None) };
    let reply: Option<StreamReadReply> = redis::from_redis_value_ref(value)?;
    Ok(reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids).next())
}

/// At least the second, where the server does not say.
fn times_delivered(reply: &RedisResult<Value>) -> u16 {
    let reply: Option<redis::streams::StreamPendingCountReply> =
        reply.as_ref().ok().and_then(|value| redis::from_redis_value_ref(value).ok());
    let counted = reply.and_then(|reply| reply.ids.first().map(|entry| entry.times_delivered));
    counted.map_or(2, |times| u16::try_from(times).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_was_settled_meanwhile_is_not_settled_by_its_burial() {
        let answer = |acknowledged| Ok(("1-0".to_owned(), acknowledged));
        assert_eq!(buried(&answer(1)), Outcome::Ok);
        assert_eq!(buried(&answer(0)), Outcome::Failed);
        let lost = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        assert_eq!(buried(&Err(lost.into())), Outcome::Indeterminate);
    }
}
