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
    /// The edges of the part of the chart that is the panel's.
    pub(super) begin: f64,
    pub(super) end: f64,
    /// The height of the row of names below the plot; 0 where there is none.
    pub(super) names: f64,
}

impl Frame {
    /// How wide the panel's part of the chart is.
    pub(super) const fn wide(&self) -> f64 {
        self.end - self.begin
    }

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
