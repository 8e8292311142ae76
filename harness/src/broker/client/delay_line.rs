//! Messages on their way to the memory broker, each for a time of its own.

use crate::clock;
use crate::worker::Ticket;
use reports::units::{Nanos, Partition};
use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

struct OnItsWay {
    ticket: Ticket,
    partition: Partition,
    payload: Vec<u8>,
}

#[derive(Default)]
struct Waiting {
    /// By the time at which each arrives; of those that arrive at once, in the order in which they were sent.
    messages: BTreeMap<(Nanos, u64), OnItsWay>,
    sent: u64,
    is_closed: bool,
}

#[derive(Default)]
struct Way {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

/// A way with a thread at its end, which hands over what arrives. What is still on its way when it is dropped arrives no more.
pub(super) struct DelayLine {
    way: Arc<Way>,
    carrier: Option<JoinHandle<()>>,
}

impl DelayLine {
    /// A way to whoever takes what arrives.
    pub(super) fn new(arrive: impl FnMut(Ticket, Partition, &[u8]) + Send + 'static) -> Self {
        let way = Arc::<Way>::default();
        let carried = Arc::clone(&way);
        Self { way, carrier: Some(std::thread::spawn(move || carried.carry(arrive))) }
    }

    /// Sends a message on its way, to arrive at an instant.
    pub(super) fn send(&self, ticket: Ticket, partition: Partition, payload: &[u8], arrives: Nanos) {
        let mut waiting = self.way.lock();
        let number = waiting.sent;
        waiting.sent += 1;
        let is_next = waiting.messages.first_key_value().is_none_or(|((first, _), _)| arrives < *first);
        waiting.messages.insert((arrives, number), OnItsWay { ticket, partition, payload: payload.to_vec() });
        drop(waiting);
        if is_next {
            self.way.changed.notify_one();
        }
    }
}

impl Drop for DelayLine {
    fn drop(&mut self) {
        self.way.lock().is_closed = true;
        self.way.changed.notify_one();
        if let Some(carrier) = self.carrier.take() {
            let _ = carrier.join();
        }
    }
}

impl Way {
    fn carry(&self, mut arrive: impl FnMut(Ticket, Partition, &[u8])) {
        // The kernel may otherwise wake a sleeper up to 50 µs late.
        let _ = rustix::thread::set_current_timer_slack(Some(NonZeroU64::MIN));
        let mut waiting = self.lock();
        while !waiting.is_closed {
            let next = waiting.messages.first_key_value().map(|((arrives, _), _)| *arrives);
            let now = clock::now();
            match next {
                None => waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner),
                Some(arrives) if arrives > now => {
                    let patience = arrives.since(now).into();
                    let woken = self.changed.wait_timeout(waiting, patience);
                    waiting = woken.unwrap_or_else(PoisonError::into_inner).0;
                }
                Some(_) => {
                    let Some((_, message)) = waiting.messages.pop_first() else { continue };
                    drop(waiting);
                    arrive(message.ticket, message.partition, &message.payload);
                    waiting = self.lock();
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    #[test]
    fn messages_arrive_in_the_order_of_their_times_and_none_before_it() {
        let (tell, told) = channel();
        let line = DelayLine::new(move |ticket, partition, payload| {
            tell.send((ticket.to_word(), partition, payload.to_vec(), clock::now())).expect("heard");
        });
        let begin = clock::now();
        for (number, millis) in [(1, 40), (2, 10), (3, 25), (4, 25)] {
            let arrives = begin.plus(Nanos::from_millis(millis));
            line.send(Ticket::from_word(number), Partition(7), &[number as u8], arrives);
        }
        let arrived: Vec<_> = (0..4).map(|_| told.recv_timeout(Duration::from_secs(30)).expect("arrived")).collect();
        for ((number, partition, payload, at), (due, after)) in
            arrived.into_iter().zip([(2, 10), (3, 25), (4, 25), (1, 40)])
        {
            assert_eq!((number, partition, payload), (due, Partition(7), vec![due as u8]));
            assert!(at.since(begin) >= Nanos::from_millis(after), "{number}");
        }
    }

    #[test]
    fn what_is_on_its_way_when_it_is_dropped_arrives_no_more() {
        let (tell, told) = channel();
        let line = DelayLine::new(move |ticket, _, _| tell.send(ticket).expect("heard"));
        line.send(Ticket::from_word(1), Partition(0), &[], clock::now().plus(Nanos::from_secs(3600)));
        drop(line);
        assert!(told.recv().is_err());
    }
}
