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
    let stride = panel.readings.len().div_ceil(MOST).max(1);
    html! {
        @for group in panel.readings.chunks(stride) {
            @if let ([first, ..], [.., last]) = (group, group) { (reading(frame, panel, first, last.to)) }
        }
    }
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
