//! Outcomes by the time of sending: when messages were sent that were lost, refused, or of which nobody knows.

use super::axis::Axis;
use super::figure::{Dash, Figure, Key, Line, Panel, Reading, Swatch};
use super::kind::Chart;
use super::over_time;
use super::palette::Colour;
use crate::judge::Judged;
use crate::render::label::{Shown, shown};
use crate::render::number;
use crate::series::OutcomeSecond;

/// Outcomes by the time of sending.
pub(super) struct OutcomesBySend;

/// One kind of end: its name, its look and its number.
type Kind = (&'static str, Colour, Dash, fn(&OutcomeSecond) -> u64);

const KINDS: [Kind; 3] = [
    ("lost", Colour::Lost, Dash::Solid, |second| second.lost),
    ("refused", Colour::Failed, Dash::Dashed, |second| second.refused),
    ("indeterminate", Colour::Muted, Dash::Dotted, |second| second.indeterminate),
];

impl Chart for OutcomesBySend {
    fn name(&self) -> &'static str {
        "outcomes-by-send"
    }

    fn title(&self) -> &'static str {
        "Lost, refused and indeterminate messages, by the time of sending"
    }

    fn how_to_read(&self) -> &'static str {
        "Each step counts the messages sent in one second, whenever they were answered. Lost: acknowledged and never \
         delivered. Refused: certainly not done. Indeterminate: nobody knows. A fault does not explain messages outside of \
         its band. The scale starts at zero and is the same for every system."
    }

    fn finding(&self, judged: &Judged) -> Vec<String> {
        shown(judged).iter().filter_map(told).collect()
    }

    fn when_absent(&self) -> &'static str {
        "No message was lost, refused or indeterminate."
    }

    fn figure(&self, judged: &Judged) -> Option<Figure> {
        let seconds = judged.series.iter().flat_map(|series| &series.outcomes);
        let largest = seconds.flat_map(|second| KINDS.map(|(.., pick)| pick(second))).max().filter(|most| *most > 0)?;
        let trials = shown(judged);
        let x = over_time::axis(judged);
        let y = Axis::amount(largest as f64);
        let panels = trials.iter().map(|shown| panel(shown, &x, &y, over_time::height(trials.len()))).collect();
        Some(Figure { legend: legend(judged), panels })
    }
}

fn panel(shown: &Shown<'_>, x: &Axis, y: &Axis, height: f64) -> Panel {
    let seconds = shown.series.map_or(&[][..], |series| &series.outcomes);
    let line = |(_, colour, dash, pick): Kind| Line { runs: vec![steps(seconds, pick)], colour, dash };
    Panel {
        measure: "messages sent in a second".to_owned(),
        height,
        lines: KINDS.into_iter().filter(|(.., pick)| seconds.iter().any(|second| pick(second) > 0)).map(line).collect(),
        empty: seconds.is_empty().then(|| "none was lost, refused or indeterminate".to_owned()),
        readings: seconds.iter().map(reading).collect(),
        ..over_time::panel(shown, x, y)
    }
}

fn reading(second: &OutcomeSecond) -> Reading {
    let figures = KINDS.map(|(name, .., pick)| format!("{} {name}", number::count(pick(second))));
    over_time::reading(second.at, &figures.join(", "))
}

fn steps(seconds: &[OutcomeSecond], pick: fn(&OutcomeSecond) -> u64) -> Vec<(f64, f64)> {
    let each = seconds.iter().flat_map(|second| {
        let (at, amount) = (second.at.as_secs_f64(), pick(second) as f64);
        [(at, amount), (at + 1.0, amount)]
    });
    each.collect()
}

fn legend(judged: &Judged) -> Vec<Key> {
    let key = |(text, colour, dash, _): Kind| Key { swatch: Swatch::Line(colour, dash), text: text.to_owned() };
    let mut keys: Vec<_> = KINDS.into_iter().map(key).collect();
    if judged.series.iter().any(|series| !series.faults.is_empty()) {
        keys.push(Key { swatch: Swatch::Band, text: "fault".to_owned() });
    }
    keys
}

fn told(shown: &Shown<'_>) -> Option<String> {
    let seconds = &shown.series?.outcomes;
    let each = KINDS.iter().filter_map(|(name, .., pick)| {
        let touched = || seconds.iter().filter(|second| pick(second) > 0);
        let (first, last) = (touched().next()?, touched().next_back()?);
        let all = number::count(touched().map(pick).sum());
        Some(format!("{all} {name}, sent from second {} to {}", first.at.0 / 1_000_000_000, last.at.0 / 1_000_000_000))
    });
    let each: Vec<_> = each.collect();
    (!each.is_empty()).then(|| format!("{}: {}.", shown.label, each.join("; ")))
}
