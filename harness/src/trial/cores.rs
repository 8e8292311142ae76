//! What the machine's cores do while the load goes on, for whomever: who shares them with a measurement bends it.

use crate::clock;
use procfs::{CurrentSI as _, KernelStats};
use reports::facts::CoresFacts;
use reports::units::Nanos;

/// What the kernel has counted up to an instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct CoresRead {
    at: Nanos,
    busy: Nanos,
    stolen: Nanos,
    own: Nanos,
    /// As many as the kernel counts for, whichever of them this process may use.
    cores: u16,
}

impl CoresRead {
    /// Now. `None`: the kernel does not tell.
    pub(super) fn now() -> Option<Self> {
        let KernelStats { total, cpu_time, .. } = KernelStats::current().ok()?;
        let of = |ticks: u64| Nanos::from_millis(ticks * 1000 / procfs::ticks_per_second());
        let busy = total.user + total.nice + total.system + total.irq.unwrap_or(0) + total.softirq.unwrap_or(0);
        Some(Self {
            at: clock::now(),
            busy: of(busy),
            stolen: of(total.steal.unwrap_or(0)),
            own: clock::cpu_of_process(),
            cores: u16::try_from(cpu_time.len()).ok()?,
        })
    }

    /// What was done from then to now.
    pub(super) fn until(self, now: Self) -> CoresFacts {
        CoresFacts {
            from: self.at,
            to: now.at,
            cores: now.cores.max(1),
            busy: now.busy.since(self.busy),
            stolen: now.stolen.since(self.stolen),
            own: now.own.since(self.own),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn what_this_process_does_is_its_own_and_part_of_what_the_cores_do() {
        let before = CoresRead::now().expect("told");
        let until = Instant::now() + Duration::from_millis(300);
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        let done = before.until(CoresRead::now().expect("told"));
        assert!(done.own > Nanos::ZERO && done.busy > Nanos::ZERO, "{done:?}");
        assert!(done.to.since(done.from) >= Nanos::from_millis(300), "{done:?}");
    }
}
