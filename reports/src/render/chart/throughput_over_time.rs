//! Messages per second: asked for, acknowledged, consumed.

use super::axis::Axis;
use super::figure::{Dash, Figure, Key, Line, Panel, Reading, Swatch};
use super::kind::Chart;
use super::over_time;
use super::palette::Colour;
use crate::judge::Judged;
use crate::render::label::{Shown, shown};
use crate::render::number;
use crate::series::Second;

/// Throughput over time.
pub(super) struct ThroughputOverTime;

impl Chart for ThroughputOverTime {
    fn name(&self) -> &'static str {
        "throughput-over-time"
    }

    fn title(&self) -> &'static str {
        "Messages per second"
    }

    fn how_to_read(&self) -> &'static str {
        "Each step is one second. Where acknowledged falls below offered, messages wait; where it rises above, \
         waiting messages are caught up. The scale starts at zero and is the same for every system."
    }

    fn finding(&self, judged: &Judged) -> Vec<String> {
        shown(judged).iter().filter_map(silence).collect()
    }

    fn when_absent(&self) -> &'static str {
        "No second of the load was recorded."
    }

    fn figure(&self, judged: &Judged) -> Option<Figure> {
        if over_time::is_empty(judged) {
            return None;
        }
        let trials = shown(judged);
        let seconds = judged.series.iter().flat_map(|series| &series.seconds);
        let largest = seconds.map(|second| second.offered.max(second.acknowledged).max(second.consumed)).max()?;
        let x = over_time::axis(judged);
        let y = Axis::amount(largest as f64);
        let panels = trials.iter().map(|shown| panel(shown, &x, &y, over_time::height(trials.len()))).collect();
        Some(Figure { legend: legend(judged), panels })
    }
}

fn panel(shown: &Shown<'_>, x: &Axis, y: &Axis, height: f64) -> Panel {
    let seconds = shown.series.map_or(&[][..], |series| &series.seconds);
    let colour = Colour::System(shown.system);
    let line = |colour, dash, pick: fn(&Second) -> u64| Line { runs: vec![steps(seconds, pick)], colour, dash };
    Panel {
        measure: "msg/s".to_owned(),
        height,
        lines: [
            line(Colour::Muted, Dash::Faint, |second| second.offered),
            line(colour, Dash::Solid, |second| second.acknowledged),
        ]
        .into_iter()
        .chain(shown.trial.has_consumers.then(|| line(Colour::Ink, Dash::Dotted, |second| second.consumed)))
        .collect(),
        empty: seconds.is_empty().then(|| "no second was recorded".to_owned()),
        readings: seconds.iter().map(|second| reading(second, shown.trial.has_consumers)).collect(),
        ..over_time::panel(shown, x, y)
    }
}

fn reading(second: &Second, has_consumers: bool) -> Reading {
    let [offered, acknowledged, consumed] = [second.offered, second.acknowledged, second.consumed].map(number::count);
    let consumed = if has_consumers { format!(", {consumed} consumed") } else { String::new() };
    let words = format!("{offered} offered, {acknowledged} acknowledged{consumed}");
    over_time::reading(second.at, &words)
}

/// A count belongs to the whole of its second, so it is a step and not a slope.
fn steps(seconds: &[Second], pick: fn(&Second) -> u64) -> Vec<(f64, f64)> {
    seconds
        .iter()
        .flat_map(|second| {
            let (at, amount) = (second.at.as_secs_f64(), pick(second) as f64);
            [(at, amount), (at + 1.0, amount)]
        })
        .collect()
}

fn legend(judged: &Judged) -> Vec<Key> {
    let line = |colour, dash, text: &str| Key { swatch: Swatch::Line(colour, dash), text: text.to_owned() };
    let mut keys = vec![line(Colour::Muted, Dash::Faint, "offered")];
    // Acknowledged has its system's colour, so each system stands in the legend.
    for (index, system) in crate::render::label::systems(&judged.result).into_iter().enumerate() {
        let text = format!("acknowledged by {}", crate::render::text::one_line(system));
        keys.push(line(Colour::System(index), Dash::Solid, &text));
    }
    keys.extend(judged.result.has_consumers().then(|| line(Colour::Ink, Dash::Dotted, "consumed")));
    if judged.series.iter().any(|series| !series.faults.is_empty()) {
        keys.push(Key { swatch: Swatch::Band, text: "fault".to_owned() });
    }
    keys
}

fn silence(shown: &Shown<'_>) -> Option<String> {
    let seconds = &shown.series?.seconds;
    let asked = seconds.iter().filter(|second| second.offered > 0);
    let silent = asked.clone().filter(|second| second.acknowledged == 0).count();
    let peak = seconds.iter().map(|second| second.acknowledged).max()?;
    Some(format!(
        "{}: nothing was acknowledged in {silent} of {} with load; the busiest second acknowledged {} messages.",
        shown.label,
        number::of(asked.count(), "second"),
        number::count(peak)
    ))
}
