//! The sends under way: bounded in number, each settled exactly once. Where producers try again, what an attempt came to may not be
//! the end of its message, which then keeps its place.

use super::protocol::RetryPolicy;
use super::record::Records;
use super::retries::{Due, Ended, Retries, UnderWay};
use super::row::{Begun, Row};
use crate::clock;
use crate::model::KeyedMessage;
use reports::history::{Outcome, Send};
use reports::units::{Nanos, Position};
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

/// What became of one send, or of one attempt at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Which one.
    pub ticket: Ticket,
    /// How it ended.
    pub outcome: Outcome,
    /// Where the broker put it, if it says so.
    pub position: Option<Position>,
    /// Why it was not acknowledged, in the broker's or the client's words.
    pub error: Option<String>,
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    send: Option<UnderWay>,
}

#[derive(Debug)]
struct Slots {
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// A thread sleeps until there is a place. Whoever frees one need not wake it twice: that is a call of the system each time.
    is_awaited: bool,
    /// None where no message is tried again.
    retries: Option<Retries>,
}

/// A message whose rest between two attempts is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rested {
    /// For the client, as of a new send.
    pub(super) ticket: Ticket,
    pub(super) keyed: KeyedMessage,
    pub(super) intended: Nanos,
    /// What is to be done with it.
    pub(super) due: Due,
}

/// All sends under way of one producer.
#[derive(Debug)]
pub struct SendLedger {
    slots: Mutex<Slots>,
    freed: Condvar,
    records: Records,
    begun: AtomicU64,
    settled: [AtomicU64; 3],
    /// When the next rest is over; the end of time where nothing rests.
    next_due: AtomicU64,
}

impl SendLedger {
    /// For at most `capacity` sends at a time (at least 1); outcomes go to `records`.
    pub fn new(capacity: usize, records: Records) -> Self {
        let capacity = u32::try_from(capacity.max(1)).unwrap_or(u32::MAX);
        let slots = (0..capacity).map(|_| Slot { generation: 0, send: None }).collect();
        let free = (0..capacity).rev().collect();
        Self {
            slots: Mutex::new(Slots { slots, free, is_awaited: false, retries: None }),
            freed: Condvar::new(),
            records,
            begun: AtomicU64::new(0),
            settled: [const { AtomicU64::new(0) }; 3],
            next_due: AtomicU64::new(u64::MAX),
        }
    }

    /// The same, which tries again what was not acknowledged; waits vary by the seed.
    pub fn trying_again(self, policy: Option<RetryPolicy>, seed: u64) -> Self {
        self.lock().retries = policy.map(|policy| Retries::new(policy, seed));
        self
    }

    /// Begins a send. `None`: there is no place for it. One thread begins all sends.
    pub fn begin(&self, keyed: KeyedMessage, intended: Nanos) -> Option<Ticket> {
        let mut guard = self.lock();
        let index = guard.free.pop()?;
        let slot = &mut guard.slots[index as usize];
        let send = UnderWay::begin(keyed, intended);
        let started = send.started;
        slot.send = Some(send);
        let ticket = Ticket(u64::from(slot.generation) << 32 | u64::from(index));
        drop(guard);
        self.begun.fetch_add(1, Relaxed);
        self.records.push(Row::Begun(Begun { message: keyed.message, intended, started }));
        Some(ticket)
    }

    /// Whether there is a place for another.
    pub fn has_place(&self) -> bool {
        !self.lock().free.is_empty()
    }

    /// Sleeps until there is a place, up to `patience`, and tells whether there is one. Another thread settles sends meanwhile.
    pub fn wait_for_place(&self, patience: Duration) -> bool {
        let waited = self.freed.wait_timeout_while(self.lock(), patience, |slots| {
            slots.is_awaited = slots.free.is_empty();
            slots.is_awaited
        });
        let (mut guard, _) = waited.unwrap_or_else(PoisonError::into_inner);
        guard.is_awaited = false;
        !guard.free.is_empty()
    }

    /// These sends are handed to the client library only now: they had to wait for a connection, and waiting is not service.
    pub fn handed_over(&self, tickets: impl IntoIterator<Item = Ticket>) {
        let now = clock::now();
        let mut guard = self.lock();
        for ticket in tickets {
            let slot = guard.slots.get_mut(ticket.index()).filter(|slot| slot.generation == ticket.generation());
            if let Some(send) = slot.and_then(|slot| slot.send.as_mut()) {
                send.handed_over(now);
            }
        }
    }

    /// Ends a send, or one attempt at it. A ticket that has been settled before is ignored.
    pub fn settle(&self, ticket: Ticket, outcome: Outcome, position: Option<Position>, error: Option<String>) {
        // Before there is a place for another: that one cannot start earlier than this was settled.
        let now = clock::now();
        let ended = self.making_room(|slots| self.end_attempt(slots, ticket, outcome, error));
        if let Some((send, ended)) = ended {
            self.record(&send, ended, position, now);
        }
    }

    /// Ends all that was answered at once, at one instant.
    pub fn settle_all(&self, answers: impl Iterator<Item = Receipt>) {
        let now = clock::now();
        let over: Vec<(UnderWay, Ended, Option<Position>)> = self.making_room(|slots| {
            let end = |Receipt { ticket, outcome, position, error }| {
                let (send, ended) = self.end_attempt(slots, ticket, outcome, error)?;
                Some((send, ended, position))
            };
            answers.filter_map(end).collect()
        });
        for (send, ended, position) in over {
            self.record(&send, ended, position, now);
        }
    }

    /// Does something to the slots, and wakes the sender if it waits for the room that comes of it.
    fn making_room<T>(&self, change: impl FnOnce(&mut Slots) -> T) -> T {
        let mut guard = self.lock();
        let changed = change(&mut guard);
        let is_awaited = !guard.free.is_empty() && std::mem::take(&mut guard.is_awaited);
        drop(guard);
        if is_awaited {
            self.freed.notify_one();
        }
        changed
    }

    fn record(&self, send: &UnderWay, ended: Ended, position: Option<Position>, settled: Nanos) {
        self.settled[ended.outcome as usize].fetch_add(1, Relaxed);
        self.records.push(Row::Send(Send {
            message: send.keyed.message,
            intended: send.intended,
            started: send.started,
            settled,
            outcome: ended.outcome,
            attempts: send.attempts,
            error: ended.error,
            position,
            dead_letter: ended.dead_letter,
        }));
    }

    /// When the next message is to be tried again.
    pub(super) fn next_due(&self) -> Nanos {
        Nanos(self.next_due.load(Relaxed))
    }

    /// The next message whose rest is over.
    pub(super) fn rested(&self, now: Nanos) -> Option<Rested> {
        if self.next_due() > now {
            return None;
        }
        let mut guard = self.lock();
        let slots = &mut *guard;
        let index = slots.retries.as_mut()?.rested(now)?;
        self.note_next_due(slots);
        let slot = slots.slots.get_mut(index as usize)?;
        let ticket = Ticket(u64::from(slot.generation) << 32 | u64::from(index));
        let send = slot.send.as_mut()?;
        Some(Rested { ticket, due: send.go_on(), keyed: send.keyed, intended: send.intended })
    }

    /// Ends every send that nobody settled: as indeterminate, if an attempt is under way or nobody knows of one.
    pub fn abandon(&self, why: &str) {
        let open: Vec<UnderWay> = {
            let mut guard = self.lock();
            let slots = &mut *guard;
            slots.retries.iter_mut().for_each(Retries::forget);
            let mut open = Vec::new();
            for (index, slot) in (0..).zip(&mut slots.slots) {
                if let Some(send) = slot.send.take() {
                    slot.generation = slot.generation.wrapping_add(1);
                    slots.free.push(index);
                    open.push(send);
                }
            }
            open
        };
        self.next_due.store(u64::MAX, Relaxed);
        for send in open {
            let (send, ended) = send.abandon(why);
            self.record(&send, ended, None, clock::now());
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

    /// `None`: it is not over, or the ticket is an old one.
    fn end_attempt(
        &self,
        slots: &mut Slots,
        ticket: Ticket,
        outcome: Outcome,
        error: Option<String>,
    ) -> Option<(UnderWay, Ended)> {
        let slot = slots.slots.get_mut(ticket.index()).filter(|slot| slot.generation == ticket.generation())?;
        let (mut send, place) = (slot.send.take()?, ticket.index() as u32);
        // What is told of this attempt from now on comes too late.
        slot.generation = slot.generation.wrapping_add(1);
        let Some(ended) = send.end(outcome, error, slots.retries.as_mut(), place) else {
            slot.send = Some(send);
            self.note_next_due(slots);
            return None;
        };
        slots.free.push(place);
        Some((send, ended))
    }

    fn note_next_due(&self, slots: &Slots) {
        let next = slots.retries.as_ref().and_then(Retries::next);
        self.next_due.store(next.map_or(u64::MAX, |next| next.0), Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::{all_rows, kept, rows};
    use super::*;
    use reports::units::{MessageId, Partition, ProducerId, Sequence};

    fn message(seq: u64) -> MessageId {
        MessageId { producer: ProducerId(1), partition: Partition(2), seq: Sequence(seq) }
    }

    fn keyed(seq: u64) -> KeyedMessage {
        KeyedMessage { message: message(seq), key: None }
    }

    fn begin(ledger: &SendLedger, seq: u64) -> Option<Ticket> {
        ledger.begin(keyed(seq), Nanos(seq))
    }

    fn sends(records: &Records) -> Vec<Send> {
        let send = |row| if let Row::Send(send) = row { send } else { panic!("another table's: {row:?}") };
        rows(records).into_iter().map(send).collect()
    }

    #[test]
    fn a_send_is_recorded_once_with_its_intended_time_and_its_outcome() {
        let records = kept();
        let ledger = SendLedger::new(4, records.clone());
        let before = clock::now();
        let ticket = begin(&ledger, 7).expect("room");
        assert!(!ledger.is_idle());
        ledger.settle(ticket, Outcome::Ok, Some(Position(9)), None);
        ledger.settle(ticket, Outcome::Failed, None, Some("too late".to_owned()));
        let sends = sends(&records);
        assert_eq!(sends.len(), 1, "{sends:?}");
        let send = &sends[0];
        assert_eq!((send.message, send.intended, send.outcome), (message(7), Nanos(7), Outcome::Ok));
        assert_eq!((send.position, send.attempts, send.error.as_deref()), (Some(Position(9)), 1, None));
        assert!(before <= send.started && send.started <= send.settled);
        let counts = [Outcome::Ok, Outcome::Failed, Outcome::Indeterminate].map(|outcome| ledger.settled(outcome));
        assert_eq!((ledger.begun(), counts), (1, [1, 0, 0]));
        assert!(ledger.is_idle());
    }

    #[test]
    fn a_send_is_recorded_when_it_begins_and_before_it_is_settled() {
        let records = kept();
        let ledger = SendLedger::new(4, records.clone());
        begin(&ledger, 7).expect("room");
        let recorded = all_rows(&records);
        let [Row::Begun(begun)] = &recorded[..] else { panic!("{recorded:?}") };
        assert_eq!((begun.message, begun.intended), (message(7), Nanos(7)));
        assert!(begun.started <= clock::now() && begun.started > Nanos::ZERO);
    }

    #[test]
    fn a_send_that_waited_for_a_connection_starts_when_it_is_handed_over_and_an_ended_one_no_more() {
        let records = kept();
        let ledger = SendLedger::new(1, records.clone());
        let ended = begin(&ledger, 0).expect("room");
        ledger.settle(ended, Outcome::Ok, None, None);
        let waited = begin(&ledger, 1).expect("room");
        let begun = clock::now();
        std::thread::sleep(Duration::from_millis(5));
        ledger.handed_over([ended]);
        ledger.settle(waited, Outcome::Ok, None, None);
        assert!(sends(&records)[1].started <= begun, "a ticket of the send before moved it");
        let waited = begin(&ledger, 2).expect("room");
        std::thread::sleep(Duration::from_millis(5));
        let handed_over = clock::now();
        ledger.handed_over([waited]);
        ledger.settle(waited, Outcome::Ok, None, None);
        assert!(sends(&records)[0].started >= handed_over);
    }

    #[test]
    fn no_more_are_under_way_than_there_is_room_for() {
        let ledger = SendLedger::new(2, kept());
        let first = begin(&ledger, 0).expect("room");
        begin(&ledger, 1).expect("room");
        assert_eq!(begin(&ledger, 2), None);
        assert_eq!(ledger.begun(), 2);
        ledger.settle(first, Outcome::Ok, None, None);
        assert!(begin(&ledger, 2).is_some());
    }

    #[test]
    fn whoever_waits_for_room_gets_it_when_a_send_settles() {
        let ledger = SendLedger::new(1, kept());
        let first = begin(&ledger, 0).expect("room");
        std::thread::scope(|scope| {
            let second = scope.spawn(|| ledger.wait_for_place(Duration::from_secs(60)));
            std::thread::sleep(Duration::from_millis(20));
            ledger.settle(first, Outcome::Ok, None, None);
            assert!(second.join().expect("returned"));
        });
    }

    #[test]
    fn what_is_answered_together_is_settled_at_one_instant_without_old_tickets_and_wakes_who_waits() {
        let records = kept();
        let ledger = SendLedger::new(3, records.clone());
        let receipt = |ticket, outcome, position: Option<u64>| {
            let error = (outcome != Outcome::Ok).then(|| "refused".to_owned());
            Receipt { ticket, outcome, position: position.map(Position), error }
        };
        let old = begin(&ledger, 0).expect("room");
        ledger.settle(old, Outcome::Ok, None, None);
        let tickets: Vec<Ticket> = (1..=3).map(|seq| begin(&ledger, seq).expect("room")).collect();
        let answers = [
            receipt(tickets[0], Outcome::Ok, Some(7)),
            receipt(old, Outcome::Failed, None),
            receipt(tickets[1], Outcome::Failed, None),
            receipt(tickets[0], Outcome::Failed, None),
        ];
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| ledger.wait_for_place(Duration::from_secs(60)).then(|| begin(&ledger, 4)));
            while !ledger.lock().is_awaited {
                std::thread::yield_now();
            }
            // An iterator that took the lock itself would stand still here: there is one for all of them.
            ledger.settle_all(answers.into_iter().inspect(|_| assert!(ledger.slots.try_lock().is_err())));
            assert!(waiting.join().expect("returned").is_some());
        });
        let all = sends(&records);
        let told = |send: &Send| (send.message.seq.0, send.outcome, send.position, send.error.clone());
        assert_eq!(
            all.iter().skip(1).map(told).collect::<Vec<_>>(),
            [(1, Outcome::Ok, Some(Position(7)), None), (2, Outcome::Failed, None, Some("refused".to_owned())),]
        );
        assert_eq!(all[1].settled, all[2].settled);
        let counts = [Outcome::Ok, Outcome::Failed].map(|outcome| ledger.settled(outcome));
        assert!(counts == [2, 1] && !ledger.is_idle(), "{counts:?}");
    }

    #[test]
    fn an_old_ticket_does_not_settle_the_send_that_took_its_place() {
        let records = kept();
        let ledger = SendLedger::new(1, records.clone());
        let old = begin(&ledger, 0).expect("room");
        ledger.settle(old, Outcome::Ok, None, None);
        let new = begin(&ledger, 1).expect("room");
        ledger.settle(old, Outcome::Failed, None, None);
        assert!(!ledger.is_idle());
        ledger.settle(Ticket::from_word(new.to_word()), Outcome::Ok, None, None);
        let settled: Vec<_> = sends(&records).iter().map(|send| (send.message.seq.0, send.outcome)).collect();
        assert_eq!(settled, [(0, Outcome::Ok), (1, Outcome::Ok)]);
    }

    #[test]
    fn a_ticket_of_nobody_is_ignored() {
        let records = kept();
        let ledger = SendLedger::new(1, records.clone());
        ledger.settle(Ticket::from_word(usize::MAX), Outcome::Ok, None, None);
        ledger.settle(Ticket::from_word(0), Outcome::Ok, None, None);
        assert!(ledger.is_idle() && sends(&records).is_empty());
        assert!(begin(&ledger, 0).is_some());
    }

    #[test]
    fn what_nobody_settled_is_indeterminate_and_not_failed() {
        let records = kept();
        let ledger = SendLedger::new(4, records.clone());
        let answered = begin(&ledger, 0).expect("room");
        begin(&ledger, 1).expect("room");
        begin(&ledger, 2).expect("room");
        ledger.settle(answered, Outcome::Ok, None, None);
        ledger.abandon("the trial ended");
        ledger.abandon("again");
        let open: Vec<_> = sends(&records)[1..].iter().map(|send| (send.outcome, send.error.clone())).collect();
        assert_eq!(open, vec![(Outcome::Indeterminate, Some("the trial ended".to_owned())); 2]);
        assert!(ledger.is_idle());
    }
}
