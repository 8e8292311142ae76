//! The broker itself: partitions in memory, one group, and misbehaviour on command.

use super::delays::DelayRule;
use super::partition::{LogEntry, PartitionLog};
use crate::broker::administrator::DeadEntry;
use crate::worker::client::Letter;
use reports::units::{Partition, Position};
use std::collections::HashMap;
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Every n-th time, the broker does this wrong; 0: never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::broker) struct Misbehaviour {
    /// Acknowledges a message and drops it.
    pub(in crate::broker) lose_every: u64,
    /// Stores a message twice.
    pub(in crate::broker) repeat_every: u64,
    /// Stores a message after the one that follows it.
    pub(in crate::broker) reorder_every: u64,
    /// Flips a bit of a message.
    pub(in crate::broker) corrupt_every: u64,
    /// Delivers a message again after its acknowledgement.
    pub(in crate::broker) resurrect_every: u64,
    /// Confirms an acknowledgement and keeps the message pending.
    pub(in crate::broker) forget_every: u64,
    /// Confirms a dead letter and drops it.
    pub(in crate::broker) mislay_every: u64,
    /// Keeps a message in the log and never hands it out.
    pub(in crate::broker) skip_every: u64,
    /// Drops a message from the log when it is acknowledged by its consumer, as a failover may.
    pub(in crate::broker) erase_every: u64,
    /// Takes so much longer for each send.
    pub(in crate::broker) slower_by: Duration,
    /// How long each message is on its way, where that is no time.
    pub(in crate::broker) delays: Option<DelayRule>,
}

#[derive(Debug)]
struct State {
    misbehaviour: Misbehaviour,
    partitions: Vec<PartitionLog>,
    appended: u64,
    acknowledged: u64,
    buried: u64,
    dead: Vec<DeadEntry>,
}

/// One topic with its group.
#[derive(Debug)]
pub(in crate::broker) struct Log {
    state: Mutex<State>,
    arrived: Condvar,
}

/// A partition's state at one moment.
#[derive(Clone, Copy, Debug)]
pub(in crate::broker) struct PartitionState {
    pub(in crate::broker) partition: Partition,
    pub(in crate::broker) length: u64,
    pub(in crate::broker) pending: u64,
    pub(in crate::broker) lag: u64,
    /// How many of the entries that were ever appended are still there.
    pub(in crate::broker) kept: u64,
    /// The position of the oldest that is still there.
    pub(in crate::broker) first: Option<u64>,
}

static TOPICS: LazyLock<Mutex<HashMap<String, Arc<Log>>>> = LazyLock::new(Mutex::default);

fn topics() -> MutexGuard<'static, HashMap<String, Arc<Log>>> {
    TOPICS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Is it the turn of this one?
fn is_turn(count: u64, every: u64) -> bool {
    every > 0 && count % every == every - 1
}

impl Log {
    /// Creates a topic.
    pub(in crate::broker) fn create(topic: &str, partitions: u16, misbehaviour: Misbehaviour) -> Arc<Self> {
        let partitions = (0..partitions).map(|_| PartitionLog::default()).collect();
        let state = State { misbehaviour, partitions, appended: 0, acknowledged: 0, buried: 0, dead: Vec::new() };
        let log = Arc::new(Self { state: Mutex::new(state), arrived: Condvar::new() });
        topics().insert(topic.to_owned(), Arc::clone(&log));
        log
    }

    /// The topic of this name.
    pub(in crate::broker) fn find(topic: &str) -> Option<Arc<Self>> {
        topics().get(topic).cloned()
    }

    /// How long each message is on its way; `None`: no time.
    pub(in crate::broker) fn delays(&self) -> Option<DelayRule> {
        self.lock().misbehaviour.delays
    }

    /// Appends, and answers with the position, truthfully or not.
    pub(in crate::broker) fn append(&self, partition: Partition, payload: &[u8]) -> Option<u64> {
        let wrong = self.lock().misbehaviour;
        if !wrong.slower_by.is_zero() {
            std::thread::sleep(wrong.slower_by);
        }
        let mut state = self.lock();
        let turn = state.appended;
        state.appended += 1;
        let log = state.partitions.get_mut(usize::from(partition.0))?;
        if is_turn(turn, wrong.lose_every) {
            return Some(log.length);
        }
        let mut payload: Arc<[u8]> = payload.into();
        if is_turn(turn, wrong.corrupt_every) {
            let mut bytes = payload.to_vec();
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
            }
            payload = bytes.into();
        }
        if is_turn(turn, wrong.reorder_every) && log.held_back.is_none() {
            log.held_back = Some(payload);
            return Some(log.length + 1);
        }
        if is_turn(turn, wrong.skip_every) {
            return Some(log.keep(payload));
        }
        let position = log.push(Arc::clone(&payload));
        if is_turn(turn, wrong.repeat_every) {
            log.push(payload);
        }
        if let Some(late) = log.held_back.take() {
            log.push(late);
        }
        drop(state);
        self.arrived.notify_all();
        Some(position)
    }

    /// Takes up to `most` entries of any partition, waiting for the first.
    pub(in crate::broker) fn take(&self, most: usize, patience: Duration) -> Vec<(Partition, LogEntry)> {
        let nothing = |state: &mut State| state.partitions.iter().all(|log| log.undelivered.is_empty());
        let (mut state, _) =
            self.arrived.wait_timeout_while(self.lock(), patience, nothing).unwrap_or_else(PoisonError::into_inner);
        let mut taken = Vec::new();
        for (index, log) in (0_u16..).zip(state.partitions.iter_mut()) {
            while taken.len() < most {
                let Some(entry) = log.undelivered.pop_front() else { break };
                log.pending.insert(entry.position, entry.clone());
                taken.push((Partition(index), entry));
            }
        }
        taken
    }

    /// Acknowledges one entry.
    pub(in crate::broker) fn acknowledge(&self, partition: Partition, position: u64) {
        let mut state = self.lock();
        let turn = state.acknowledged;
        state.acknowledged += 1;
        let wrong = state.misbehaviour;
        let Some(log) = state.partitions.get_mut(usize::from(partition.0)) else { return };
        if is_turn(turn, wrong.forget_every) {
            return;
        }
        if is_turn(turn, wrong.erase_every) {
            log.erase(position);
        }
        if let Some(mut entry) = log.pending.remove(&position)
            && entry.delivery_count == 1
            && is_turn(turn, wrong.resurrect_every)
        {
            entry.delivery_count += 1;
            log.undelivered.push_back(entry);
        }
        drop(state);
        self.arrived.notify_all();
    }

    /// Takes an entry back that could not be processed: it comes again, after all that waits.
    pub(in crate::broker) fn requeue(&self, partition: Partition, position: u64) {
        let mut state = self.lock();
        let Some(log) = state.partitions.get_mut(usize::from(partition.0)) else { return };
        if let Some(mut entry) = log.pending.remove(&position) {
            entry.delivery_count = entry.delivery_count.saturating_add(1);
            log.undelivered.push_back(entry);
        }
        drop(state);
        self.arrived.notify_all();
    }

    /// Puts a message into the dead-letter queue, truthfully or not.
    pub(in crate::broker) fn bury(&self, letter: &Letter<'_>) {
        let mut state = self.lock();
        let turn = state.buried;
        state.buried += 1;
        if is_turn(turn, state.misbehaviour.mislay_every) {
            return;
        }
        let position = Position(state.dead.len() as u64);
        state.dead.push(DeadEntry {
            position,
            partition: Some(letter.partition),
            message_id: Some(letter.message_id.clone()),
            trace_id: Some(letter.trace_id.clone()),
            retries: Some(letter.retries),
            payload: letter.payload.to_vec(),
        });
    }

    /// All dead letters.
    pub(in crate::broker) fn dead(&self) -> Vec<DeadEntry> {
        self.lock().dead.clone()
    }

    /// Every partition's state.
    pub(in crate::broker) fn states(&self) -> Vec<PartitionState> {
        let state = self.lock();
        let partitions = (0_u16..).zip(&state.partitions);
        partitions
            .map(|(index, log)| PartitionState {
                partition: Partition(index),
                length: log.length,
                pending: log.pending.len() as u64,
                lag: log.undelivered.len() as u64,
                kept: log.kept.len() as u64,
                first: log.kept.front().map(|(position, _)| *position),
            })
            .collect()
    }

    /// What a partition holds from a position on, at most so many entries.
    pub(in crate::broker) fn kept(&self, partition: Partition, from: u64, most: usize) -> Vec<(u64, Arc<[u8]>)> {
        let state = self.lock();
        let Some(log) = state.partitions.get(usize::from(partition.0)) else { return Vec::new() };
        let begin = log.kept.partition_point(|(position, _)| *position < from);
        log.kept.iter().skip(begin).take(most).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::partition::KEPT_BYTES;
    use super::*;

    /// Ten messages to one partition of a broker that does this wrong.
    fn ten(misbehaviour: Misbehaviour) -> Arc<Log> {
        let log = Log::create(&format!("{misbehaviour:?}"), 1, misbehaviour);
        for byte in 0..10 {
            assert!(log.append(Partition(0), &[byte]).is_some(), "acknowledged, whatever became of it");
        }
        log
    }

    fn take(log: &Log) -> Vec<LogEntry> {
        log.take(100, Duration::ZERO).into_iter().map(|(_, entry)| entry).collect()
    }

    fn payloads(entries: &[LogEntry]) -> Vec<u8> {
        entries.iter().map(|entry| entry.payload[0]).collect()
    }

    fn acknowledge(log: &Log, entries: &[LogEntry]) {
        entries.iter().for_each(|entry| log.acknowledge(Partition(0), entry.position));
    }

    /// Length, pending, lag.
    fn state(log: &Log) -> (u64, u64, u64) {
        let state = log.states()[0];
        (state.length, state.pending, state.lag)
    }

    #[test]
    fn what_is_appended_is_taken_once_in_order_and_pending_until_it_is_acknowledged() {
        let log = ten(Misbehaviour::default());
        assert_eq!(state(&log), (10, 0, 10));
        let taken = take(&log);
        assert_eq!(payloads(&taken), (0..10).collect::<Vec<_>>());
        assert_eq!(taken.iter().map(|entry| entry.position).collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
        assert_eq!(state(&log), (10, 10, 0));
        acknowledge(&log, &taken);
        assert_eq!(state(&log), (10, 0, 0));
        assert!(take(&log).is_empty());
    }

    #[test]
    fn a_taker_waits_for_the_first_and_takes_no_more_than_it_wants() {
        let log = Log::create("waiting", 2, Misbehaviour::default());
        std::thread::scope(|scope| {
            let taking = scope.spawn(|| log.take(2, Duration::from_secs(60)));
            log.append(Partition(1), &[7]);
            assert_eq!(taking.join().expect("taken").len(), 1);
        });
        for byte in 0..3 {
            log.append(Partition(0), &[byte]);
        }
        assert_eq!(log.take(2, Duration::ZERO).len(), 2);
        assert_eq!(log.append(Partition(2), &[0]), None, "no such partition");
    }

    #[test]
    fn every_third_is_lost_and_acknowledged() {
        assert_eq!(
            payloads(&take(&ten(Misbehaviour { lose_every: 3, ..Misbehaviour::default() }))),
            [0, 1, 3, 4, 6, 7, 9]
        );
    }

    #[test]
    fn every_fourth_is_stored_twice() {
        let taken = take(&ten(Misbehaviour { repeat_every: 4, ..Misbehaviour::default() }));
        assert_eq!(payloads(&taken), [0, 1, 2, 3, 3, 4, 5, 6, 7, 7, 8, 9]);
        assert_eq!(taken.iter().map(|entry| entry.position).collect::<Vec<_>>(), (0..12).collect::<Vec<_>>());
    }

    #[test]
    fn every_fourth_comes_after_its_successor() {
        let taken = take(&ten(Misbehaviour { reorder_every: 4, ..Misbehaviour::default() }));
        assert_eq!(payloads(&taken), [0, 1, 2, 4, 3, 5, 6, 8, 7, 9]);
    }

    #[test]
    fn every_fifth_has_a_flipped_bit() {
        let taken = take(&ten(Misbehaviour { corrupt_every: 5, ..Misbehaviour::default() }));
        assert_eq!(payloads(&taken), [0, 1, 2, 3, 4 ^ 1, 5, 6, 7, 8, 9 ^ 1]);
    }

    fn held(log: &Log) -> Vec<u64> {
        log.kept(Partition(0), 0, 100).into_iter().map(|(position, _)| position).collect()
    }

    #[test]
    fn what_is_settled_stays_in_the_log_but_for_what_is_too_much() {
        let log = Log::create("kept", 1, Misbehaviour::default());
        let large = vec![0; KEPT_BYTES / 4];
        for _ in 0..6 {
            log.append(Partition(0), &large);
        }
        assert_eq!((held(&log).len(), log.states()[0].first), (6, Some(0)), "somebody waits for all of them");
        acknowledge(&log, &take(&log));
        log.append(Partition(0), &large);
        assert_eq!((held(&log), log.states()[0].first), (vec![3, 4, 5, 6], Some(3)));
        assert_eq!(log.kept(Partition(0), 4, 2).len(), 2);
    }

    #[test]
    fn every_fourth_stays_in_the_log_and_is_never_handed_out() {
        let log = ten(Misbehaviour { skip_every: 4, ..Misbehaviour::default() });
        assert_eq!(
            (payloads(&take(&log)), held(&log).len(), state(&log)),
            (vec![0, 1, 2, 4, 5, 6, 8, 9], 10, (10, 8, 0))
        );
    }

    #[test]
    fn every_fifth_is_gone_from_the_log_when_it_was_acknowledged() {
        let log = ten(Misbehaviour { erase_every: 5, ..Misbehaviour::default() });
        acknowledge(&log, &take(&log));
        assert_eq!((held(&log), state(&log)), (vec![0, 1, 2, 3, 5, 6, 7, 8], (10, 0, 0)));
    }

    #[test]
    fn every_fifth_acknowledgement_is_forgotten() {
        let log = ten(Misbehaviour { forget_every: 5, ..Misbehaviour::default() });
        acknowledge(&log, &take(&log));
        assert_eq!(state(&log), (10, 2, 0));
    }

    #[test]
    fn what_is_refused_comes_again_and_every_second_dead_letter_is_mislaid() {
        let log = ten(Misbehaviour { mislay_every: 2, ..Misbehaviour::default() });
        let first = take(&log);
        log.requeue(Partition(0), first[3].position);
        let again = take(&log);
        assert_eq!((payloads(&again), again[0].delivery_count), (vec![3], 2));
        for retries in 0..4 {
            let (message_id, trace_id) = (String::new(), String::new());
            log.bury(&Letter { partition: Partition(0), message_id, trace_id, retries, payload: &[3] });
        }
        assert_eq!(log.dead().iter().map(|letter| letter.retries).collect::<Vec<_>>(), [Some(0), Some(2)]);
    }

    #[test]
    fn every_fifth_that_is_acknowledged_comes_once_again() {
        let log = ten(Misbehaviour { resurrect_every: 5, ..Misbehaviour::default() });
        acknowledge(&log, &take(&log));
        let again = take(&log);
        assert_eq!(payloads(&again), [4, 9]);
        assert!(again.iter().all(|entry| entry.delivery_count == 2), "{again:?}");
        acknowledge(&log, &again);
        assert_eq!(state(&log), (10, 0, 0));
    }
}
