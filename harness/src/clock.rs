//! The one clock: `CLOCK_MONOTONIC`, the same for all processes of a host.

use reports::units::Nanos;
use rustix::thread::{ClockId, clock_nanosleep_absolute};
use rustix::time::{Timespec, clock_gettime};

/// Now.
pub fn now() -> Nanos {
    let time = clock_gettime(rustix::time::ClockId::Monotonic);
    Nanos(u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0))
}

/// Sleeps until an instant, precisely; returns at once if it has passed. A signal may wake it early.
pub fn sleep_until(deadline: Nanos) {
    let request = Timespec {
        tv_sec: i64::try_from(deadline.0 / 1_000_000_000).unwrap_or(i64::MAX),
        tv_nsec: i64::try_from(deadline.0 % 1_000_000_000).unwrap_or(0),
    };
    let _ = clock_nanosleep_absolute(ClockId::Monotonic, &request);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_never_goes_back_and_a_sleep_never_ends_early() {
        let deadline = now().plus(Nanos::from_millis(2));
        sleep_until(deadline);
        assert!(now() >= deadline);
    }
}
