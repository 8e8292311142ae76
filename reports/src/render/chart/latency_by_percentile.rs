//! Latency by percentile: the whole distribution of the load phase, with room for its tail.

use super::axis::{Axis, nines};
use super::figure::{Dash, Figure, Key, Line, Panel, Reading, Swatch, runs};
use super::kind::Chart;
use super::palette::Colour;
use crate::judge::Judged;
use crate::render::label::{Shown, shown, systems};
use crate::render::text::{listed, one_line};
use crate::series::Percentiles;
use crate::units::Nanos;

/// Latency by percentile.
pub(super) struct LatencyByPercentile;

/// So many trials share one pair of axes; more get their own, because twelve lines in one plot tell nothing.
const SHARED: usize = 2;
const HEIGHT: f64 = 300.0;

/// What is told of when the pointer rests on it.
const QUANTILES: [f64; 9] = [0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 1.0];

/// Which consumers alone show.
const END_TO_END: &str = "end-to-end";

type Curve = fn(&Percentiles) -> &[(f64, Nanos)];
static KINDS: [(&str, Dash, Curve); 3] = [
    ("response", Dash::Solid, |percentiles| &percentiles.response),
    ("service", Dash::Dashed, |percentiles| &percentiles.service),
    (END_TO_END, Dash::Dotted, |percentiles| &percentiles.end_to_end),
];

impl Chart for LatencyByPercentile {
    fn name(&self) -> &'static str {
        "latency-by-percentile"
    }

    fn title(&self) -> &'static str {
        "Latency by percentile"
    }

    fn how_to_read(&self) -> &'static str {
        "At 99 % a line shows the time that 99 of 100 messages did not exceed; further to the right are the rarest, slowest messages. \
         Lower is better. Where response lies above service, messages waited before they could be sent: a tool that \
         measures service time alone does not see that."
    }

    fn finding(&self, judged: &Judged) -> Vec<String> {
        shown(judged)
            .iter()
            .filter(|shown| shown.trial.latency_ns.response.count > 0)
            .map(|shown| {
                let (response, service) = (&shown.trial.latency_ns.response, &shown.trial.latency_ns.service);
                format!(
                    "{}: one of 100 messages took longer than {}, one of 1,000 longer than {} (service time: {} and {}).",
                    shown.label,
                    Nanos(response.p99),
                    Nanos(response.p99_9),
                    Nanos(service.p99),
                    Nanos(service.p99_9)
                )
            })
            .collect()
    }

    fn when_absent(&self) -> &'static str {
        "No latency was measured in the load phase."
    }

    fn figure(&self, judged: &Judged) -> Option<Figure> {
        let curves = || judged.series.iter().flat_map(|series| KINDS.map(|(_, _, curve)| curve(&series.percentiles)));
        let smallest = curves().flatten().map(|(_, value)| *value).min()?;
        let largest = curves().flatten().map(|(_, value)| *value).max()?;
        let last = curves().flatten().map(|(quantile, _)| nines(*quantile)).filter(|nines| nines.is_finite());
        let x = Axis::quantiles(last.fold(0.0, f64::max));
        let y = Axis::times(smallest, largest);
        let trials = shown(judged);
        let panels = if trials.len() <= SHARED {
            vec![panel(&trials, &x, &y, HEIGHT)]
        } else {
            trials.iter().map(|one| panel(std::slice::from_ref(one), &x, &y, HEIGHT / 2.0)).collect()
        };
        Some(Figure { legend: legend(judged), panels })
    }
}

/// Which there can be.
fn possible(has_consumers: bool) -> impl Iterator<Item = &'static (&'static str, Dash, Curve)> {
    KINDS.iter().filter(move |(name, ..)| has_consumers || *name != END_TO_END)
}

fn panel(trials: &[Shown<'_>], x: &Axis, y: &Axis, height: f64) -> Panel {
    let lines: Vec<Line> = trials.iter().flat_map(|shown| curves(shown, x.to)).collect();
    let names: Vec<&str> = trials.iter().map(|shown| shown.label.as_str()).collect();
    let empty = lines.iter().all(|line| line.runs.is_empty());
    Panel {
        title: listed(&names),
        measure: "latency, log scale".to_owned(),
        height,
        lines,
        empty: empty.then(|| "no latency was measured".to_owned()),
        readings: readings(trials, x.to),
        ..Panel::on(x, y)
    }
}

/// Trials that share a plot differ in colour; were they of one system, the repeat takes a colour of its own.
fn curves(shown: &Shown<'_>, end: f64) -> Vec<Line> {
    let Some(series) = shown.series else { return Vec::new() };
    let line = |&(_, dash, curve): &(&str, Dash, Curve)| Line {
        runs: runs(
            curve(&series.percentiles)
                .iter()
                .map(|(quantile, value)| Some((nines(*quantile).min(end), value.0 as f64))),
        ),
        colour: Colour::System(shown.system),
        dash,
    };
    possible(shown.trial.has_consumers).map(line).collect()
}

/// The figures at the usual quantiles, each told around its place.
fn readings(trials: &[Shown<'_>], end: f64) -> Vec<Reading> {
    let place = |quantile: f64| nines(quantile).min(end);
    let told = |quantile: f64| {
        let trials = trials.iter().filter_map(|shown| Some((shown, &shown.series?.percentiles)));
        let of = |(shown, percentiles): (&Shown<'_>, &Percentiles)| {
            let at =
                |curve: Curve| curve(percentiles).iter().find(|(share, _)| *share >= quantile).map(|found| found.1);
            let kinds = possible(shown.trial.has_consumers);
            let figures = kinds.filter_map(|(name, _, curve)| Some(format!("{name} {}", at(*curve)?)));
            format!("{}: {}", shown.label, figures.collect::<Vec<_>>().join(", "))
        };
        trials.map(of).collect::<Vec<_>>().join("; ")
    };
    let names = QUANTILES.iter().enumerate();
    let reading = |(index, quantile): (usize, &f64)| {
        let middle =
            |other: Option<&f64>, edge: f64| other.map_or(edge, |other| (place(*other) + place(*quantile)) / 2.0);
        let from = middle(index.checked_sub(1).and_then(|before| QUANTILES.get(before)), 0.0);
        let to = middle(QUANTILES.get(index + 1), end);
        let name = if *quantile >= 1.0 { "max".to_owned() } else { format!("p{}", quantile * 100.0) };
        Reading { from, to, lane: None, words: format!("{name}: {}", told(*quantile)) }
    };
    names.map(reading).filter(|reading| reading.to > reading.from).collect()
}

fn legend(judged: &Judged) -> Vec<Key> {
    let colours = systems(&judged.result)
        .into_iter()
        .enumerate()
        .map(|(index, system)| Key { swatch: Swatch::Bar(Colour::System(index)), text: one_line(system) });
    let kinds = possible(judged.result.has_consumers())
        .map(|(name, dash, _)| Key { swatch: Swatch::Line(Colour::Ink, *dash), text: (*name).to_owned() });
    colours.chain(kinds).collect()
}
