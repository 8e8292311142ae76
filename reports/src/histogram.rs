//! Distributions of times: HdrHistogram, nanoseconds in and out, growing with what is recorded.

use crate::result::Distribution;
use crate::units::Nanos;
use hdrhistogram::serialization::{Deserializer, Serializer, V2Serializer};
use hdrhistogram::{Counter, CreationError, Histogram};

/// Times and how often each was measured, in ascending order.
pub type Sketch = Vec<(Nanos, u64)>;

/// Four figures of a distribution, in ns; two significant digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Median.
    pub p50: Nanos,
    /// 99th percentile.
    pub p99: Nanos,
    /// 99.9th percentile.
    pub p99_9: Nanos,
    /// Largest.
    pub max: Nanos,
}

/// Three significant digits: what results are read from.
#[derive(Clone, Debug)]
pub struct Times(Histogram<u64>);

/// Two significant digits and small counters: one for each second of a trial.
#[derive(Clone, Debug)]
pub struct CoarseTimes(Histogram<u32>);

/// Coarse times put away: HdrHistogram's second format, without compression, or nothing where none was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed(Box<[u8]>);

impl Times {
    /// An empty one.
    ///
    /// # Errors
    /// Never in practice; the constructor of the library says so in its type.
    pub fn new() -> Result<Self, CreationError> {
        Histogram::new(3).map(Self)
    }

    /// Records one time.
    pub fn record(&mut self, time: Nanos) {
        record(&mut self.0, time);
    }

    /// Takes in all that another one holds.
    pub fn merge(&mut self, other: &Self) {
        for value in other.0.iter_recorded() {
            record_many(&mut self.0, value.value_iterated_to(), value.count_at_value());
        }
    }

    /// Takes in all that a coarse one holds, with its two digits.
    pub fn merge_coarse(&mut self, other: &CoarseTimes) {
        for value in other.0.iter_recorded() {
            record_many(&mut self.0, value.value_iterated_to(), u64::from(value.count_at_value()));
        }
    }

    /// How many were recorded.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time that this share (0 to 1) of all is at most. Zero where there are none.
    pub fn quantile(&self, share: f64) -> Nanos {
        Nanos(if self.0.is_empty() { 0 } else { self.0.value_at_quantile(share) })
    }

    /// The figures of a result.
    pub fn distribution(&self) -> Distribution {
        if self.0.is_empty() {
            return Distribution::default();
        }
        Distribution {
            count: self.0.len(),
            mean: self.0.mean(),
            p50: self.0.value_at_quantile(0.5),
            p90: self.0.value_at_quantile(0.9),
            p99: self.0.value_at_quantile(0.99),
            p99_9: self.0.value_at_quantile(0.999),
            p99_99: self.0.value_at_quantile(0.9999),
            max: self.0.max(),
        }
    }

    /// Quantile and value at every step of a percentile chart, in ascending order.
    pub fn percentiles(&self) -> Vec<(f64, Nanos)> {
        if self.0.is_empty() {
            return Vec::new();
        }
        self.0
            .iter_quantiles(5)
            .map(|step| (step.quantile_iterated_to(), Nanos(step.value_iterated_to().min(self.0.max()))))
            .collect()
    }

    /// Every time that was recorded, with how often.
    pub fn sketch(&self) -> Sketch {
        sketch(&self.0)
    }
}

impl Default for CoarseTimes {
    #[expect(clippy::expect_used, reason = "the library refuses other numbers of digits only")]
    fn default() -> Self {
        Self(Histogram::new(2).expect("two digits are allowed"))
    }
}

impl CoarseTimes {
    /// The same memory, and nothing recorded.
    pub fn emptied(mut self) -> Self {
        self.0.reset();
        self
    }

    /// Puts a copy away.
    #[expect(clippy::expect_used, reason = "memory takes all that is written to it")]
    pub fn pack(&self) -> Packed {
        if self.0.is_empty() {
            return Packed::default();
        }
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(&self.0, &mut bytes).expect("a histogram in memory");
        Packed(bytes.into())
    }

    /// Records one time.
    pub fn record(&mut self, time: Nanos) {
        record(&mut self.0, time);
    }

    /// Takes in all that another one holds.
    pub fn merge(&mut self, other: &Self) {
        for value in other.0.iter_recorded() {
            record_many(&mut self.0, value.value_iterated_to(), value.count_at_value());
        }
    }

    /// Four figures, or nothing where none was recorded.
    pub fn spread(&self) -> Option<Spread> {
        (!self.0.is_empty()).then(|| Spread {
            p50: Nanos(self.0.value_at_quantile(0.5)),
            p99: Nanos(self.0.value_at_quantile(0.99)),
            p99_9: Nanos(self.0.value_at_quantile(0.999)),
            max: Nanos(self.0.max()),
        })
    }

    /// Every time that was recorded, with how often.
    pub fn sketch(&self) -> Sketch {
        sketch(&self.0)
    }
}

impl FromIterator<(Nanos, u32)> for Packed {
    fn from_iter<I: IntoIterator<Item = (Nanos, u32)>>(times: I) -> Self {
        let mut packed = CoarseTimes::default();
        times.into_iter().for_each(|(time, count)| record_many(&mut packed.0, time.0, count));
        packed.pack()
    }
}

impl Packed {
    /// What was put away.
    #[expect(clippy::expect_used, reason = "nobody else writes these bytes")]
    pub fn unpack(&self) -> CoarseTimes {
        if self.0.is_empty() {
            return CoarseTimes::default();
        }
        let mut times = Deserializer::new().deserialize(&mut &*self.0).expect("what was packed above");
        // One that was read does not grow by itself, and would take a longer time for its longest.
        times.auto(true);
        CoarseTimes(times)
    }

    /// Whether none was recorded.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every time that was recorded, with how often.
    pub fn sketch(&self) -> Sketch {
        self.unpack().sketch()
    }

    /// All of several at once.
    pub fn merged<'a>(mut all: impl Iterator<Item = &'a Self>) -> Self {
        let mut times = all.next().map(Self::unpack).unwrap_or_default();
        all.for_each(|one| times.merge(&one.unpack()));
        times.pack()
    }

    /// Its size.
    #[cfg(test)]
    pub(super) const fn bytes(&self) -> usize {
        self.0.len()
    }
}

fn sketch<C: Counter>(histogram: &Histogram<C>) -> Sketch {
    histogram.iter_recorded().map(|step| (Nanos(step.value_iterated_to()), step.count_at_value().as_u64())).collect()
}

fn record<C: Counter>(histogram: &mut Histogram<C>, time: Nanos) {
    // A histogram that resizes itself refuses only what it cannot find memory for; such a value counts as the largest.
    if histogram.record(time.0).is_err() {
        histogram.saturating_record(time.0);
    }
}

fn record_many<C: Counter>(histogram: &mut Histogram<C>, value: u64, count: C) {
    if histogram.record_n(value, count).is_err() {
        histogram.saturating_record_n(value, count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_survive_and_nothing_is_dropped() {
        let mut times = Times::new().unwrap();
        for millis in 1..=1000 {
            times.record(Nanos::from_millis(millis));
        }
        let figures = times.distribution();
        assert_eq!(figures.count, 1000);
        assert!((figures.p50 as f64 / 500e6 - 1.0).abs() < 0.001, "{figures:?}");
        assert!((figures.p99 as f64 / 990e6 - 1.0).abs() < 0.001, "{figures:?}");
        assert!(figures.max >= 1_000_000_000);
    }

    #[test]
    fn the_longest_time_of_all_is_recorded_too() {
        let mut times = Times::new().unwrap();
        times.record(Nanos(u64::MAX));
        times.record(Nanos::ZERO);
        assert_eq!(times.count(), 2);
    }

    #[test]
    fn an_empty_one_answers_zeros_and_no_chart() {
        let times = Times::new().unwrap();
        assert_eq!(times.distribution(), Distribution::default());
        assert!(times.percentiles().is_empty());
        assert_eq!(CoarseTimes::default().spread(), None);
    }

    #[test]
    fn merging_is_the_same_as_recording_in_one() {
        let (mut left, mut right, mut both) = (Times::new().unwrap(), Times::new().unwrap(), Times::new().unwrap());
        for micros in 1..5000u64 {
            let time = Nanos(micros * 1000);
            let part = if micros % 3 == 0 { &mut left } else { &mut right };
            part.record(time);
            both.record(time);
        }
        left.merge(&right);
        assert_eq!(left.distribution().p99, both.distribution().p99);
        assert_eq!(left.count(), both.count());
    }
}
