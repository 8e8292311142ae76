//! The way from the schedule's thread to the sending one. What is due at once crosses at once: each crossing may have to wake
//! the other thread, which costs more than a message does.
//!
//! Payloads cross in one piece of memory, which goes back and forth, and become commands where these are freed too: memory that
//! one thread takes and another gives back costs both of them.

use super::additions::Additions;
use super::appending::Outgoing;
use crate::model::KeyedMessage;
use crate::worker::Ticket;
use redis::Cmd;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// No more payload than that is kept back: large messages leave one by one, while the next is being made.
const BYTES_AT_MOST: usize = 64 << 10;
/// So many empty crossings wait to be filled again, and none that was made for large messages.
const EMPTY_AT_MOST: usize = 8;

/// Both ends. At most so many are kept back.
pub(super) fn handover(at_most: usize, additions: Additions) -> (Departures, Arrivals) {
    // Unbounded, because the ledger already bounds what is under way.
    let (crossing, queue) = unbounded_channel();
    let (emptied, empty) = sync_channel(EMPTY_AT_MOST);
    let departures = Departures { kept_back: Crossing::default(), at_most, crossing, empty };
    (departures, Arrivals { queue, emptied, additions, waiting: VecDeque::new() })
}

/// What crosses at once.
#[derive(Default)]
struct Crossing {
    passengers: Vec<(Ticket, Passenger)>,
    /// Messages' payloads, one after the other.
    bytes: Vec<u8>,
    /// Of letters' payloads.
    letter_bytes: usize,
}

/// What crosses under a ticket.
enum Passenger {
    /// A message whose payload has so many bytes.
    Message(KeyedMessage, usize),
    /// A dead letter, complete.
    Letter(Box<Cmd>),
}

/// Where the schedule's thread hands over.
pub(super) struct Departures {
    kept_back: Crossing,
    at_most: usize,
    crossing: UnboundedSender<Crossing>,
    empty: Receiver<Crossing>,
}

impl Departures {
    /// Adds a message, which leaves with the others when they are as many as may be kept back.
    pub(super) fn add(&mut self, ticket: Ticket, keyed: KeyedMessage, payload: &[u8]) {
        self.kept_back.bytes.extend_from_slice(payload);
        self.board(ticket, Passenger::Message(keyed, payload.len()));
    }

    /// Adds a dead letter, of a payload of so many bytes.
    pub(super) fn add_letter(&mut self, ticket: Ticket, addition: Cmd, bytes: usize) {
        self.kept_back.letter_bytes += bytes;
        self.board(ticket, Passenger::Letter(Box::new(addition)));
    }

    fn board(&mut self, ticket: Ticket, passenger: Passenger) {
        self.kept_back.passengers.push((ticket, passenger));
        let Crossing { passengers, bytes, letter_bytes } = &self.kept_back;
        if passengers.len() >= self.at_most || bytes.len() + letter_bytes >= BYTES_AT_MOST {
            self.flush();
        }
    }

    /// Lets all leave that are kept back.
    pub(super) fn flush(&mut self) {
        if !self.kept_back.passengers.is_empty() {
            let next = self.empty.try_recv().unwrap_or_default();
            // The sending thread outlives this end, so this cannot fail.
            let _ = self.crossing.send(std::mem::replace(&mut self.kept_back, next));
        }
    }
}

impl Drop for Departures {
    fn drop(&mut self) {
        self.flush();
    }
}

/// Where the sending thread takes.
pub(super) struct Arrivals {
    queue: UnboundedReceiver<Crossing>,
    emptied: SyncSender<Crossing>,
    additions: Additions,
    waiting: VecDeque<Outgoing>,
}

impl Arrivals {
    /// Waits until something is there, and says how much of it [`take`](Self::take) may take: at most so many. 0: no more can come.
    /// Cancel-safe.
    pub(super) async fn at_hand(&mut self, at_most: usize) -> usize {
        if self.waiting.is_empty()
            && let Some(first) = self.queue.recv().await
        {
            self.let_in(first);
        }
        while self.waiting.len() < at_most
            && let Ok(more) = self.queue.try_recv()
        {
            self.let_in(more);
        }
        self.waiting.len().min(at_most)
    }

    fn let_in(&mut self, mut crossing: Crossing) {
        let mut payloads = crossing.bytes.as_slice();
        for (ticket, passenger) in crossing.passengers.drain(..) {
            let addition = match passenger {
                Passenger::Message(keyed, bytes) => {
                    let (payload, others) = payloads.split_at(bytes);
                    payloads = others;
                    self.additions.of_message(keyed, payload)
                }
                Passenger::Letter(addition) => *addition,
            };
            self.waiting.push_back(Outgoing { ticket, addition });
        }
        crossing.bytes.clear();
        crossing.letter_bytes = 0;
        if crossing.bytes.capacity() <= 2 * BYTES_AT_MOST {
            // Where enough wait, or the other end is gone, this one is of no more use.
            let _ = self.emptied.try_send(crossing);
        }
    }

    /// The first so many of what is at hand, in the order in which they were handed over.
    pub(super) fn take(&mut self, count: usize) -> impl ExactSizeIterator<Item = Outgoing> + '_ {
        self.waiting.drain(..count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reports::units::{MessageId, Partition, ProducerId, Sequence};
    use std::time::Duration;

    fn both_ends(at_most: usize) -> (Departures, Arrivals) {
        handover(at_most, Additions::to_one_stream("stream"))
    }

    /// Messages with these numbers, each with the payload of its number.
    fn add(departures: &mut Departures, numbers: std::ops::Range<usize>) {
        for number in numbers {
            departures.add(Ticket::from_word(number), keyed(number), number.to_string().as_bytes());
        }
    }

    fn keyed(number: usize) -> KeyedMessage {
        let message = MessageId { producer: ProducerId(0), partition: Partition(0), seq: Sequence(number as u64) };
        KeyedMessage { message, key: None }
    }

    async fn taken(arrivals: &mut Arrivals, at_most: usize) -> Vec<usize> {
        let count = arrivals.at_hand(at_most).await;
        arrivals.take(count).map(|outgoing| outgoing.ticket.to_word()).collect()
    }

    async fn nothing_comes(arrivals: &mut Arrivals) -> bool {
        tokio::time::timeout(Duration::from_millis(20), arrivals.at_hand(9)).await.is_err()
    }

    #[tokio::test]
    async fn what_is_kept_back_leaves_when_it_is_enough_or_nothing_more_is_due_or_the_end_has_come() {
        let (mut departures, mut arrivals) = both_ends(3);
        add(&mut departures, 0..2);
        assert!(nothing_comes(&mut arrivals).await);
        add(&mut departures, 2..4);
        assert_eq!(taken(&mut arrivals, 9).await, [0, 1, 2]);
        departures.flush();
        departures.flush();
        assert_eq!(taken(&mut arrivals, 9).await, [3]);
        add(&mut departures, 4..5);
        drop(departures);
        assert_eq!(taken(&mut arrivals, 9).await, [4]);
        assert!(taken(&mut arrivals, 9).await.is_empty());
    }

    #[tokio::test]
    async fn large_ones_leave_before_they_are_many() {
        let (mut departures, mut arrivals) = both_ends(100);
        departures.add(Ticket::from_word(7), keyed(7), &vec![b'x'; BYTES_AT_MOST]);
        assert_eq!(taken(&mut arrivals, 9).await, [7]);
        departures.add_letter(Ticket::from_word(8), redis::cmd("LETTER"), BYTES_AT_MOST);
        assert_eq!(taken(&mut arrivals, 9).await, [8]);
        add(&mut departures, 0..2);
        assert!(nothing_comes(&mut arrivals).await);
    }

    #[tokio::test]
    async fn no_more_are_taken_together_than_may_and_all_come_in_their_order() {
        let (mut departures, mut arrivals) = both_ends(2);
        add(&mut departures, 0..7);
        drop(departures);
        assert_eq!(taken(&mut arrivals, 3).await, [0, 1, 2]);
        assert_eq!(taken(&mut arrivals, 3).await, [3, 4, 5]);
        assert_eq!(taken(&mut arrivals, 3).await, [6]);
        assert!(taken(&mut arrivals, 3).await.is_empty());
    }

    /// However often the memory that payloads cross in has been there and back.
    #[tokio::test]
    async fn each_leaves_with_its_own_payload_and_a_letter_as_it_is() {
        let (mut departures, mut arrivals) = both_ends(3);
        for round in 0..50 {
            let numbers = round * 3..round * 3 + 2;
            add(&mut departures, numbers.clone());
            departures.add_letter(Ticket::from_word(9), redis::cmd("LETTER"), 6);
            let count = arrivals.at_hand(9).await;
            let commands: Vec<_> = arrivals.take(count).map(|outgoing| outgoing.addition).collect();
            let [first, second, letter] = commands.as_slice() else { panic!("{} commands", commands.len()) };
            for (command, number) in [first, second].into_iter().zip(numbers) {
                let expected =
                    redis::cmd("XADD").arg("stream").arg("*").arg("p").arg(number.to_string()).get_packed_command();
                assert_eq!(command.get_packed_command(), expected);
            }
            assert_eq!(letter.get_packed_command(), redis::cmd("LETTER").get_packed_command());
        }
    }
}
