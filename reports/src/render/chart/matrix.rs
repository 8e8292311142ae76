//! A matrix: a figure of every system in every cell, in groups by the first key's values, with a panel for each choice of the others.

use super::axis::Axis;
use super::figure::{Area, Dash, Figure, Key, Label, Line, Panel, Reading, Shape, Swatch, Symbol, runs};
use super::palette::Colour;
use crate::matrix::{CellFigure, CellSystem, Matrix, MatrixCell};
use crate::render::matrices::{MatrixChart, choice, figure_words, values};
use crate::render::number;
use crate::render::text::{fit, one_line};
use crate::result::Verdict;
use crate::units::Nanos;

const HEIGHT: f64 = 190.0;
/// Columns of a value below an axis, and of a system's name.
const VALUE: usize = 18;
const NAME: usize = 12;
/// The share of its place that a group takes.
const GROUP: f64 = 0.94;
/// More bars beside each other need the whole width of a page.
const MOST_BESIDE: usize = 9;
const SOLID: f64 = 0.9;
/// What is doubtful is pale.
const PALE: f64 = 0.35;

const fn measure(chart: MatrixChart) -> &'static str {
    match chart {
        MatrixChart::Throughput => "acknowledged, msg/s",
        MatrixChart::EndToEnd => "end-to-end p99, log scale",
    }
}

fn short(chart: MatrixChart, value: f64) -> String {
    match chart {
        MatrixChart::Throughput => number::short(value),
        MatrixChart::EndToEnd => number::short_time(value),
    }
}

/// One scale for all panels. `None`: nothing was measured.
fn scale(matrix: &Matrix, chart: MatrixChart) -> Option<Axis> {
    // Labels stand above what they belong to.
    const ROOM: f64 = 1.1;
    const TIMES: f64 = 1.5;
    let systems = || matrix.cells.iter().flat_map(|cell| &cell.systems);
    let figures = || systems().filter_map(|system| system.figure(chart.name()));
    let low = figures().map(|figure| figure.low).fold(f64::INFINITY, f64::min);
    let high = figures().map(|figure| figure.high).fold(f64::NEG_INFINITY, f64::max);
    let offered = systems().filter_map(|system| system.figure("offered")).map(|figure| figure.value);
    (low <= high).then(|| match chart {
        MatrixChart::Throughput => Axis::amount(offered.fold(high, f64::max) * ROOM),
        MatrixChart::EndToEnd => Axis::times(Nanos(low.max(1.0) as u64), Nanos((high * TIMES) as u64)),
    })
}

/// The chart. `None`: nothing was measured.
pub(super) fn figure(matrix: &Matrix, chart: MatrixChart) -> Option<Figure> {
    let y = scale(matrix, chart)?;
    let (first, others) = matrix.keys.split_first()?;
    let labels = first.values.iter().map(|value| fit(&one_line(value), VALUE));
    let title = if first.name == first.key { first.key.clone() } else { format!("{} ({})", first.name, first.key) };
    let x = Axis::choices(labels, &one_line(&title));
    let bars = first.values.len() * matrix.systems.len();
    let columns = match others.first() {
        Some(second) if bars <= MOST_BESIDE && second.values.len() > 1 => 2,
        _ => 1,
    };
    // The second key's values stand beside one another, those of the others below.
    let mut choices: Vec<Vec<usize>> = vec![Vec::new()];
    for key in others.iter().rev() {
        let longer = |choice: &Vec<usize>| {
            (0..key.values.len()).map(|value| [&[value], choice.as_slice()].concat()).collect::<Vec<_>>()
        };
        choices = choices.iter().flat_map(longer).collect();
    }
    let across = others.first().map_or(1, |second| second.values.len());
    let panels = choices.iter().enumerate().map(|(number, rest)| Panel {
        beside: (number % across) % columns != 0,
        ..panel(matrix, chart, rest, (&x, &y))
    });
    let panels: Vec<Panel> = panels.collect();
    Some(Figure { legend: legend(matrix, chart), panels })
}

/// Where a system's bars stand, and how wide each is.
struct Slots {
    systems: usize,
}

impl Slots {
    fn width(&self) -> f64 {
        GROUP / self.systems.max(1) as f64
    }

    fn middle(&self, value: usize, system: usize) -> f64 {
        value as f64 + (1.0 - GROUP) / 2.0 + self.width() * (system as f64 + 0.5)
    }
}

/// What a panel shows of a system in one of its cells.
struct Shown<'m> {
    x: f64,
    cell: &'m MatrixCell,
    system: &'m CellSystem,
    figure: &'m CellFigure,
}

fn panel(matrix: &Matrix, chart: MatrixChart, rest: &[usize], (x, y): (&Axis, &Axis)) -> Panel {
    let slots = Slots { systems: matrix.systems.len() };
    let first = matrix.keys.first().map_or(0, |key| key.values.len());
    let cells: Vec<Option<&MatrixCell>> = (0..first).map(|value| matrix.at(&[&[value], rest].concat())).collect();
    let mut panel = Panel {
        title: matrix.keys.iter().skip(1).zip(rest).map(|(key, at)| choice(key, *at)).collect::<Vec<_>>().join(", "),
        measure: measure(chart).to_owned(),
        height: HEIGHT,
        ..Panel::on(x, y)
    };
    for (place, name) in matrix.systems.iter().enumerate() {
        let shown: Vec<Option<Shown<'_>>> = cells
            .iter()
            .enumerate()
            .map(|(value, cell)| {
                let system = (*cell)?.system(name)?;
                let figure = system.figure(chart.name())?;
                Some(Shown { x: slots.middle(value, place), cell: (*cell)?, system, figure })
            })
            .collect();
        let points = shown.iter().map(|shown| shown.as_ref().map(|shown| (shown.x, shown.figure.value)));
        if chart == MatrixChart::EndToEnd {
            panel.lines.push(Line { runs: runs(points), colour: Colour::System(place), dash: dash(place) });
        }
        for shown in shown.iter().flatten() {
            draw(&mut panel, chart, place, slots.width(), shown);
            panel.readings.push(reading(matrix, slots.width(), shown));
        }
        panel.names.extend(
            (0..first)
                .map(|value| Label::new((slots.middle(value, place), 0.0), fit(&one_line(name), NAME), slots.width())),
        );
    }
    for (value, cell) in cells.iter().enumerate() {
        let offered = cell.and_then(|cell| cell.systems.iter().find_map(|system| system.figure("offered")));
        let edges = [value as f64 + (1.0 - GROUP) / 2.0, value as f64 + (1.0 + GROUP) / 2.0];
        match (offered, chart) {
            (Some(offered), MatrixChart::Throughput) => panel.lines.push(Line {
                runs: vec![edges.map(|x| (x, offered.value)).to_vec()],
                colour: Colour::Ink,
                dash: Dash::Dotted,
            }),
            (Some(_), MatrixChart::EndToEnd) => {}
            // A gap that is no zero.
            (None, _) => panel.labels.push(Label {
                brief: "–".to_owned(),
                ..Label::new((value as f64 + 0.5, y.from), "not measured".to_owned(), 1.0)
            }),
        }
    }
    panel
}

fn draw(panel: &mut Panel, chart: MatrixChart, place: usize, width: f64, shown: &Shown<'_>) {
    let (x, value) = (shown.x, shown.figure.value);
    match chart {
        MatrixChart::Throughput => {
            let half = width * 0.42;
            panel.areas.push(Area {
                runs: vec![vec![(x - half, 0.0, value), (x + half, 0.0, value)]],
                colour: Colour::System(place),
                opacity: if shown.system.doubt.is_empty() { SOLID } else { PALE },
            });
        }
        MatrixChart::EndToEnd => {
            panel.marks.push(Symbol { x, y: value, shape: shape(place), colour: Colour::System(place) });
        }
    }
    if shown.figure.has_interval() {
        let (low, high, cap) = (shown.figure.low, shown.figure.high, width * 0.12);
        let level = |y: f64| vec![(x - cap, y), (x + cap, y)];
        let runs = vec![vec![(x, low), (x, high)], level(low), level(high)];
        panel.lines.push(Line { runs, colour: Colour::Ink, dash: Dash::Faint });
    }
    let told = short(chart, value);
    let (text, brief) = match (shown.system.verdict, shown.system.doubt.is_empty()) {
        (Verdict::Fail, _) => (format!("{told} ✗"), "✗".to_owned()),
        (_, false) | (Verdict::Unknown, true) => (format!("{told} ?"), "?".to_owned()),
        (Verdict::Pass, true) => (told.clone(), told),
    };
    panel.labels.push(Label { brief, ..Label::new((x, shown.figure.high), text, width) });
}

fn reading(matrix: &Matrix, width: f64, shown: &Shown<'_>) -> Reading {
    let figures = ["throughput", "offered", "end-to-end-p99"];
    let told = figures.iter().filter_map(|name| Some(figure_words(name, shown.system.figure(name)?)));
    let doubt = Some(&shown.system.doubt).filter(|doubt| !doubt.is_empty()).map(|doubt| format!("; doubtful: {doubt}"));
    let words = format!(
        "{}, {}: {}; {}{}",
        values(matrix, shown.cell),
        one_line(&shown.system.system),
        told.collect::<Vec<_>>().join(", "),
        shown.system.verdict.word(),
        one_line(&doubt.unwrap_or_default())
    );
    Reading { from: shown.x - width / 2.0, to: shown.x + width / 2.0, lane: None, words }
}

/// The second channel beside a system's colour.
const fn shape(place: usize) -> Shape {
    match place % 4 {
        0 => Shape::Disc,
        1 => Shape::Triangle,
        2 => Shape::Cross,
        _ => Shape::Tick,
    }
}

const fn dash(place: usize) -> Dash {
    match place % 3 {
        0 => Dash::Solid,
        1 => Dash::Dashed,
        _ => Dash::Dotted,
    }
}

fn legend(matrix: &Matrix, chart: MatrixChart) -> Vec<Key> {
    let key = |swatch, text: &str| Key { swatch, text: text.to_owned() };
    let systems = || matrix.cells.iter().flat_map(|cell| &cell.systems);
    let mut keys: Vec<Key> = matrix
        .systems
        .iter()
        .enumerate()
        .map(|(place, name)| match chart {
            MatrixChart::Throughput => key(Swatch::Area(Colour::System(place), SOLID), &one_line(name)),
            MatrixChart::EndToEnd => key(Swatch::Mark(Colour::System(place), shape(place)), &one_line(name)),
        })
        .collect();
    if chart == MatrixChart::Throughput {
        keys.push(key(Swatch::Line(Colour::Ink, Dash::Dotted), "offered"));
    }
    let figures = || systems().filter_map(|system| system.figure(chart.name()));
    if figures().any(CellFigure::has_interval) {
        let several = systems().any(|system| system.trials > 1);
        let text = if several { "all trials, with their 95 % intervals" } else { "95 % interval" };
        keys.push(key(Swatch::Line(Colour::Ink, Dash::Faint), text));
    }
    if systems().any(|system| system.verdict == Verdict::Fail) {
        keys.push(key(Swatch::Mark(Colour::Ink, Shape::Cross), "✗ a check failed"));
    }
    if systems().any(|system| system.verdict == Verdict::Unknown || !system.doubt.is_empty()) {
        keys.push(key(Swatch::Area(Colour::Muted, PALE), "? unknown, or doubtful"));
    }
    keys
}
