//! What waits for consumers, by the broker's own numbers.

use super::axis::Axis;
use super::figure::{Dash, Figure, Key, Line, Panel, Reading, Swatch, runs};
use super::kind::Chart;
use super::over_time;
use super::palette::Colour;
use crate::judge::Judged;
use crate::render::label::{Shown, shown, systems};
use crate::render::number;
use crate::render::text::one_line;
use crate::series::{GaugeSeries, TrialSeries};

/// Backlog over time.
pub(super) struct Backlog;

const METRICS: [(&str, Dash, &str); 2] = [
    ("pending", Dash::Solid, "pending: delivered, not yet acknowledged"),
    ("lag", Dash::Dashed, "lag: not yet delivered or committed"),
];

/// Readings that lie closer are one reading of several subjects, in seconds.
const SAME_READING: f64 = 0.05;
/// After so many usual intervals without a reading the line is broken.
const MISSED: f64 = 2.5;

impl Chart for Backlog {
    fn name(&self) -> &'static str {
        "backlog"
    }

    fn title(&self) -> &'static str {
        "Backlog, by the broker's own account"
    }

    fn how_to_read(&self) -> &'static str {
        "How many messages the broker still held for the consumer group. It must return to zero after a fault: \
         messages that remain were never consumed. Lines join readings; in a gap the broker could not be asked."
    }

    fn finding(&self, judged: &Judged) -> Vec<String> {
        shown(judged).iter().flat_map(|shown| METRICS.map(|(metric, ..)| peak(shown, metric))).flatten().collect()
    }

    fn is_of_consumers(&self) -> bool {
        true
    }

    fn when_absent(&self) -> &'static str {
        "The broker's own numbers were not read."
    }

    fn figure(&self, judged: &Judged) -> Option<Figure> {
        let totals =
            || judged.series.iter().flat_map(|series| METRICS.map(|(metric, ..)| total(series, metric))).flatten();
        let largest = totals().map(|(_, value)| value).reduce(f64::max)?;
        let last = totals().map(|(at, _)| at).fold(0.0, f64::max);
        let x = over_time::axis(judged);
        let x = if over_time::is_empty(judged) { Axis::seconds(0.0, last) } else { x };
        let y = Axis::amount(largest);
        let trials = shown(judged);
        let panels = trials.iter().map(|shown| panel(shown, &x, &y, over_time::height(trials.len()))).collect();
        Some(Figure { legend: legend(judged), panels })
    }
}

fn panel(shown: &Shown<'_>, x: &Axis, y: &Axis, height: f64) -> Panel {
    let colour = Colour::System(shown.system);
    let line = |(metric, dash, _): (&str, Dash, &str)| {
        let points = shown.series.map(|series| total(series, metric)).unwrap_or_default();
        // The broker is asked a last time after the last second that is drawn.
        let points: Vec<(f64, f64)> =
            points.into_iter().filter(|(at, _)| *at >= x.from).map(|(at, value)| (at.min(x.to), value)).collect();
        Line { runs: runs(with_gaps(&points)), colour, dash }
    };
    let lines: Vec<Line> = METRICS.map(line).to_vec();
    let empty = lines.iter().all(|line| line.runs.is_empty());
    Panel {
        measure: "messages".to_owned(),
        height: height * 0.8,
        lines,
        empty: empty.then(|| "the broker's own numbers were not read".to_owned()),
        readings: shown.series.map(readings).unwrap_or_default(),
        ..over_time::panel(shown, x, y)
    }
}

/// What was read at one time, told until the next.
fn readings(series: &TrialSeries) -> Vec<Reading> {
    let mut read: Vec<(f64, String)> = Vec::new();
    for (metric, ..) in METRICS {
        for (at, value) in total(series, metric) {
            let words = format!("{metric} {}", number::count(value.max(0.0).round() as u64));
            match read.iter_mut().find(|(other, _)| (at - *other).abs() <= SAME_READING) {
                Some((_, told)) => told.push_str(&format!(", {words}")),
                None => read.push((at, words)),
            }
        }
    }
    read.sort_by(|one, other| one.0.total_cmp(&other.0));
    let ends: Vec<f64> = read.iter().skip(1).map(|(at, _)| *at).collect();
    let each = read.into_iter().enumerate();
    each.map(|(index, (from, words))| {
        let to = ends.get(index).copied().unwrap_or(from + 1.0);
        Reading { from, to, lane: None, words: format!("{from:.1} s: {words}") }
    })
    .collect()
}

/// A metric over everything: the broker's own total where it gives one, else the sum over partitions, else over the rest.
fn total(series: &TrialSeries, metric: &str) -> Vec<(f64, f64)> {
    let of = |wanted: fn(&str) -> bool| -> Vec<&GaugeSeries> {
        series.gauges.iter().filter(|gauge| gauge.metric == metric && wanted(&gauge.subject)).collect()
    };
    let choices: [fn(&str) -> bool; 3] =
        [|subject| subject == "all", |subject| subject.starts_with("partition-"), |_| true];
    let parts = choices.into_iter().map(of).find(|parts| !parts.is_empty()).unwrap_or_default();
    sum(&parts)
}

/// The sum of gauges that were read together; a reading that lacks a part is left out, because its sum would be too low.
fn sum(parts: &[&GaugeSeries]) -> Vec<(f64, f64)> {
    let mut readings: Vec<(f64, f64)> = parts.iter().flat_map(|part| part.points.iter().copied()).collect();
    readings.retain(|(at, value)| at.is_finite() && value.is_finite());
    readings.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut totals: Vec<(f64, f64, usize)> = Vec::new();
    for (at, value) in readings {
        match totals.last_mut() {
            Some((begun, total, members)) if at - *begun <= SAME_READING && *members < parts.len() => {
                *total += value;
                *members += 1;
            }
            _ => totals.push((at, value, 1)),
        }
    }
    totals.into_iter().filter(|(_, _, members)| *members == parts.len()).map(|(at, total, _)| (at, total)).collect()
}

fn with_gaps(points: &[(f64, f64)]) -> Vec<Option<(f64, f64)>> {
    let mut intervals: Vec<f64> = points.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    intervals.sort_by(f64::total_cmp);
    let usual = intervals.get(intervals.len() / 2).copied().unwrap_or(f64::INFINITY);
    let mut gapped = Vec::with_capacity(points.len());
    for (index, point) in points.iter().enumerate() {
        if index > 0 && point.0 - points[index - 1].0 > usual * MISSED {
            gapped.push(None);
        }
        gapped.push(Some(*point));
    }
    gapped
}

fn legend(judged: &Judged) -> Vec<Key> {
    let several = systems(&judged.result)
        .into_iter()
        .enumerate()
        .map(|(index, system)| Key { swatch: Swatch::Bar(Colour::System(index)), text: one_line(system) });
    let metrics = METRICS.map(|(_, dash, text)| Key { swatch: Swatch::Line(Colour::Ink, dash), text: text.to_owned() });
    let faults = judged.series.iter().any(|series| !series.faults.is_empty());
    let fault = faults.then(|| Key { swatch: Swatch::Band, text: "fault".to_owned() });
    several.chain(metrics).chain(fault).collect()
}

fn peak(shown: &Shown<'_>, metric: &str) -> Option<String> {
    let points = total(shown.series?, metric);
    let (at, most) = points.iter().copied().max_by(|one, other| one.1.total_cmp(&other.1))?;
    let last = points.last()?.1;
    let figure = |value: f64| number::count(value.max(0.0).round() as u64);
    Some(format!(
        "{}: {metric} peaked at {} ({at:.0} s into the load) and ended at {}.",
        shown.label,
        figure(most),
        figure(last)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gauge(subject: &str, points: &[(f64, f64)]) -> GaugeSeries {
        GaugeSeries { metric: "lag".to_owned(), subject: subject.to_owned(), points: points.to_vec() }
    }

    #[test]
    fn partitions_read_together_are_summed_and_half_a_reading_is_left_out() {
        let one = gauge("partition-0", &[(1.0, 5.0), (2.0, 7.0)]);
        let other = gauge("partition-1", &[(1.01, 6.0)]);
        assert_eq!(sum(&[&one, &other]), [(1.0, 11.0)]);
    }

    #[test]
    fn the_brokers_own_total_is_preferred() {
        let gauges = vec![gauge("partition-0", &[(1.0, 5.0)]), gauge("all", &[(1.0, 9.0)])];
        let series = TrialSeries { gauges, ..TrialSeries::default() };
        assert_eq!(total(&series, "lag"), [(1.0, 9.0)]);
    }

    #[test]
    fn a_broker_that_could_not_be_asked_leaves_a_gap() {
        let points = [(0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (9.0, 1.0), (10.0, 1.0)];
        assert_eq!(with_gaps(&points).iter().filter(|point| point.is_none()).count(), 1);
    }
}
