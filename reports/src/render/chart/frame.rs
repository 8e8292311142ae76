//! Where the plot of one panel lies.

use super::axis::Axis;
use super::canvas::Point;
use super::figure::Panel;

/// The plot of one panel: its corners, and what is around it.
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
    /// The heading's first line.
    pub(super) heading: f64,
    /// Of the whole chart.
    pub(super) width: f64,
}

impl Frame {
    pub(super) fn x(&self, axis: &Axis, value: f64) -> f64 {
        self.left + axis.place(value) * (self.right - self.left)
    }

    pub(super) fn y(&self, axis: &Axis, value: f64) -> f64 {
        self.bottom - axis.place(value) * (self.bottom - self.top)
    }

    pub(super) fn point(&self, panel: &Panel, (x, y): Point) -> Point {
        (self.x(&panel.x, x), self.y(&panel.y, y))
    }
}
