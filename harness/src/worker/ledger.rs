//! The sends under way: bounded in number, each settled exactly once.

use super::record::{Records, Row};
use crate::clock;
use reports::history::{Outcome, Send};
use reports::units::{MessageId, Nanos, Position};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Names one send under way; a client hands it back when it knows the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(u64);

impl Ticket {
    /// As one machine word, for libraries that carry a word along.
    pub const fn to_word(self) -> usize {
        self.0 as usize
    }

    const fn index(self) -> usize {
        (self.0 & u32::MAX as u64) as usize
    }

    const fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Back from the word.
    pub const fn from_word(word: usize) -> Self {
        Self(word as u64)
    }
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    send: Option<UnderWay>,
}

#[derive(Clone, Copy, Debug)]
struct UnderWay {
    message: MessageId,
    intended: Nanos,
    started: Nanos,
}

#[derive(Debug)]
struct Slots {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

/// All sends under way of one producer.
#[derive(Debug)]
pub struct Ledger {
    slots: Mutex<Slots>,
    freed: Condvar,
    records: Records,
    begun: AtomicU64,
    settled: [AtomicU64; 3],
}

impl Ledger {
    /// For at most `capacity` sends at a time (at least 1); outcomes go to `records`.
    pub fn new(capacity: usize, records: Records) -> Self {
        let capacity = u32::try_from(capacity.max(1)).unwrap_or(u32::MAX);
        let slots = (0..capacity).map(|_| Slot { generation: 0, send: None }).collect();
        let free = (0..capacity).rev().collect();
        Self {
            slots: Mutex::new(Slots { slots, free }),
            freed: Condvar::new(),
            records,
            begun: AtomicU64::new(0),
            settled: [const { AtomicU64::new(0) }; 3],
        }
    }

    /// Begins a send, waiting for a free place up to `patience`. `None`: there was none in that time.
    pub fn begin(&self, message: MessageId, intended: Nanos, patience: Duration) -> Option<Ticket> {
        let guard = self.lock();
        let (mut guard, _) = self
            .freed
            .wait_timeout_while(guard, patience, |slots| slots.free.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        let index = guard.free.pop()?;
        let slot = &mut guard.slots[index as usize];
        slot.send = Some(UnderWay { message, intended, started: clock::now() });
        self.begun.fetch_add(1, Relaxed);
        Some(Ticket(u64::from(slot.generation) << 32 | u64::from(index)))
    }

    /// These sends are handed to the client library only now: they had to wait for a connection, and waiting is not service.
    pub fn handed_over(&self, tickets: impl IntoIterator<Item = Ticket>) {
        let now = clock::now();
        let mut guard = self.lock();
        for ticket in tickets {
            let slot = guard.slots.get_mut(ticket.index()).filter(|slot| slot.generation == ticket.generation());
            if let Some(send) = slot.and_then(|slot| slot.send.as_mut()) {
                send.started = now;
            }
        }
    }

    /// Ends a send. A ticket that has been settled before is ignored.
    pub fn settle(&self, ticket: Ticket, outcome: Outcome, position: Option<Position>, error: Option<String>) {
        let Some(send) = self.take(ticket) else { return };
        self.settled[outcome as usize].fetch_add(1, Relaxed);
        self.records.push(Row::Send(Send {
            message: send.message,
            intended: send.intended,
            started: send.started,
            settled: clock::now(),
            outcome,
            attempts: 1,
            error,
            position,
        }));
    }

    /// Ends every send that nobody settled, as indeterminate.
    pub fn abandon(&self, why: &str) {
        let open: Vec<Ticket> = {
            let guard = self.lock();
            let tickets = guard.slots.iter().enumerate().filter(|(_, slot)| slot.send.is_some());
            tickets.map(|(index, slot)| Ticket(u64::from(slot.generation) << 32 | index as u64)).collect()
        };
        for ticket in open {
            self.settle(ticket, Outcome::Indeterminate, None, Some(why.to_owned()));
        }
    }

    /// Sends begun so far.
    pub fn begun(&self) -> u64 {
        self.begun.load(Relaxed)
    }

    /// Sends that ended this way so far.
    pub fn settled(&self, outcome: Outcome) -> u64 {
        self.settled[outcome as usize].load(Relaxed)
    }

    /// Nothing is under way.
    pub fn is_idle(&self) -> bool {
        let guard = self.lock();
        guard.free.len() == guard.slots.len()
    }

    fn take(&self, ticket: Ticket) -> Option<UnderWay> {
        let mut guard = self.lock();
        let slot = guard.slots.get_mut(ticket.index()).filter(|slot| slot.generation == ticket.generation())?;
        let send = slot.send.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        guard.free.push(ticket.index() as u32);
        drop(guard);
        self.freed.notify_one();
        Some(send)
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
