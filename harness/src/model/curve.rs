//! What an arrival process adds up to: how many messages are due by when, exactly and without drift.

use super::phases::Phases;
use super::rate::Rate;

/// The number of messages due over time, from the start of the warm-up, for all producers together. The warm-up runs at the
/// load's first rate. Times are seconds, numbers of messages are fractions of them.
#[derive(Clone, Debug)]
pub struct Curve {
    warmup: f64,
    load: f64,
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Shape {
    Constant(f64),
    Steps(Vec<Step>),
    Ramp {
        from: f64,
        slope: f64,
    },
    /// A period is `quiet` seconds at the base rate, then `loud` seconds at the peak.
    Burst {
        base: f64,
        peak: f64,
        quiet: f64,
        loud: f64,
    },
}

/// A stretch of one rate, from a time and a number of messages on.
#[derive(Clone, Copy, Debug)]
struct Step {
    at: f64,
    due: f64,
    rate: f64,
}

impl Curve {
    /// Of a rate over warm-up and load.
    pub fn of(rate: &Rate, phases: &Phases) -> Self {
        let load = phases.load.as_secs_f64();
        let shape = match rate {
            Rate::Constant { per_second } | Rate::Poisson { per_second } => Shape::Constant(*per_second),
            Rate::Steps { per_second, each } => Shape::Steps(steps(per_second, each.as_secs_f64())),
            Rate::Ramp { from, to } => Shape::Ramp { from: *from, slope: (to - from) / load },
            Rate::Burst { base, peak, every, lasts } => Shape::Burst {
                base: *base,
                peak: *peak,
                quiet: every.saturating_sub(*lasts).as_secs_f64(),
                loud: lasts.as_secs_f64(),
            },
        };
        Self { warmup: phases.warmup.as_secs_f64(), load, shape }
    }

    /// When the load ends, from the start of the warm-up.
    pub fn end(&self) -> f64 {
        self.warmup + self.load
    }

    /// Messages due before this time.
    pub fn due(&self, at: f64) -> f64 {
        let first = self.shape.first();
        if at <= self.warmup { first * at } else { first * self.warmup + self.shape.due(at - self.warmup) }
    }

    /// When this many messages are due: the inverse of [`Curve::due`].
    pub fn time(&self, due: f64) -> f64 {
        let first = self.shape.first();
        let before = first * self.warmup;
        if due <= before { due / first } else { self.warmup + self.shape.time(due - before) }
    }

    /// The mean rate of the load phase, in messages a second.
    pub fn mean(&self) -> f64 {
        self.shape.due(self.load) / self.load
    }
}

fn steps(rates: &[f64], each: f64) -> Vec<Step> {
    let mut due = 0.0;
    rates
        .iter()
        .enumerate()
        .map(|(index, rate)| {
            let step = Step { at: index as f64 * each, due, rate: *rate };
            due += rate * each;
            step
        })
        .collect()
}

/// The step that a time or a number of messages falls into. There is always one: validated rates have steps.
fn step_of(steps: &[Step], is_past: impl Fn(&Step) -> bool) -> Step {
    let past = steps.partition_point(is_past);
    steps.get(past.saturating_sub(1)).copied().unwrap_or(Step { at: 0.0, due: 0.0, rate: 1.0 })
}

impl Shape {
    fn first(&self) -> f64 {
        match self {
            Self::Constant(rate) => *rate,
            Self::Steps(steps) => step_of(steps, |_| false).rate,
            Self::Ramp { from, .. } => *from,
            Self::Burst { base, .. } => *base,
        }
    }

    fn due(&self, at: f64) -> f64 {
        match self {
            Self::Constant(rate) => rate * at,
            Self::Steps(steps) => {
                let step = step_of(steps, |step| step.at <= at);
                step.due + step.rate * (at - step.at)
            }
            Self::Ramp { from, slope } => from * at + slope * at * at / 2.0,
            Self::Burst { base, peak, quiet, loud } => {
                let periods = (at / (quiet + loud)).floor();
                let within = at - periods * (quiet + loud);
                let calm = within.min(*quiet);
                periods * (base * quiet + peak * loud) + base * calm + peak * (within - calm)
            }
        }
    }

    fn time(&self, due: f64) -> f64 {
        match self {
            Self::Constant(rate) => due / rate,
            Self::Steps(steps) => {
                let step = step_of(steps, |step| step.due <= due);
                step.at + (due - step.due) / step.rate
            }
            // The form of the quadratic's root that loses no digits where the slope is small.
            Self::Ramp { from, slope } => 2.0 * due / (from + (from * from + 2.0 * slope * due).max(0.0).sqrt()),
            Self::Burst { base, peak, quiet, loud } => {
                let period = base * quiet + peak * loud;
                let periods = (due / period).floor();
                let within = due - periods * period;
                let start = periods * (quiet + loud);
                let calm = base * quiet;
                if within <= calm { start + within / base } else { start + quiet + (within - calm) / peak }
            }
        }
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
            warmup: Duration::from_millis(warmup),
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
    fn the_warm_up_runs_at_the_first_rate() {
        let curve = Curve::of(&Rate::Ramp { from: 100.0, to: 900.0 }, &phases(2_000, 10_000));
        assert_eq!(curve.due(2.0), 200.0);
        assert_eq!(curve.due(12.0), 200.0 + 5_000.0);
    }
}
