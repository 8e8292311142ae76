//! The waits between connection attempts that the scenario's policy asks for.

use super::protocol::{Policy, RetryPolicy};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

/// Waits of `first × factorⁿ`, capped at `max`, each varied by the jitter.
#[derive(Debug)]
pub struct Waits {
    first: Duration,
    factor: f64,
    max: Duration,
    jitter: f64,
    failures: u32,
    random: ChaCha8Rng,
}

impl Waits {
    /// Of one client's attempts to connect; clients with different names vary differently.
    pub fn new(policy: &Policy, client: &str) -> Self {
        let seed = u64::from(crc32c::crc32c(client.as_bytes())) ^ u64::from(std::process::id()) << 32;
        Self {
            first: policy.backoff_first_ns.into(),
            factor: policy.backoff_factor,
            max: policy.backoff_max_ns.into(),
            jitter: policy.backoff_jitter,
            failures: 0,
            random: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// Between the attempts at each of a producer's messages; they vary by its seed.
    pub fn of_sends(policy: &RetryPolicy, seed: u64) -> Self {
        Self {
            first: policy.first_ns.into(),
            factor: policy.factor,
            max: policy.max_ns.into(),
            jitter: policy.jitter,
            failures: 0,
            random: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// The wait before the next attempt.
    pub fn next_wait(&mut self) -> Duration {
        let failures = self.failures;
        self.failures = failures.saturating_add(1);
        self.after(failures)
    }

    /// The wait before an attempt that comes after so many waits.
    pub fn after(&mut self, waits: u32) -> Duration {
        let base = self.first.as_secs_f64() * self.factor.powi(i32::try_from(waits).unwrap_or(i32::MAX));
        let varied = 1.0 - self.jitter + 2.0 * self.jitter * self.random.random::<f64>();
        Duration::from_secs_f64(base.min(self.max.as_secs_f64()) * varied)
    }

    /// An attempt succeeded: the next loss begins with the first wait again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use reports::units::Nanos;

    /// Waits of one second, doubled up to five; heartbeats every ten.
    pub(crate) fn policy() -> Policy {
        Policy {
            connect_timeout_ns: Nanos::from_secs(1),
            request_timeout_ns: Nanos::from_secs(1),
            backoff_first_ns: Nanos::from_secs(1),
            backoff_factor: 2.0,
            backoff_max_ns: Nanos::from_secs(5),
            backoff_jitter: 0.2,
            heartbeat_every_ns: Nanos::from_secs(10),
            heartbeat_timeout_ns: Nanos::from_secs(5),
            heartbeat_misses: 3,
            recovery: crate::model::Recovery::Claim,
            delivery_limit: 5,
            retry_after_ns: Nanos(1),
            producer_retry: None,
        }
    }

    #[test]
    fn waits_grow_to_the_cap_within_the_jitter_and_start_over_after_a_success() {
        let mut backoff = Waits::new(&policy(), "producer-0");
        for base in [1.0, 2.0, 4.0, 5.0, 5.0] {
            let wait = backoff.next_wait().as_secs_f64();
            assert!((base * 0.8..=base * 1.2).contains(&wait), "{wait} is not {base} ± 20 %");
        }
        backoff.reset();
        assert!(backoff.next_wait().as_secs_f64() <= 1.2);
    }
}
