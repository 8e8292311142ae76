//! Which message a producer sends next: to which partition, as which of it, with which key. Sequences are dense: 0, 1, 2 … for every
//! producer and partition.

use super::keys::{KeyDraw, Keys, MessageKey};
use reports::units::{MessageId, Partition, ProducerId, Sequence};

/// A message, and the key that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyedMessage {
    /// Which message.
    pub message: MessageId,
    /// Its key, where the workload has keys.
    pub key: Option<MessageKey>,
}

/// A message that is not where its producer's rule wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misplaced {
    /// The rule has had it.
    Past,
    /// The rule does not come to it.
    Never,
}

/// One producer's messages, one after the other: without keys round-robin over the partitions, beginning at its own; with keys each in
/// the partition of its key.
#[derive(Clone, Debug)]
pub struct Partitioner {
    producer: ProducerId,
    partitions: u16,
    /// How many messages it has come to.
    given: u64,
    keyed: Option<Keyed>,
}

#[derive(Clone, Debug)]
struct Keyed {
    draw: KeyDraw,
    /// The partition of each key: each message needs one.
    homes: Vec<Partition>,
    /// The next of each partition.
    next: Vec<u64>,
}

impl Partitioner {
    /// From a producer's first message on.
    pub fn new(producer: ProducerId, partitions: u16, keys: Option<Keys>, seed: u64) -> Self {
        let partitions = partitions.max(1);
        let keyed = keys.map(|keys| Keyed {
            draw: KeyDraw::new(keys, producer, seed),
            homes: keys.all().map(|key| key.partition(partitions)).collect(),
            next: vec![0; usize::from(partitions)],
        });
        Self { producer, partitions, given: 0, keyed }
    }

    /// As if it had come to so many messages.
    pub fn skipping(mut self, messages: u64) -> Self {
        match &self.keyed {
            None => self.given = messages,
            Some(_) => (0..messages).for_each(|_| {
                self.advance();
            }),
        }
        self
    }

    /// The next message.
    #[inline]
    pub fn advance(&mut self) -> KeyedMessage {
        let (partition, seq, key) = match &mut self.keyed {
            None => {
                let partitions = u64::from(self.partitions);
                let partition = (self.given + u64::from(self.producer.0)) % partitions;
                (Partition(u16::try_from(partition).unwrap_or(u16::MAX)), self.given / partitions, None)
            }
            Some(Keyed { draw, homes, next }) => {
                let key = draw.draw();
                let partition = homes[key.0 as usize];
                let next = &mut next[usize::from(partition.0)];
                *next += 1;
                (partition, *next - 1, Some(key))
            }
        };
        self.given += 1;
        KeyedMessage { message: MessageId { producer: self.producer, partition, seq: Sequence(seq) }, key }
    }

    /// Goes on to behind this message, and tells how many were passed over on the way to it: not more than `at_most`. After an error
    /// nothing is said of where it stands.
    ///
    /// # Errors
    /// It is not on the way.
    pub fn pass_to(&mut self, message: MessageId, at_most: u64) -> Result<u64, Misplaced> {
        let Some(Keyed { next, .. }) = &self.keyed else { return self.jump_to(message, at_most) };
        let next = next.get(usize::from(message.partition.0)).ok_or(Misplaced::Never)?;
        if message.seq.0 < *next {
            return Err(Misplaced::Past);
        }
        for passed_over in 0..=at_most {
            if self.advance().message == message {
                return Ok(passed_over);
            }
        }
        Err(Misplaced::Never)
    }

    /// The same where the number of a message follows from its place.
    fn jump_to(&mut self, message: MessageId, at_most: u64) -> Result<u64, Misplaced> {
        if message.partition.0 >= self.partitions {
            return Err(Misplaced::Never);
        }
        let partitions = u64::from(self.partitions);
        let first = u64::from(self.producer.0) % partitions;
        let into = (u64::from(message.partition.0) + partitions - first) % partitions;
        let nth = message.seq.0.checked_mul(partitions).and_then(|round| round.checked_add(into));
        let nth = nth.filter(|nth| *nth < u64::MAX).ok_or(Misplaced::Never)?;
        let passed_over = nth.checked_sub(self.given).ok_or(Misplaced::Past)?;
        self.given = nth + 1;
        if passed_over > at_most { Err(Misplaced::Never) } else { Ok(passed_over) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn keys() -> impl Strategy<Value = Option<Keys>> {
        let zipf = (1..50_u32, 0.1..3.0).prop_map(|(count, exponent)| Keys::Zipf { count, exponent });
        prop_oneof![Just(None), (1..50_u32).prop_map(|count| Some(Keys::Uniform { count })), zipf.prop_map(Some)]
    }

    proptest! {
        #[test]
        fn sequences_are_dense_and_messages_of_a_key_stay_together(
            producer in 0..5_u16, partitions in 1..9_u16, keys in keys(), messages in 0..2_000_u64,
        ) {
            let mut partitioner = Partitioner::new(ProducerId(producer), partitions, keys, 7);
            let (mut next, mut homes) = (BTreeMap::new(), BTreeMap::new());
            for _ in 0..messages {
                let KeyedMessage { message, key } = partitioner.advance();
                prop_assert!(message.partition.0 < partitions && message.producer == ProducerId(producer));
                let expected = next.entry(message.partition).or_insert(0);
                prop_assert_eq!(message.seq.0, *expected);
                *expected += 1;
                prop_assert_eq!(key.is_some(), keys.is_some());
                if let Some(key) = key {
                    prop_assert_eq!(*homes.entry(key).or_insert(message.partition), message.partition);
                }
            }
            if keys.is_none() && messages >= u64::from(partitions) {
                let (least, most) = (next.values().min(), next.values().max());
                prop_assert!(most.copied().unwrap_or(0) - least.copied().unwrap_or(0) <= 1);
            }
        }

        #[test]
        fn who_skips_goes_on_as_if_it_had_not(
            producer in 0..5_u16, partitions in 1..9_u16, keys in keys(), skipped in 0..500_u64,
        ) {
            let partitioner = Partitioner::new(ProducerId(producer), partitions, keys, 7);
            let mut walked = partitioner.clone();
            (0..skipped).for_each(|_| { walked.advance(); });
            prop_assert_eq!(partitioner.skipping(skipped).advance(), walked.advance());
        }

        #[test]
        fn what_was_passed_over_is_counted_and_what_was_passed_is_past(
            producer in 0..5_u16, partitions in 1..9_u16, keys in keys(), passed_over in 0..500_u64,
        ) {
            let mut ahead = Partitioner::new(ProducerId(producer), partitions, keys, 7);
            let mut partitioner = ahead.clone();
            let mut ahead_of = |places: u64| (0..=places).map(|_| ahead.advance()).last().expect("one at least").message;
            let (message, later) = (ahead_of(passed_over), ahead_of(3));
            prop_assert_eq!(partitioner.pass_to(message, u64::MAX), Ok(passed_over));
            prop_assert_eq!(partitioner.pass_to(message, u64::MAX), Err(Misplaced::Past));
            prop_assert_eq!(partitioner.clone().pass_to(later, 2), Err(Misplaced::Never));
            prop_assert_eq!(partitioner.pass_to(later, 3), Ok(3));
        }
    }

    #[test]
    fn what_no_rule_comes_to_is_never_reached() {
        for keys in [None, Some(Keys::Uniform { count: 1 })] {
            let mut partitioner = Partitioner::new(ProducerId(0), 3, keys, 7);
            let far = MessageId { producer: ProducerId(0), partition: Partition(2), seq: Sequence(u64::MAX) };
            assert_eq!(partitioner.pass_to(far, 1_000), Err(Misplaced::Never), "{keys:?}");
        }
    }
}
