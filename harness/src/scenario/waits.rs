//! The waits between a client's attempts to connect, as its declared backoff allows them, over all choices of jitter.

use reports::facts::Envelope;

/// A stretch of time, both ends included, in nanoseconds since the injection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    /// Its begin.
    pub from: u64,
    /// Its end.
    pub to: u64,
}

/// How attempts end while a fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AttemptEnd {
    /// Refused at once.
    AtOnce,
    /// Unanswered until this passes, or until the heal closes them.
    After(u64),
    /// Unanswered until this passes, after the heal too.
    Always(u64),
}

/// More waits than an outage of hours takes at the shortest backoff that a scenario may ask for.
const MOST_WAITS: u32 = 1_000_000;

/// When the first attempt after the heal begins, counted from the heal.
///
/// Interval arithmetic: each attempt begins within an interval that follows from the one before. What lies before the heal
/// fails and leads to the next wait; what lies after it is a return.
pub(super) fn first_attempt_after(envelope: &Envelope, lost: Interval, lasts: u64, failing: AttemptEnd) -> Interval {
    let mut failed = lost;
    let (mut earliest, mut latest) = (u64::MAX, 0);
    for index in 0..MOST_WAITS {
        let wait = wait(envelope, index);
        let begins = Interval { from: failed.from.saturating_add(wait.from), to: failed.to.saturating_add(wait.to) };
        if begins.to >= lasts {
            earliest = earliest.min(begins.from.max(lasts) - lasts);
            latest = latest.max(begins.to - lasts);
        }
        if begins.from >= lasts {
            break;
        }
        let ends = Interval { from: failing.end(begins.from, lasts), to: failing.end(begins.to.min(lasts), lasts) };
        // From here on every further attempt would repeat this one.
        if index > 0 && ends == failed && is_longest(envelope, index) {
            break;
        }
        failed = ends;
    }
    if earliest == u64::MAX {
        // Waits so short for an outage so long that nobody counts them: the heal may fall anywhere within one.
        (earliest, latest) = (0, wait(envelope, MOST_WAITS).to);
    }
    Interval { from: earliest, to: latest }
}

/// The longest wait that a client may have come to in an outage that lasts as long as this, or less.
pub(super) fn longest_wait(envelope: &Envelope, lasts: u64) -> u64 {
    let mut begins = 0_u64;
    for index in 0..MOST_WAITS {
        let wait = wait(envelope, index);
        if is_longest(envelope, index) || begins.saturating_add(wait.from) >= lasts {
            return wait.to;
        }
        begins = begins.saturating_add(wait.from);
    }
    wait(envelope, MOST_WAITS).to
}

impl AttemptEnd {
    pub(super) fn end(self, begin: u64, lasts: u64) -> u64 {
        match self {
            Self::AtOnce => begin,
            Self::After(timeout) => begin.saturating_add(timeout).min(lasts),
            Self::Always(timeout) => begin.saturating_add(timeout),
        }
    }
}

/// Wait n + 1 of an envelope.
pub(super) fn wait(envelope: &Envelope, index: u32) -> Interval {
    let base = base(envelope, index);
    Interval {
        from: (base * (1.0 - envelope.jitter_below)).floor().max(0.0) as u64,
        to: (base * (1.0 + envelope.jitter_above)).ceil() as u64,
    }
}

fn base(envelope: &Envelope, index: u32) -> f64 {
    (envelope.first.0 as f64 * envelope.factor.powi(i32::try_from(index).unwrap_or(i32::MAX)))
        .min(envelope.max.0 as f64)
}

fn is_longest(envelope: &Envelope, index: u32) -> bool {
    base(envelope, index) >= envelope.max.0 as f64 || envelope.factor <= 1.0
}
