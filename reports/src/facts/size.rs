//! How large each message is, where sizes vary, and which record of a file it carries: anybody can compute it again from the message's
//! identity and the seed.

use super::{Draw, WorkloadFacts};
use crate::units::MessageId;

/// Which of several records a message carries: each as likely as any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordRule {
    draw: Draw,
    count: u64,
}

impl RecordRule {
    /// For so many records (at least one).
    pub fn new(count: usize, seed: u64) -> Self {
        Self { draw: Draw::new("record", seed), count: count as u64 }
    }

    /// Which record a message carries, from 0.
    #[inline]
    pub fn index(&self, message: MessageId) -> usize {
        usize::try_from(self.draw.below(self.count, message)).unwrap_or(0)
    }
}

/// Payload sizes: evenly spread between two bounds, both included, or those of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeRule {
    draw: Draw,
    smallest: u64,
    largest: u64,
    records: Option<(RecordRule, Vec<u64>)>,
}

impl SizeRule {
    /// Between these bounds, in bytes. Where the first is not below the second, all messages have the second's size.
    pub fn new(smallest: u64, largest: u64, seed: u64) -> Self {
        Self { draw: Draw::new("size", seed), smallest: smallest.min(largest), largest, records: None }
    }

    /// Of a workload.
    pub fn of(workload: &WorkloadFacts) -> Self {
        let (smallest, seed) = (workload.smallest_bytes.unwrap_or(workload.message_bytes), workload.seed);
        let records = workload.records.as_ref().filter(|records| !records.bytes.is_empty());
        Self {
            records: records.map(|records| (RecordRule::new(records.bytes.len(), seed), records.bytes.clone())),
            ..Self::new(smallest, workload.message_bytes, seed)
        }
    }

    /// The bytes of a message's payload.
    #[inline]
    pub fn bytes(&self, message: MessageId) -> u64 {
        if let Some((rule, bytes)) = &self.records {
            return bytes[rule.index(message)];
        }
        if self.smallest == self.largest {
            return self.largest;
        }
        self.smallest + self.draw.below((self.largest - self.smallest).saturating_add(1), message)
    }
}

#[cfg(test)]
mod tests {
    use super::super::RecordFacts;
    use super::*;
    use crate::units::{Partition, ProducerId, Sequence};

    fn sizes(rule: &SizeRule) -> Vec<u64> {
        let message = |seq| MessageId { producer: ProducerId(1), partition: Partition(2), seq: Sequence(seq) };
        (0..100_000).map(|seq| rule.bytes(message(seq))).collect()
    }

    #[test]
    fn sizes_are_spread_evenly_between_both_bounds() {
        let sizes = sizes(&SizeRule::new(100, 109, 7));
        for size in 100..=109 {
            let found = sizes.iter().filter(|found| **found == size).count();
            assert!((9_500..=10_500).contains(&found), "{found} of {size} bytes");
        }
        assert!(sizes.iter().all(|size| (100..=109).contains(size)));
    }

    #[test]
    fn one_bound_is_one_size_and_another_seed_gives_others() {
        assert!(sizes(&SizeRule::new(64, 64, 7)).iter().all(|size| *size == 64));
        assert_ne!(sizes(&SizeRule::new(64, 1 << 20, 7)), sizes(&SizeRule::new(64, 1 << 20, 8)));
    }

    #[test]
    fn records_come_equally_often_and_their_sizes_are_the_messages() {
        let mut workload = crate::measure::sample::healthy().facts.workload;
        workload.records = Some(RecordFacts { file: "orders.jsonl".to_owned(), crc32c: 1, bytes: vec![100, 45, 300] });
        let rule = SizeRule::of(&workload);
        let sizes = sizes(&rule);
        for size in [100, 45, 300] {
            let share = sizes.iter().filter(|other| **other == size).count() as f64 / sizes.len() as f64;
            assert!((share - 1.0 / 3.0).abs() < 0.05, "{size}: {share}");
        }
        workload.seed += 1;
        assert_ne!(sizes, self::sizes(&SizeRule::of(&workload)));
    }
}
