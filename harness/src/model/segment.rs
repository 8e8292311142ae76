//! An arrival process as anybody can follow it: stretches of time in which the rate is one, or changes evenly.

use super::phases::Phases;
use super::rate::Rate;
use reports::units::Nanos;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// How long it lasts.
    pub lasts_ns: Nanos,
    /// Messages a second of all producers, at its beginning.
    pub from: f64,
    /// Likewise, at its end; the rate changes evenly in between.
    pub to: f64,
}

/// How messages are spaced along the segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spacing {
    /// Each when the rate, added up, has reached its number.
    Even,
    /// With exponential gaps of that mean, each producer's drawn by itself.
    Poisson,
    /// Not by time: each whenever its producer may have one more under way. There are no segments.
    Unlimited,
}

/// Warm-up and load as segments, one after the other from the start of the warm-up, which runs at the load's first rate or climbs to it,
/// and may end in silence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segments {
    /// How messages are spaced.
    pub arrivals: Spacing,
    /// The segments; none lasts no time.
    pub segments: Vec<Segment>,
    /// After the last one it goes on with this one. Absent: the last one goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat_from: Option<usize>,
    /// The load's end. What would be due then, or later, is not sent.
    pub end_ns: Nanos,
}

impl Segments {
    /// Of a rate over warm-up and load. As few as there are: bursts are two that repeat.
    pub fn of(rate: &Rate, phases: &Phases) -> Self {
        let even = |rate: f64, lasts: Duration| Segment { lasts_ns: lasts.into(), from: rate, to: rate };
        let load = match rate {
            Rate::Constant { per_second } | Rate::Poisson { per_second } => vec![even(*per_second, phases.load)],
            Rate::Steps { per_second, each } => per_second.iter().map(|rate| even(*rate, *each)).collect(),
            Rate::Ramp { from, to } => vec![Segment { lasts_ns: phases.load.into(), from: *from, to: *to }],
            Rate::Burst { base, peak, every, lasts } => {
                vec![even(*base, every.saturating_sub(*lasts)), even(*peak, *lasts)]
            }
            Rate::Unlimited => Vec::new(),
        };
        let sends = phases.warmup.saturating_sub(phases.settle);
        let warm_up = load.first().map(|first| {
            let from = if phases.ramp_up { 0.0 } else { first.from };
            let climbs = Segment { lasts_ns: sends.into(), from, to: first.from };
            [climbs, even(0.0, phases.settle.min(phases.warmup))]
        });
        let lasts = |segment: &Segment| segment.lasts_ns > Nanos::ZERO;
        let warm_up: Vec<Segment> = warm_up.into_iter().flatten().filter(lasts).collect();
        let repeat_from = matches!(rate, Rate::Burst { .. }).then_some(warm_up.len());
        let segments = warm_up.into_iter().chain(load.into_iter().filter(lasts)).collect();
        let arrivals = match rate {
            Rate::Poisson { .. } => Spacing::Poisson,
            Rate::Unlimited => Spacing::Unlimited,
            _ => Spacing::Even,
        };
        let end_ns = Nanos::from(phases.warmup).plus(phases.load.into());
        Self { arrivals, segments, repeat_from, end_ns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(rate: &Rate, warmup: u64) -> (Vec<(u64, f64, f64)>, Option<usize>, u64) {
        settled(rate, warmup, 0)
    }

    fn settled(rate: &Rate, warmup: u64, settle: u64) -> (Vec<(u64, f64, f64)>, Option<usize>, u64) {
        let second = Duration::from_secs(1);
        let [warmup, settle] = [warmup, settle].map(Duration::from_secs);
        let phases = Phases { idle: Duration::ZERO, warmup, ramp_up: false, settle, load: 10 * second, drain: second };
        let Segments { segments, repeat_from, end_ns, .. } = Segments::of(rate, &phases);
        let shown = segments.iter().map(|segment| (segment.lasts_ns.0 / 1_000_000_000, segment.from, segment.to));
        (shown.collect(), repeat_from, end_ns.0 / 1_000_000_000)
    }

    #[test]
    fn every_rate_is_a_few_segments_after_a_warm_up_at_its_first_rate() {
        let second = Duration::from_secs(1);
        assert_eq!(segments(&Rate::Constant { per_second: 5.0 }, 2), (vec![(2, 5.0, 5.0), (10, 5.0, 5.0)], None, 12));
        let steps = Rate::Steps { per_second: vec![1.0, 3.0], each: 4 * second };
        assert_eq!(segments(&steps, 1), (vec![(1, 1.0, 1.0), (4, 1.0, 1.0), (4, 3.0, 3.0)], None, 11));
        assert_eq!(segments(&Rate::Ramp { from: 1.0, to: 9.0 }, 0), (vec![(10, 1.0, 9.0)], None, 10));
    }

    #[test]
    fn a_warm_up_may_end_in_silence() {
        let constant = Rate::Constant { per_second: 5.0 };
        assert_eq!(settled(&constant, 3, 1), (vec![(2, 5.0, 5.0), (1, 0.0, 0.0), (10, 5.0, 5.0)], None, 13));
        assert_eq!(settled(&constant, 3, 3), (vec![(3, 0.0, 0.0), (10, 5.0, 5.0)], None, 13));
        let second = Duration::from_secs(1);
        let burst = Rate::Burst { base: 1.0, peak: 9.0, every: 3 * second, lasts: second };
        let expected = vec![(2, 1.0, 1.0), (1, 0.0, 0.0), (2, 1.0, 1.0), (1, 9.0, 9.0)];
        assert_eq!(settled(&burst, 3, 1), (expected, Some(2), 13));
    }

    #[test]
    fn a_warm_up_may_climb_to_the_first_rate() {
        let [idle, warmup, settle, load, drain] = [0, 3, 1, 10, 1].map(Duration::from_secs);
        let phases = Phases { idle, warmup, ramp_up: true, settle, load, drain };
        let segments = Segments::of(&Rate::Ramp { from: 4.0, to: 9.0 }, &phases).segments;
        let rates: Vec<_> = segments.iter().map(|segment| (segment.lasts_ns, segment.from, segment.to)).collect();
        let second = Nanos::from_secs;
        assert_eq!(rates, [(second(2), 0.0, 4.0), (second(1), 0.0, 0.0), (second(10), 4.0, 9.0)]);
    }

    #[test]
    fn bursts_repeat_however_many_there_are() {
        let second = Duration::from_secs(1);
        let burst = |lasts| Rate::Burst { base: 1.0, peak: 9.0, every: 3 * second, lasts: lasts * second };
        assert_eq!(segments(&burst(1), 2), (vec![(2, 1.0, 1.0), (2, 1.0, 1.0), (1, 9.0, 9.0)], Some(1), 12));
        assert_eq!(segments(&burst(1), 0), (vec![(2, 1.0, 1.0), (1, 9.0, 9.0)], Some(0), 10));
    }
}
