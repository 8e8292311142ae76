//! Message keys: which key each message has, drawn by a rule that anybody can follow, and the partition that follows from the key.

use reports::units::{Partition, ProducerId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// No workload has more keys: each producer keeps the partition of each, with Zipf its weight too, and the run the same once more for
/// each producer.
pub const MOST_KEYS: u32 = 100_000;

/// How keys are distributed over messages. Keys are numbered from 0; with `Zipf` the first is the most frequent one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keys {
    /// Each as likely as any other.
    Uniform {
        /// How many there are, from 1 to [`MOST_KEYS`].
        count: u32,
    },
    /// Key *k* in proportion to (*k* + 1) to the power of −`exponent`.
    Zipf {
        /// As above.
        count: u32,
        /// Above 0: the larger, the more the first keys have of all messages.
        exponent: f64,
    },
}

/// `1000 keys, uniform`, `1000 keys, Zipf with exponent 1.1`.
impl fmt::Display for Keys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uniform { count: 1 } | Self::Zipf { count: 1, .. } => out.write_str("1 key"),
            Self::Uniform { count } => write!(out, "{count} keys, uniform"),
            Self::Zipf { count, exponent } => write!(out, "{count} keys, Zipf with exponent {exponent}"),
        }
    }
}

impl Keys {
    fn count(self) -> u32 {
        match self {
            Self::Uniform { count } | Self::Zipf { count, .. } => count.max(1),
        }
    }

    /// Each of them, at least one.
    pub(super) fn all(self) -> impl Iterator<Item = MessageKey> {
        (0..self.count()).map(MessageKey)
    }

    /// How often a key comes, relative to the others.
    fn weight(self, key: MessageKey) -> f64 {
        match self {
            Self::Uniform { .. } => 1.0,
            Self::Zipf { exponent, .. } => (f64::from(key.0) + 1.0).powf(-exponent),
        }
    }

    /// The share of all messages that goes to each partition, from 0 to 1.
    pub fn shares(self, partitions: u16) -> Vec<f64> {
        let mut shares = vec![0.0; usize::from(partitions.max(1))];
        for key in self.all() {
            shares[usize::from(key.partition(partitions).0)] += self.weight(key);
        }
        let all: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= all);
        shares
    }

    /// In words, with what follows for so many partitions: `10 keys, uniform; partition-3 gets 21.6 % of the messages, the most`.
    pub fn told(self, partitions: u16) -> String {
        let shares = self.shares(partitions);
        let most = (0..).zip(&shares).fold(
            (0_u16, 0.0),
            |most, (partition, share)| {
                if *share > most.1 { (partition, *share) } else { most }
            },
        );
        let idle = shares.iter().filter(|share| **share == 0.0).count();
        let none = match idle {
            0 => String::new(),
            1 => ", and one gets none".to_owned(),
            _ => format!(", and {idle} get none"),
        };
        match partitions {
            0 | 1 => self.to_string(),
            _ => format!("{self}; partition-{} gets {:.1} % of the messages, the most{none}", most.0, most.1 * 100.0),
        }
    }
}

/// One key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageKey(pub u32);

impl MessageKey {
    /// The partition of its messages: the CRC-32C of its name, modulo the number of partitions.
    pub fn partition(self, partitions: u16) -> Partition {
        let sum = crc32c::crc32c(self.to_string().as_bytes()) % u32::from(partitions.max(1));
        Partition(u16::try_from(sum).unwrap_or(u16::MAX))
    }
}

/// As messages carry it: `key-17`.
impl fmt::Display for MessageKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "key-{}", self.0)
    }
}

/// Draws the keys of one producer's messages.
///
/// Message *n* (from 0) takes the *n*-th number of `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014), whose state begins as the seed, exclusive or the producer's number shifted left by 48 bits. Its upper 53
/// bits are a share *u* of 1: with `Uniform` the key is *u* × `count`, rounded down; with `Zipf` the first whose weight, added
/// to those of the keys before it, is above *u* times the sum of all weights.
#[derive(Clone, Debug)]
pub(super) struct KeyDraw {
    state: u64,
    count: u32,
    /// Of each key with those before it; none where all weigh the same.
    weights: Vec<f64>,
}

impl KeyDraw {
    pub(super) fn new(keys: Keys, producer: ProducerId, seed: u64) -> Self {
        let added = |sum: &mut f64, key| {
            *sum += keys.weight(key);
            Some(*sum)
        };
        let weights = match keys {
            Keys::Uniform { .. } => Vec::new(),
            Keys::Zipf { .. } => keys.all().scan(0.0, added).collect(),
        };
        Self { state: seed ^ (u64::from(producer.0) << 48), count: keys.count(), weights }
    }

    /// The next message's.
    #[inline]
    pub(super) fn draw(&mut self) -> MessageKey {
        let share = (self.random() >> 11) as f64 / (1_u64 << 53) as f64;
        let key = match self.weights.last() {
            None => (share * f64::from(self.count)) as usize,
            Some(all) => self.weights.partition_point(|added| *added <= share * all),
        };
        MessageKey(u32::try_from(key).unwrap_or(u32::MAX).min(self.count - 1))
    }

    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(keys: Keys, producer: u16, seed: u64, messages: usize) -> Vec<u32> {
        let mut draw = KeyDraw::new(keys, ProducerId(producer), seed);
        (0..messages).map(|_| draw.draw().0).collect()
    }

    fn counted(keys: Keys, count: usize) -> Vec<u32> {
        let mut counted = vec![0; count];
        drawn(keys, 0, 7, 100_000).iter().for_each(|key| counted[*key as usize] += 1);
        counted
    }

    #[test]
    fn the_generator_is_the_published_one() {
        let mut draw = KeyDraw::new(Keys::Uniform { count: 1 }, ProducerId(0), 1_234_567);
        let numbers: Vec<u64> = (0..3).map(|_| draw.random()).collect();
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn uniform_keys_come_equally_often() {
        // A count of ten thousand varies by a hundred; four times that is one in ten thousand.
        assert!(counted(Keys::Uniform { count: 10 }, 10).iter().all(|count| count.abs_diff(10_000) < 400));
    }

    #[test]
    fn zipf_keys_come_as_often_as_their_weights_say() {
        let counted = counted(Keys::Zipf { count: 100, exponent: 1.0 }, 100);
        let all: f64 = (1..=100).map(|rank| 1.0 / f64::from(rank)).sum();
        for key in [0_usize, 1, 9, 99] {
            let expected = 100_000.0 / (key as f64 + 1.0) / all;
            let off = (f64::from(counted[key]) - expected).abs();
            assert!(off < 4.0 * expected.sqrt(), "key {key}: {} for {expected}", counted[key]);
        }
    }

    #[test]
    fn each_partition_gets_the_share_that_is_said_of_it() {
        for keys in [Keys::Uniform { count: 10 }, Keys::Zipf { count: 100, exponent: 1.2 }] {
            let shares = keys.shares(4);
            for (partition, share) in (0..).map(Partition).zip(&shares) {
                let drawn = drawn(keys, 0, 7, 100_000);
                let there = drawn.iter().filter(|key| MessageKey(**key).partition(4) == partition).count();
                assert!((there as f64 / 1e5 - share).abs() < 0.01, "{keys}: {there} of 100,000 for {share}");
            }
            let most = shares.iter().copied().fold(0.0, f64::max);
            assert!(keys.told(4).contains(&format!("gets {:.1} %", most * 100.0)), "{} {shares:?}", keys.told(4));
        }
        assert_eq!(Keys::Uniform { count: 10 }.told(1), "10 keys, uniform");
        let told = Keys::Uniform { count: 1 }.told(4);
        assert!(told.starts_with("1 key; partition-"), "{told}");
        assert!(told.ends_with("gets 100.0 % of the messages, the most, and 3 get none"), "{told}");
    }

    #[test]
    fn keys_follow_from_seed_and_producer() {
        let keys = Keys::Zipf { count: 50, exponent: 0.8 };
        assert_eq!(drawn(keys, 1, 7, 100), drawn(keys, 1, 7, 100));
        assert_ne!(drawn(keys, 1, 7, 100), drawn(keys, 2, 7, 100));
        assert_ne!(drawn(keys, 1, 7, 100), drawn(keys, 1, 8, 100));
    }

    #[test]
    fn all_messages_of_a_key_go_to_one_partition_and_many_keys_to_all() {
        let reached: std::collections::BTreeSet<_> = (0..100).map(|key| MessageKey(key).partition(6)).collect();
        assert_eq!(reached.len(), 6);
        assert!(reached.iter().all(|partition| partition.0 < 6));
        assert_eq!(MessageKey(17).partition(1), Partition(0));
    }
}
