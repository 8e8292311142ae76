//! Newtypes for what would otherwise be interchangeable integers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Nanoseconds: an instant of `CLOCK_MONOTONIC` (in fields named `…_at` or `…_ns` of a history) or a length of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Nanos(pub u64);

impl Nanos {
    /// No time at all, or the clock's origin.
    pub const ZERO: Self = Self(0);
    /// One second.
    pub const SECOND: Self = Self(1_000_000_000);

    /// From whole milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }

    /// From whole seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs * 1_000_000_000)
    }

    /// As seconds, for people and charts.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// `self − earlier`, or zero where the clock says otherwise.
    pub const fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }

    /// `self + later`, saturating.
    pub const fn plus(self, later: Self) -> Self {
        Self(self.0.saturating_add(later.0))
    }
}

impl From<std::time::Duration> for Nanos {
    fn from(duration: std::time::Duration) -> Self {
        Self(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl From<Nanos> for std::time::Duration {
    fn from(nanos: Nanos) -> Self {
        Self::from_nanos(nanos.0)
    }
}

/// As people read it: three significant digits and the unit that suits, `1.25 ms`.
impl fmt::Display for Nanos {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What would round to a thousand of a unit is one of the next.
        let (value, unit) = match self.0 {
            0 => return out.pad("0 s"),
            1..=999 => (self.0 as f64, "ns"),
            1_000..=999_499 => (self.0 as f64 / 1e3, "µs"),
            999_500..=999_499_999 => (self.0 as f64 / 1e6, "ms"),
            _ => (self.0 as f64 / 1e9, "s"),
        };
        let digits = match value {
            _ if unit == "ns" => 0,
            value if value >= 99.95 => 0,
            value if value >= 9.995 => 1,
            _ => 2,
        };
        out.pad(&format!("{value:.digits$} {unit}"))
    }
}

/// A producer of a trial, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ProducerId(pub u16);

/// A consumer of a trial, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ConsumerId(pub u16);

/// A partition of the workload, counted from 0: a Kafka partition, a Redis stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Partition(pub u16);

/// A message's place among those of its producer and partition: 0, 1, 2 … without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Sequence(pub u64);

/// Where a broker put a message within its partition, as one ordered number that no other message of the partition has.
///
/// A Kafka offset as it is. What stands for a Redis entry ID is said in `docs/history.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Position(pub u64);

/// One message: who sent it, to which partition, as which of its sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId {
    /// Who sent it.
    pub producer: ProducerId,
    /// Where to.
    pub partition: Partition,
    /// Which one.
    pub seq: Sequence,
}

impl MessageId {
    /// Its identity, from which rules draw what is to become of it: producer, partition and sequence number, little-endian.
    #[inline]
    pub fn to_bytes(self) -> [u8; 12] {
        let mut identity = [0; 12];
        identity[..2].copy_from_slice(&self.producer.0.to_le_bytes());
        identity[2..4].copy_from_slice(&self.partition.0.to_le_bytes());
        identity[4..].copy_from_slice(&self.seq.0.to_le_bytes());
        identity
    }

    /// The identity of its trace, 32 hexadecimal digits: trial (16), producer (4), partition (4), the sequence number's last 8.
    pub fn trace(self, trial: u64) -> String {
        let (producer, partition, seq) = (self.producer.0, self.partition.0, self.seq.0 as u32);
        format!("{trial:016x}{producer:04x}{partition:04x}{seq:08x}")
    }
}

/// As dead letters name it: `producer-0/1/17` is message 17 to partition 1.
impl fmt::Display for MessageId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "producer-{}/{}/{}", self.producer.0, self.partition.0, self.seq.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_with_three_digits_and_in_the_unit_that_suits() {
        let shown = |nanos: u64| Nanos(nanos).to_string();
        assert_eq!(shown(0), "0 s");
        assert_eq!(shown(999), "999 ns");
        assert_eq!(shown(1_250), "1.25 µs");
        assert_eq!(shown(9_996), "10.0 µs");
        assert_eq!(shown(99_960_000), "100 ms");
        assert_eq!(shown(999_600_000), "1.00 s");
        assert_eq!(shown(12_345_000_000), "12.3 s");
    }
}
