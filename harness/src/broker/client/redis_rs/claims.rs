//! Taking over what other consumers were given and have not acknowledged for the time after which they count as dead.

use super::consume::Session;
use crate::broker::redis_streams::entry::EntryId;
use crate::clock;
use crate::worker::client::{Processed, Received};
use redis::streams::{StreamAutoClaimReply, StreamId};
use redis::{Connection, RedisResult};
use reports::history::{GroupEvent, Outcome, SettlementKind};
use reports::units::{Nanos, Partition};
use std::time::Instant;

/// From where a stream is looked through, and where a look has come to its end.
const BEGIN: &str = "0-0";

/// How far a look for entries to take over has come in a stream.
struct Scan {
    partition: Partition,
    cursor: String,
}

impl Session {
    /// Looks through all streams, when it is time for that.
    pub(super) fn claim_stale(
        &mut self,
        connection: &mut Connection,
        deliver: &mut impl FnMut(Received<'_>),
    ) -> RedisResult<()> {
        if Instant::now() < self.next_claim {
            return Ok(());
        }
        self.next_claim = Instant::now() + self.settings.claim_every;
        let begin = |(partition, _)| Scan { partition, cursor: BEGIN.to_owned() };
        let mut scans: Vec<Scan> = self.streams.readable().map(begin).collect();
        while !scans.is_empty() {
            scans = self.claim_round(connection, scans, deliver)?;
        }
        Ok(())
    }

    /// One question for each scan, all in one round trip: on a slow network one after the other would hold reading up. Only
    /// where something was taken over, its delivery counts cost another.
    /// Returns what is left to scan, for XAUTOCLAIM looks at no more than ten entries for each that it may return.
    fn claim_round(
        &mut self,
        connection: &mut Connection,
        scans: Vec<Scan>,
        deliver: &mut impl FnMut(Received<'_>),
    ) -> RedisResult<Vec<Scan>> {
        let mut pipeline = redis::Pipeline::with_capacity(scans.len());
        pipeline.ignore_errors();
        for scan in &scans {
            pipeline
                .cmd("XAUTOCLAIM")
                .arg(self.streams.name(scan.partition))
                .arg(self.streams.group())
                .arg(&self.name)
                .arg(self.settings.claim_idle.as_millis() as u64)
                .arg(&scan.cursor)
                .arg("COUNT")
                .arg(self.settings.count);
        }
        let asked = clock::now();
        let replies: Vec<RedisResult<StreamAutoClaimReply>> = pipeline.query(connection)?;
        let received = clock::now();
        // All of them before the next question, which may find the connection lost.
        for (scan, reply) in scans.iter().zip(&replies) {
            if let Ok(reply) = reply {
                self.note_claims(scan.partition, &reply.claimed, asked, received);
            }
        }
        let (mut unfinished, mut refusal) = (Vec::new(), None);
        for (scan, reply) in scans.into_iter().zip(replies) {
            match reply {
                Ok(reply) => {
                    self.hand_over_claimed(connection, scan.partition, &reply.claimed, (asked, received), deliver)?;
                    if reply.next_stream_id != BEGIN {
                        unfinished.push(Scan { partition: scan.partition, cursor: reply.next_stream_id });
                    }
                }
                Err(error) => refusal = Some(error),
            }
        }
        refusal.map_or(Ok(unfinished), Err)
    }

    fn hand_over_claimed(
        &mut self,
        connection: &mut Connection,
        partition: Partition,
        claimed: &[StreamId],
        times: (Nanos, Nanos),
        deliver: &mut impl FnMut(Received<'_>),
    ) -> RedisResult<()> {
        let counts = self.delivery_counts(connection, partition, claimed)?;
        for entry in claimed {
            self.hand.over(entry, partition, counts.of(entry), times, deliver);
        }
        Ok(())
    }

    fn note_claims(&self, partition: Partition, claimed: &[StreamId], requested: Nanos, settled: Nanos) {
        if claimed.is_empty() {
            return;
        }
        for id in claimed.iter().filter_map(|entry| EntryId::parse(&entry.id)) {
            // Whoever takes over has not read the payload yet.
            let claimed = Processed { message: None, partition, position: self.hand.epoch().nearest(id) };
            self.diary.message_settled(&claimed, SettlementKind::Claim, requested, settled, Outcome::Ok);
        }
        self.diary.group(GroupEvent::Claimed, vec![partition]);
    }
}
