//! What a message carries: who sent it, when it should have been sent, and a checksum over all of it.
//!
//! Little-endian, 44 bytes before the filler:
//! `"HRNS"` · version u8 · flags u8 · producer u16 · partition u16 · reserved u16 · length u32 · trial u64 ·
//! sequence u64 · intended u64 · crc32c u32 (of all bytes but its own).

pub use crate::model::HEADER_BYTES;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reports::facts::{PoisonRule, RecordRule, SizeRule};
use reports::units::{MessageId, Nanos, Partition, ProducerId, Sequence};
use std::ops::RangeInclusive;

const MAGIC: [u8; 4] = *b"HRNS";
const VERSION: u8 = 1;
const CHECKSUM_AT: usize = 40;
const FLAGS_AT: usize = 5;
/// The flag of a message that nobody can process.
const POISONED: u8 = 1;
const FILLER_POOL_BYTES: usize = 1 << 16;

/// Writes payloads.
#[derive(Debug)]
pub struct Encoder {
    trial: u64,
    sizes: SizeRule,
    buffer: Vec<u8>,
    pool: Vec<u8>,
    poison: Vec<PoisonRule>,
    records: Option<RecordSet>,
}

/// What payloads carry in place of a filler.
#[derive(Debug)]
struct RecordSet {
    rule: RecordRule,
    records: Vec<Vec<u8>>,
}

impl Encoder {
    /// For payloads of `bytes` (at least [`HEADER_BYTES`] count), of which the share `compressibility` is constant and the rest random.
    pub fn new(trial: u64, bytes: RangeInclusive<usize>, compressibility: f64, seed: u64) -> Self {
        let (smallest, bytes) = ((*bytes.start()).max(HEADER_BYTES), (*bytes.end()).max(HEADER_BYTES));
        let sizes = SizeRule::new(smallest as u64, bytes as u64, seed);
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut pool = vec![0_u8; FILLER_POOL_BYTES.max(bytes * 2)];
        for block in pool.chunks_mut(64) {
            let noisy = ((1.0 - compressibility.clamp(0.0, 1.0)) * block.len() as f64).round() as usize;
            random.fill(&mut block[..noisy]);
        }
        Self { trial, sizes, buffer: vec![0; bytes], pool, poison: Vec::new(), records: None }
    }

    /// For payloads of which each carries one of these records, of which there is at least one.
    pub fn of_records(trial: u64, records: Vec<Vec<u8>>, seed: u64) -> Self {
        let longest = HEADER_BYTES + records.iter().map(Vec::len).max().unwrap_or(0);
        let rule = RecordRule::new(records.len().max(1), seed);
        Self { records: Some(RecordSet { rule, records }), ..Self::new(trial, longest..=longest, 1.0, seed) }
    }

    /// Marks from now on what these rules poison.
    pub fn poison(&mut self, poison: Vec<PoisonRule>) {
        self.poison = poison;
    }

    /// The payload of one message; valid until the next call.
    pub fn encode(&mut self, message: MessageId, intended: Nanos) -> &[u8] {
        let record = self.records.as_ref().and_then(|RecordSet { rule, records }| records.get(rule.index(message)));
        let length = match record {
            Some(record) => HEADER_BYTES + record.len(),
            None => usize::try_from(self.sizes.bytes(message)).unwrap_or(usize::MAX).min(self.buffer.len()),
        };
        let buffer = &mut self.buffer[..length];
        let head = &mut buffer[..HEADER_BYTES];
        head[0..4].copy_from_slice(&MAGIC);
        head[4] = VERSION;
        head[FLAGS_AT] = u8::from(self.poison.iter().any(|rule| rule.takes(message, intended))) * POISONED;
        head[6..8].copy_from_slice(&message.producer.0.to_le_bytes());
        head[8..10].copy_from_slice(&message.partition.0.to_le_bytes());
        head[12..16].copy_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        head[16..24].copy_from_slice(&self.trial.to_le_bytes());
        head[24..32].copy_from_slice(&message.seq.0.to_le_bytes());
        head[32..40].copy_from_slice(&intended.0.to_le_bytes());
        let content = match record {
            Some(record) => record,
            None => {
                let filler = length - HEADER_BYTES;
                let span = self.pool.len() - filler;
                let from = (message.seq.0 as usize).wrapping_mul(67) % span.max(1);
                &self.pool[from..from + filler]
            }
        };
        buffer[HEADER_BYTES..].copy_from_slice(content);
        let checksum = checksum(buffer);
        buffer[CHECKSUM_AT..HEADER_BYTES].copy_from_slice(&checksum.to_le_bytes());
        buffer
    }
}

/// What a payload says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Which message it claims to be.
    pub message: MessageId,
    /// The intended send time that it carries.
    pub intended: Nanos,
    /// It is of this trial, and as it was written.
    pub intact: bool,
    /// It is intact, and marked as one that nobody can process.
    pub poisoned: bool,
}

/// Reads a payload; never fails: what is foreign or damaged is not intact.
pub fn decode(payload: &[u8], trial: u64, arrived_at: Partition) -> Decoded {
    if payload.len() < HEADER_BYTES {
        let message = MessageId { producer: ProducerId(0), partition: arrived_at, seq: Sequence(0) };
        return Decoded { message, intended: Nanos::ZERO, intact: false, poisoned: false };
    }
    let message = MessageId {
        producer: ProducerId(u16::from_le_bytes(field(payload, 6))),
        partition: Partition(u16::from_le_bytes(field(payload, 8))),
        seq: Sequence(u64::from_le_bytes(field(payload, 24))),
    };
    let intact = payload[0..4] == MAGIC
        && payload[4] == VERSION
        && u32::from_le_bytes(field(payload, 12)) as usize == payload.len()
        && u64::from_le_bytes(field(payload, 16)) == trial
        && message.partition == arrived_at
        && u32::from_le_bytes(field(payload, CHECKSUM_AT)) == checksum(payload);
    let poisoned = intact && payload[FLAGS_AT] & POISONED != 0;
    Decoded { message, intended: Nanos(u64::from_le_bytes(field(payload, 32))), intact, poisoned }
}

fn field<const N: usize>(payload: &[u8], at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&payload[at..at + N]);
    bytes
}

fn checksum(payload: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&payload[..CHECKSUM_AT]), &payload[HEADER_BYTES..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(producer: u16, partition: u16, seq: u64) -> MessageId {
        MessageId { producer: ProducerId(producer), partition: Partition(partition), seq: Sequence(seq) }
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(producer: u16, partition: u16, seq: u64, intended: u64, size in 44_usize..4096, share in 0.0..1.0) {
            let mut encoder = Encoder::new(7, size..=size, share, 1);
            let id = message(producer, partition, seq);
            let payload = encoder.encode(id, Nanos(intended));
            prop_assert_eq!(payload.len(), size);
            prop_assert_eq!(decode(payload, 7, Partition(partition)), Decoded { message: id, intended: Nanos(intended), intact: true, poisoned: false });
        }

        #[test]
        fn any_flipped_bit_is_noticed(bit in 0_usize..(128 * 8)) {
            let mut payload = Encoder::new(7, 128..=128, 0.5, 1).encode(message(1, 2, 3), Nanos(4)).to_vec();
            payload[bit / 8] ^= 1 << (bit % 8);
            // The two reserved fields are covered by the checksum too.
            prop_assert!(!decode(&payload, 7, Partition(2)).intact);
        }

        #[test]
        fn anything_at_all_is_decoded_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(!decode(&bytes, 7, Partition(0)).intact);
        }
    }

    #[test]
    fn what_a_rule_takes_is_marked_and_nothing_else() {
        let rule = PoisonRule::new("poison-1", reports::facts::Poison { share: 1.0 }, 1, (Nanos(10), Nanos(20)));
        let mut encoder = Encoder::new(7, 64..=64, 0.0, 1);
        encoder.poison(vec![rule]);
        for (intended, poisoned) in [(9, false), (10, true), (20, false)] {
            let decoded = decode(encoder.encode(message(1, 2, 3), Nanos(intended)), 7, Partition(2));
            assert_eq!((decoded.intact, decoded.poisoned), (true, poisoned), "{intended}");
        }
    }

    #[test]
    fn where_sizes_vary_each_message_has_its_own_which_is_the_same_whenever_it_is_written() {
        let mut encoder = Encoder::new(7, 64..=128, 0.0, 1);
        let mut sizes = |_| (0..1000).map(|seq| encoder.encode(message(1, 2, seq), Nanos(4)).len()).collect::<Vec<_>>();
        let (first, again) = (sizes(0), sizes(1));
        assert_eq!(first, again);
        assert_eq!((first.iter().min(), first.iter().max()), (Some(&64), Some(&128)));
        let payload = encoder.encode(message(1, 2, 3), Nanos(4)).to_vec();
        assert!(
            decode(&payload, 7, Partition(2)).intact && !decode(&payload[..payload.len() - 1], 7, Partition(2)).intact
        );
    }

    #[test]
    fn each_payload_carries_a_record_whole_and_the_same_whenever_it_is_written() {
        let records = vec![b"one".to_vec(), b"another one".to_vec()];
        let mut encoder = Encoder::of_records(7, records.clone(), 1);
        let mut payload = |seq| encoder.encode(message(1, 2, seq), Nanos(4)).to_vec();
        let payloads: Vec<Vec<u8>> = (0..100).map(&mut payload).collect();
        assert_eq!(payloads, (0..100).map(&mut payload).collect::<Vec<_>>());
        let rule = RecordRule::new(2, 1);
        for (seq, payload) in (0..).zip(&payloads) {
            assert!(decode(payload, 7, Partition(2)).intact);
            assert_eq!(payload[HEADER_BYTES..], records[rule.index(message(1, 2, seq))]);
        }
    }

    #[test]
    fn a_payload_of_another_trial_or_partition_is_not_intact() {
        let payload = Encoder::new(7, 64..=64, 0.0, 1).encode(message(1, 2, 3), Nanos(4)).to_vec();
        assert!(decode(&payload, 7, Partition(2)).intact);
        assert!(!decode(&payload, 8, Partition(2)).intact);
        assert!(!decode(&payload, 7, Partition(1)).intact);
    }
}
