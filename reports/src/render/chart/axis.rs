//! Axes: what they span, where their ticks are, and where a value lies between their ends.

use crate::render::number;
use crate::units::Nanos;

/// One axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    scale: Scale,
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) ticks: Vec<Tick>,
    /// What it shows, where the panel's heading does not say so.
    pub(super) title: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    Linear,
    Logarithmic,
}

/// A labelled value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

/// Decades of the quantile axis that are drawn at most: 99.9999 %.
const MOST_NINES: f64 = 6.0;

impl Axis {
    /// Seconds since the load's start.
    pub(super) fn seconds(from: f64, to: f64) -> Self {
        let to = if to > from { to } else { from + 1.0 };
        let step = round_step((to - from) / 8.0);
        let first = (from / step).ceil() as i64;
        let last = (to / step + 1e-9).floor() as i64;
        let digits = if step < 1.0 { 1 } else { 0 };
        let ticks = (first..=last).map(|index| index as f64 * step);
        let ticks = ticks.map(|at| Tick { at, label: format!("{at:.digits$} s").replace('-', "−") }).collect();
        Self { scale: Scale::Linear, from, to, ticks, title: "seconds since the load began".to_owned() }
    }

    /// From zero to a round number that holds `largest`.
    pub(super) fn amount(largest: f64) -> Self {
        let largest = if largest.is_finite() && largest > 0.0 { largest } else { 1.0 };
        let step = round_step(largest / 4.0).max(1.0);
        let steps = (largest / step).ceil().max(1.0) as u64;
        let ticks = (0..=steps).map(|index| index as f64 * step);
        let ticks = ticks.map(|at| Tick { at, label: number::count(at as u64) }).collect();
        Self { scale: Scale::Linear, from: 0.0, to: steps as f64 * step, ticks, title: String::new() }
    }

    /// Lengths of time on a logarithmic scale: round ends that hold both figures, a tick at each power of ten.
    pub(super) fn times(smallest: Nanos, largest: Nanos) -> Self {
        let from = round_down(smallest.0.max(1) as f64);
        let to = round_up(largest.0.max(1) as f64).max(from * 10.0);
        let first = from.log10().floor() as i32;
        let last = to.log10().ceil() as i32;
        let factors: &[f64] = if to / from > 300.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let tick = |at: f64| Tick { at, label: number::tick(Nanos(at.round() as u64)) };
        let ticks = (first..=last).flat_map(|power| factors.iter().map(move |factor| factor * 10f64.powi(power)));
        let ticks = ticks.filter(|at| (from * 0.999..=to * 1.001).contains(at)).map(tick).collect();
        Self { scale: Scale::Logarithmic, from, to, ticks, title: String::new() }
    }

    /// Quantiles on a logarithmic scale of what is above them (0, 90, 99, 99.9 % …), then the maximum. Its values are
    /// those of [`nines`].
    pub(super) fn quantiles(last: f64) -> Self {
        let whole = if last.is_finite() { (last - 1e-6).ceil().clamp(2.0, MOST_NINES) } else { 2.0 };
        let mut ticks: Vec<Tick> =
            (0..=whole as usize).map(|nines| Tick { at: nines as f64, label: percent(nines) }).collect();
        let to = whole + 0.6;
        ticks.push(Tick { at: to, label: "max".to_owned() });
        Self {
            scale: Scale::Linear,
            from: 0.0,
            to,
            ticks,
            title: "share of messages that were at least as fast".to_owned(),
        }
    }

    /// Messages a second on a logarithmic scale: round ends that hold both figures.
    pub(super) fn rates(smallest: f64, largest: f64) -> Self {
        let from = round_down(smallest.max(1.0));
        let to = round_up(largest.max(1.0)).max(from * 2.0);
        let (first, last) = (from.log10().floor() as i32, to.log10().ceil() as i32);
        let factors: &[f64] = if to / from > 300.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let ticks = (first..=last).flat_map(|power| factors.iter().map(move |factor| factor * 10f64.powi(power)));
        let ticks = ticks.filter(|at| (from * 0.999..=to * 1.001).contains(at));
        let ticks = ticks.map(|at| Tick { at, label: number::count(at.round() as u64) }).collect();
        Self { scale: Scale::Logarithmic, from, to, ticks, title: "messages a second, log scale".to_owned() }
    }

    /// Values that somebody chose, side by side; the middle of the first is at 0.5.
    pub(super) fn choices(values: impl IntoIterator<Item = String>, title: &str) -> Self {
        let ticks: Vec<Tick> =
            values.into_iter().enumerate().map(|(place, label)| Tick { at: place as f64 + 0.5, label }).collect();
        let to = ticks.len().max(1) as f64;
        Self { scale: Scale::Linear, from: 0.0, to, ticks, title: title.to_owned() }
    }

    /// Runs in the order of time, each named by its day.
    pub(super) fn runs(days: impl IntoIterator<Item = String>) -> Self {
        let ticks: Vec<Tick> =
            days.into_iter().enumerate().map(|(run, label)| Tick { at: run as f64, label }).collect();
        let to = (ticks.len().max(1) - 1) as f64 + 0.5;
        Self { scale: Scale::Linear, from: -0.5, to, ticks, title: "runs, by the day on which they began".to_owned() }
    }

    /// From zero to a round number that holds `largest`, told by `label`.
    pub(super) fn from_zero(largest: f64, label: impl Fn(f64) -> String) -> Self {
        let largest = if largest.is_finite() && largest > 0.0 { largest } else { 1.0 };
        let step = round_step(largest / 3.0);
        let steps = (largest / step).ceil().max(1.0) as u64;
        let ticks = (0..=steps).map(|index| index as f64 * step).map(|at| Tick { at, label: label(at) }).collect();
        Self { scale: Scale::Linear, from: 0.0, to: steps as f64 * step, ticks, title: String::new() }
    }

    /// One lane for each name, the first at the top.
    pub(super) fn lanes(names: impl IntoIterator<Item = String>) -> Self {
        let ticks: Vec<Tick> =
            names.into_iter().enumerate().map(|(lane, label)| Tick { at: lane as f64 + 0.5, label }).collect();
        let lanes = ticks.len().max(1) as f64;
        Self { scale: Scale::Linear, from: lanes, to: 0.0, ticks, title: String::new() }
    }

    /// Where a value lies: 0 at the axis's begin, 1 at its end. What is outside, is put at the end that is nearest.
    pub(super) fn place(&self, value: f64) -> f64 {
        let (value, from, to) = match self.scale {
            Scale::Linear => (value, self.from, self.to),
            Scale::Logarithmic => (value.max(self.from).log10(), self.from.log10(), self.to.log10()),
        };
        ((value - from) / (to - from)).clamp(0.0, 1.0)
    }
}

/// A quantile's place on the axis of [`Axis::quantiles`]: 0.9 → 1, 0.99 → 2; the maximum → infinity.
pub(super) fn nines(quantile: f64) -> f64 {
    if quantile >= 1.0 { f64::INFINITY } else { -(1.0 - quantile.max(0.0)).log10() }
}

fn percent(nines: usize) -> String {
    match nines {
        0 => "0 %".to_owned(),
        1 => "90 %".to_owned(),
        2 => "99 %".to_owned(),
        more => format!("99.{} %", "9".repeat(more - 2)),
    }
}

/// The smallest of 1, 2, 5 × 10ⁿ that is at least this.
fn round_up(value: f64) -> f64 {
    let decade = 10f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|factor| factor * decade)
        .find(|round| *round >= value * 0.999_999)
        .unwrap_or(10.0 * decade)
}

/// The largest of 1, 2, 5 × 10ⁿ that is at most this.
fn round_down(value: f64) -> f64 {
    let decade = 10f64.powf(value.log10().floor());
    [5.0, 2.0, 1.0]
        .into_iter()
        .map(|factor| factor * decade)
        .find(|round| *round <= value * 1.000_001)
        .unwrap_or(decade)
}

fn round_step(step: f64) -> f64 {
    round_up(if step.is_finite() && step > 0.0 { step } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn seconds_have_round_ticks_with_their_unit() {
        assert_eq!(labels(&Axis::seconds(0.0, 36.0)), ["0 s", "5 s", "10 s", "15 s", "20 s", "25 s", "30 s", "35 s"]);
        assert_eq!(labels(&Axis::seconds(-1.0, 2.0))[0], "−1.0 s");
    }

    #[test]
    fn an_amount_starts_at_zero_and_holds_the_largest() {
        let axis = Axis::amount(4211.0);
        assert_eq!(labels(&axis), ["0", "2,000", "4,000", "6,000"]);
        assert!(axis.to >= 4211.0);
    }

    #[test]
    fn no_data_still_makes_an_axis_with_room() {
        for axis in
            [Axis::amount(0.0), Axis::amount(f64::NAN), Axis::seconds(0.0, 0.0), Axis::times(Nanos(0), Nanos(0))]
        {
            assert!(axis.place(axis.to) > axis.place(axis.from), "{axis:?}");
            assert!(axis.place(1.0).is_finite());
        }
    }

    #[test]
    fn powers_of_ten_are_evenly_spaced_on_the_axis_of_times() {
        let axis = Axis::times(Nanos(310_000), Nanos(7_800_000_000));
        assert_eq!(labels(&axis), ["1 ms", "10 ms", "100 ms", "1 s", "10 s"]);
        let places: Vec<f64> = axis.ticks.iter().map(|tick| axis.place(tick.at)).collect();
        assert!((places[2] - places[1] - (places[1] - places[0])).abs() < 1e-9);
    }

    #[test]
    fn a_narrow_span_of_times_has_ticks_between_the_powers_of_ten() {
        let axis = Axis::times(Nanos(400_000), Nanos(3_000_000));
        assert_eq!(labels(&axis), ["200 µs", "500 µs", "1 ms", "2 ms", "5 ms"]);
    }

    #[test]
    fn rates_lie_between_round_ends() {
        let axis = Axis::rates(900.0, 12_300.0);
        assert_eq!(labels(&axis), ["500", "1,000", "2,000", "5,000", "10,000", "20,000"]);
        assert!(axis.place(1000.0) > 0.0 && axis.place(12_300.0) < 1.0);
    }

    #[test]
    fn quantiles_stretch_towards_the_tail_and_end_at_the_maximum() {
        let axis = Axis::quantiles(nines(0.9999));
        assert_eq!(labels(&axis), ["0 %", "90 %", "99 %", "99.9 %", "99.99 %", "max"]);
        assert!(axis.place(nines(1.0)) >= axis.place(nines(0.999_99)));
    }

    #[test]
    fn the_first_lane_is_at_the_top() {
        let axis = Axis::lanes(["a".to_owned(), "b".to_owned()]);
        assert!(axis.place(0.5) > axis.place(1.5));
    }
}
