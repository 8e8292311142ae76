//! Charts: each a pure function from a judged run to a figure of axes, lines and marks, which `draw` turns into SVG.
//! From here series and results may be read; a chart never writes SVG and knows no pixels.
//! To add one: copy `backlog.rs`, and add its row to `CHARTS`.

mod axis;
mod backlog;
mod canvas;
mod draw;
mod figure;
mod latency_by_percentile;
mod latency_over_time;
mod legend;
mod outcomes_by_send;
mod over_time;
mod palette;
mod reconnect_timeline;
mod throughput_over_time;

pub(super) use palette::dark_rules;

use super::RenderError;
use crate::judge::Judged;
use figure::Figure;

/// One chart.
pub trait Chart: Sync {
    /// The file's name in `charts/`, without its ending.
    fn name(&self) -> &'static str;

    /// What it is called on a page.
    fn title(&self) -> &'static str;

    /// How to read it, for somebody who never saw one like it.
    fn how_to_read(&self) -> &'static str;

    /// What this one shows, in sentences: its text alternative.
    fn finding(&self, judged: &Judged) -> Vec<String>;

    /// Why it may have nothing to draw.
    fn when_absent(&self) -> &'static str;

    /// What to draw; `None` where the run holds nothing for it.
    fn figure(&self, judged: &Judged) -> Option<Figure>;
}

/// Every chart, in the order of a report.
pub static CHARTS: &[&dyn Chart] = &[
    &latency_over_time::LatencyOverTime,
    &throughput_over_time::ThroughputOverTime,
    &outcomes_by_send::OutcomesBySend,
    &latency_by_percentile::LatencyByPercentile,
    &reconnect_timeline::ReconnectTimeline,
    &backlog::Backlog,
];

/// Where a chart is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placement {
    /// Within a page that gives it a heading and a background.
    Page,
    /// By itself: it brings its title and a white background.
    File,
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

fn draw_as(chart: &dyn Chart, judged: &Judged, placement: Placement) -> Result<Option<String>, RenderError> {
    let Some(figure) = chart.figure(judged) else { return Ok(None) };
    let drawn = draw::svg(chart, &figure, &chart.finding(judged).join(" "), placement);
    drawn.map(Some).map_err(|why| RenderError::format(&format!("charts/{}.svg", chart.name()), &why))
}
