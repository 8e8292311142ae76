//! Where a series changed for good: a value that lies far from the median of those before it, and a next one that does so, too.
//!
//! Far is more than three times their scaled median absolute deviation (Leys et al. 2013, *Journal of Experimental Social
//! Psychology* 49: by median and MAD, because one bad night must not widen what counts as usual, as it does a standard
//! deviation), and more than the figure's threshold. One value alone is no change: nights are bad for many reasons. What comes
//! after a change is compared with what came since.

use std::collections::VecDeque;

/// So many values tell what is usual; with fewer nothing is said.
const LEAST: usize = 7;
/// Of what came before, so much counts: a slow drift is not a change of today.
const MOST: usize = 30;
/// Deviations beyond which a value is far. Of so few values the deviation itself is uncertain.
const FAR: f64 = 3.0;
/// By which the median absolute deviation becomes a standard deviation, were the values normal.
const SCALED: f64 = 1.4826;

/// A series became another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The first value that is different.
    pub at: usize,
    /// What was usual before: a median.
    pub before: f64,
    /// What is since: the median of the values up to the next step, or of the only one.
    pub after: f64,
    /// The next value is different, too. `false`: there is no next one yet.
    pub confirmed: bool,
}

/// The steps of a series. `least`: the smallest difference from a median that matters.
pub fn steps(values: &[f64], least: impl Fn(f64) -> f64) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut usual: VecDeque<f64> = VecDeque::new();
    for (index, value) in values.iter().copied().enumerate() {
        if let Some((median, bound)) = bounds(&usual, &least) {
            let far = |value: f64| if (value - median).abs() > bound { (value - median).signum() } else { 0.0 };
            let side = far(value);
            let next = values.get(index + 1).copied();
            if side != 0.0 && next.is_none_or(|next| far(next).total_cmp(&side).is_eq()) {
                steps.push(Step { at: index, before: median, after: value, confirmed: next.is_some() });
                usual.clear();
            }
        }
        usual.push_back(value);
        if usual.len() > MOST {
            usual.pop_front();
        }
    }
    let ends: Vec<usize> = steps.iter().skip(1).map(|step| step.at).chain([values.len()]).collect();
    for (step, end) in steps.iter_mut().zip(ends) {
        step.after = median(&mut values[step.at..end].to_vec());
    }
    steps
}

/// What is usual, and how far from it is far.
fn bounds(usual: &VecDeque<f64>, least: impl Fn(f64) -> f64) -> Option<(f64, f64)> {
    if usual.len() < LEAST {
        return None;
    }
    let mut values: Vec<f64> = usual.iter().copied().collect();
    let middle = median(&mut values);
    let mut deviations: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    Some((middle, (FAR * SCALED * median(&mut deviations)).max(least(middle))))
}

/// The middle one, or the mean of the two in the middle; zero where there are none.
pub(super) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[odd / 2],
        even => f64::midpoint(values[even / 2 - 1], values[even / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt as _;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    /// Sum of uniforms: nearly normal, with this deviation.
    fn noise(random: &mut ChaCha8Rng, deviation: f64) -> f64 {
        let sum: f64 = (0..12).map(|_| random.random::<f64>()).sum();
        (sum - 6.0) * deviation
    }

    fn twentieth(_: f64) -> f64 {
        0.05
    }

    #[test]
    fn a_step_is_found_when_two_values_show_it_and_is_open_after_one() {
        let mut values = vec![1.0, 1.01, 0.99, 1.0, 1.02, 0.98, 1.0, 1.2];
        let open = steps(&values, twentieth);
        assert_eq!(open.len(), 1);
        assert_eq!((open[0].at, open[0].confirmed, open[0].before), (7, false, 1.0));
        values.extend([1.21, 1.19]);
        let found = steps(&values, twentieth);
        assert_eq!((found.len(), found[0].at, found[0].confirmed), (1, 7, true));
        assert!((found[0].after - 1.2).abs() < 0.011, "{found:?}");
    }

    #[test]
    fn one_bad_night_is_no_change_and_widens_nothing() {
        let mut values = vec![1.0, 1.01, 0.99, 1.0, 1.02, 0.98, 1.0, 5.0, 1.0, 1.01];
        assert_eq!(steps(&values, twentieth), []);
        values.extend([1.2, 1.2]);
        assert_eq!(steps(&values, twentieth).len(), 1);
    }

    #[test]
    fn a_step_up_and_back_again_are_two() {
        let usual = [1.0, 1.01, 0.99, 1.0, 1.02, 0.98, 1.0];
        let values: Vec<f64> =
            usual.iter().chain(usual.map(|value| value * 1.5).iter()).chain(&usual).copied().collect();
        let found = steps(&values, twentieth);
        assert_eq!(found.iter().map(|step| step.at).collect::<Vec<_>>(), [7, 14]);
        assert!((found[0].after - 1.5).abs() < 0.01 && (found[1].after - 1.0).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn what_is_smaller_than_the_threshold_is_none_however_steady_the_series() {
        let mut values = vec![1.0; 20];
        values.extend([1.04; 20]);
        assert_eq!(steps(&values, twentieth), []);
    }

    /// A hundred nights of 300 steady series; the rate is told in docs/trend.md.
    #[test]
    fn hardly_any_steady_series_shows_a_change() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        for (deviation, least, most) in [(0.02, 0.05, 0.001), (0.10, 0.10, 0.01)] {
            let mut found = 0;
            for _ in 0..300 {
                let values: Vec<f64> = (0..100).map(|_| noise(&mut random, deviation)).collect();
                found += steps(&values, |_| least).iter().filter(|step| step.confirmed).count();
            }
            let rate = f64::from(u32::try_from(found).unwrap()) / 30_000.0;
            assert!(rate <= most, "{rate} for each night at a deviation of {deviation}");
        }
    }

    #[test]
    fn a_tenth_more_is_found_within_the_week_where_nights_differ_by_two_percent() {
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let found = (0..300).filter(|_| {
            let values: Vec<f64> = (0..27)
                .map(|night| if night < 20 { 0.0 } else { 0.1_f64.ln_1p() })
                .map(|usual| usual + noise(&mut random, 0.02))
                .collect();
            steps(&values, twentieth).iter().any(|step| step.confirmed && step.at >= 20)
        });
        assert!(found.count() >= 285);
    }
}
