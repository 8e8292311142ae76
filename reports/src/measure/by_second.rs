//! Distributions of times for each second of a trial, in memory that does not grow with what is recorded, and little with
//! the trial's length: only the few seconds at which something is being recorded are kept at full size, the others as
//! HdrHistogram writes them, which takes a byte or two for each different time.

use crate::histogram::{CoarseTimes, Packed};
use crate::units::Nanos;

/// Seconds at full size, 12 KiB each where no time is longer than a second. So many producers and partitions may each be at another
/// second; where more take turns, each turn packs one second and unpacks another.
const OPEN: usize = 32;

/// A distribution of times for each second, counted from 0.
#[derive(Clone, Debug, Default)]
pub struct TimesBySecond {
    /// At which something was recorded last; the latest comes first.
    open: Vec<(usize, CoarseTimes)>,
    /// By second; none where nothing was recorded, or where it is open.
    packed: Vec<Option<Packed>>,
}

impl TimesBySecond {
    /// Records a time of a second.
    #[inline]
    pub fn record(&mut self, second: usize, time: Nanos) {
        if self.open.first().is_none_or(|(latest, _)| *latest != second) {
            self.bring_to_front(second);
        }
        if let Some((_, times)) = self.open.first_mut() {
            times.record(time);
        }
    }

    /// Puts all seconds away: for now, nothing is recorded.
    pub fn rest(&mut self) {
        while self.put_last_away().is_some() {}
    }

    /// The distribution of each second up to the last at which anything was recorded, in order; what was given out takes no memory here.
    pub fn into_seconds(mut self) -> impl Iterator<Item = Packed> {
        self.rest();
        self.packed.into_iter().map(Option::unwrap_or_default)
    }

    /// Opens a second, and closes the one at which nothing was recorded for longest.
    #[cold]
    fn bring_to_front(&mut self, second: usize) {
        if let Some(index) = self.open.iter().position(|(open, _)| *open == second) {
            self.open[..=index].rotate_right(1);
            return;
        }
        let spare = if self.open.len() >= OPEN { self.put_last_away() } else { None };
        let before = self.packed.get_mut(second).and_then(Option::take);
        let times = match (before, spare) {
            (Some(packed), _) => packed.unpack(),
            (None, Some(spare)) => spare.emptied(),
            (None, None) => CoarseTimes::default(),
        };
        self.open.insert(0, (second, times));
    }

    /// Closes the second at which nothing was recorded for longest; what it was counted in is free for another.
    fn put_last_away(&mut self) -> Option<CoarseTimes> {
        let (closed, times) = self.open.pop()?;
        if closed >= self.packed.len() {
            self.packed.resize_with(closed + 1, || None);
        }
        self.packed[closed] = Some(times.pack());
        Some(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn it_holds_what_a_distribution_for_each_second_would(
            times in prop::collection::vec((0..3 * OPEN, prop_oneof![0..5_000_u64, 0..u64::MAX]), 0..2000),
        ) {
            let (mut by_second, mut each) = (TimesBySecond::default(), BTreeMap::<_, CoarseTimes>::new());
            for (second, time) in times {
                by_second.record(second, Nanos(time));
                each.entry(second).or_default().record(Nanos(time));
            }
            let seconds: Vec<_> = by_second.into_seconds().collect();
            prop_assert_eq!(seconds.len(), each.keys().last().map_or(0, |last| last + 1));
            for (second, packed) in seconds.into_iter().enumerate() {
                prop_assert_eq!(packed.sketch(), each.get(&second).map(CoarseTimes::sketch).unwrap_or_default());
            }
        }
    }

    #[test]
    fn what_rests_goes_on_as_it_was() {
        let mut by_second = TimesBySecond::default();
        (0..5).for_each(|second| by_second.record(second, Nanos(100)));
        by_second.rest();
        assert!(by_second.open.is_empty());
        by_second.record(3, Nanos(200));
        by_second.record(7, Nanos(300));
        let counts: Vec<_> = by_second.into_seconds().map(|packed| packed.sketch().len()).collect();
        assert_eq!(counts, [1, 1, 1, 2, 1, 0, 0, 1]);
    }

    #[test]
    fn a_second_that_is_opened_again_takes_longer_times_and_so_does_what_is_made_of_its_memory() {
        let mut by_second = TimesBySecond::default();
        by_second.record(0, Nanos(100));
        let all = 3 * OPEN;
        (1..all).for_each(|second| by_second.record(second, Nanos(100)));
        // Each was put away, was opened again, and gave its memory to a further one.
        for second in (0..all).chain(all..2 * all) {
            by_second.record(second, Nanos::from_secs(1));
        }
        for (second, packed) in by_second.into_seconds().enumerate() {
            let longest = packed.unpack().spread().map(|spread| spread.max);
            assert!(longest >= Some(Nanos::from_secs(1)), "{second}: {longest:?}");
        }
    }

    #[test]
    fn a_long_trial_keeps_few_seconds_at_full_size() {
        let mut by_second = TimesBySecond::default();
        for second in 0..10_000 {
            for step in 0..200 {
                by_second.record(second, Nanos(1_000_000 + step * 50_000));
            }
        }
        assert_eq!(by_second.open.len(), OPEN);
        let bytes: usize = by_second.packed.iter().flatten().map(Packed::bytes).sum();
        assert!(bytes < 10_000 * 400, "{bytes}");
    }
}
