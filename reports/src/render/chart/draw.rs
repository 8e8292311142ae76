//! From a figure to SVG: where everything goes on the pixels that there are.

use super::axis::{Axis, Tick};
use super::canvas::{self, Anchor, Canvas, DrawError, FontWeight, Lettering, Point};
use super::figure::{Area, Figure, Label, Line, Panel};
use super::frame::Frame;
use super::hover;
use super::kind::{Head, Placement};
use super::legend::{self, LETTER};
use super::palette::Colour;
use crate::render::text::{fit, width, without_controls};
use maud::{PreEscaped, html};

const TITLE: f64 = 34.0;
const HEADING: f64 = 24.0;
/// Above a plot: the names of its faults and rules.
const NAMES: f64 = 16.0;
/// Below a plot: its tick labels.
const TICKS: f64 = 20.0;
const AXIS_TITLE: f64 = 18.0;
const BETWEEN: f64 = 12.0;
const RIGHT: f64 = 26.0;
/// Letters of labels at points, and how far above them they stand.
const SMALL: f64 = 11.0;
/// How wide such a letter is on average, with few spaces and points between digits.
const SMALL_LETTER: f64 = 6.1;
const ABOVE: f64 = 11.0;
/// Columns of a panel's title.
const NAME: usize = 40;
/// The share of a chart's width that labels of its y axis may take.
const LABELS: f64 = 0.4;

/// A figure as one `svg` element with a title, a description and no outside reference.
pub(super) fn svg(head: Head<'_>, figure: &Figure, finding: &str, placement: Placement) -> Result<String, DrawError> {
    let layout = Layout::of(figure, placement);
    let painted = Canvas::paint(layout.size(), |canvas| {
        if placement == Placement::File {
            canvas.rectangle((0.0, 0.0), layout.size(), Colour::Paper, 1.0)?;
            canvas.text(
                head.title,
                (16.0, TITLE / 2.0 + 2.0),
                lettering(15.0, FontWeight::Bold, Colour::Ink, Anchor::Left),
            )?;
        }
        legend::draw(canvas, &figure.legend, layout.width, (12.0, layout.legend))?;
        layout.panels.iter().zip(&figure.panels).try_for_each(|(frame, panel)| draw_panel(canvas, frame, panel))?;
        layout.panels.last().zip(figure.panels.last()).map_or(Ok(()), |(frame, panel)| axis_title(canvas, frame, panel))
    })?;
    let id = match placement {
        Placement::Page | Placement::File => head.name.to_owned(),
        Placement::Phone => format!("{}-narrow", head.name),
    };
    let (title, description) = (format!("{id}-title"), format!("{id}-description"));
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(canvas::view_box(layout.size())) width=(layout.width) height=(layout.height)
            role="img" aria-labelledby={ (title) " " (description) } {
            title id=(title) { (head.title) }
            desc id=(description) { (without_controls(finding)) }
            (PreEscaped(painted))
            // Nobody points at a phone without pressing it.
            @if placement != Placement::Phone {
                @for (frame, panel) in layout.panels.iter().zip(&figure.panels) { (hover::readings(frame, panel)) }
            }
        }
    };
    Ok(svg.into_string())
}

/// Where the parts of a chart are.
struct Layout {
    legend: f64,
    panels: Vec<Frame>,
    width: f64,
    height: f64,
}

impl Layout {
    fn of(figure: &Figure, placement: Placement) -> Self {
        let legend = match placement {
            Placement::Page | Placement::Phone => 2.0,
            Placement::File => TITLE,
        };
        let longest = figure.panels.iter().flat_map(|panel| &panel.y.ticks).map(|tick| width(&tick.label)).max();
        let whole = placement.width();
        let rows = rows(&figure.panels, placement);
        let columns = rows.iter().map(|row| row.len()).max().unwrap_or(1);
        let wide = whole / columns as f64;
        let left = (LETTER * longest.unwrap_or(0) as f64 + 16.0).clamp(48.0, wide * LABELS);
        let mut y = legend + legend::height(&figure.legend, whole);
        let mut panels = Vec::with_capacity(figure.panels.len());
        for row in rows {
            // Plots beside each other begin and end at one height.
            let above = row.iter().map(|panel| above(panel, wide)).fold(0.0, f64::max);
            let mut below = y;
            for (column, panel) in row.iter().enumerate() {
                let begin = wide * column as f64;
                let (top, end) = (y + above, begin + wide);
                let mut frame = Frame {
                    left: begin + left,
                    top,
                    right: end - RIGHT,
                    bottom: top + panel.height,
                    heading: y + HEADING / 2.0 + 2.0,
                    begin,
                    end,
                    names: 0.0,
                };
                if names_fit(&frame, panel) {
                    frame.names = NAMES;
                }
                below = below.max(frame.bottom + frame.names + TICKS + BETWEEN);
                panels.push(frame);
            }
            y = below;
        }
        Self { legend, panels, width: whole, height: y - BETWEEN + AXIS_TITLE + 6.0 }
    }

    const fn size(&self) -> (f64, f64) {
        (self.width, self.height)
    }
}

/// The panels by the rows in which they stand.
fn rows(panels: &[Panel], placement: Placement) -> Vec<&[Panel]> {
    match placement {
        Placement::Phone => panels.chunks(1).collect(),
        Placement::Page | Placement::File => panels.chunk_by(|_, next| next.beside).collect(),
    }
}

/// What stands above a panel's plot.
fn above(panel: &Panel, wide: f64) -> f64 {
    let lines = if has_one_line(panel, wide) { 1.0 } else { 2.0 };
    HEADING * lines + if panel.bands.is_empty() && panel.rules.is_empty() { 4.0 } else { NAMES }
}

/// Whether there are names below a plot, and all have room.
fn names_fit(frame: &Frame, panel: &Panel) -> bool {
    !panel.names.is_empty() && panel.names.iter().all(|name| fits(frame, panel, name, &name.text))
}

/// Whether a label has the room that its place has for it.
fn fits(frame: &Frame, panel: &Panel, label: &Label, text: &str) -> bool {
    let room = frame.x(&panel.x, label.x + label.room / 2.0) - frame.x(&panel.x, label.x - label.room / 2.0);
    SMALL_LETTER * width(text) as f64 <= room
}

/// Whether a panel's title and measure have room beside each other.
fn has_one_line(panel: &Panel, wide: f64) -> bool {
    let columns = width(&fit(&panel.title, NAME)) + width(&panel.measure);
    LETTER * columns as f64 + 60.0 < wide
}

fn draw_panel(canvas: &Canvas<'_>, frame: &Frame, panel: &Panel) -> Result<(), DrawError> {
    heading(canvas, frame, panel)?;
    bands(canvas, frame, panel)?;
    axes(canvas, frame, panel)?;
    names(canvas, frame, panel)?;
    data(canvas, frame, panel)?;
    if let Some(empty) = &panel.empty {
        let middle = ((frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0);
        canvas.text(empty, middle, lettering(12.0, FontWeight::Normal, Colour::Muted, Anchor::Middle))?;
    }
    Ok(())
}

fn heading(canvas: &Canvas<'_>, frame: &Frame, panel: &Panel) -> Result<(), DrawError> {
    let title = fit(&panel.title, NAME);
    canvas.text(
        &title,
        (frame.begin + 16.0, frame.heading),
        lettering(13.0, FontWeight::Bold, Colour::Ink, Anchor::Left),
    )?;
    let small = |anchor| lettering(12.0, FontWeight::Normal, Colour::Muted, anchor);
    if has_one_line(panel, frame.wide()) {
        canvas.text(&panel.measure, (frame.right, frame.heading), small(Anchor::Right))
    } else {
        let measure = fit(&panel.measure, ((frame.wide() - 24.0) / LETTER) as usize);
        canvas.text(&measure, (frame.begin + 16.0, frame.heading + HEADING - 6.0), small(Anchor::Left))
    }
}

fn bands(canvas: &Canvas<'_>, frame: &Frame, panel: &Panel) -> Result<(), DrawError> {
    for band in &panel.bands {
        let (from, to) = (frame.x(&panel.x, band.from), frame.x(&panel.x, band.to));
        canvas.rectangle((from, frame.top), (to.max(from + 1.0), frame.bottom), Colour::Fault, canvas::BAND_OPACITY)?;
        canvas.hairline((from, frame.top), (from, frame.bottom), Colour::Fault)?;
        canvas.hairline((to, frame.top), (to, frame.bottom), Colour::Fault)?;
    }
    Ok(())
}

fn axes(canvas: &Canvas<'_>, frame: &Frame, panel: &Panel) -> Result<(), DrawError> {
    let small = |anchor| lettering(12.0, FontWeight::Normal, Colour::Muted, anchor);
    for tick in &panel.y.ticks {
        let y = frame.y(&panel.y, tick.at);
        canvas.hairline((frame.left, y), (frame.right, y), Colour::Grid)?;
        let label = fit(&tick.label, ((frame.left - frame.begin - 12.0) / LETTER) as usize);
        canvas.text(&label, (frame.left - 8.0, y), small(Anchor::Right))?;
    }
    for tick in &panel.x.ticks {
        let x = frame.x(&panel.x, tick.at);
        canvas.hairline((x, frame.bottom), (x, frame.bottom + 4.0), Colour::Muted)?;
    }
    for tick in labelled(frame, &panel.x) {
        let (x, anchor) = within(tick, frame.x(&panel.x, tick.at), frame.end);
        canvas.text(&tick.label, (x, frame.bottom + frame.names + 13.0), small(anchor))?;
    }
    if frame.names > 0.0 {
        for name in &panel.names {
            let at = (frame.x(&panel.x, name.x), frame.bottom + 12.0);
            canvas.text(&name.text, at, lettering(SMALL, FontWeight::Normal, Colour::Ink, Anchor::Middle))?;
        }
    }
    canvas.hairline((frame.left, frame.bottom), (frame.right, frame.bottom), Colour::Muted)?;
    Ok(())
}

/// Every tick, or every second, or third, so that no label runs into the next.
fn labelled<'a>(frame: &Frame, axis: &'a Axis) -> Vec<&'a Tick> {
    let half = |tick: &Tick| LETTER * width(&tick.label) as f64 / 2.0 + 2.0;
    let apart = |one: &Tick, next: &Tick| frame.x(axis, next.at) - frame.x(axis, one.at) >= half(one) + half(next);
    let each = |stride: usize| axis.ticks.iter().step_by(stride).collect::<Vec<&Tick>>();
    let strides = 1..=axis.ticks.len().max(1);
    let fits = |ticks: &Vec<&Tick>| ticks.windows(2).all(|pair| apart(pair[0], pair[1]));
    strides.map(each).find(fits).unwrap_or_default()
}

/// All panels have the same x axis, so its title stands below the last one.
fn axis_title(canvas: &Canvas<'_>, frame: &Frame, panel: &Panel) -> Result<(), DrawError> {
    let at = (frame.right, frame.bottom + frame.names + TICKS + 9.0);
    canvas.text(&panel.x.title, at, lettering(12.0, FontWeight::Normal, Colour::Muted, Anchor::Right))
}

/// A label centred on its tick, but never beyond the chart's edge.
fn within(tick: &Tick, x: f64, wide: f64) -> (f64, Anchor) {
    let half = LETTER * width(&tick.label) as f64 / 2.0;
    if x + half > wide - 4.0 { (wide - 4.0, Anchor::Right) } else { (x, Anchor::Middle) }
}

/// Names of faults and rules above the plot, each only where it has room beside the one before it.
fn names(canvas: &Canvas<'_>, frame: &Frame, panel: &Panel) -> Result<(), DrawError> {
    for rule in &panel.rules {
        let x = frame.x(&panel.x, rule.at);
        canvas.line(&[(x, frame.top), (x, frame.bottom)], Colour::Muted, super::figure::Dash::Dotted)?;
    }
    let bands = panel.bands.iter().map(|band| (band.from, &band.name));
    let rules = panel.rules.iter().map(|rule| (rule.at, &rule.name));
    let mut all: Vec<(f64, &String)> = bands.chain(rules).map(|(at, name)| (frame.x(&panel.x, at), name)).collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut taken = 0.0;
    for (x, name) in all {
        let name = fit(name, 24);
        let wide = LETTER * width(&name) as f64;
        let x = x.min(frame.end - 4.0 - wide);
        if x >= taken {
            canvas.text(
                &name,
                (x, frame.top - 8.0),
                lettering(11.5, FontWeight::Normal, Colour::Muted, Anchor::Left),
            )?;
            taken = x + wide + 10.0;
        }
    }
    Ok(())
}

fn data(canvas: &Canvas<'_>, frame: &Frame, panel: &Panel) -> Result<(), DrawError> {
    for area in &panel.areas {
        draw_area(canvas, frame, panel, area)?;
    }
    for bar in &panel.bars {
        let ((from, y), (to, _)) = (frame.point(panel, (bar.from, bar.y)), frame.point(panel, (bar.to, bar.y)));
        canvas.rectangle((from, y - 4.0), (to.max(from + 1.0), y + 4.0), bar.colour, 1.0)?;
    }
    for line in &panel.lines {
        draw_line(canvas, frame, panel, line)?;
    }
    for mark in &panel.marks {
        canvas.mark(frame.point(panel, (mark.x, mark.y)), mark.shape, mark.colour)?;
    }
    labels(canvas, frame, panel)
}

/// Words above points: all of them or all in brief, for a few would be taken for all.
fn labels(canvas: &Canvas<'_>, frame: &Frame, panel: &Panel) -> Result<(), DrawError> {
    let texts: [fn(&Label) -> &str; 2] = [|label| &label.text, |label| &label.brief];
    let fit = |text: &&fn(&Label) -> &str| panel.labels.iter().all(|label| fits(frame, panel, label, text(label)));
    let Some(text) = texts.iter().find(fit) else { return Ok(()) };
    for label in &panel.labels {
        let (x, y) = frame.point(panel, (label.x, label.y));
        let look = lettering(SMALL, FontWeight::Normal, Colour::Ink, Anchor::Middle);
        canvas.text(text(label), (x, (y - ABOVE).max(frame.top + 5.0)), look)?;
    }
    Ok(())
}

/// There along the upper edge, back along the lower one.
fn draw_area(canvas: &Canvas<'_>, frame: &Frame, panel: &Panel, area: &Area) -> Result<(), DrawError> {
    for run in area.runs.iter().filter(|run| run.len() > 1) {
        let there = run.iter().map(|(x, _, upper)| (*x, *upper));
        let back = run.iter().rev().map(|(x, lower, _)| (*x, *lower));
        let corners: Vec<Point> = there.chain(back).map(|point| frame.point(panel, point)).collect();
        canvas.area(&corners, area.colour, area.opacity)?;
    }
    Ok(())
}

fn draw_line(canvas: &Canvas<'_>, frame: &Frame, panel: &Panel, line: &Line) -> Result<(), DrawError> {
    for run in &line.runs {
        let points: Vec<Point> = run.iter().map(|point| frame.point(panel, *point)).collect();
        match points.as_slice() {
            [] => {}
            [alone] => canvas.dot(*alone, line.colour)?,
            several => canvas.line(several, line.colour, line.dash)?,
        }
    }
    Ok(())
}

const fn lettering(size: f64, bold: FontWeight, colour: Colour, anchor: Anchor) -> Lettering {
    Lettering { size, bold, colour, anchor }
}
