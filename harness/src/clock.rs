//! The one clock: `CLOCK_MONOTONIC`, the same for all processes of a host; and the CPU time that the kernel has counted.

use reports::units::Nanos;
use rustix::thread::{ClockId, clock_nanosleep_absolute};
use rustix::time::{ClockId as Readable, Timespec, clock_gettime};

/// Now.
pub fn now() -> Nanos {
    read(Readable::Monotonic)
}

/// CPU time of this process so far.
pub fn cpu_of_process() -> Nanos {
    read(Readable::ProcessCPUTime)
}

/// CPU time of this thread so far.
pub fn cpu_of_thread() -> Nanos {
    read(Readable::ThreadCPUTime)
}

fn read(clock: Readable) -> Nanos {
    let time = clock_gettime(clock);
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
