//! The intended send times of one producer: seeded, exact, in constant memory.

use super::curve::Curve;
use super::phases::Phases;
use super::rate::Rate;
use super::segment::{Segments, Spacing};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1};
use reports::units::{Nanos, ProducerId};

/// When one producer should send: offsets from the start of the warm-up, ascending, up to the end of the load.
///
/// All producers together realise the rate. Message n of all is due when the rate has added up to n; producer p of P sends
/// the messages p, p + P, p + 2P … Each time is computed from n and not from the time before, so nothing drifts. Poisson
/// arrivals are independent streams of rate / P, one for each producer, drawn from the seed.
#[derive(Clone, Debug)]
pub struct Schedule {
    curve: Curve,
    end_ns: f64,
    arrivals: Arrivals,
}

#[derive(Clone, Debug)]
enum Arrivals {
    Even { next: u64, stride: u64 },
    Poisson { due: f64, producers: f64, random: Box<ChaCha8Rng> },
}

impl Schedule {
    /// Of producer `producer` of `producers`, over warm-up and load. Everything random follows from the seed.
    pub fn new(rate: &Rate, phases: &Phases, producers: u16, producer: ProducerId, seed: u64) -> Self {
        Self::along(&Segments::of(rate, phases), producers, producer, seed)
    }

    /// As [`Schedule::new`], along these segments.
    pub fn along(segments: &Segments, producers: u16, producer: ProducerId, seed: u64) -> Self {
        let curve = Curve::over(segments);
        let arrivals = match segments.arrivals {
            Spacing::Poisson => {
                let mut random = ChaCha8Rng::seed_from_u64(seed);
                random.set_stream(u64::from(producer.0));
                Arrivals::Poisson { due: 0.0, producers: f64::from(producers.max(1)), random: Box::new(random) }
            }
            Spacing::Even | Spacing::Unlimited => {
                Arrivals::Even { next: u64::from(producer.0), stride: u64::from(producers.max(1)) }
            }
        };
        Self { end_ns: segments.end_ns.0 as f64, curve, arrivals }
    }

    /// How many sends all producers' schedules hold, warm-up included. For Poisson arrivals beyond a hundred million, which would
    /// take long to draw, their expected number.
    /// 0 without a schedule (`unlimited`).
    pub fn offered(rate: &Rate, phases: &Phases, producers: u16, seed: u64) -> u64 {
        const TOO_MANY_TO_DRAW: f64 = 1e8;
        if rate.is_closed() {
            return 0;
        }
        let curve = Curve::of(rate, phases);
        let expected = curve.due(curve.end());
        match rate {
            Rate::Poisson { .. } if expected > TOO_MANY_TO_DRAW => expected.round() as u64,
            Rate::Poisson { .. } => (0..producers)
                .map(|producer| Self::new(rate, phases, producers, ProducerId(producer), seed).count() as u64)
                .sum(),
            _ => Self::new(rate, phases, 1, ProducerId(0), seed).due_in_all(),
        }
    }

    /// The first message that is not due before the end, found from the estimate that the rate gives.
    fn due_in_all(&self) -> u64 {
        let mut count = self.curve.due(self.curve.end()).ceil().max(0.0) as u64;
        while count > 0 && self.within(self.curve.time((count - 1) as f64)).is_none() {
            count -= 1;
        }
        while self.within(self.curve.time(count as f64)).is_some() {
            count += 1;
        }
        count
    }

    fn within(&self, at: f64) -> Option<Nanos> {
        let at_ns = (at * 1e9).round();
        (at_ns < self.end_ns).then_some(Nanos(at_ns as u64))
    }
}

impl Iterator for Schedule {
    type Item = Nanos;

    #[inline]
    fn next(&mut self) -> Option<Nanos> {
        let due = match &mut self.arrivals {
            Arrivals::Even { next, stride } => {
                let due = *next as f64;
                *next += *stride;
                due
            }
            Arrivals::Poisson { due, producers, random } => {
                let gap: f64 = Exp1.sample(random);
                *due += gap * *producers;
                *due
            }
        };
        self.within(self.curve.time(due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::curve::tests::{any_rate, phases};
    use proptest::prelude::*;
    use std::time::Duration;

    fn schedule(rate: &Rate, phases: &Phases, producers: u16, producer: u16) -> Schedule {
        Schedule::new(rate, phases, producers, ProducerId(producer), 7)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn times_ascend_and_end_with_the_load(rate in any_rate(), warmup in 0..2_000_u64, load in 1..5_000_u64, producers in 1..5_u16) {
            let phases = phases(warmup, load);
            for producer in 0..producers {
                let times: Vec<Nanos> = schedule(&rate, &phases, producers, producer).collect();
                prop_assert!(times.is_sorted());
                prop_assert!(times.iter().all(|at| *at < Nanos::from_millis(warmup + load)));
            }
        }

        #[test]
        fn every_producer_sends_its_share_of_the_integral(
            rate in any_rate(), warmup in 0..2_000_u64, load in 1..5_000_u64, producers in 1..5_u16,
        ) {
            let phases = phases(warmup, load);
            let curve = Curve::of(&rate, &phases);
            let share = curve.due(curve.end()) / f64::from(producers);
            let mut sum = 0;
            for producer in 0..producers {
                let count = schedule(&rate, &phases, producers, producer).count() as u64;
                prop_assert!((count as f64 - share).abs() <= 1.0, "{} of {}", count, share);
                sum += count;
            }
            prop_assert_eq!(sum, Schedule::offered(&rate, &phases, producers, 7));
        }

        #[test]
        fn producers_merged_are_the_rate_of_one(rate in any_rate(), load in 1..3_000_u64, producers in 2..5_u16) {
            let phases = phases(100, load);
            let alone: Vec<Nanos> = schedule(&rate, &phases, 1, 0).collect();
            let mut merged: Vec<Nanos> =
                (0..producers).flat_map(|producer| schedule(&rate, &phases, producers, producer)).collect();
            merged.sort();
            prop_assert_eq!(alone, merged);
        }
    }

    #[test]
    fn poisson_arrivals_are_the_same_for_the_same_seed_and_others_for_another() {
        let (rate, phases) = (Rate::Poisson { per_second: 1_000.0 }, phases(1_000, 4_000));
        let times =
            |producer, seed| -> Vec<Nanos> { Schedule::new(&rate, &phases, 2, ProducerId(producer), seed).collect() };
        assert_eq!(times(0, 1), times(0, 1));
        assert_ne!(times(0, 1), times(0, 2));
        assert_ne!(times(0, 1), times(1, 1));
    }

    #[test]
    fn poisson_gaps_have_the_mean_and_the_spread_of_their_rate() {
        let (rate, phases) = (Rate::Poisson { per_second: 2_000.0 }, phases(0, 100_000));
        let times: Vec<f64> = schedule(&rate, &phases, 2, 1).map(Nanos::as_secs_f64).collect();
        let gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let count = gaps.len() as f64;
        let mean = gaps.iter().sum::<f64>() / count;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / count;
        // Of 100,000 gaps at 1,000/s: the mean's standard error is 0.3 %, the variance's 0.9 %; five of each are allowed.
        assert!((mean * 1_000.0 - 1.0).abs() < 0.016, "mean {mean}");
        assert!((variance * 1e6 - 1.0).abs() < 0.045, "variance {variance}");
    }

    #[test]
    fn nothing_drifts_over_ten_million_sends() {
        // A rate whose gap is no whole number of nanoseconds: adding gaps up would be milliseconds off by then.
        let rate = Rate::Constant { per_second: 30_000.0 };
        let phases = Phases {
            idle: Duration::ZERO,
            warmup: Duration::ZERO,
            ramp_up: false,
            settle: Duration::ZERO,
            load: Duration::from_secs(340),
            drain: Duration::ZERO,
        };
        let mut schedule = schedule(&rate, &phases, 1, 0);
        let ten_millionth = schedule.nth(9_999_999).unwrap();
        assert_eq!(ten_millionth, Nanos(9_999_999 * 100_000 / 3));
    }

    #[test]
    fn constant_load_is_evenly_interleaved_among_producers() {
        let (rate, phases) = (Rate::Constant { per_second: 1_000.0 }, phases(0, 10));
        let first: Vec<u64> = schedule(&rate, &phases, 2, 0).map(|at| at.0 / 1_000_000).collect();
        let second: Vec<u64> = schedule(&rate, &phases, 2, 1).map(|at| at.0 / 1_000_000).collect();
        assert_eq!(first, [0, 2, 4, 6, 8]);
        assert_eq!(second, [1, 3, 5, 7, 9]);
    }
}
