//! Transients: from which point on a series is stationary, if what comes before differs by more than chance.
//!
//! Where the transient ends, the rule MSER says (White 1997, *Simulation* 69; White, Cobb and Spratt 2000, *Proceedings of the
//! Winter Simulation Conference*): cut where the squared standard error of the mean of what is left is smallest, at
//! argmin over d of Σ (yᵢ − ȳ)² / (n − d)², i from d on. Where MSER-5 makes one value of five observations, to tame their noise, a
//! value here is a whole second with all its messages already. Only the first half is searched: a cut at its end is none, because
//! the series is too short for its transient. The rule likes to cut off too much of a short series. So values at the end of the cut
//! that lie within 1.5 times the reach of the rest are given back.
//!
//! On noise alone the minimum hardly ever stands at the very beginning: the rule by itself finds a transient in most stationary
//! series. So one is believed only where chance does not explain it:
//!
//! - the mean of what is cut off lies further from the mean of the rest than 5 + 75 / n standard errors. They count the memory of
//!   the rest, as of an autoregressive process of first order (with the correction of Marriott and Pope 1954 for short series).
//!   The threshold is high because the cut is chosen for it, and higher for few values because they show little of their memory;
//! - its farthest value lies 1.3 + 1.2 / d times as far out as any of the rest, so that one odd second is no transient;
//! - it differs by a twentieth at least.
//!
//! The numbers were tuned by simulation. Of stationary series of 10 to 240 values, these shares are believed to have a transient
//! (4,000 series of each length, of which the worst is told): of independent normal noise 0.03 %, of Student's t with 3 degrees of
//! freedom 0.6 %, exponential 0.7 %, and of noise that keeps 0.3, 0.5 and 0.7 of its last value 0.1 %, 0.2 % and 0.5 %. The test
//! `stationary_noise_is_hardly_ever_a_transient` bounds them with fewer series. The price: of decays that begin at 16 times the noise and fall to a
//! third in a second, 95 in 100 are found in 30 values, 65 in 15, and 36 in 10.

/// Of fewer values nothing is told.
pub(super) const FEWEST: usize = 10;
/// Values before the cut that lie at most so many times as far out as those behind it are given back.
const GIVEN_BACK: f64 = 1.5;
/// The means must be so many standard errors apart, and so many more in a series of one value.
const STANDARD_ERRORS: (f64, f64) = (5.0, 75.0);
/// The farthest value must lie so many times as far out as any of the rest, and so much more where one value is cut off.
const FARTHER: (f64, f64) = (1.3, 1.2);
/// The means must differ by so much.
const LEAST_EFFECT: f64 = 0.05;
/// Values are known no better than this: times have two significant digits.
const GRAIN: f64 = 0.01;
/// No series is taken to remember more of its last value.
const MOST_MEMORY: f64 = 0.9;

/// Where a series became stationary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Transient {
    /// There are too few values to tell.
    TooFew,
    /// Nothing at the beginning differs from the rest by more than chance.
    None,
    /// So many values at the beginning are not like the rest.
    Until {
        /// How many.
        count: usize,
        /// Their mean less that of the rest.
        apart: f64,
    },
    /// The first half is not like the second, and where that ends does not show in it.
    NotOver {
        /// Its mean less that of the second.
        apart: f64,
    },
}

/// The transient of a series of logarithms: a difference of 0.05 is one of 5 %.
pub(super) fn transient(series: &[f64]) -> Transient {
    if series.len() < FEWEST || series.iter().any(|value| !value.is_finite()) {
        return Transient::TooFew;
    }
    let half = series.len() / 2;
    let cut = least(&errors(series)[..=half]);
    let (head, rest) = series.split_at(cut);
    let (usual, reach) = (mean(rest), reach(rest));
    let count = head.iter().rposition(|value| (value - usual).abs() > GIVEN_BACK * reach).map_or(0, |last| last + 1);
    match believed(series, count) {
        None => Transient::None,
        Some(apart) if cut == half && 4 * count > 3 * half => Transient::NotOver { apart },
        Some(apart) => Transient::Until { count, apart },
    }
}

/// How far from their mean values lie at most.
fn reach(values: &[f64]) -> f64 {
    let usual = mean(values);
    values.iter().map(|value| (value - usual).abs()).fold(0.0, f64::max)
}

/// The squared standard error of the mean of what is left, for each place where the series can be cut.
fn errors(series: &[f64]) -> Vec<f64> {
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    let each = series.iter().rev().map(|value| {
        // The sum of squares around the mean, one value more at a time (Welford 1962).
        count += 1.0;
        let apart = value - mean;
        mean += apart / count;
        squares += apart * (value - mean);
        squares / (count * count)
    });
    let mut errors: Vec<f64> = each.collect();
    errors.reverse();
    errors
}

/// The first of the smallest.
fn least(errors: &[f64]) -> usize {
    let smallest = errors.iter().copied().fold(f64::INFINITY, f64::min);
    errors.iter().position(|error| *error <= smallest).unwrap_or(0)
}

/// By how much what is cut off differs, if that is more than chance explains.
fn believed(series: &[f64], cut: usize) -> Option<f64> {
    let (head, rest) = series.split_at(cut);
    if head.is_empty() {
        return None;
    }
    let (heads, usual, length) = (head.len() as f64, mean(rest), rest.len() as f64);
    let apart = mean(head) - usual;
    let farthest = head.iter().map(|value| (value - usual).abs()).fold(0.0, f64::max);
    let memory = memory(rest, usual);
    let variance = variance(rest, usual).max(GRAIN * GRAIN) * (1.0 + memory) / (1.0 - memory);
    let error = (variance * (1.0 / heads + 1.0 / length)).sqrt();
    let errors = STANDARD_ERRORS.0 + STANDARD_ERRORS.1 / series.len() as f64;
    let is_far = farthest > (FARTHER.0 + FARTHER.1 / heads) * reach(rest);
    (is_far && apart.abs() >= LEAST_EFFECT.max(errors * error)).then_some(apart)
}

/// How much of its last value a series keeps: 0 to 0.9.
fn memory(series: &[f64], mean: f64) -> f64 {
    let count = series.len() as f64;
    let around = variance(series, mean) * (count - 1.0);
    if around <= 0.0 {
        return 0.0;
    }
    let pairs = series.iter().zip(series.iter().skip(1));
    let seen = pairs.map(|(one, next)| (one - mean) * (next - mean)).sum::<f64>() / around;
    (seen + (1.0 + 3.0 * seen) / count).clamp(0.0, MOST_MEMORY)
}

fn variance(series: &[f64], mean: f64) -> f64 {
    series.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (series.len() as f64 - 1.0).max(1.0)
}

fn mean(series: &[f64]) -> f64 {
    series.iter().sum::<f64>() / series.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uncertainty::simulated::{autoregressive, normals};

    const LENGTHS: [usize; 6] = [10, 15, 20, 30, 60, 240];

    /// Of so many stationary series of each length, which share is believed to have a transient; the largest over all lengths.
    fn false_alarms(noise: impl Fn(u64, usize) -> Vec<f64>) -> f64 {
        const SEEDS: u64 = 2_000;
        let share = |length: usize| {
            let alarms = (0..SEEDS).filter(|seed| {
                let values: Vec<f64> = noise(*seed, length).iter().map(|value| 0.2 * value).collect();
                transient(&values) != Transient::None
            });
            alarms.count() as f64 / SEEDS as f64
        };
        LENGTHS.map(share).into_iter().fold(0.0, f64::max)
    }

    #[test]
    fn stationary_noise_is_hardly_ever_a_transient() {
        let heavy = |seed: u64, length: usize| {
            // Student's t with three degrees of freedom.
            let parts = normals(seed, 4 * length);
            let one = |four: &[f64]| four[0] / (four[1..].iter().map(|part| part * part).sum::<f64>() / 3.0).sqrt();
            parts.chunks(4).map(one).collect()
        };
        let (independent, heavy) = (false_alarms(normals), false_alarms(heavy));
        assert!(independent <= 0.005 && heavy <= 0.01, "independent {independent}, heavy {heavy}");
        for (memory, most) in [(0.3, 0.005), (0.5, 0.005), (0.7, 0.01)] {
            let share = false_alarms(|seed, length| autoregressive(seed, length, memory));
            assert!(share <= most, "memory {memory}: {share}");
        }
    }

    /// Noise of a tenth, with something at its beginning.
    fn noisy(seed: u64, length: usize, begin: impl Fn(f64) -> f64) -> Vec<f64> {
        normals(seed, length).iter().enumerate().map(|(at, noise)| 0.1 * noise + begin(at as f64)).collect()
    }

    #[test]
    fn a_decay_is_found_to_two_values_of_where_it_falls_below_the_noise() {
        for fall in [1.0, 2.0, 3.0] {
            let end = fall * 16_f64.ln();
            let decay = |seed| transient(&noisy(seed, 30, |at| 1.6 * (-at / fall).exp()));
            let near = (0..200).filter(|seed| {
                matches!(decay(*seed), Transient::Until { count, apart } if (count as f64 - end).abs() <= 2.0 + fall && apart > 0.0)
            });
            let near = near.count();
            assert!(near >= 170, "{fall}: {near} of 200");
        }
    }

    #[test]
    fn a_step_is_found_where_it_is_upwards_or_downwards() {
        for (length, steps_at, size) in [(20, 4, 1.5), (30, 7, 1.0), (30, 7, -1.0), (60, 20, 0.8)] {
            let step = |seed| transient(&noisy(seed, length, |at| if at < f64::from(steps_at) { size } else { 0.0 }));
            let found = (0..100).filter(|seed| {
                matches!(step(*seed), Transient::Until { count, apart } if count.abs_diff(steps_at as usize) <= 1 && apart * size > 0.0)
            });
            let found = found.count();
            assert!(found >= 85, "{length} {steps_at} {size}: {found} of 100");
        }
    }

    #[test]
    fn what_goes_on_beyond_the_first_half_has_no_end_that_is_told() {
        let long = |seed| transient(&noisy(seed, 30, |at| if at < 22.0 { 3.0 } else { 0.0 }));
        assert!((0..50).all(|seed| !matches!(long(seed), Transient::Until { .. })));
        let slow = |seed| transient(&noisy(seed, 30, |at| 8.0 * (-at / 6.0).exp()));
        let open = (0..50).filter(|seed| matches!(slow(*seed), Transient::NotOver { apart } if apart > 0.0)).count();
        let early = (0..50).any(|seed| matches!(slow(seed), Transient::Until { count, .. } if count < 9));
        assert!(open >= 20 && !early, "{open} of 50");
    }

    #[test]
    fn one_odd_second_at_the_beginning_is_none_where_others_are_odd_too() {
        let odd = |seed, later: f64| {
            let mut values = noisy(seed, 30, |_| 0.0);
            (values[0], values[17]) = (2.0, later);
            transient(&values)
        };
        assert!((0..100).all(|seed| odd(seed, 1.8) == Transient::None));
        let found = (0..100).filter(|seed| matches!(odd(*seed, 0.0), Transient::Until { count: 1, .. })).count();
        assert!(found >= 75, "{found} of 100");
    }

    #[test]
    fn few_values_and_none_that_vary_tell_nothing() {
        assert_eq!(transient(&[]), Transient::TooFew);
        assert_eq!(transient(&noisy(1, FEWEST - 1, |at| 5.0 * (-at).exp())), Transient::TooFew);
        assert_eq!(transient(&[f64::NAN; 30]), Transient::TooFew);
        assert_eq!(transient(&[0.3; 30]), Transient::None);
        let grain: Vec<f64> = (0..30).map(|at| if at == 0 { 0.02 } else { 0.0 }).collect();
        assert_eq!(transient(&grain), Transient::None, "a step of a histogram is no transient");
    }
}
