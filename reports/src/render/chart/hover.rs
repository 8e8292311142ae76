//! What a chart tells when the pointer rests on it: invisible rectangles with a title each, which needs no script.

use super::canvas::scaled;
use super::figure::{Panel, Reading};
use super::frame::Frame;
use crate::render::text::without_controls;
use maud::{Markup, html};

/// Readings of one panel at most: a long load has one for every second, third, … second.
const MOST: usize = 300;
/// A mark on a lane can be met within so many pixels around it.
const REACH: f64 = 5.0;
/// Half of a lane's height that belongs to it.
const LANE: f64 = 9.0;

/// The rectangles of a panel, where it has readings.
pub(super) fn readings(frame: &Frame, panel: &Panel) -> Markup {
    html! { @for (first, to) in &merged(&panel.readings) { (reading(frame, panel, first, *to)) } }
}

/// Each reading with the end up to which it speaks. Of too many on all of y each speaks for those after it, too; of too many on lanes
/// the first ones are told.
fn merged(readings: &[Reading]) -> Vec<(&Reading, f64)> {
    let (on_lanes, on_all): (Vec<&Reading>, Vec<&Reading>) = readings.iter().partition(|one| one.lane.is_some());
    let stride = on_all.len().div_ceil(MOST).max(1);
    let groups = on_all.chunks(stride).filter_map(|group| Some((*group.first()?, group.last()?.to)));
    groups.chain(on_lanes.into_iter().take(MOST).map(|one| (one, one.to))).collect()
}

fn reading(frame: &Frame, panel: &Panel, reading: &Reading, to: f64) -> Markup {
    let (from, to) = (frame.x(&panel.x, reading.from), frame.x(&panel.x, to));
    let ((from, to), (top, bottom)) = match reading.lane {
        None => ((from, to), (frame.top, frame.bottom)),
        Some(lane) => {
            let middle = frame.y(&panel.y, lane);
            ((from - REACH, to + REACH), (middle - LANE, middle + LANE))
        }
    };
    let (from, to) = (from.max(frame.left), to.min(frame.right));
    html! {
        rect x=(scaled(from)) y=(scaled(top)) width=(scaled((to - from).max(1.0))) height=(scaled(bottom - top))
            fill="none" pointer-events="all" { title { (without_controls(&reading.words)) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading_of(at: usize, lane: Option<f64>) -> Reading {
        Reading { from: at as f64, to: at as f64 + 1.0, lane, words: at.to_string() }
    }

    #[test]
    fn of_very_many_seconds_each_reading_speaks_for_several() {
        let readings: Vec<Reading> = (0..601).map(|at| reading_of(at, None)).collect();
        let merged = merged(&readings);
        assert_eq!((merged.len(), merged[1].0.words.as_str()), (201, "3"));
        assert!((merged[0].1 - 3.0).abs() < 1e-9 && (merged[200].1 - 601.0).abs() < 1e-9);
    }

    #[test]
    fn on_lanes_no_reading_speaks_for_another() {
        let readings: Vec<Reading> = (0..MOST + 1).map(|at| reading_of(at, Some((at % 2) as f64))).collect();
        let merged = merged(&readings);
        assert_eq!(merged.len(), MOST);
        assert!(merged.iter().all(|(one, to)| (one.to - to).abs() < 1e-9));
    }
}
