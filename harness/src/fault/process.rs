//! One process, recognised even when its id is given to another one later.

use procfs::process::Process;
use std::time::{Duration, Instant};

/// How long a process may take to be seen stopped, or going on, after its signal.
const SHOWS_WITHIN: Duration = Duration::from_secs(2);
const LOOKED_AT_EVERY: Duration = Duration::from_millis(5);

/// A process of this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KnownProcess {
    pub(super) pid: u32,
    /// When it started, in clock ticks after the boot.
    started: u64,
}

/// What the kernel calls a process that a signal has stopped.
const STOPPED: char = 'T';

impl KnownProcess {
    /// The process that has this id now. `None`: there is none, or it may not be looked at.
    pub(super) fn of(pid: u32) -> Option<Self> {
        let stat = Process::new(i32::try_from(pid).ok()?).ok()?.stat().ok()?;
        Some(Self { pid, started: stat.starttime })
    }

    /// Whether it is stopped by a signal. `None`: it is gone.
    pub(super) fn is_stopped(self) -> Option<bool> {
        self.state().map(|state| state == STOPPED)
    }

    /// Waits for a while until it is stopped, or not, or gone.
    pub(super) async fn until(self, stopped: bool) {
        let deadline = Instant::now() + SHOWS_WITHIN;
        while self.is_stopped() == Some(!stopped) && Instant::now() < deadline {
            tokio::time::sleep(LOOKED_AT_EVERY).await;
        }
    }

    /// Whether it is gone: what waits to be reaped is.
    pub(super) fn is_gone(self) -> bool {
        self.state().is_none()
    }

    fn state(self) -> Option<char> {
        let stat = Process::new(i32::try_from(self.pid).ok()?).ok()?.stat().ok()?;
        (stat.starttime == self.started && !matches!(stat.state, 'Z' | 'X')).then_some(stat.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::{Pid, Signal, kill_process};
    use std::process::Command;

    #[test]
    fn a_process_is_seen_to_stop_to_go_on_and_to_end() {
        let mut child = Command::new("sleep").arg("60").spawn().expect("spawned");
        let seen = KnownProcess::of(child.id()).expect("there");
        let send = |signal| kill_process(Pid::from_child(&child), signal).expect("sent");
        let wait = |done: &dyn Fn() -> bool| {
            while !done() {
                std::thread::yield_now();
            }
        };
        assert_eq!(seen.is_stopped(), Some(false));
        send(Signal::STOP);
        wait(&|| seen.is_stopped() == Some(true));
        send(Signal::CONT);
        wait(&|| seen.is_stopped() == Some(false));
        assert!(!seen.is_gone());
        send(Signal::KILL);
        wait(&|| seen.is_gone());
        child.wait().expect("reaped");
        assert_eq!((seen.is_gone(), seen.is_stopped()), (true, None));
    }

    #[test]
    fn another_process_of_the_same_id_is_not_it() {
        let me = KnownProcess::of(std::process::id()).expect("there");
        let earlier = KnownProcess { started: me.started.saturating_sub(1), ..me };
        assert!(earlier.is_gone() && !me.is_gone());
    }
}
