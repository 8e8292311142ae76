//! Everything random: one stream of numbers for each aspect of a trial, so that leaving one aspect out leaves all others
//! as they were. That is what makes a failing seed shrink.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reports::units::Nanos;

/// What a stream of numbers is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Aspect {
    /// Broker kind and how many clients.
    Shape = 1,
    /// Rate and times of the load.
    Load = 2,
    /// Timeouts, backoff, processing.
    Policy = 3,
    /// Faults.
    Faults = 4,
    /// Broker bugs and refusals.
    Bugs = 5,
    /// Clients that die or break their promises.
    Manners = 6,
    /// How the trial ends and what is recorded of it.
    Ending = 7,
    /// What the scenario expects.
    Limits = 8,
    /// Latencies and all else that happens while the world runs.
    World = 9,
    /// What is done to files.
    Damage = 10,
    /// Whether and when settlements are answered.
    Answers = 11,
    /// The same, while the world runs.
    Answering = 12,
    /// How far apart the copies of a message stand.
    Copies = 13,
    /// What clients do around faults beside keeping their backoff.
    Habits = 14,
}

/// A stream of numbers.
#[derive(Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of one aspect of a seed.
    pub fn of(seed: u64, aspect: Aspect) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(aspect as u64);
        Self(generator)
    }

    /// True with this probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.0.random_bool(probability.clamp(0.0, 1.0))
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0.random_range(low..=high.max(low))
    }

    /// A time from `low` to `high` milliseconds, to the nanosecond.
    pub fn millis(&mut self, low: f64, high: f64) -> Nanos {
        Nanos(self.between((low * 1e6) as u64, (high * 1e6) as u64))
    }

    /// A share from `low` to `high`.
    pub fn share(&mut self, low: f64, high: f64) -> f64 {
        low + self.0.random::<f64>() * (high - low)
    }

    /// A number between two, each order of magnitude as likely as the next.
    pub fn magnitude(&mut self, low: f64, high: f64) -> f64 {
        self.share(low.ln(), high.ln()).exp()
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.between(0, from.len() as u64 - 1) as usize]
    }
}
