//! A distribution of times by its figures.

use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A distribution of times, in nanoseconds, from a histogram with three significant digits. All 0 where `count` is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Distribution {
    /// Values.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// Half are at most this.
    pub p50: u64,
    /// 90 % are at most this.
    pub p90: u64,
    /// 99 % are at most this.
    pub p99: u64,
    /// 99.9 % are at most this.
    pub p99_9: u64,
    /// 99.99 % are at most this.
    pub p99_99: u64,
    /// The largest.
    pub max: u64,
}

impl Distribution {
    /// A statistic by the name that limits give it. `None`: there is no such statistic.
    pub fn statistic(&self, name: &str) -> Option<Nanos> {
        Some(Nanos(match name {
            "p50" => self.p50,
            "p90" => self.p90,
            "p99" => self.p99,
            "p99.9" => self.p99_9,
            "p99.99" => self.p99_99,
            "max" => self.max,
            "mean" => self.mean.round() as u64,
            _ => return None,
        }))
    }
}
