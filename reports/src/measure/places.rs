//! How late sends were started beyond the time for which their producer had as many under way as it may. The system is what
//! had not answered then, so only the rest is the generator's.
//!
//! Whoever settles makes a place. Of *n* places, send *k* of a producer (from 0, in the order of their starts) takes the one that
//! the settlement number *k* − *n* made, and could not start before. A producer's rows come in the order in which its sends
//! settled, or nearly so; of those that are still unread at most *n* had started. Who settles a send reads the clock before it makes the
//! place. So a start before its place contradicts the count, as where a worker of somebody else's takes more places than it was given;
//! then nothing is taken off. A send that takes much longer than *n* others to settle is counted too late, and those
//! after it too early, by one: they seem to have had their places sooner.

use super::source::Sent;
use crate::units::{Nanos, ProducerId};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

/// Rows that may stand between two that are out of order.
const DISORDER: usize = 1024;

/// The places of all producers.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// Sends that a producer may have under way.
    each: usize,
    producers: BTreeMap<ProducerId, Producer>,
}

/// One producer's.
#[derive(Clone, Debug, Default)]
struct Producer {
    /// Started, and intended: those of which an earlier one may still be unread.
    starts: BinaryHeap<Reverse<(Nanos, Nanos)>>,
    /// How many starts have been told of.
    started: usize,
    /// When sends settled, in order of time, from the first that a start that is still to come may need.
    settled: VecDeque<Nanos>,
    /// How many settlements were before those.
    before: usize,
}

/// A send's start, with how much of its lateness is the generator's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// When it was due.
    pub(super) intended: Nanos,
    /// How late it was started, less the time without a place.
    pub(super) own_lag: Nanos,
}

impl Places {
    /// Of producers that may have so many sends under way each.
    pub(super) fn new(each: usize) -> Self {
        Self { each: each.max(1), producers: BTreeMap::new() }
    }

    /// A send; tells of an earlier one, or of itself.
    pub(super) fn send(&mut self, sent: &Sent, tell: impl FnMut(Start)) {
        let producer = self.producers.entry(sent.message.producer).or_default();
        let later = producer.settled.iter().rev().take_while(|settled| **settled > sent.settled).count();
        producer.settled.insert(producer.settled.len() - later, sent.settled);
        producer.starts.push(Reverse((sent.started, sent.intended)));
        producer.tell(self.each, self.each.saturating_add(DISORDER), tell);
    }

    /// Tells of all that are left.
    pub(super) fn finish(mut self, mut tell: impl FnMut(Start)) {
        for producer in self.producers.values_mut() {
            producer.tell(self.each, 0, &mut tell);
        }
    }
}

impl Producer {
    /// Tells of the first starts while more are known than that.
    fn tell(&mut self, places: usize, more_than: usize, mut tell: impl FnMut(Start)) {
        while self.starts.len() > more_than
            && let Some(Reverse((started, intended))) = self.starts.pop()
        {
            let place = self.started.checked_sub(places).and_then(|number| self.settlement(number));
            let free = place.filter(|place| *place <= started).map_or(intended, |at| at.max(intended));
            tell(Start { intended, own_lag: started.since(free) });
            self.started += 1;
        }
    }

    /// When the settlement of this number was; forgets those before it.
    fn settlement(&mut self, number: usize) -> Option<Nanos> {
        let passed = number.checked_sub(self.before)?.min(self.settled.len());
        self.settled.drain(..passed);
        self.before += passed;
        self.settled.front().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Outcome;
    use crate::units::{MessageId, Partition, Sequence};

    const PRODUCER: ProducerId = ProducerId(0);

    fn sent((intended, started, settled): (u64, u64, u64)) -> Sent {
        let message = MessageId { producer: PRODUCER, partition: Partition(0), seq: Sequence(intended) };
        let [intended, started, settled] = [intended, started, settled].map(Nanos::from_millis);
        Sent { message, intended, started, settled, outcome: Outcome::Ok }
    }

    /// What is the generator's, in ms, of sends in the order of their rows.
    fn own_lags(places: usize, sends: impl IntoIterator<Item = (u64, u64, u64)>) -> Vec<u64> {
        let (mut all, mut told) = (Places::new(places), Vec::new());
        sends.into_iter().for_each(|one| all.send(&sent(one), |start| told.push(start)));
        all.finish(|start| told.push(start));
        assert!(told.is_sorted_by_key(|start| start.intended), "in the order of their starts");
        told.iter().map(|start| start.own_lag.0 / 1_000_000).collect()
    }

    /// One is due each 10 ms and takes as long as is said of it; it starts as soon as there is a place, and so much later.
    fn played(places: usize, takes: &[u64], own: &[u64]) -> Vec<(u64, u64, u64)> {
        let mut sends: Vec<(u64, u64, u64)> = Vec::new();
        for (number, (takes, own)) in takes.iter().zip(own).enumerate() {
            let intended = 10 * number as u64;
            let mut ends: Vec<u64> = sends.iter().map(|(.., settled)| *settled).collect();
            ends.sort_unstable();
            let free = number.checked_sub(places).map_or(0, |place| ends[place]);
            let started = free.max(intended).max(sends.last().map_or(0, |(_, started, _)| *started)) + own;
            sends.push((intended, started, started + takes));
        }
        sends.sort_by_key(|(.., settled)| *settled);
        sends
    }

    #[test]
    fn where_places_are_free_all_lateness_is_the_generators() {
        assert_eq!(own_lags(100, [(0, 0, 5), (10, 25, 30), (20, 40, 45)]), [0, 15, 20]);
    }

    #[test]
    fn what_waited_for_a_place_was_held_up_by_the_system_and_what_is_beyond_that_is_the_generators() {
        // Two places. The first answer comes after 100 ms, so the third send, due at 20, starts 80 ms late, and 3 ms of its own.
        let takes = [100, 120, 5, 5, 5, 5];
        assert_eq!(own_lags(2, played(2, &takes, &[0; 6])), [0; 6]);
        assert_eq!(own_lags(2, played(2, &takes, &[0, 0, 3, 0, 0, 0])), [0, 0, 3, 0, 0, 0]);
    }

    #[test]
    fn whatever_answers_take_a_generator_that_starts_what_it_can_is_never_late() {
        for seed in 0..200_u64 {
            let takes: Vec<u64> = (0..60).map(|number| (seed * 7919 + number * number * 104_729) % 97).collect();
            for places in [1, 2, 5, 50] {
                let lags = own_lags(places, played(places, &takes, &[0; 60]));
                assert_eq!(lags, [0; 60], "seed {seed}, {places} places");
            }
        }
    }

    #[test]
    fn a_count_that_cannot_be_right_takes_nothing_off() {
        // By its rows this producer had two under way when the third started, and the first of them was answered right after.
        assert_eq!(own_lags(2, [(0, 0, 61), (10, 10, 62), (20, 60, 63)]), [0, 0, 40]);
    }

    #[test]
    fn a_long_trial_of_two_producers_is_told_as_it_goes_and_as_it_was_played() {
        const MANY: usize = 6000;
        let takes: Vec<u64> = (0..MANY as u64).map(|number| number * number % 61 + 5 * (number % 700 / 650)).collect();
        let own: Vec<u64> = (0..MANY as u64).map(|number| number % 5 / 4).collect();
        let (held_up, late) = (played(3, &takes, &vec![0; MANY]), played(1000, &takes, &own));
        let (mut places, mut told) = (Places::new(3), BTreeMap::<ProducerId, Vec<u64>>::new());
        let mut early = 0;
        let pairs = held_up.iter().zip(&late).flat_map(|(one, other)| [(0, *one), (1, *other)]);
        for (producer, times) in pairs {
            let mut send = sent(times);
            send.message.producer = ProducerId(producer);
            places.send(&send, |start| {
                early += 1;
                told.entry(ProducerId(producer)).or_default().push(start.own_lag.0 / 1_000_000);
            });
        }
        assert!(early > MANY, "{early} were told of before the end");
        assert_eq!(told[&ProducerId(0)].iter().max(), Some(&0));
        assert!(told[&ProducerId(1)].iter().any(|own| *own > 0));
    }

    #[test]
    fn little_is_kept_of_a_long_trial() {
        let mut places = Places::new(8);
        let mut told = 0;
        for number in 0..100_000 {
            places.send(&sent((number, number, number + 5)), |_| told += 1);
        }
        let producer = &places.producers[&PRODUCER];
        assert!(producer.starts.len() <= 8 + DISORDER && producer.settled.len() <= 16 + 2 * DISORDER, "{producer:?}");
        places.finish(|_| told += 1);
        assert_eq!(told, 100_000);
    }
}
