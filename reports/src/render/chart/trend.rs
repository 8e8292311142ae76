//! Figures of many runs, a panel each: small multiples over the same runs.

use super::axis::Axis;
use super::figure::{Dash, Figure, Key, Line, Panel, Reading, Rule, Shape, Swatch, Symbol, runs};
use super::palette::Colour;
use crate::render::differences::{percent, quantity};
use crate::render::text::one_line;
use crate::trend::{TrendChange, TrendLine, TrendOf};

const HEIGHT: f64 = 64.0;

/// The panels, one for each figure that is not zero everywhere.
pub(super) fn figure(trend: &TrendOf) -> Figure {
    let x = Axis::runs(trend.points.iter().map(|point| day(&point.started)));
    let shown = trend.lines.iter().filter(|line| line.values.iter().flatten().any(|value| *value > 0.0));
    let panels = shown.map(|line| panel(trend, line, &x)).collect();
    let mark = |colour, shape, text: &str| Key { swatch: Swatch::Mark(colour, shape), text: text.to_owned() };
    let legend = vec![
        Key { swatch: Swatch::Line(Colour::System(0), Dash::Solid), text: "median of a run's trials".to_owned() },
        mark(Colour::Lost, Shape::Triangle, "changed for the worse"),
        mark(Colour::Back, Shape::Disc, "changed for the better"),
        mark(Colour::Muted, Shape::Cross, "one run alone"),
    ];
    Figure { legend, panels }
}

fn panel(trend: &TrendOf, line: &TrendLine, x: &Axis) -> Panel {
    let largest = line.values.iter().flatten().copied().fold(0.0, f64::max);
    let y = Axis::from_zero(largest, |value| quantity(value, line.unit));
    let points = line.values.iter().enumerate().map(|(run, value)| Some((run as f64, (*value)?)));
    let marks = line.changes.iter().filter_map(|change| mark(line, change));
    Panel {
        title: line.name.clone(),
        measure: latest(line),
        height: HEIGHT,
        rules: versions(trend),
        lines: vec![Line { runs: runs(points), colour: Colour::System(0), dash: Dash::Solid }],
        marks: marks.collect(),
        readings: readings(trend, line),
        ..Panel::on(x, &y)
    }
}

/// The newest value, and how far it is from what was before the last change.
fn latest(line: &TrendLine) -> String {
    let newest = line.values.last().copied().flatten().map(|value| quantity(value, line.unit));
    let change = line.changes.last().filter(|change| change.confirmed && change.before > 0.0);
    let change = change.map(|change| format!(", {} % since it changed", percent(change.after / change.before - 1.0)));
    newest.map_or_else(
        || "the newest run tells nothing".to_owned(),
        |newest| format!("newest {newest}{}", change.unwrap_or_default()),
    )
}

fn mark(line: &TrendLine, change: &TrendChange) -> Option<Symbol> {
    let y = (*line.values.get(change.point)?)?;
    let (shape, colour) = match (change.confirmed, change.worse) {
        (false, _) => (Shape::Cross, Colour::Muted),
        (true, true) => (Shape::Triangle, Colour::Lost),
        (true, false) => (Shape::Disc, Colour::Back),
    };
    Some(Symbol { x: change.point as f64, y, shape, colour })
}

/// Where a version changed.
fn versions(trend: &TrendOf) -> Vec<Rule> {
    let changed = trend.points.iter().enumerate().filter(|(_, point)| !point.changed.is_empty());
    changed.map(|(run, point)| Rule { at: run as f64 - 0.5, name: one_line(&point.changed.join(", ")) }).collect()
}

fn readings(trend: &TrendOf, line: &TrendLine) -> Vec<Reading> {
    let each = trend.points.iter().zip(&line.values).enumerate().map(|(run, (point, value))| {
        let told = value.map_or_else(|| "not measured, or doubtful".to_owned(), |value| quantity(value, line.unit));
        let words = format!("{}, {}: {told}", one_line(&point.run), one_line(&point.started));
        Reading { from: run as f64 - 0.5, to: run as f64 + 0.5, lane: None, words }
    });
    each.collect()
}

/// `11-27` of `2026-11-27T22:00:00Z`.
fn day(started: &str) -> String {
    started.get(5..10).map_or_else(|| one_line(started), one_line)
}
