//! Quantities: a number and its unit, beside the words.

use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quantity {
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: Unit,
}

/// What was demanded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bound {
    /// On which side of it what is observed must lie; the value itself is on both.
    pub must_be: MustBe,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: Unit,
}

/// A side of a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MustBe {
    /// Not above it.
    AtMost,
    /// Not below it.
    AtLeast,
}

/// Units of quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Messages a second.
    MessagesPerSecond,
    /// Nanoseconds.
    Nanoseconds,
    /// CPU seconds for a million acknowledged messages.
    CpuSecondsPerMillion,
    /// Bytes.
    Bytes,
    /// Messages in a trial.
    Messages,
    /// Bytes more after an hour than before.
    BytesPerHour,
    /// Which share of what was due is acknowledged less after an hour than before: 0.05 is five per cent.
    SharePerHour,
}

impl Bound {
    /// Whether a quantity of the same unit lies on its side.
    pub fn holds(self, seen: Quantity) -> bool {
        match self.must_be {
            MustBe::AtMost => seen.value <= self.value,
            MustBe::AtLeast => seen.value >= self.value,
        }
    }
}

impl Quantity {
    /// So many messages.
    pub const fn messages(count: u64) -> Self {
        Self { value: count as f64, unit: Unit::Messages }
    }

    /// So long.
    pub const fn time(length: Nanos) -> Self {
        Self { value: length.0 as f64, unit: Unit::Nanoseconds }
    }

    /// As the most that is demanded.
    pub const fn at_most(self) -> Bound {
        Bound { must_be: MustBe::AtMost, value: self.value, unit: self.unit }
    }

    /// As the least that is demanded.
    pub const fn at_least(self) -> Bound {
        Bound { must_be: MustBe::AtLeast, value: self.value, unit: self.unit }
    }
}

/// Where a figure lies with 95 % confidence, by how it varies within its trial: what it would be if the same load went on.
/// Trials differ by more. How often it holds the truth was tried on medians; a p99 or p99.9 hangs on fewer messages.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// No lower.
    pub low: f64,
    /// No higher.
    pub high: f64,
    /// Of what.
    pub unit: Unit,
}

/// What rises or falls, in an hour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Slope {
    /// By how much.
    pub per_hour: f64,
    /// With 95 % confidence, by no less.
    pub low: f64,
    /// With 95 % confidence, by no more.
    pub high: f64,
    /// Not by the hour: what it was at the end (the median of the last tenth) less what it was at the begin (of the first).
    #[serde(default)]
    pub ends: f64,
}

impl Slope {
    /// In another unit, or turned round.
    pub fn times(self, factor: f64) -> Self {
        let (one, other) = (self.low * factor, self.high * factor);
        Self { per_hour: self.per_hour * factor, low: one.min(other), high: one.max(other), ends: self.ends * factor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turned_round_the_bounds_of_a_slope_change_places() {
        let slope = Slope { per_hour: 2.0, low: 1.0, high: 4.0, ends: 1.0 };
        assert_eq!(slope.times(-2.0), Slope { per_hour: -4.0, low: -8.0, high: -2.0, ends: -2.0 });
    }
}
