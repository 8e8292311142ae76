//! What the worker has in hand: entries with the IDs under which they were read, so that the one that is settled is the
//! one that was read, whatever its position.

use crate::broker::redis_streams::entry::{EntryId, Epoch};
use crate::broker::redis_streams::stream::PAYLOAD_FIELD;
use crate::worker::Complaints;
use crate::worker::client::{Processed, Received};
use redis::Value;
use redis::streams::StreamId;
use reports::units::{Nanos, Partition};
use std::collections::VecDeque;
use std::time::Instant;

/// Entries that were handed over since the last read, in order.
pub(super) struct Hand {
    epoch: Epoch,
    complaints: Complaints,
    entries: VecDeque<(Partition, EntryId)>,
}

/// An entry that was refused, and when it is to be read again.
pub(super) struct Refused {
    pub(super) due: Instant,
    pub(super) partition: Partition,
    pub(super) id: EntryId,
}

impl Hand {
    pub(super) fn new(epoch: Epoch, complaints: Complaints) -> Self {
        Self { epoch, complaints, entries: VecDeque::new() }
    }

    /// What has not been settled by now will not be.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(super) const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Hands one entry over, with when it was asked for and when it came.
    pub(super) fn over(
        &mut self,
        entry: &StreamId,
        partition: Partition,
        delivery_count: u16,
        (asked, received): (Nanos, Nanos),
        deliver: &mut impl FnMut(Received<'_>),
    ) {
        let Some(id) = EntryId::parse(&entry.id) else { return };
        let position = self.epoch.position(id).unwrap_or_else(|| {
            self.complaints.tell(&format!(
                "the entry {id} has no exact position: it is weeks from the trial's start, or beyond 2^32 entries in one \
                 millisecond (was the server's clock set?). It counts at the nearest position"
            ));
            self.epoch.nearest(id)
        });
        self.entries.push_back((partition, id));
        let payload: &[u8] = match entry.map.get(PAYLOAD_FIELD) {
            Some(Value::BulkString(bytes)) => bytes,
            _ => &[],
        };
        deliver(Received { partition, position, delivery_count, asked: Some(asked), received, payload });
    }

    /// The ID of an entry that was handed over. To be asked in the order in which they were; each is given once.
    pub(super) fn id_of(&mut self, processed: &Processed) -> Option<EntryId> {
        while let Some((partition, id)) = self.entries.pop_front() {
            if partition == processed.partition && self.epoch.nearest(id) == processed.position {
                return Some(id);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::Outbox;
    use std::io::{Read, pipe};

    const NOW: u64 = 1_795_361_466_358;

    fn entry(id: &str) -> StreamId {
        StreamId { id: id.to_owned(), ..StreamId::default() }
    }

    /// Hands these over in partition 1; returns what was received, and what was complained of.
    fn hand_over(ids: &[String]) -> (Hand, Vec<Processed>, String) {
        let (mut reader, writer) = pipe().expect("a pipe");
        let mut hand = Hand::new(Epoch::for_clock(NOW), Complaints::new(&Outbox::new(writer)));
        let mut received = Vec::new();
        for id in ids {
            hand.over(&entry(id), Partition(1), 1, (Nanos(1), Nanos(2)), &mut |one: Received<'_>| {
                received.push(Processed { message: None, partition: one.partition, position: one.position });
            });
        }
        hand.complaints = Complaints::new(&Outbox::new(std::io::sink()));
        let mut said = String::new();
        reader.read_to_string(&mut said).expect("text");
        (hand, received, said)
    }

    #[test]
    fn what_is_settled_is_what_was_read_even_where_positions_are_the_same() {
        let ids = ["5-1".to_owned(), "6-2".to_owned(), format!("{NOW}-3"), format!("{NOW}-4294967297")];
        let (mut hand, received, said) = hand_over(&ids);
        assert_eq!(received[0].position, received[1].position, "both lie before all positions");
        let settled: Vec<String> =
            received.iter().map(|one| hand.id_of(one).expect("handed over").to_string()).collect();
        assert_eq!(settled, ids);
        assert!(said.contains("5-1") && said.contains("no exact position"), "{said}");
        assert!(!said.contains(&format!("{NOW}-3")), "{said}");
    }

    #[test]
    fn what_is_passed_over_is_not_settled_later() {
        let ids = [format!("{NOW}-1"), format!("{NOW}-2"), format!("{NOW}-3")];
        let (mut hand, received, _) = hand_over(&ids);
        assert_eq!(hand.id_of(&received[1]).map(|id| id.to_string()).as_ref(), Some(&ids[1]));
        assert_eq!(hand.id_of(&received[0]), None);
    }
}
