//! What a declared backoff allows: the earliest and the latest of each wait.

use crate::facts::Envelope;
use crate::units::Nanos;

/// What the wait before an attempt counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitFrom {
    /// The loss of a usable connection.
    Loss(Nanos),
    /// The failure of the attempt before.
    Failure {
        /// When that attempt began.
        began: Nanos,
        /// When it was known to have failed.
        failed: Nanos,
    },
    /// The begin of the attempt before, whose failure nobody recorded.
    Attempt(Nanos),
}

/// A wait, and what was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How long it was.
    pub wait: Nanos,
    /// The earliest and the latest.
    pub allowed: (Nanos, Nanos),
    /// How many of the backoff's waits had passed with it.
    pub number: u32,
}

impl Wait {
    /// The wait that ended at `at`, when `number` waits of the backoff had passed before it.
    ///
    /// The first attempt after a loss may come at once: libraries do that, and the backoff then begins with the next
    /// one. A library may count a wait from the begin of an attempt or from its failure: both are within. Where the
    /// failure was not recorded, the attempt may have taken as long as its timeout.
    pub fn judge(envelope: &Envelope, from: WaitFrom, at: Nanos, number: u32) -> Self {
        match from {
            WaitFrom::Loss(lost) => {
                let wait = at.since(lost);
                let latest = bound(envelope, 1, 1.0 + envelope.jitter_above).plus(envelope.resolution);
                let backed_off = wait.plus(envelope.resolution) >= bound(envelope, 1, 1.0 - envelope.jitter_below);
                Self { wait, allowed: (Nanos::ZERO, latest), number: u32::from(backed_off) }
            }
            WaitFrom::Failure { began, failed } => {
                let taken = failed.since(began);
                Self::next(envelope, at.since(failed), number, taken, Nanos::ZERO)
            }
            WaitFrom::Attempt(began) => {
                Self::next(envelope, at.since(began), number, Nanos::ZERO, envelope.connect_timeout)
            }
        }
    }

    /// Whether it was allowed.
    pub fn within(&self) -> bool {
        !self.too_early() && self.wait <= self.allowed.1
    }

    /// Whether it was shorter than allowed.
    pub fn too_early(&self) -> bool {
        self.wait < self.allowed.0
    }

    fn next(envelope: &Envelope, wait: Nanos, number: u32, less: Nanos, more: Nanos) -> Self {
        let number = number.saturating_add(1);
        let earliest = bound(envelope, number, 1.0 - envelope.jitter_below);
        let latest = bound(envelope, number, 1.0 + envelope.jitter_above);
        let allowed = (earliest.since(less).since(envelope.resolution), latest.plus(more).plus(envelope.resolution));
        Self { wait, allowed, number }
    }
}

fn bound(envelope: &Envelope, number: u32, share: f64) -> Nanos {
    let exponent = i32::try_from(number.saturating_sub(1)).unwrap_or(i32::MAX);
    let base = (envelope.first.0 as f64 * envelope.factor.powi(exponent)).min(envelope.max.0 as f64);
    Nanos((base * share.max(0.0)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope() -> Envelope {
        Envelope {
            first: Nanos::SECOND,
            factor: 2.0,
            max: Nanos::from_secs(4),
            jitter_below: 0.2,
            jitter_above: 0.2,
            resolution: Nanos::from_millis(100),
            connect_timeout: Nanos::SECOND,
        }
    }

    fn after_failure(number: u32, millis: u64) -> Wait {
        let failed = Nanos::from_secs(10);
        let from = WaitFrom::Failure { began: failed, failed };
        Wait::judge(&envelope(), from, failed.plus(Nanos::from_millis(millis)), number)
    }

    #[test]
    fn the_first_attempt_after_a_loss_may_come_at_once_and_does_not_count_as_a_wait() {
        let wait = Wait::judge(&envelope(), WaitFrom::Loss(Nanos::SECOND), Nanos::SECOND, 0);
        assert!(wait.within());
        assert_eq!(wait.number, 0);
    }

    #[test]
    fn the_first_attempt_after_a_loss_may_come_after_the_first_wait_and_not_later() {
        let at = |millis| {
            let from = WaitFrom::Loss(Nanos::SECOND);
            Wait::judge(&envelope(), from, Nanos::SECOND.plus(Nanos::from_millis(millis)), 0)
        };
        assert!(at(1200).within());
        assert_eq!(at(1200).number, 1);
        assert!(!at(1400).within());
    }

    #[test]
    fn waits_double_up_to_the_largest_with_jitter_and_resolution_either_way() {
        assert!(after_failure(1, 2000).within());
        assert!(after_failure(1, 1500).within());
        assert!(!after_failure(1, 1400).within());
        assert!(!after_failure(1, 2600).within());
        assert!(after_failure(9, 4000).within());
        assert!(after_failure(u32::MAX, 4000).within());
    }

    #[test]
    fn a_wait_may_count_from_the_begin_of_the_attempt_that_failed() {
        let from = WaitFrom::Failure { began: Nanos::ZERO, failed: Nanos::from_millis(900) };
        assert!(Wait::judge(&envelope(), from, Nanos::from_millis(1000), 0).within());
    }

    #[test]
    fn an_attempt_without_a_recorded_failure_may_have_taken_its_timeout() {
        let at = Nanos::from_millis(2200);
        assert!(Wait::judge(&envelope(), WaitFrom::Attempt(Nanos::ZERO), at, 0).within());
        assert!(!Wait::judge(&envelope(), WaitFrom::Attempt(Nanos::ZERO), Nanos::from_millis(2400), 0).within());
    }
}
