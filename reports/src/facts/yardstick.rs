//! How fast the machine's cores were, whatever ran on them.

use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// CPU time that a piece of work took which is always the same, done several times a second during the load: more of it is a
/// slower machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Yardstick {
    /// The median of the load's first half.
    pub early: Nanos,
    /// The median of its second half.
    pub late: Nanos,
}

impl Yardstick {
    /// A machine is as fast as before where the work takes less than so many times as long, whatever the load
    /// (`docs/decisions/0026-a-yardstick.md`).
    pub const STEADY: f64 = 1.25;

    /// Of all that was measured, how many times the least the most is, and both of them. `None`: nothing was measured.
    pub fn spread(all: impl IntoIterator<Item = Self>) -> Option<YardstickSpread> {
        let times = all.into_iter().flat_map(|one| [one.early, one.late]).filter(|time| *time > Nanos::ZERO);
        let (least, most) = times.fold(None, |so_far: Option<(Nanos, Nanos)>, time| {
            let (least, most) = so_far.unwrap_or((time, time));
            Some((least.min(time), most.max(time)))
        })?;
        Some(YardstickSpread { least, most })
    }

    /// Both, as their geometric mean, in nanoseconds. `None`: one was not measured.
    pub fn mean(self) -> Option<f64> {
        let mean = (self.early.0 as f64 * self.late.0 as f64).sqrt();
        (mean > 0.0).then_some(mean)
    }
}

/// The least and the most time that the work took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YardstickSpread {
    /// Never 0.
    pub least: Nanos,
    /// At least `least`.
    pub most: Nanos,
}

impl YardstickSpread {
    /// How many times as slow the machine was at its slowest.
    pub fn times(self) -> f64 {
        self.most.0 as f64 / self.least.0 as f64
    }

    /// It was about as fast all the time.
    pub fn is_steady(self) -> bool {
        self.times() < Yardstick::STEADY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yardstick(early: u64, late: u64) -> Yardstick {
        Yardstick { early: Nanos::from_millis(early), late: Nanos::from_millis(late) }
    }

    #[test]
    fn the_slowest_is_compared_with_the_quickest_of_all() {
        let spread = Yardstick::spread([yardstick(30, 33), yardstick(60, 45)]).expect("measured");
        assert_eq!((spread.least, spread.most), (Nanos::from_millis(30), Nanos::from_millis(60)));
        assert!((spread.times() - 2.0).abs() < 1e-9 && !spread.is_steady());
        assert!(Yardstick::spread([yardstick(30, 33), yardstick(36, 31)]).expect("measured").is_steady());
    }

    #[test]
    fn what_was_not_measured_is_not_infinitely_fast() {
        assert_eq!(Yardstick::spread([]), None);
        assert_eq!(Yardstick::spread([yardstick(0, 0)]), None);
        assert_eq!(yardstick(0, 30).mean(), None);
        assert!(Yardstick::spread([yardstick(0, 30), yardstick(31, 0)]).expect("measured").is_steady());
    }
}
