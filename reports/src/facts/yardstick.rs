//! How fast the machine's cores were.

use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// CPU time of a fixed piece of work, which is done several times a second during the load: more of it is a slower machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Yardstick {
    /// The lower quartile in the load's first half.
    pub early: Nanos,
    /// The lower quartile in its second half.
    pub late: Nanos,
    /// How much work it is. Only times of the same work can be compared.
    pub work: u32,
}

impl Yardstick {
    /// Where the work takes so many times as long, the machine is not as fast as before
    /// (`docs/decisions/0026-a-yardstick.md`).
    pub const STEADY: f64 = 1.25;

    /// The least and the most of all times of the same work as the first's. `None`: nothing was measured.
    pub fn spread(all: impl IntoIterator<Item = Self>) -> Option<YardstickSpread> {
        let mut work = None;
        let same = all.into_iter().filter(|one| *work.get_or_insert(one.work) == one.work);
        let times: Vec<Nanos> = same.flat_map(|one| [one.early, one.late]).filter(|time| *time > Nanos::ZERO).collect();
        let (least, most) = (times.iter().min()?, times.iter().max()?);
        Some(YardstickSpread { least: *least, most: *most })
    }

    /// Both halves, as their geometric mean, in nanoseconds. `None`: one was not measured.
    pub fn mean(self) -> Option<f64> {
        let mean = (self.early.0 as f64 * self.late.0 as f64).sqrt();
        (mean > 0.0).then_some(mean)
    }

    /// Its times where they are slower than the quickest of another's; else that one. For what a slower machine would
    /// explain, and a quicker one would not.
    #[must_use]
    pub fn at_least(self, other: Self) -> Self {
        let floor = other.early.min(other.late);
        Self { early: self.early.max(floor), late: self.late.max(floor), ..self }
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
        Yardstick { early: Nanos(early), late: Nanos(late), work: 1 }
    }

    #[test]
    fn the_slowest_is_compared_with_the_quickest_of_all() {
        let spread = Yardstick::spread([yardstick(30, 33), yardstick(60, 45)]).expect("measured");
        assert_eq!((spread.least, spread.most), (Nanos(30), Nanos(60)));
        assert!((spread.times() - 2.0).abs() < 1e-9 && !spread.is_steady());
        assert!(Yardstick::spread([yardstick(30, 33), yardstick(36, 31)]).expect("measured").is_steady());
    }

    #[test]
    fn other_work_is_not_compared() {
        let other = Yardstick { work: 2, ..yardstick(300, 300) };
        assert!(Yardstick::spread([yardstick(30, 33), other]).expect("measured").is_steady());
    }

    #[test]
    fn what_was_not_measured_is_not_infinitely_fast() {
        assert_eq!(Yardstick::spread([]), None);
        assert_eq!(Yardstick::spread([yardstick(0, 0)]), None);
        assert_eq!(yardstick(0, 30).mean(), None);
        assert!(Yardstick::spread([yardstick(0, 30), yardstick(31, 0)]).expect("measured").is_steady());
    }

    #[test]
    fn only_a_slower_machine_explains_what_is_slower() {
        assert_eq!(yardstick(10, 50).at_least(yardstick(31, 30)), yardstick(30, 50));
    }
}
