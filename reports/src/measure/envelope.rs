//! What a declared backoff allows: the earliest and the latest of each wait.

use crate::facts::Envelope;
use crate::units::Nanos;

/// What the wait before an attempt counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitFrom {
    /// The loss of a usable connection.
    Loss {
        /// When it was lost.
        lost: Nanos,
        /// When the attempt that had opened it began, and when it was open; unknown for one from before the history.
        opened: Option<(Nanos, Nanos)>,
    },
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

/// How many of the backoff's waits have passed: a library that forgets them when it is connected for a moment, and one
/// that goes on counting, may both be right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// At least.
    pub least: u32,
    /// At most.
    pub most: u32,
}

impl Passed {
    #[cfg(test)]
    const fn exactly(number: u32) -> Self {
        Self { least: number, most: number }
    }

    const fn one_more(self) -> Self {
        Self { least: self.least.saturating_add(1), most: self.most.saturating_add(1) }
    }
}

/// A wait, and what was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How long it was.
    pub wait: Nanos,
    /// The earliest and the latest.
    pub allowed: (Nanos, Nanos),
    /// How many of the backoff's waits had passed with it.
    pub passed: Passed,
}

impl Wait {
    /// The wait that ended at `at`, when so many waits of the backoff had passed before it.
    ///
    /// The first attempt after a loss may come at once: libraries do that, and the backoff then begins with the next
    /// one. That is granted once: if the lost connection had not lasted as long as the first wait, the attempt must keep
    /// that wait from the begin of the attempt before, so that being connected for a moment does not end the backoff. A
    /// library may count a wait from the begin of an attempt or from its failure: both are within. Where the failure was
    /// not recorded, the attempt may have taken as long as its timeout.
    pub fn judge(envelope: &Envelope, from: WaitFrom, at: Nanos, passed: Passed) -> Self {
        match from {
            WaitFrom::Loss { lost, opened } => {
                let wait = at.since(lost);
                if let Some((began, _)) = opened.filter(|(_, opened)| is_short(envelope, lost.since(*opened))) {
                    let before = Passed { least: 0, most: passed.most };
                    return Self::next(envelope, wait, before, lost.since(began), Nanos::ZERO);
                }
                let latest = bound(envelope, 1, 1.0 + envelope.jitter_above).plus(envelope.resolution);
                let backed_off = wait.plus(envelope.resolution) >= bound(envelope, 1, 1.0 - envelope.jitter_below);
                // Where dates are as coarse as the first wait, an attempt at once looks like one after it.
                let surely = backed_off && wait > envelope.resolution;
                let passed = Passed { least: u32::from(surely), most: u32::from(backed_off) };
                Self { wait, allowed: (Nanos::ZERO, latest), passed }
            }
            WaitFrom::Failure { began, failed } => {
                let taken = failed.since(began);
                Self::next(envelope, at.since(failed), passed, taken, Nanos::ZERO)
            }
            WaitFrom::Attempt(began) => {
                Self::next(envelope, at.since(began), passed, Nanos::ZERO, envelope.connect_timeout)
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

    fn next(envelope: &Envelope, wait: Nanos, before: Passed, less: Nanos, more: Nanos) -> Self {
        let passed = before.one_more();
        let earliest = bound(envelope, passed.least, 1.0 - envelope.jitter_below);
        let latest = bound(envelope, passed.most, 1.0 + envelope.jitter_above);
        let allowed = (earliest.since(less).since(envelope.resolution), latest.plus(more).plus(envelope.resolution));
        Self { wait, allowed, passed }
    }
}

/// The connection was gone again before the first wait would have been over.
fn is_short(envelope: &Envelope, lasted: Nanos) -> bool {
    lasted.plus(envelope.resolution) < shortest_wait(envelope)
}

/// The shortest wait that the backoff allows between two attempts.
pub fn shortest_wait(envelope: &Envelope) -> Nanos {
    bound(envelope, 1, 1.0 - envelope.jitter_below)
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
        Wait::judge(&envelope(), from, failed.plus(Nanos::from_millis(millis)), Passed::exactly(number))
    }

    /// The wait after the loss of a connection that lasted so many milliseconds.
    fn after_loss(lasted: Option<u64>, millis: u64) -> Wait {
        let lost = Nanos::from_secs(10);
        let opened = lasted.map(|lasted| lost.since(Nanos::from_millis(lasted))).map(|opened| (opened, opened));
        let from = WaitFrom::Loss { lost, opened };
        Wait::judge(&envelope(), from, lost.plus(Nanos::from_millis(millis)), Passed::default())
    }

    #[test]
    fn the_first_attempt_after_a_loss_may_come_at_once_and_does_not_count_as_a_wait() {
        let wait = after_loss(None, 0);
        assert!(wait.within());
        assert_eq!(wait.passed, Passed::exactly(0));
    }

    #[test]
    fn the_first_attempt_after_a_loss_may_come_after_the_first_wait_and_not_later() {
        assert!(after_loss(None, 1200).within());
        assert_eq!(after_loss(None, 1200).passed, Passed::exactly(1));
        assert!(!after_loss(None, 1400).within());
    }

    #[test]
    fn where_dates_are_as_coarse_as_the_first_wait_an_attempt_at_once_may_be_one_after_it() {
        let coarse = Envelope { first: Nanos::from_millis(100), ..envelope() };
        let wait = |millis: u64| {
            let from = WaitFrom::Loss { lost: Nanos::SECOND, opened: None };
            Wait::judge(&coarse, from, Nanos::from_millis(1000 + millis), Passed::default())
        };
        assert_eq!(wait(0).passed, Passed { least: 0, most: 1 });
        assert_eq!(wait(110).passed, Passed::exactly(1));
    }

    #[test]
    fn who_is_connected_only_for_a_moment_keeps_the_first_wait_before_trying_again() {
        for (lasted, waited, within) in [(800, 0, true), (500, 0, false), (500, 100, false), (500, 200, true)] {
            assert_eq!(after_loss(Some(lasted), waited).within(), within, "{lasted} {waited}");
        }
    }

    #[test]
    fn a_connection_of_a_moment_may_leave_the_backoff_where_it_was() {
        let opened = Some((Nanos::ZERO, Nanos::from_millis(9_990)));
        let from = WaitFrom::Loss { lost: Nanos::from_secs(10), opened };
        let wait = |millis| {
            let at = Nanos::from_secs(10).plus(Nanos::from_millis(millis));
            Wait::judge(&envelope(), from, at, Passed { least: 0, most: 2 })
        };
        assert!(wait(4_000).within());
        assert!(!wait(5_000).within());
        assert_eq!(wait(1_000).passed, Passed { least: 1, most: 3 });
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
        assert!(Wait::judge(&envelope(), from, Nanos::from_millis(1000), Passed::default()).within());
    }

    #[test]
    fn an_attempt_without_a_recorded_failure_may_have_taken_its_timeout() {
        let at = Nanos::from_millis(2200);
        let wait = |at| Wait::judge(&envelope(), WaitFrom::Attempt(Nanos::ZERO), at, Passed::default());
        assert!(wait(at).within());
        assert!(!wait(Nanos::from_millis(2400)).within());
    }
}
