//! The distribution of response times: how many messages took how long.

use super::axis::Axis;
use super::figure::{Dash, Figure, Key, Line, Panel, Reading, Swatch};
use super::kind::Chart;
use super::palette::Colour;
use crate::histogram::Sketch;
use crate::judge::Judged;
use crate::render::label::{Shown, shown};
use crate::render::number;
use crate::units::Nanos;

/// The distribution of response times.
pub(super) struct LatencyDistribution;

/// Bins to a power of ten.
const BINS: f64 = 10.0;
const HEIGHT: f64 = 130.0;

impl Chart for LatencyDistribution {
    fn name(&self) -> &'static str {
        "latency-distribution"
    }

    fn title(&self) -> &'static str {
        "Response times and how many messages had them"
    }

    fn how_to_read(&self) -> &'static str {
        "Each step counts the messages whose response time lies in its span; ten spans make a power of ten. Two hills are two \
         kinds of service, as with and without an outage or a pause: a mean between them describes no message at all. \
         Both scales are the same for every system."
    }

    fn finding(&self, judged: &Judged) -> Vec<String> {
        shown(judged).iter().filter_map(most_frequent).collect()
    }

    fn when_absent(&self) -> &'static str {
        "No response time was measured in the load phase."
    }

    fn figure(&self, judged: &Judged) -> Option<Figure> {
        let times = || judged.series.iter().flat_map(|series| &series.percentiles.responses).map(|(time, _)| *time);
        let mut x = Axis::times(times().min()?, times().max()?);
        x.title = "response time, log scale".to_owned();
        let all = judged.series.iter().map(|series| bins(&series.percentiles.responses));
        let most = all.flatten().map(|bin| bin.messages).max().unwrap_or(0);
        let y = Axis::amount(most as f64);
        let panels = shown(judged).iter().map(|shown| panel(shown, &x, &y)).collect();
        let messages = Key { swatch: Swatch::Line(Colour::Ink, Dash::Solid), text: "messages".to_owned() };
        Some(Figure { legend: vec![messages], panels })
    }
}

/// A span of response times, in nanoseconds.
#[derive(Clone, Debug, PartialEq)]
struct Bin {
    from: f64,
    to: f64,
    messages: u64,
}

/// From the first bin that holds anything to the last, those between them too.
fn bins(times: &Sketch) -> Vec<Bin> {
    let place = |time: Nanos| ((time.0.max(1) as f64).log10() * BINS).floor() as i32;
    let (Some(first), Some(last)) =
        (times.iter().map(|(time, _)| place(*time)).min(), times.iter().map(|(time, _)| place(*time)).max())
    else {
        return Vec::new();
    };
    let edge = |place: i32| 10f64.powf(f64::from(place) / BINS);
    let mut bins: Vec<Bin> =
        (first..=last).map(|place| Bin { from: edge(place), to: edge(place + 1), messages: 0 }).collect();
    for (time, messages) in times {
        if let Some(bin) = usize::try_from(place(*time) - first).ok().and_then(|index| bins.get_mut(index)) {
            bin.messages += messages;
        }
    }
    bins
}

fn panel(shown: &Shown<'_>, x: &Axis, y: &Axis) -> Panel {
    let bins = shown.series.map(|series| bins(&series.percentiles.responses)).unwrap_or_default();
    let steps = bins.iter().flat_map(|bin| [(bin.from, bin.messages as f64), (bin.to, bin.messages as f64)]);
    let from_zero = bins.first().map(|bin| (bin.from, 0.0));
    let to_zero = bins.last().map(|bin| (bin.to, 0.0));
    let outline: Vec<(f64, f64)> = from_zero.into_iter().chain(steps).chain(to_zero).collect();
    let runs = if outline.is_empty() { Vec::new() } else { vec![outline] };
    Panel {
        title: shown.label.clone(),
        measure: "messages".to_owned(),
        height: HEIGHT,
        lines: vec![Line { runs, colour: Colour::System(shown.system), dash: Dash::Solid }],
        empty: bins.is_empty().then(|| "no response time was measured".to_owned()),
        readings: bins.iter().map(reading).collect(),
        ..Panel::on(x, y)
    }
}

fn reading(bin: &Bin) -> Reading {
    let words = format!("{}: {}", span(bin), number::of_many(bin.messages, "message"));
    Reading { from: bin.from, to: bin.to, lane: None, words }
}

fn span(bin: &Bin) -> String {
    let time = |nanos: f64| Nanos(nanos.round() as u64);
    format!("{} to {}", time(bin.from), time(bin.to))
}

fn most_frequent(shown: &Shown<'_>) -> Option<String> {
    let bins = bins(&shown.series?.percentiles.responses);
    let all: u64 = bins.iter().map(|bin| bin.messages).sum();
    let most = bins.iter().max_by_key(|bin| bin.messages)?;
    let share = most.messages as f64 * 100.0 / all.max(1) as f64;
    Some(format!("{}: most frequent were {}, which {share:.0} % of the messages took.", shown.label, span(most)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_in_one_bin_and_bins_between_are_there_too() {
        let times = vec![(Nanos(0), 1), (Nanos(1_000_000), 5), (Nanos(1_200_000), 2), (Nanos(1_000_000_000), 3)];
        let bins = bins(&times);
        assert_eq!(bins.iter().map(|bin| bin.messages).sum::<u64>(), 11);
        assert!(bins.windows(2).all(|pair| (pair[0].to - pair[1].from).abs() < 1e-6));
        let bin = bins.iter().find(|bin| bin.messages == 7).expect("both lie in one tenth of a power of ten");
        assert!(bin.from <= 1_000_000.0 && bin.to > 1_200_000.0, "{bin:?}");
        assert_eq!(super::bins(&Vec::new()), []);
    }
}
