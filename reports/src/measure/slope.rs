//! A slope over time, and how sure it is.
//!
//! The median of the slopes between all pairs of points (Theil 1950; Sen 1968, *JASA* 63), which a few odd points do not move,
//! with Sen's interval. Points of one trial remember each other, so that there is less in them than as many independent ones
//! would tell: the variance of Kendall's statistic is enlarged by what the ranks of the points around the slope have in common
//! (Hamed and Rao 1998, *Journal of Hydrology* 204).

use crate::certainty::CERTAINTY;
use crate::result::Slope;

/// The correction for memory sees too little of it in few points. So much wider, intervals of points that remember half of the
/// one before hold the truth in 19 of 20 trials (tested below).
const WIDENING: f64 = 1.5;
/// Of fewer points no slope is told.
pub(super) const FEWEST: usize = 15;

/// Of points (hours, value) in order of time. `None`: there are too few.
pub(super) fn slope(points: &[(f64, f64)]) -> Option<Slope> {
    if points.len() < FEWEST {
        return None;
    }
    let mut slopes = Vec::with_capacity(points.len() * (points.len() - 1) / 2);
    for (index, earlier) in points.iter().enumerate() {
        let later = points[index + 1..].iter().filter(|later| later.0 > earlier.0);
        slopes.extend(later.map(|later| (later.1 - earlier.1) / (later.0 - earlier.0)));
    }
    slopes.sort_by(f64::total_cmp);
    let middle = median_of_sorted(&slopes)?;
    let around: Vec<f64> = points.iter().map(|(at, value)| value - middle * at).collect();
    let values: Vec<f64> = points.iter().map(|point| point.1).collect();
    let width = CERTAINTY * WIDENING * (kendall_variance(&values) * memory(&around)).sqrt();
    let place = |rank: f64| slopes[(rank.max(0.0) as usize).min(slopes.len() - 1)];
    let pairs = slopes.len() as f64;
    let (low, high) = (place(((pairs - width) / 2.0).floor() - 1.0), place(((pairs + width) / 2.0).ceil()));
    Some(Slope { per_hour: middle, low: low.min(middle), high: high.max(middle), ends: ends(&values) })
}

/// What the median of the last tenth of the points differs from that of the first by: what a slope does not show where it came
/// at the end, or all at once.
fn ends(values: &[f64]) -> f64 {
    let tenth = values.len().div_ceil(10);
    let middle = |part: &[f64]| {
        let mut sorted = part.to_vec();
        sorted.sort_by(f64::total_cmp);
        median_of_sorted(&sorted).unwrap_or(0.0)
    };
    middle(&values[values.len() - tenth..]) - middle(&values[..tenth])
}

fn median_of_sorted(values: &[f64]) -> Option<f64> {
    let (half, odd) = (values.len() / 2, !values.len().is_multiple_of(2));
    let upper = *values.get(half)?;
    Some(if odd { upper } else { f64::midpoint(values[half - 1], upper) })
}

/// The variance of Kendall's statistic of independent points, of which groups may be the same.
fn kendall_variance(values: &[f64]) -> f64 {
    let term = |count: f64| count * (count - 1.0) * (2.0 * count + 5.0);
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let same: f64 = sorted.chunk_by(|one, other| one == other).map(|group| term(group.len() as f64)).sum();
    (term(values.len() as f64) - same) / 18.0
}

/// By which factor memory enlarges that variance: at least 1. Lags count up to the first that says nothing.
fn memory(around: &[f64]) -> f64 {
    let ranks = ranks(around);
    let count = ranks.len() as f64;
    let mean = (count + 1.0) / 2.0;
    let variance: f64 = ranks.iter().map(|rank| (rank - mean).powi(2)).sum();
    if variance <= 0.0 {
        return 1.0;
    }
    let correlation = |lag: usize| {
        let pairs = ranks.iter().zip(ranks.iter().skip(lag));
        pairs.map(|(one, later)| (one - mean) * (later - mean)).sum::<f64>() / variance
    };
    let telling = (1..ranks.len() / 2).map(|lag| (lag as f64, correlation(lag)));
    let telling = telling.take_while(|(_, correlation)| correlation.abs() > CERTAINTY / count.sqrt());
    let sum: f64 =
        telling.map(|(lag, correlation)| (count - lag) * (count - lag - 1.0) * (count - lag - 2.0) * correlation).sum();
    (1.0 + 2.0 * sum / (count * (count - 1.0) * (count - 2.0))).max(1.0)
}

/// Ranks from 1; the same values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|one, other| values[*one].total_cmp(&values[*other]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for group in order.chunk_by(|one, other| values[*one] == values[*other]) {
        let shared = before as f64 + (group.len() as f64 + 1.0) / 2.0;
        group.iter().for_each(|index| ranks[*index] = shared);
        before += group.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;

    /// Points of one hour around a slope, each of which remembers the one before.
    fn points(seed: u64, count: usize, rise: f64, memory: f64) -> Vec<(f64, f64)> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut noise = 0.0;
        let each = (0..count).map(|index| {
            // The sum of twelve is close enough to a normal.
            let shock: f64 = (0..12).map(|_| random.random_range(-0.5..0.5)).sum();
            noise = memory * noise + shock;
            let at = index as f64 / count as f64;
            (at, 100.0 + rise * at + noise)
        });
        each.collect()
    }

    /// In how many of 400 trials without a slope the interval excludes zero.
    fn wrong(count: usize, memory: f64) -> usize {
        let excludes = |found: &Slope| found.low > 0.0 || found.high < 0.0;
        (0..400).filter(|seed| excludes(&slope(&points(*seed, count, 0.0, memory)).unwrap())).count()
    }

    #[test]
    fn a_slope_is_seldom_seen_where_there_is_none() {
        for count in [FEWEST, 30, 60] {
            for (memory, most) in [(0.0, 16), (0.5, 24), (0.8, 60)] {
                let wrong = wrong(count, memory);
                assert!(wrong <= most, "{wrong} of 400 with {count} points and a memory of {memory}");
            }
        }
    }

    #[test]
    fn a_slope_is_found_where_there_is_one() {
        let found = (0..100).filter(|seed| slope(&points(*seed, 40, 4.0, 0.3)).unwrap().low > 0.0).count();
        assert!(found > 90, "{found} of 100");
        let mean = (0..100).map(|seed| slope(&points(seed, 40, 4.0, 0.3)).unwrap().per_hour).sum::<f64>() / 100.0;
        assert!((mean - 4.0).abs() < 0.3, "{mean}");
    }

    #[test]
    fn a_few_odd_points_move_nothing() {
        let mut straight: Vec<_> =
            (0..40).map(|index| (f64::from(index) / 40.0, 7.0 * f64::from(index) / 40.0)).collect();
        let even = slope(&straight).unwrap();
        straight[11].1 = 900.0;
        straight[30].1 = 0.0;
        assert!((slope(&straight).unwrap().per_hour - even.per_hour).abs() < 0.01);
        assert!((even.per_hour - 7.0).abs() < 1e-9);
    }

    #[test]
    fn what_comes_at_the_end_shows_at_the_ends() {
        let late: Vec<_> = (0..60).map(|index| (f64::from(index), if index < 50 { 1.0 } else { 9.0 })).collect();
        let found = slope(&late).unwrap();
        assert_eq!((found.per_hour, found.ends), (0.0, 8.0));
    }

    #[test]
    fn what_never_moves_has_no_slope_for_certain() {
        let flat: Vec<_> = (0..30).map(|index| (f64::from(index), 5.0)).collect();
        assert_eq!(slope(&flat), Some(Slope { per_hour: 0.0, low: 0.0, high: 0.0, ends: 0.0 }));
        assert_eq!(slope(&flat[..FEWEST - 1]), None);
    }
}
