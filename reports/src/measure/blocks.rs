//! Blocks: the load phase in stretches that can be drawn again, each with the distribution of its times.

use crate::histogram::Packed;

/// No load has more blocks: a longer one has longer blocks, so that resampling stays cheap and memory bounded.
pub(super) const MOST: usize = 240;

/// How many seconds a block of a load of so many whole seconds has.
pub(super) fn seconds_each(whole: usize) -> usize {
    whole.div_ceil(MOST).max(1)
}

/// The distributions of so many of a load's first seconds, merged in blocks, of which each has as many. Seconds that make no whole block at
/// the end are left where they are, and where there are too few, nothing happened in those that are missing.
pub(super) fn merged(seconds: impl IntoIterator<Item = Packed>, whole: usize) -> Vec<Packed> {
    let each = seconds_each(whole);
    let mut seconds = seconds.into_iter().take(whole);
    let mut block = || {
        let group: Vec<_> = seconds.by_ref().take(each).collect();
        Packed::merged(group.iter())
    };
    (0..whole / each).map(|_| block()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Nanos;

    fn second(index: u64) -> Packed {
        [(Nanos(10), 1), (Nanos(20 + index), 2)].into_iter().collect()
    }

    #[test]
    fn a_short_load_keeps_its_seconds() {
        let seconds: Vec<_> = (0..30).map(second).collect();
        assert_eq!(merged(seconds.iter().cloned(), 30), seconds);
    }

    #[test]
    fn a_long_load_has_few_blocks_and_loses_no_time_that_was_measured() {
        let blocks = merged((0..1000).map(second), 1000);
        assert_eq!((blocks.len(), seconds_each(1000)), (200, 5));
        assert_eq!(blocks[0].sketch()[0], (Nanos(10), 5));
        assert_eq!(blocks.iter().flat_map(Packed::sketch).map(|(_, count)| count).sum::<u64>(), 3000);
    }

    #[test]
    fn what_makes_no_whole_block_is_left_where_it_is() {
        let mut seconds = (0..485).map(second);
        let blocks = merged(seconds.by_ref(), 485);
        assert_eq!((blocks.len(), seconds_each(485)), (161, 3));
        assert_eq!(blocks.iter().flat_map(Packed::sketch).map(|(_, count)| count).sum::<u64>(), 3 * 483);
        assert_eq!(seconds.next(), Some(second(483)));
    }

    #[test]
    fn where_nothing_was_recorded_a_block_is_empty() {
        let blocks = merged((0..4).map(second), 485);
        assert_eq!((blocks.len(), blocks[0].sketch()[0]), (161, (Nanos(10), 3)));
        assert_eq!(blocks[1].sketch(), [(Nanos(10), 1), (Nanos(23), 2)]);
        assert!(blocks[2..].iter().all(Packed::is_empty));
        assert_eq!(merged((0..4).map(second), 0), []);
    }
}
