//! The path of a search: the p99 at every rate that was tried, joined where rates held, and the highest one that did.

use super::axis::Axis;
use super::figure::{Dash, Figure, Key, Line, Panel, Reading, Rule, Shape, Swatch, Symbol};
use super::palette::Colour;
use crate::render::number;
use crate::render::text::one_line;
use crate::search::{Figures, SearchStep, StepOutcome, SystemSearch};
use crate::units::Nanos;

const HEIGHT: f64 = 220.0;

type Time = fn(&Figures) -> u64;
const TIMES: [(&str, Dash, Time); 2] = [
    ("response p99", Dash::Solid, |figures| figures.response_p99),
    ("end-to-end p99", Dash::Dotted, |figures| figures.end_to_end_p99),
];

/// One panel. `None`: nothing was measured.
pub(super) fn figure(system: &SystemSearch) -> Option<Figure> {
    let mut steps: Vec<(&SearchStep, &Figures)> = system
        .walks
        .iter()
        .flat_map(|walk| &walk.steps)
        .filter_map(|step| Some((step, step.figures.as_ref()?)))
        .collect();
    steps.sort_by(|(one, _), (other, _)| one.rate.total_cmp(&other.rate));
    let times =
        || steps.iter().flat_map(|(_, figures)| TIMES.map(|(_, _, time)| time(figures))).filter(|time| *time > 0);
    let y = Axis::times(Nanos(times().min()?), Nanos(times().max()?));
    let x = Axis::rates(steps.first()?.0.rate, steps.last()?.0.rate);
    let line = |(_, dash, time): (&str, Dash, Time)| {
        let held = steps.iter().filter(|(step, _)| step.outcome == StepOutcome::Holds);
        let points = held.map(|(step, figures)| (step.rate, time(figures) as f64)).filter(|point| point.1 > 0.0);
        Line { runs: vec![points.collect()], colour: Colour::System(0), dash }
    };
    let mark = |(step, figures): &(&SearchStep, &Figures)| {
        let (shape, colour) = match step.outcome {
            StepOutcome::Holds => (Shape::Disc, Colour::Back),
            StepOutcome::Exceeds => (Shape::Cross, Colour::Lost),
            StepOutcome::Open => (Shape::Triangle, Colour::Fault),
        };
        Symbol { x: step.rate, y: figures.response_p99 as f64, shape, colour }
    };
    let found = system.rate().map(|rate| Rule { at: rate, name: format!("{} held", number::rate(rate)) });
    let panel = Panel {
        title: one_line(&system.system),
        measure: "latency, log scale".to_owned(),
        height: HEIGHT,
        rules: found.into_iter().collect(),
        lines: TIMES.into_iter().map(line).collect(),
        marks: steps.iter().map(mark).collect(),
        readings: readings(&steps),
        ..Panel::on(&x, &y)
    };
    let of_mark = |colour, shape, text: &str| Key { swatch: Swatch::Mark(colour, shape), text: text.to_owned() };
    let mut legend: Vec<Key> = TIMES
        .iter()
        .map(|(name, dash, _)| Key { swatch: Swatch::Line(Colour::System(0), *dash), text: (*name).to_owned() })
        .collect();
    legend.extend([
        of_mark(Colour::Back, Shape::Disc, "holds"),
        of_mark(Colour::Lost, Shape::Cross, "does not hold"),
        of_mark(Colour::Fault, Shape::Triangle, "unknown"),
    ]);
    Some(Figure { legend, panels: vec![panel] })
}

/// Each rate's words, where the pointer is nearer to it than to its neighbours.
fn readings(steps: &[(&SearchStep, &Figures)]) -> Vec<Reading> {
    let middle = |one: f64, other: f64| (one * other).sqrt();
    let each = steps.iter().enumerate().map(|(index, (step, figures))| {
        let before = index.checked_sub(1).map_or(step.rate * 0.9, |before| middle(steps[before].0.rate, step.rate));
        let after = steps.get(index + 1).map_or(step.rate * 1.1, |after| middle(step.rate, after.0.rate));
        let words = format!(
            "{}: response p99 {}, end-to-end p99 {}; {}",
            number::rate(step.rate),
            Nanos(figures.response_p99),
            Nanos(figures.end_to_end_p99),
            one_line(&step.why)
        );
        Reading { from: before, to: after, lane: None, words }
    });
    each.filter(|reading| reading.from < reading.to).collect()
}
