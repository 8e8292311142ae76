//! What an arrival process adds up to: how many messages are due by when, exactly and without drift.

use super::phases::Phases;
use super::rate::Rate;
use super::segment::{Segment, Segments};

/// The number of messages due over time, from the start of the warm-up, for all producers together. Times are seconds,
/// numbers of messages are fractions of them.
#[derive(Clone, Debug)]
pub struct Curve {
    load_from: f64,
    end: f64,
    spans: Vec<Span>,
    /// What comes again and again after the last span; `None`: the last span goes on.
    cycle: Option<Cycle>,
}

/// A stretch of one rate, or of one that changes evenly, from a time and a number of messages on.
#[derive(Clone, Copy, Debug)]
struct Span {
    at: f64,
    due: f64,
    rate: f64,
    slope: f64,
}

/// A stretch of spans up to the end of the last.
#[derive(Clone, Copy, Debug)]
struct Cycle {
    at: f64,
    due: f64,
    lasts: f64,
    messages: f64,
}

impl Cycle {
    /// How often the whole of it lies before so many of what it has `of` in one round.
    fn rounds(within: f64, of: f64) -> f64 {
        (within / of).floor().max(0.0)
    }
}

impl Curve {
    /// Of a rate over warm-up and load.
    pub fn of(rate: &Rate, phases: &Phases) -> Self {
        Self { load_from: phases.warmup.as_secs_f64(), ..Self::over(&Segments::of(rate, phases)) }
    }

    /// Along these segments.
    pub fn over(segments: &Segments) -> Self {
        let (mut at, mut due) = (0.0, 0.0);
        let mut spans = Vec::with_capacity(segments.segments.len());
        for Segment { lasts_ns, from, to } in &segments.segments {
            let lasts = lasts_ns.as_secs_f64();
            spans.push(Span { at, due, rate: *from, slope: (to - from) / lasts });
            at += lasts;
            due += (from + to) / 2.0 * lasts;
        }
        let cycle = segments.repeat_from.and_then(|index| spans.get(index));
        let cycle =
            cycle.map(|span| Cycle { at: span.at, due: span.due, lasts: at - span.at, messages: due - span.due });
        Self { load_from: 0.0, end: segments.end_ns.as_secs_f64(), spans, cycle }
    }

    /// When the load ends, from the start of the warm-up.
    pub fn end(&self) -> f64 {
        self.end
    }

    /// Messages due before this time.
    pub fn due(&self, at: f64) -> f64 {
        let rounds = self.cycle.map_or(0.0, |cycle| Cycle::rounds(at - cycle.at, cycle.lasts));
        let (lasted, due) = self.cycle.map_or((0.0, 0.0), |cycle| (rounds * cycle.lasts, rounds * cycle.messages));
        let span = self.span(|span| span.at <= at - lasted);
        let within = at - lasted - span.at;
        due + span.due + span.rate * within + span.slope * within * within / 2.0
    }

    /// When this many messages are due: the inverse of [`Curve::due`].
    pub fn time(&self, due: f64) -> f64 {
        let rounds = self.cycle.map_or(0.0, |cycle| Cycle::rounds(due - cycle.due, cycle.messages));
        let (lasted, before) = self.cycle.map_or((0.0, 0.0), |cycle| (rounds * cycle.lasts, rounds * cycle.messages));
        let span = self.span(|span| span.due <= due - before);
        let within = due - before - span.due;
        if within <= 0.0 {
            // Where nothing more comes, the message after the last is never due.
            return if span.rate > 0.0 || span.slope > 0.0 { lasted + span.at } else { f64::INFINITY };
        }
        // The form of the quadratic's root that loses no digits where the slope is small.
        let root = (span.rate * span.rate + 2.0 * span.slope * within).max(0.0).sqrt();
        lasted + span.at + 2.0 * within / (span.rate + root)
    }

    /// The mean rate of the load phase, in messages a second.
    pub fn mean(&self) -> f64 {
        (self.due(self.end) - self.due(self.load_from)) / (self.end - self.load_from)
    }

    /// The last span that something holds for. Where there is none, nothing is ever due.
    fn span(&self, is_past: impl Fn(&Span) -> bool) -> Span {
        let past = self.spans.partition_point(is_past);
        self.spans.get(past.saturating_sub(1)).copied().unwrap_or(Span { at: 0.0, due: 0.0, rate: 0.0, slope: 0.0 })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    /// Any arrival process within reason.
    pub(crate) fn any_rate() -> impl Strategy<Value = Rate> {
        let rate = || 1.0..5_000.0_f64;
        prop_oneof![
            rate().prop_map(|per_second| Rate::Constant { per_second }),
            (prop::collection::vec(rate(), 1..6), 1..5_000_u64)
                .prop_map(|(per_second, each)| Rate::Steps { per_second, each: Duration::from_millis(each) }),
            (rate(), rate()).prop_map(|(from, to)| Rate::Ramp { from, to }),
            (rate(), rate(), 2..4_000_u64, 0.01..0.99_f64).prop_map(|(base, peak, every, share)| Rate::Burst {
                base,
                peak,
                every: Duration::from_millis(every),
                lasts: Duration::from_millis(every).mul_f64(share),
            }),
        ]
    }

    pub(crate) fn phases(warmup: u64, load: u64) -> Phases {
        Phases {
            idle: Duration::ZERO,
            warmup: Duration::from_millis(warmup),
            ramp_up: false,
            settle: Duration::ZERO,
            load: Duration::from_millis(load),
            drain: Duration::from_secs(30),
        }
    }

    proptest! {
        #[test]
        fn time_is_the_inverse_of_due(rate in any_rate(), warmup in 0..5_000_u64, load in 1..20_000_u64, share in 0.0..1.0_f64) {
            let curve = Curve::of(&rate, &phases(warmup, load));
            let at = curve.end() * share;
            let back = curve.time(curve.due(at));
            prop_assert!((back - at).abs() <= 1e-9 * curve.end().max(1.0), "{} became {}", at, back);
        }

        #[test]
        fn due_is_the_integral_of_the_rate(rate in any_rate(), load in 1..10_000_u64) {
            let curve = Curve::of(&rate, &phases(0, load));
            // The slope over short stretches, added up from midpoints, is the whole again; and it never falls.
            let steps = 1_000;
            let at = |step: i32| curve.due(curve.end() * f64::from(step) / f64::from(steps));
            for step in 0..steps {
                prop_assert!(at(step + 1) >= at(step));
            }
            prop_assert!((curve.mean() * curve.end() - curve.due(curve.end())).abs() < 1e-6 * curve.due(curve.end()).max(1.0));
        }
    }

    #[test]
    fn each_shape_adds_up_as_by_hand() {
        let due = |rate: Rate, seconds: u64| Curve::of(&rate, &phases(0, seconds * 1000)).due(seconds as f64);
        let second = Duration::from_secs(1);
        assert_eq!(due(Rate::Constant { per_second: 100.0 }, 10), 1000.0);
        assert_eq!(due(Rate::Steps { per_second: vec![100.0, 200.0], each: 2 * second }, 10), 1800.0);
        assert_eq!(due(Rate::Ramp { from: 0.5, to: 1.5 }, 10), 10.0);
        assert_eq!(due(Rate::Burst { base: 10.0, peak: 100.0, every: 5 * second, lasts: second }, 10), 280.0);
    }

    #[test]
    fn nothing_is_due_while_the_rate_is_zero_and_what_follows_is_due_after_it() {
        let second = Duration::from_secs(1);
        let steps = |per_second: Vec<f64>| Rate::Steps { per_second, each: 2 * second };
        let idle = Curve::of(&steps(vec![100.0, 0.0, 50.0]), &phases(0, 10_000));
        assert_eq!([idle.due(2.0), idle.due(3.9), idle.due(6.0)], [200.0, 200.0, 300.0]);
        assert_eq!([idle.time(199.0), idle.time(200.0), idle.time(201.0)], [1.99, 4.0, 4.02]);
        let late = Curve::of(&steps(vec![0.0, 100.0]), &phases(1_000, 10_000));
        assert_eq!([late.time(0.0), late.time(1.0)], [3.0, 3.01]);
        let ended = Curve::of(&steps(vec![100.0, 0.0]), &phases(0, 10_000));
        assert_eq!([ended.time(199.0), ended.time(200.0), ended.time(201.0)], [1.99, f64::INFINITY, f64::INFINITY]);
        let rising = Curve::of(&Rate::Ramp { from: 0.0, to: 100.0 }, &phases(0, 10_000));
        assert_eq!([rising.time(0.0), rising.time(125.0)], [0.0, 5.0]);
        let pauses = Rate::Burst { base: 0.0, peak: 10.0, every: 5 * second, lasts: second };
        let pauses = Curve::of(&pauses, &phases(0, 20_000));
        assert_eq!([pauses.time(0.0), pauses.time(9.0), pauses.time(10.0)], [4.0, 4.9, 9.0]);
    }

    #[test]
    fn the_warm_up_runs_at_the_first_rate() {
        let curve = Curve::of(&Rate::Ramp { from: 100.0, to: 900.0 }, &phases(2_000, 10_000));
        assert_eq!(curve.due(2.0), 200.0);
        assert_eq!(curve.due(12.0), 200.0 + 5_000.0);
    }

    #[test]
    fn where_the_warm_up_settles_nothing_is_due_until_the_load_begins() {
        let even = Phases { settle: Duration::from_millis(500), ..phases(2_000, 10_000) };
        let curve = Curve::of(&Rate::Constant { per_second: 100.0 }, &even);
        assert_eq!([curve.due(1.5), curve.due(2.0), curve.due(3.0)], [150.0, 150.0, 250.0]);
        assert_eq!([curve.time(149.0), curve.time(150.0), curve.time(151.0)], [1.49, 2.0, 2.01]);
        assert_eq!(curve.mean(), 100.0);
        let climbing = Curve::of(&Rate::Constant { per_second: 100.0 }, &Phases { ramp_up: true, ..even });
        assert_eq!(
            [climbing.due(0.75), climbing.due(1.5), climbing.due(2.0), climbing.due(3.0)],
            [18.75, 75.0, 75.0, 175.0]
        );
        assert_eq!([climbing.time(0.0), climbing.time(75.0), climbing.mean()], [0.0, 2.0, 100.0]);
    }
}
