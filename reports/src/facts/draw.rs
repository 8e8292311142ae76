//! Numbers drawn for messages: anybody can draw them again from the workload's seed and a message's identity.

use crate::units::MessageId;

/// A draw of one number for each message: the CRC-32C (Castagnoli) of what is drawn (a name, in UTF-8), the seed (64 bits), the producer,
/// the partition (16 bits each) and the sequence number (64 bits), little-endian and in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Of the name and the seed.
    sum: u32,
}

impl Draw {
    /// Of what goes by this name.
    pub fn new(name: &str, seed: u64) -> Self {
        Self { sum: crc32c::crc32c_append(crc32c::crc32c(name.as_bytes()), &seed.to_le_bytes()) }
    }

    /// A message's number, each of 32 bits as likely as any other.
    #[inline]
    pub fn number(self, message: MessageId) -> u32 {
        crc32c::crc32c_append(self.sum, &message.to_bytes())
    }

    /// A message's number below a bound, evenly: number × bound / 2³², rounded down. A bound of 0 has only 0.
    #[inline]
    pub fn below(self, bound: u64, message: MessageId) -> u64 {
        u64::try_from((u128::from(self.number(message)) * u128::from(bound)) >> 32).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Partition, ProducerId, Sequence};

    #[test]
    fn numbers_follow_from_name_seed_and_message_and_are_spread_evenly() {
        let message = |seq| MessageId { producer: ProducerId(1), partition: Partition(2), seq: Sequence(seq) };
        let numbers =
            |name: &str, seed| (0..3_000).map(|seq| Draw::new(name, seed).below(3, message(seq))).collect::<Vec<_>>();
        let one = numbers("one", 7);
        assert_eq!(one, numbers("one", 7));
        assert!(one != numbers("other", 7) && one != numbers("one", 8));
        assert!((0..3).all(|number| one.iter().filter(|other| **other == number).count().abs_diff(1_000) < 100));
        assert_eq!(Draw::new("one", 7).below(0, message(1)), 0);
    }
}
