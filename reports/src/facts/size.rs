//! How large each message is, where sizes vary: anybody can compute it again from the message's identity and the seed.

use super::WorkloadFacts;
use crate::units::MessageId;

/// Payload sizes, evenly spread between two bounds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeRule {
    sum: u32,
    smallest: u64,
    largest: u64,
}

impl SizeRule {
    /// Between these bounds, in bytes. Where the first is not below the second, all messages have the second's size.
    pub fn new(smallest: u64, largest: u64, seed: u64) -> Self {
        let sum = crc32c::crc32c_append(crc32c::crc32c(b"size"), &seed.to_le_bytes());
        Self { sum, smallest: smallest.min(largest), largest }
    }

    /// Of a workload.
    pub fn of(workload: &WorkloadFacts) -> Self {
        Self::new(workload.smallest_bytes.unwrap_or(workload.message_bytes), workload.message_bytes, workload.seed)
    }

    /// The bytes of a message's payload.
    #[inline]
    pub fn bytes(&self, message: MessageId) -> u64 {
        if self.smallest == self.largest {
            return self.largest;
        }
        let sum = crc32c::crc32c_append(self.sum, &message.to_bytes());
        let spread = u128::from(self.largest - self.smallest) + 1;
        self.smallest + u64::try_from((u128::from(sum) * spread) >> 32).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
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
}
