//! Cores of a machine, by their numbers.

use std::fmt;

/// One bit for each core that the kernel's own sets have room for.
const WORDS: usize = 16;

/// Cores by their numbers, at least one; written as the kernel writes them: `0-2,5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cores([u64; WORDS]);

impl Cores {
    /// So many numbers there are, from 0.
    pub const MOST: u16 = 64 * WORDS as u16;

    /// Of these numbers. `None`: there are none, or one is beyond [`Cores::MOST`].
    pub fn of(numbers: impl IntoIterator<Item = u16>) -> Option<Self> {
        let mut words = [0; WORDS];
        for number in numbers {
            *words.get_mut(usize::from(number / 64))? |= 1 << (number % 64);
        }
        Some(Self(words)).filter(|cores| cores.0 != [0; WORDS])
    }

    /// From the kernel's list: `0-2,5`. `None`: it is none.
    pub fn parse(list: &str) -> Option<Self> {
        let mut numbers = Vec::new();
        for part in list.trim().split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
            numbers.extend(first..=last);
        }
        Self::of(numbers)
    }

    /// Whether a core is among them.
    pub fn has(&self, number: u16) -> bool {
        self.0.get(usize::from(number / 64)).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// Their numbers, in order.
    pub fn numbers(&self) -> impl Iterator<Item = u16> {
        (0..Self::MOST).filter(|&number| self.has(number))
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut spans: Vec<(u16, u16)> = Vec::new();
        for number in self.numbers() {
            match spans.last_mut() {
                Some((_, last)) if *last + 1 == number => *last = number,
                _ => spans.push((number, number)),
            }
        }
        let each = spans.into_iter().map(
            |(first, last)| {
                if first == last { first.to_string() } else { format!("{first}-{last}") }
            },
        );
        out.write_str(&each.collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_written_and_read_as_the_kernel_has_them() {
        for (numbers, list) in [(vec![0], "0"), (vec![2, 0, 1, 5], "0-2,5"), (vec![63, 64, 1023], "63-64,1023")] {
            let cores = Cores::of(numbers.clone()).expect("some");
            assert_eq!(cores.to_string(), list);
            assert_eq!(Cores::parse(&format!("{list}\n")), Some(cores));
            assert!(numbers.into_iter().all(|number| cores.has(number)) && !cores.has(7), "{list}");
        }
    }

    #[test]
    fn none_at_all_and_what_is_no_number_of_a_core_are_no_cores() {
        assert_eq!(Cores::of([]), None);
        assert_eq!(Cores::of([0, Cores::MOST]), None);
        for list in ["", "all", "0-", "-1", "3-2"] {
            assert_eq!(Cores::parse(list), None, "{list:?}");
        }
    }
}
