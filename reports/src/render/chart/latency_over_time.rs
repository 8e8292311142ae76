//! Response time second by second, by the second in which a message was meant to be sent.

use super::axis::Axis;
use super::figure::{Area, Dash, Figure, Key, Line, Panel, Reading, Swatch, paired, runs};
use super::kind::Chart;
use super::over_time;
use super::palette::Colour;
use crate::histogram::Spread;
use crate::judge::Judged;
use crate::render::label::{Shown, shown};
use crate::series::Second;
use crate::units::Nanos;

/// Response time over time.
pub(super) struct LatencyOverTime;

type Pick = fn(&Spread) -> Nanos;
const STATISTICS: [(&str, Dash, Pick); 3] = [
    ("p50", Dash::Solid, |spread| spread.p50),
    ("p99", Dash::Dashed, |spread| spread.p99),
    ("p99.9", Dash::Dotted, |spread| spread.p99_9),
];

/// The band from one statistic up to another, and how much of it covers what is below.
const AREAS: [((Pick, Pick), f64); 2] =
    [((|spread| spread.p50, |spread| spread.p99), 0.22), ((|spread| spread.p99, |spread| spread.p99_9), 0.10)];

impl Chart for LatencyOverTime {
    fn name(&self) -> &'static str {
        "latency-over-time"
    }

    fn title(&self) -> &'static str {
        "Response time, second by second"
    }

    fn how_to_read(&self) -> &'static str {
        "Each point is one second of the schedule: how long the messages that were due in it took until they were \
         acknowledged, waiting included. So an outage shows as a slope that falls towards its end: messages due at its start \
         waited longest. The darker band lies between median and p99, the lighter one between p99 and p99.9. The scale is logarithmic, the same for every system. A gap is a second without messages."
    }

    fn finding(&self, judged: &Judged) -> Vec<String> {
        shown(judged).iter().filter_map(worst_second).collect()
    }

    fn when_absent(&self) -> &'static str {
        "No message was sent, so there is no response time."
    }

    fn figure(&self, judged: &Judged) -> Option<Figure> {
        let trials = shown(judged);
        let spreads = || judged.series.iter().flat_map(|series| &series.seconds).filter_map(|second| second.response);
        let smallest = spreads().map(|spread| spread.p50).min()?;
        let largest = spreads().map(|spread| spread.p99_9).max()?;
        let x = over_time::axis(judged);
        let y = Axis::times(smallest, largest);
        let panels = trials.iter().map(|shown| panel(shown, &x, &y, over_time::height(trials.len()))).collect();
        Some(Figure { legend: legend(judged), panels })
    }
}

fn panel(shown: &Shown<'_>, x: &Axis, y: &Axis, height: f64) -> Panel {
    let seconds = shown.series.map_or(&[][..], |series| &series.seconds);
    let colour = Colour::System(shown.system);
    let line = |(_, dash, pick): &(&str, Dash, Pick)| Line { runs: runs(points(seconds, *pick)), colour, dash: *dash };
    let lines: Vec<Line> = STATISTICS.iter().map(line).collect();
    let empty = lines.iter().all(|line| line.runs.is_empty());
    Panel {
        measure: "response time, log scale".to_owned(),
        height,
        lines,
        areas: AREAS.map(|(pick, opacity)| area(seconds, pick, (colour, opacity))).to_vec(),
        readings: seconds.iter().filter_map(reading).collect(),
        empty: empty.then(|| "no message was sent".to_owned()),
        ..over_time::panel(shown, x, y)
    }
}

fn area(seconds: &[Second], (lower, upper): (Pick, Pick), (colour, opacity): (Colour, f64)) -> Area {
    let pairs = seconds.iter().map(|second| {
        let spread = second.response.as_ref()?;
        Some((second.at.as_secs_f64() + 0.5, lower(spread).0 as f64, upper(spread).0 as f64))
    });
    Area { runs: paired(pairs), colour, opacity }
}

fn reading(second: &Second) -> Option<Reading> {
    let spread = second.response.as_ref()?;
    let figures: Vec<String> = STATISTICS.iter().map(|(name, _, pick)| format!("{name} {}", pick(spread))).collect();
    Some(over_time::reading(second.at, &format!("{}, max {}", figures.join(", "), spread.max)))
}

/// A second's figure stands in its middle.
fn points(seconds: &[Second], pick: Pick) -> impl Iterator<Item = Option<(f64, f64)>> {
    seconds.iter().map(move |second| {
        second.response.as_ref().map(|spread| (second.at.as_secs_f64() + 0.5, pick(spread).0 as f64))
    })
}

fn legend(judged: &Judged) -> Vec<Key> {
    let statistic = |(name, dash, _): &(&str, Dash, Pick)| Key {
        swatch: Swatch::Line(Colour::Ink, *dash),
        text: (*name).to_owned(),
    };
    let faults = judged.series.iter().any(|series| !series.faults.is_empty());
    let fault = faults.then(|| Key { swatch: Swatch::Band, text: "fault".to_owned() });
    let area = |(name, (_, opacity)): (&str, ((Pick, Pick), f64))| Key {
        swatch: Swatch::Area(Colour::Ink, opacity),
        text: name.to_owned(),
    };
    let areas = ["p50 to p99", "p99 to p99.9"].into_iter().zip(AREAS).map(area);
    STATISTICS.iter().map(statistic).chain(areas).chain(fault).collect()
}

fn worst_second(shown: &Shown<'_>) -> Option<String> {
    let seconds = || shown.series.into_iter().flat_map(|series| &series.seconds);
    let (at, worst) =
        seconds().filter_map(|second| Some((second.at, second.response?.p99))).max_by_key(|(_, p99)| *p99)?;
    let mut medians: Vec<Nanos> = seconds().filter_map(|second| Some(second.response?.p50)).collect();
    medians.sort_unstable();
    let usual = medians.get(medians.len() / 2)?;
    Some(format!(
        "{}: in an ordinary second half of the messages took {usual} or less; the worst second, {:.0} s into the load, had a p99 of {worst}.",
        shown.label,
        at.as_secs_f64()
    ))
}
