//! The stationary bootstrap (Politis and Romano 1994, *JASA* 89): a series is drawn again in blocks of random length that begin
//! anywhere and go round at its end, so that neighbours mostly stay neighbours and what they have in common is kept.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// How often a series is drawn again.
pub(crate) const RESAMPLES: usize = 499;

/// The seed of everything random here: a comparison of the same runs says the same, always.
pub(crate) const SEED: u64 = 1994;

/// Draws again; the same draws for the same seed.
#[derive(Debug)]
pub(crate) struct Drawing {
    random: ChaCha8Rng,
}

impl Drawing {
    pub(crate) fn new(stream: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        random.set_stream(stream);
        Self { random }
    }

    /// How often each place of a series comes in one drawing of it. A series falls into parts that are drawn apart, each from
    /// itself, because they are not alike: before a fault, within it, after it. `ends` are their ends, the last one the series'.
    pub(crate) fn counts(&mut self, ends: &[usize], mean_length: f64) -> Vec<u32> {
        let mut counts = vec![0; ends.last().copied().unwrap_or(0)];
        let mut begin = 0;
        for end in ends {
            self.part(&mut counts, begin, *end, mean_length);
            begin = *end;
        }
        counts
    }

    fn part(&mut self, counts: &mut [u32], begin: usize, end: usize, mean_length: f64) {
        let length = end - begin;
        let goes_on = 1.0 - 1.0 / mean_length.max(1.0);
        let mut place = 0;
        for drawn in 0..length {
            place = if drawn > 0 && self.random.random_bool(goes_on) {
                (place + 1) % length
            } else {
                self.random.random_range(0..length)
            };
            counts[begin + place] += 1;
        }
    }
}

/// The variance of what was drawn. `None`: there is none of fewer than two.
pub(crate) fn variance(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.len() > 1).then(|| values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0))
}

#[cfg(test)]
mod tests {
    use super::super::block_length::block_length;
    use super::super::simulated::autoregressive;
    use super::*;

    const LENGTH: usize = 400;

    /// In how many of 100 series the 95 % interval of the mean, drawn with blocks of this length, holds the true mean.
    fn covered(mean_length: impl Fn(&[f64]) -> f64) -> usize {
        let is_covered = |seed: &u64| {
            let series = autoregressive(*seed, LENGTH, 0.8);
            let mut drawing = Drawing::new(*seed);
            let length = mean_length(&series);
            let mut mean = || {
                let counts = drawing.counts(&[series.len()], length);
                series.iter().zip(counts).map(|(value, times)| value * f64::from(times)).sum::<f64>() / LENGTH as f64
            };
            let means: Vec<f64> = (0..RESAMPLES).map(|_| mean()).collect();
            let error = variance(&means).unwrap_or(0.0).sqrt();
            (series.iter().sum::<f64>() / LENGTH as f64).abs() <= 1.96 * error
        };
        (0..100).filter(is_covered).count()
    }

    #[test]
    fn who_draws_seconds_one_by_one_is_far_too_sure_of_a_series_that_remembers() {
        let (one_by_one, blocks) = (covered(|_| 1.0), covered(block_length));
        assert!(one_by_one < 65 && blocks > 78, "of 100: {one_by_one} one by one, {blocks} in blocks");
    }

    #[test]
    fn each_part_is_drawn_from_itself_and_as_long_as_it_was() {
        let counts = Drawing::new(1).counts(&[10, 14, 40], 3.0);
        let sum = |part: &[u32]| part.iter().sum::<u32>();
        assert_eq!((sum(&counts[..10]), sum(&counts[10..14]), sum(&counts[14..])), (10, 4, 26));
        assert!(counts.contains(&0), "it was drawn with replacement: {counts:?}");
    }

    #[test]
    fn one_value_has_no_variance() {
        assert_eq!(variance(&[1.0]), None);
        assert_eq!(variance(&[1.0, 3.0]), Some(2.0));
    }
}
