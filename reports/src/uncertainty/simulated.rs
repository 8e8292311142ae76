//! Series with a memory that is known, for tests.

use super::resample::SEED;
use crate::series::{Block, TrialSeries};
use crate::units::Nanos;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Numbers of the standard normal distribution, by the method of Box and Muller.
pub(crate) fn normals(seed: u64, count: usize) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(SEED ^ 0x5eed);
    random.set_stream(seed);
    let mut one = || {
        let (length, angle): (f64, f64) = (random.random(), random.random());
        (-2.0 * (1.0 - length).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    };
    (0..count).map(|_| one()).collect()
}

/// A series of variance 1 of which each value is `memory` of the one before, and noise.
pub(crate) fn autoregressive(seed: u64, count: usize, memory: f64) -> Vec<f64> {
    let mut state = 0.0;
    let noise = normals(seed, count + 50);
    let values = noise.into_iter().map(|noise| {
        state = memory * state + (1.0 - memory * memory).sqrt() * noise;
        state
    });
    values.skip(50).collect()
}

/// A trial whose seconds' response times lie around 1 ms × e^(value / 10).
pub(crate) fn series(values: &[f64]) -> TrialSeries {
    let block = |(index, value): (usize, &f64)| {
        let middle = 1e6 * (value / 10.0).exp();
        let time = |share: f64| (Nanos((middle * share) as u64), 10);
        Block {
            at: Nanos::from_secs(index as u64),
            acknowledged: 100,
            response: (0..10).map(|step| time(0.9 + 0.02 * f64::from(step))).collect(),
            ..Block::default()
        }
    };
    TrialSeries { blocks: values.iter().enumerate().map(block).collect(), ..TrialSeries::default() }
}
