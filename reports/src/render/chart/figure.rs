//! What a chart says, before anybody thinks of pixels.

use super::axis::Axis;
use super::palette::Colour;

/// A chart: panels one below the other, and one legend for all of them.
#[derive(Clone, Debug)]
pub struct Figure {
    pub(super) legend: Vec<Key>,
    pub(super) panels: Vec<Panel>,
}

/// One pair of axes and what stands in it.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    /// Whose panel it is.
    pub(super) title: String,
    /// What its y axis shows, with the unit and, where it is one, `log scale`.
    pub(super) measure: String,
    /// The height of the plot, in logical pixels.
    pub(super) height: f64,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) bands: Vec<Band>,
    pub(super) rules: Vec<Rule>,
    /// Below everything else.
    pub(super) areas: Vec<Area>,
    pub(super) bars: Vec<Bar>,
    pub(super) lines: Vec<Line>,
    pub(super) marks: Vec<Symbol>,
    /// What stands in place of data, where there is none.
    pub(super) empty: Option<String>,
    /// What is told of a place when the pointer rests on it.
    pub(super) readings: Vec<Reading>,
    /// Words above points of the plot.
    pub(super) labels: Vec<Label>,
    /// What stands at places of x, in a row of its own between the plot and the labels of its ticks; y says nothing.
    pub(super) names: Vec<Label>,
    /// It stands beside the panel before it, where the page is wide.
    pub(super) beside: bool,
}

impl Panel {
    /// Axes with nothing in them.
    pub(super) fn on(x: &Axis, y: &Axis) -> Self {
        Self {
            title: String::new(),
            measure: String::new(),
            height: 0.0,
            x: x.clone(),
            y: y.clone(),
            bands: Vec::new(),
            rules: Vec::new(),
            areas: Vec::new(),
            bars: Vec::new(),
            lines: Vec::new(),
            marks: Vec::new(),
            empty: None,
            readings: Vec::new(),
            labels: Vec::new(),
            names: Vec::new(),
            beside: false,
        }
    }
}

/// What is between two lines that have a point at the same x each: its runs of x, lower and upper.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) runs: Vec<Vec<(f64, f64, f64)>>,
    pub(super) colour: Colour,
    pub(super) opacity: f64,
}

/// The figures of a span of x, on all of y or on one lane.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) lane: Option<f64>,
    pub(super) words: String,
}

/// Words at a point, where its part of x has room for them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Label {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) text: String,
    /// What stands there instead where not all labels of the panel have room.
    pub(super) brief: String,
    /// How much of x it may take.
    pub(super) room: f64,
}

impl Label {
    /// One that is not told in brief.
    pub(super) fn new((x, y): (f64, f64), text: String, room: f64) -> Self {
        Self { x, y, brief: text.clone(), text, room }
    }
}

/// A span of x that is shaded: a fault.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Band {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) name: String,
}

/// A vertical line at an x: the load ends.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) at: f64,
    pub(super) name: String,
}

/// A span of x on one y: a connection is down.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bar {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) y: f64,
    pub(super) colour: Colour,
}

/// Points joined by lines within a run, and not joined between runs: a gap is where nothing is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) runs: Vec<Vec<(f64, f64)>>,
    pub(super) colour: Colour,
    pub(super) dash: Dash,
}

/// How a line is drawn: the second channel beside its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dash {
    Solid,
    Dashed,
    Dotted,
    /// Thin and solid, for what others are held against.
    Faint,
}

/// A point with a shape.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Symbol {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) shape: Shape,
    pub(super) colour: Colour,
}

/// A mark's form: the second channel beside its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A filled circle.
    Disc,
    /// A filled triangle that points down.
    Triangle,
    /// Two crossing strokes.
    Cross,
    /// A short upright stroke.
    Tick,
}

/// One entry of the legend.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) swatch: Swatch,
    pub(super) text: String,
}

/// What a legend entry shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Swatch {
    Line(Colour, Dash),
    Mark(Colour, Shape),
    Area(Colour, f64),
    Bar(Colour),
    Band,
}

/// Runs of points that are there: a `None` ends a run.
pub(super) fn runs(points: impl IntoIterator<Item = Option<(f64, f64)>>) -> Vec<Vec<(f64, f64)>> {
    runs_of(points, |(x, y)| x.is_finite() && y.is_finite())
}

/// Runs of pairs of points, of x, lower and upper each, as `runs`.
pub(super) fn paired(pairs: impl IntoIterator<Item = Option<(f64, f64, f64)>>) -> Vec<Vec<(f64, f64, f64)>> {
    runs_of(pairs, |(x, lower, upper)| x.is_finite() && lower.is_finite() && upper.is_finite())
}

fn runs_of<P: Copy>(points: impl IntoIterator<Item = Option<P>>, is_there: impl Fn(P) -> bool) -> Vec<Vec<P>> {
    let mut runs = vec![Vec::new()];
    for point in points {
        match (point, runs.last_mut()) {
            (Some(point), Some(run)) if is_there(point) => run.push(point),
            (_, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            _ => {}
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_without_data_is_a_gap_and_not_a_line() {
        let points = [Some((0.0, 1.0)), Some((1.0, 1.0)), None, None, Some((4.0, 2.0)), Some((5.0, f64::NAN))];
        assert_eq!(runs(points), vec![vec![(0.0, 1.0), (1.0, 1.0)], vec![(4.0, 2.0)]]);
    }
}
