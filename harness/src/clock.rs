//! The one clock: `CLOCK_MONOTONIC`, the same for all processes of a host; and the CPU time that the kernel has counted.

use reports::units::Nanos;
use rustix::fd::OwnedFd;
use rustix::thread::{ClockId, clock_nanosleep_absolute};
use rustix::time::{
    ClockId as Readable, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};
use std::io;
use std::os::fd::{AsRawFd, RawFd};

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
    let _ = clock_nanosleep_absolute(ClockId::Monotonic, &timespec(deadline));
}

fn timespec(instant: Nanos) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(instant.0 / 1_000_000_000).unwrap_or(i64::MAX),
        tv_nsec: i64::try_from(instant.0 % 1_000_000_000).unwrap_or(0),
    }
}

/// A file that can be read once an instant has passed: for who waits for other files as well, as precisely as [`sleep_until`].
#[derive(Debug)]
pub struct Alarm(OwnedFd);

impl Alarm {
    /// One that is not set.
    ///
    /// # Errors
    /// The kernel gives none.
    pub fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        Ok(Self(timerfd_create(TimerfdClockId::Monotonic, flags)?))
    }

    /// Rings at this instant, or at once if it has passed, and no more when it was set to.
    ///
    /// # Errors
    /// The kernel refuses.
    pub fn set(&self, instant: Nanos) -> io::Result<()> {
        // All zeros would mean never.
        let at = timespec(instant.max(Nanos(1)));
        let once = Itimerspec { it_interval: timespec(Nanos::ZERO), it_value: at };
        timerfd_settime(&self.0, TimerfdTimerFlags::ABSTIME, &once)?;
        Ok(())
    }

    /// Whether it has rung since it was set and since it was last asked.
    pub fn has_rung(&self) -> bool {
        rustix::io::read(&self.0, &mut [0; 8]).is_ok()
    }
}

impl AsRawFd for Alarm {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
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

    #[test]
    fn an_alarm_rings_once_when_its_instant_has_passed() {
        let alarm = Alarm::new().expect("an alarm");
        assert!(!alarm.has_rung());
        alarm.set(now().plus(Nanos::from_secs(3600))).expect("set");
        assert!(!alarm.has_rung());
        for instant in [Nanos::ZERO, now(), now().plus(Nanos::from_millis(2))] {
            alarm.set(instant).expect("set");
            sleep_until(instant.plus(Nanos::from_millis(1)));
            assert!(alarm.has_rung() && !alarm.has_rung(), "{instant}");
        }
    }
}
