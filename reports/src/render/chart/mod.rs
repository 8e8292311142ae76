//! Charts: each a pure function from a judged run to a figure of axes, lines and marks, which `draw` turns into SVG.
//! From here series and results may be read; a chart never writes SVG and knows no pixels.
//! To add one: copy `backlog.rs`, and add its row to `CHARTS`.

mod ack_lanes;
mod ack_recovery;
mod axis;
mod backlog;
mod canvas;
mod draw;
mod figure;
mod frame;
mod hover;
mod kind;
mod latency_by_percentile;
mod latency_distribution;
mod latency_over_time;
mod legend;
mod matrix;
mod outcomes_by_send;
mod over_time;
mod palette;
mod reconnect_timeline;
mod search;
mod throughput_over_time;
mod trend;

pub use kind::Chart;
pub(super) use palette::dark_rules;

use super::matrices::MatrixChart;
use super::renderer::RenderError;
use super::text::one_line;
use crate::judge::Judged;
use crate::matrix::Matrix;
use crate::search::SystemSearch;
use crate::trend::TrendOf;
use kind::{Head, Placement};

/// Every chart, in the order of a report.
pub static CHARTS: &[&dyn Chart] = &[
    &latency_over_time::LatencyOverTime,
    &throughput_over_time::ThroughputOverTime,
    &outcomes_by_send::OutcomesBySend,
    &latency_by_percentile::LatencyByPercentile,
    &latency_distribution::LatencyDistribution,
    &reconnect_timeline::ReconnectTimeline,
    &backlog::Backlog,
    &ack_recovery::AckRecoveryChart,
];

/// The charts of a run, in their order: without those about consumers where it has none.
pub(super) fn of(judged: &Judged) -> impl Iterator<Item = &'static dyn Chart> {
    CHARTS.iter().copied().filter(|chart| is_possible(*chart, judged))
}

fn is_possible(chart: &dyn Chart, judged: &Judged) -> bool {
    judged.result.has_consumers() || !chart.is_of_consumers()
}

/// A chart as a file of its own; `None` where there is nothing to draw.
///
/// # Errors
///
/// When the drawing library refuses.
pub fn file(chart: &dyn Chart, judged: &Judged) -> Result<Option<String>, RenderError> {
    draw_as(chart, judged, Placement::File)
}

/// A chart for a page; `None` where there is nothing to draw.
pub(super) fn inline(chart: &dyn Chart, judged: &Judged) -> Result<Option<String>, RenderError> {
    draw_as(chart, judged, Placement::Page)
}

/// A chart for a page that is as narrow as a phone; `None` where there is nothing to draw.
pub(super) fn narrow(chart: &dyn Chart, judged: &Judged) -> Result<Option<String>, RenderError> {
    draw_as(chart, judged, Placement::Phone)
}

fn draw_as(chart: &dyn Chart, judged: &Judged, placement: Placement) -> Result<Option<String>, RenderError> {
    let Some(figure) = is_possible(chart, judged).then(|| chart.figure(judged)).flatten() else { return Ok(None) };
    let head = Head { name: chart.name(), title: chart.title() };
    let drawn = draw::svg(head, &figure, &chart.finding(judged).join(" "), placement);
    drawn.map(Some).map_err(|why| RenderError::format(&format!("charts/{}.svg", chart.name()), &why))
}

/// The figures of many runs, a panel each: for a wide page, and for one as narrow as a phone. `name`: for its ids.
pub(super) fn trends(trend: &TrendOf, name: &str, finding: &str) -> Result<(String, String), RenderError> {
    let figure = trend::figure(trend);
    let title = format!("{} on {}", trend.scenario, trend.system);
    let drawn = |placement| {
        let drawn = draw::svg(Head { name, title: &title }, &figure, finding, placement);
        drawn.map_err(|why| RenderError::format("trend.html", &why))
    };
    Ok((drawn(Placement::Page)?, drawn(Placement::Phone)?))
}

/// The path of a search, for a wide page and for one as narrow as a phone; `None` where nothing was measured.
pub(super) fn search(
    system: &SystemSearch,
    name: &str,
    finding: &str,
) -> Result<Option<(String, String)>, RenderError> {
    let Some(figure) = search::figure(system) else { return Ok(None) };
    let title = format!("Latency by rate on {}", one_line(&system.system));
    let drawn = |placement| {
        let drawn = draw::svg(Head { name, title: &title }, &figure, finding, placement);
        drawn.map_err(|why| RenderError::format("search.html", &why))
    };
    Ok(Some((drawn(Placement::Page)?, drawn(Placement::Phone)?)))
}

/// A chart of a matrix in all the places where it is shown.
pub(super) struct DrawnMatrix {
    pub(super) wide: String,
    pub(super) narrow: String,
    pub(super) file: String,
}

/// A chart of a matrix; `None` where nothing was measured.
pub(super) fn matrix(matrix: &Matrix, chart: MatrixChart, finding: &str) -> Result<Option<DrawnMatrix>, RenderError> {
    let Some(figure) = matrix::figure(matrix, chart) else { return Ok(None) };
    let drawn = |placement| {
        let drawn = draw::svg(Head { name: chart.name(), title: chart.title() }, &figure, finding, placement);
        drawn.map_err(|why| RenderError::format(&format!("charts/{}.svg", chart.name()), &why))
    };
    Ok(Some(DrawnMatrix {
        wide: drawn(Placement::Page)?,
        narrow: drawn(Placement::Phone)?,
        file: drawn(Placement::File)?,
    }))
}
