//! The way from the schedule's thread to the sending one. What is due at once crosses at once: each crossing may have to wake
//! the other thread, which costs more than a message does.

use super::appending::Outgoing;
use std::collections::VecDeque;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// No more payload than that is kept back: large messages leave one by one, while the next is being made.
const BYTES_AT_MOST: usize = 64 << 10;

/// Both ends. At most so many are kept back.
pub(super) fn handover(at_most: usize) -> (Departures, Arrivals) {
    // Unbounded, because the ledger already bounds what is under way.
    let (crossing, queue) = unbounded_channel();
    (Departures { kept_back: Vec::new(), bytes: 0, at_most, crossing }, Arrivals { queue, waiting: VecDeque::new() })
}

/// Where the schedule's thread hands over.
pub(super) struct Departures {
    kept_back: Vec<Outgoing>,
    /// Of their payloads.
    bytes: usize,
    at_most: usize,
    crossing: UnboundedSender<Vec<Outgoing>>,
}

impl Departures {
    /// Adds one with a payload of so many bytes, which leaves with the others when they are as many as may be kept back.
    pub(super) fn add(&mut self, outgoing: Outgoing, bytes: usize) {
        self.kept_back.push(outgoing);
        self.bytes += bytes;
        if self.kept_back.len() >= self.at_most || self.bytes >= BYTES_AT_MOST {
            self.flush();
        }
    }

    /// Lets all leave that are kept back.
    pub(super) fn flush(&mut self) {
        self.bytes = 0;
        if !self.kept_back.is_empty() {
            // The sending thread outlives this end, so this cannot fail.
            let _ = self.crossing.send(std::mem::take(&mut self.kept_back));
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
    queue: UnboundedReceiver<Vec<Outgoing>>,
    waiting: VecDeque<Outgoing>,
}

impl Arrivals {
    /// Waits until something is there, and says how much of it [`take`](Self::take) may take: at most so many. 0: no more can come.
    /// Cancel-safe.
    pub(super) async fn at_hand(&mut self, at_most: usize) -> usize {
        if self.waiting.is_empty() {
            self.waiting.extend(self.queue.recv().await.into_iter().flatten());
        }
        while self.waiting.len() < at_most
            && let Ok(more) = self.queue.try_recv()
        {
            self.waiting.extend(more);
        }
        self.waiting.len().min(at_most)
    }

    /// The first so many of what is at hand, in the order in which they were handed over.
    pub(super) fn take(&mut self, count: usize) -> impl ExactSizeIterator<Item = Outgoing> + '_ {
        self.waiting.drain(..count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::Ticket;

    fn add(departures: &mut Departures, numbers: std::ops::Range<usize>) {
        for number in numbers {
            departures.add(Outgoing { ticket: Ticket::from_word(number), addition: redis::Cmd::new() }, 1);
        }
    }

    async fn taken(arrivals: &mut Arrivals, at_most: usize) -> Vec<usize> {
        let count = arrivals.at_hand(at_most).await;
        arrivals.take(count).map(|outgoing| outgoing.ticket.to_word()).collect()
    }

    #[tokio::test]
    async fn what_is_kept_back_leaves_when_it_is_enough_or_nothing_more_is_due_or_the_end_has_come() {
        let (mut departures, mut arrivals) = handover(3);
        add(&mut departures, 0..2);
        assert!(tokio::time::timeout(std::time::Duration::from_millis(20), arrivals.at_hand(9)).await.is_err());
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
        let (mut departures, mut arrivals) = handover(100);
        departures.add(Outgoing { ticket: Ticket::from_word(7), addition: redis::Cmd::new() }, BYTES_AT_MOST);
        assert_eq!(taken(&mut arrivals, 9).await, [7]);
        add(&mut departures, 0..2);
        assert!(tokio::time::timeout(std::time::Duration::from_millis(20), arrivals.at_hand(9)).await.is_err());
    }

    #[tokio::test]
    async fn no_more_are_taken_together_than_may_and_all_come_in_their_order() {
        let (mut departures, mut arrivals) = handover(2);
        add(&mut departures, 0..7);
        drop(departures);
        assert_eq!(taken(&mut arrivals, 3).await, [0, 1, 2]);
        assert_eq!(taken(&mut arrivals, 3).await, [3, 4, 5]);
        assert_eq!(taken(&mut arrivals, 3).await, [6]);
        assert!(taken(&mut arrivals, 3).await.is_empty());
    }
}
