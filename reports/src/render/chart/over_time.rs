//! What the charts over time share: the same seconds on every x axis, faults as bands, the end of the load as a line.

use super::axis::Axis;
use super::figure::{Band, Panel, Reading, Rule};
use crate::judge::Judged;
use crate::render::label::Shown;
use crate::render::text::one_line;
use crate::series::TrialSeries;
use crate::units::Nanos;

/// The height of one trial's plot: with many trials each gets less.
pub(super) fn height(trials: usize) -> f64 {
    match trials {
        0 | 1 => 220.0,
        2 => 170.0,
        3 | 4 => 130.0,
        _ => 100.0,
    }
}

/// The seconds of all trials.
pub(super) fn axis(judged: &Judged) -> Axis {
    let seconds =
        judged.series.iter().map(|series| series.seconds.last().map_or(0.0, |second| second.at.as_secs_f64() + 1.0));
    Axis::seconds(0.0, seconds.fold(0.0, f64::max))
}

/// A trial's axes with its name, its faults and the end of its load.
pub(super) fn panel(shown: &Shown<'_>, x: &Axis, y: &Axis) -> Panel {
    Panel {
        title: shown.label.clone(),
        bands: shown.series.map(bands).unwrap_or_default(),
        rules: shown.series.map(|series| rules(series, x)).unwrap_or_default(),
        ..Panel::on(x, y)
    }
}

/// What is told of one second.
pub(super) fn reading(at: Nanos, words: &str) -> Reading {
    let from = at.as_secs_f64();
    Reading { from, to: from + 1.0, lane: None, words: format!("second {from:.0}: {words}") }
}

/// A trial's faults.
pub(super) fn bands(series: &TrialSeries) -> Vec<Band> {
    let band = |band: &crate::series::FaultBand| Band {
        from: band.from.as_secs_f64(),
        to: band.to.as_secs_f64().max(band.from.as_secs_f64()),
        name: one_line(&band.name),
    };
    series.faults.iter().map(band).collect()
}

/// The end of a trial's load.
pub(super) fn load_end(series: &TrialSeries) -> Option<Rule> {
    let load = series.phases.iter().find(|phase| phase.name == "load")?;
    Some(Rule { at: load.to.since(load.from).as_secs_f64(), name: "load ends".to_owned() })
}

/// A trial's phases that have a name and a place on the x axis.
pub(super) fn rules(series: &TrialSeries, axis: &Axis) -> Vec<Rule> {
    load_end(series).into_iter().filter(|rule| rule.at > axis.from && rule.at < axis.to).collect()
}

/// The trial has no seconds at all.
pub(super) fn is_empty(judged: &Judged) -> bool {
    judged.series.iter().all(|series| series.seconds.is_empty())
}
