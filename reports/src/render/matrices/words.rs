//! What is said of a matrix in the same words everywhere.

use super::charts::MatrixChart;
use crate::matrix::{CellFigure, CellOutcome, FixedKey, Matrix, MatrixCell, MatrixKey};
use crate::plural::plural;
use crate::render::nights::Sign;
use crate::render::number;
use crate::render::text::{listed, one_line};
use crate::result::{Unit, Verdict};
use crate::units::Nanos;

/// One line over everything, without its stop: `6 cells of size × partitions on redis and kafka: 6 passed`.
pub(in crate::render) fn headline(matrix: &Matrix) -> String {
    let keys: Vec<String> = matrix.keys.iter().map(|key| one_line(&key.name)).collect();
    let systems: Vec<String> = matrix.systems.iter().map(|system| one_line(system)).collect();
    let count = |outcome| matrix.cells.iter().filter(|cell| cell.outcome == outcome).count();
    let told = [
        ("failed", count(CellOutcome::Fail)),
        ("could not be carried out", count(CellOutcome::Stopped)),
        ("not run", count(CellOutcome::NotRun)),
        ("unknown", count(CellOutcome::Unknown)),
        ("passed", count(CellOutcome::Pass)),
    ];
    let told: Vec<String> =
        told.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!("{count} {what}")).collect();
    let end = match (matrix.interrupted, &matrix.ended) {
        (true, _) => "; the run was interrupted",
        (false, None) => "; the run has not ended",
        (false, Some(_)) => "",
    };
    let cells = plural(matrix.cells.len() as u64, "cell");
    format!("{cells} of {} on {}: {}{end}", keys.join(" × "), listed(&systems), told.join(", "))
}

/// A matrix in one sentence, without its stop.
pub fn sentence(matrix: &Matrix) -> String {
    headline(matrix)
}

/// Keys that have one value only because something outside the file set them, each a sentence.
fn fixed(matrix: &Matrix) -> Vec<String> {
    let told = |fixed: &FixedKey| {
        format!(
            "{} is the same in all cells: {} came before the scenario's matrix.",
            one_line(&fixed.key),
            one_line(&fixed.by)
        )
    };
    matrix.fixed.iter().map(told).collect()
}

/// What a reader must know first, each a sentence: what was set from outside, and how much is doubtful.
pub(in crate::render) fn remarks(matrix: &Matrix) -> Vec<String> {
    let systems = || matrix.cells.iter().flat_map(|cell| cell.systems.iter().map(move |system| (cell, system)));
    let doubtful: Vec<_> = systems().filter(|(_, system)| !system.doubt.is_empty()).collect();
    let told = doubtful.first().map(|(cell, system)| {
        format!(
            "Figures of speed are doubtful in {} of {}. In {} on {}: {}.",
            doubtful.len(),
            plural(systems().count() as u64, "row"),
            one_line(&cell.name),
            one_line(&system.system),
            one_line(&system.doubt)
        )
    });
    fixed(matrix).into_iter().chain(told).collect()
}

/// `partitions = 6`.
pub(in crate::render) fn choice(key: &MatrixKey, at: usize) -> String {
    one_line(&format!("{} = {}", key.name, key.values.get(at).map_or("", String::as_str)))
}

/// `size = 1KiB, partitions = 6`.
pub(in crate::render) fn values(matrix: &Matrix, cell: &MatrixCell) -> String {
    let each = matrix.keys.iter().zip(&cell.choice).map(|(key, at)| choice(key, *at));
    each.collect::<Vec<_>>().join(", ")
}

/// A cell's mark.
pub(in crate::render) const fn sign(cell: &MatrixCell) -> Sign {
    let (word, sign, class) = match cell.outcome {
        CellOutcome::Pass => ("pass", "✓", "pass"),
        CellOutcome::Unknown => ("unknown", "?", "unknown"),
        CellOutcome::Fail => ("fail", "✗", "fail"),
        CellOutcome::Stopped => ("not carried out", "!", "unknown"),
        CellOutcome::NotRun => ("not run", "–", "unknown"),
    };
    Sign { word, sign, class }
}

/// A value with its unit.
pub(in crate::render) fn quantity(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Nanoseconds => number::time(Some(Nanos(value.round().max(0.0) as u64))),
        Unit::CpuSecondsPerMillion => format!("{} µs", number::decimal(value)),
        _ => number::rate(value),
    }
}

/// Where a figure lies, where that is more than the figure itself: `9,970 msg/s to 10,000 msg/s`.
pub(in crate::render) fn interval(figure: &CellFigure) -> Option<String> {
    let (low, high) = (quantity(figure.low, figure.unit), quantity(figure.high, figure.unit));
    (figure.has_interval() && low != high).then(|| format!("{low} to {high}"))
}

/// `throughput 9,990 msg/s (9,970 msg/s to 10,000 msg/s)`.
pub(in crate::render) fn figure_words(name: &str, figure: &CellFigure) -> String {
    let interval = interval(figure).map_or_else(String::new, |interval| format!(" ({interval})"));
    let name = match name {
        "throughput" => "acknowledged",
        "end-to-end-p99" => "end-to-end p99",
        other => other,
    };
    format!("{name} {}{interval}", quantity(figure.value, figure.unit))
}

/// What a chart shows, a sentence for each system: from where to where, and in which cells.
pub(in crate::render) fn finding(matrix: &Matrix, chart: MatrixChart) -> Vec<String> {
    matrix.systems.iter().filter_map(|system| of_system(matrix, system, chart)).collect()
}

fn of_system(matrix: &Matrix, system: &str, chart: MatrixChart) -> Option<String> {
    let cells = matrix.in_order();
    let found = cells.iter().filter_map(|cell| Some((*cell, cell.system(system)?.figure(chart.name())?)));
    let found: Vec<(&MatrixCell, &CellFigure)> = found.collect();
    let by_value =
        |one: &&(&MatrixCell, &CellFigure), other: &&(&MatrixCell, &CellFigure)| one.1.value.total_cmp(&other.1.value);
    let (least, most) = (found.iter().min_by(by_value)?, found.iter().max_by(by_value)?);
    let told = |(_, figure): &(&MatrixCell, &CellFigure)| quantity(figure.value, figure.unit);
    let at = |(cell, _): &(&MatrixCell, &CellFigure)| values(matrix, cell);
    let name = one_line(system);
    let what = match chart {
        MatrixChart::Throughput => "acknowledged",
        MatrixChart::EndToEnd => "had an end-to-end p99 of",
    };
    if told(least) == told(most) {
        let cells = if found.len() == cells.len() { "in every cell" } else { "in every cell that has one" };
        return Some(format!("{name} {what} {} {cells}.", told(least)));
    }
    let failed =
        cells.iter().filter_map(|cell| cell.system(system)).filter(|system| system.verdict == Verdict::Fail).count();
    let failed =
        if failed > 0 { format!(" A check failed in {}.", plural(failed as u64, "cell")) } else { String::new() };
    Some(format!("{name} {what} {} ({}) to {} ({}).{failed}", told(least), at(least), told(most), at(most)))
}
