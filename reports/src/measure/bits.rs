//! A set of sequence numbers that takes almost no room where it has no holes.

use std::collections::BTreeMap;

/// Words of a chunk: 4,096 numbers in 512 bytes.
const WORDS: usize = 64;
/// Numbers of a chunk.
const NUMBERS: u64 = (WORDS as u64) * 64;

/// A set of `u64`. Chunks without a hole shrink to nothing, those of an unbroken beginning even leave the map, so a
/// set of a run's sequence numbers grows with its holes and not with its length; one stray number costs one chunk,
/// however large it is.
#[derive(Clone, Debug, Default)]
pub struct BitSet {
    /// How many chunks from the beginning are full; they are not in `chunks`.
    prefix: u64,
    chunks: BTreeMap<u64, Chunk>,
    /// The chunk that a number was put into last: the next number is mostly of the same.
    at_hand: Option<(u64, Partial)>,
    ones: u64,
}

#[derive(Clone, Debug)]
enum Chunk {
    Full,
    Partial(Partial),
    /// It is at hand.
    AtHand,
}

/// A chunk with holes.
#[derive(Clone, Debug)]
struct Partial {
    ones: u32,
    words: Box<[u64; WORDS]>,
}

impl BitSet {
    /// Puts a number in. Whether it was new.
    pub fn insert(&mut self, number: u64) -> bool {
        let (index, word, bit) = split(number);
        if self.at_hand.as_ref().is_none_or(|(at_hand, _)| *at_hand != index) && !self.take_up(index) {
            return false;
        }
        let Some((_, chunk)) = &mut self.at_hand else { return false };
        if chunk.words[word] & bit != 0 {
            return false;
        }
        chunk.words[word] |= bit;
        chunk.ones += 1;
        self.ones += 1;
        if u64::from(chunk.ones) == NUMBERS {
            self.at_hand = None;
            self.chunks.insert(index, Chunk::Full);
            self.grow_prefix();
        }
        true
    }

    /// Takes a chunk up, and lays the one at hand down. Whether it has a hole.
    fn take_up(&mut self, index: u64) -> bool {
        if index < self.prefix {
            return false;
        }
        let wanted = self.chunks.entry(index).or_insert_with(Chunk::empty);
        let taken = match std::mem::replace(wanted, Chunk::AtHand) {
            Chunk::Partial(chunk) => chunk,
            full_or_at_hand => {
                *wanted = full_or_at_hand;
                return false;
            }
        };
        if let Some((before, chunk)) = self.at_hand.replace((index, taken)) {
            self.chunks.insert(before, Chunk::Partial(chunk));
        }
        true
    }

    /// Whether a number is in.
    pub fn contains(&self, number: u64) -> bool {
        let (index, word, bit) = split(number);
        self.word(index, word) & bit != 0
    }

    /// How many numbers are in.
    pub const fn len(&self) -> u64 {
        self.ones
    }

    /// Whether no number is in.
    pub const fn is_empty(&self) -> bool {
        self.ones == 0
    }

    /// The numbers that are in this set and in none of the others: how many, and the first few.
    pub fn outside(&self, others: &[&Self], examples: usize) -> (u64, Vec<u64>) {
        let covered = others.iter().map(|other| other.prefix).max().unwrap_or(0);
        let full = covered.min(self.prefix)..self.prefix;
        let mut count = 0;
        let mut first = Vec::new();
        for index in full.chain(self.chunks.range(covered..).map(|(index, _)| *index)) {
            for word in 0..WORDS {
                let mut left = self.word(index, word);
                for other in others {
                    left &= !other.word(index, word);
                }
                count += u64::from(left.count_ones());
                while left != 0 && first.len() < examples {
                    first.push(index * NUMBERS + (word as u64) * 64 + u64::from(left.trailing_zeros()));
                    left &= left - 1;
                }
            }
        }
        (count, first)
    }

    fn word(&self, index: u64, word: usize) -> u64 {
        if index < self.prefix {
            return u64::MAX;
        }
        match self.chunks.get(&index) {
            None => 0,
            Some(Chunk::Full) => u64::MAX,
            Some(Chunk::Partial(chunk)) => chunk.words[word],
            Some(Chunk::AtHand) => self.at_hand.as_ref().map_or(0, |(_, chunk)| chunk.words[word]),
        }
    }

    fn grow_prefix(&mut self) {
        while matches!(self.chunks.get(&self.prefix), Some(Chunk::Full)) {
            self.chunks.remove(&self.prefix);
            self.prefix += 1;
        }
    }
}

impl Chunk {
    fn empty() -> Self {
        Self::Partial(Partial { ones: 0, words: Box::new([0; WORDS]) })
    }
}

const fn split(number: u64) -> (u64, usize, u64) {
    (number / NUMBERS, ((number % NUMBERS) / 64) as usize, 1 << (number % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_set_without_holes_keeps_nothing_but_its_length() {
        let mut set = BitSet::default();
        for number in 0..10 * NUMBERS {
            assert!(set.insert(number));
        }
        assert_eq!(set.len(), 10 * NUMBERS);
        assert!(set.chunks.is_empty());
    }

    #[test]
    fn chunks_that_fill_in_any_order_join_the_prefix() {
        let mut set = BitSet::default();
        for number in (0..3 * NUMBERS).rev() {
            set.insert(number);
        }
        assert_eq!((set.prefix, set.chunks.len()), (3, 0));
    }

    #[test]
    fn the_largest_number_costs_one_chunk() {
        let mut set = BitSet::default();
        assert!(set.insert(u64::MAX));
        assert!(set.contains(u64::MAX));
        assert_eq!(set.chunks.len(), 1);
    }

    proptest! {
        #[test]
        fn it_answers_as_a_set_of_numbers_does(
            left in prop::collection::vec(0..3 * NUMBERS, 0..400),
            right in prop::collection::vec(0..3 * NUMBERS, 0..400),
            run in 0..2 * NUMBERS,
        ) {
            let (mut bits, mut plain) = (BitSet::default(), BTreeSet::new());
            for number in (0..run).chain(left) {
                prop_assert_eq!(bits.insert(number), plain.insert(number));
            }
            let (mut other_bits, mut other_plain) = (BitSet::default(), BTreeSet::new());
            for number in right.into_iter().chain(0..run / 2) {
                other_bits.insert(number);
                other_plain.insert(number);
            }
            prop_assert_eq!(bits.len(), plain.len() as u64);
            let outside: Vec<u64> = plain.difference(&other_plain).copied().collect();
            let (count, first) = bits.outside(&[&other_bits], 5);
            prop_assert_eq!(count, outside.len() as u64);
            prop_assert_eq!(first, outside.into_iter().take(5).collect::<Vec<_>>());
        }
    }
}
