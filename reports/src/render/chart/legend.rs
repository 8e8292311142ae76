//! The legend: above the plots, in as many rows as it needs, so that it never lies over data.

use super::canvas::{Anchor, BAND_OPACITY, Canvas, DrawError, FontWeight, Lettering, Point, WIDTH};
use super::figure::{Dash, Key, Swatch};
use super::palette::Colour;
use crate::render::text::{fit, width};

const ROW: f64 = 20.0;
const SWATCH: f64 = 26.0;
const GAP: f64 = 18.0;
/// Columns of an entry's text.
const TEXT: usize = 48;
pub(super) const LETTER: f64 = 6.6;

/// Where each entry begins, relative to the legend's corner.
fn places(keys: &[Key]) -> Vec<Point> {
    let mut places = Vec::with_capacity(keys.len());
    let (mut x, mut row) = (0.0, 0.0);
    for key in keys {
        let wide = SWATCH + 6.0 + LETTER * width(&fit(&key.text, TEXT)) as f64;
        if x > 0.0 && x + wide > WIDTH - 16.0 {
            x = 0.0;
            row += 1.0;
        }
        places.push((x, row * ROW));
        x += wide + GAP;
    }
    places
}

/// How high the legend is.
pub(super) fn height(keys: &[Key]) -> f64 {
    places(keys).last().map_or(0.0, |(_, y)| y + ROW)
}

/// Draws the legend with its upper left corner at a point.
pub(super) fn draw(canvas: &Canvas<'_>, keys: &[Key], (left, top): Point) -> Result<(), DrawError> {
    for (key, (x, y)) in keys.iter().zip(places(keys)) {
        let (x, middle) = (left + x, top + y + ROW / 2.0);
        swatch(canvas, key.swatch, (x, middle))?;
        let lettering = Lettering { size: 12.0, bold: FontWeight::Normal, colour: Colour::Ink, anchor: Anchor::Left };
        canvas.text(&fit(&key.text, TEXT), (x + SWATCH + 6.0, middle), lettering)?;
    }
    Ok(())
}

fn swatch(canvas: &Canvas<'_>, swatch: Swatch, (x, y): Point) -> Result<(), DrawError> {
    let end = (x + SWATCH, y);
    match swatch {
        Swatch::Line(colour, dash) => canvas.line(&[(x, y), end], colour, dash),
        Swatch::Mark(colour, shape) => canvas.mark((x + SWATCH / 2.0 + 4.0, y), shape, colour),
        Swatch::Bar(colour) => canvas.rectangle((x + 4.0, y - 4.0), (x + SWATCH, y + 4.0), colour, 1.0),
        Swatch::Band => {
            canvas.rectangle((x + 4.0, y - 6.0), (x + SWATCH, y + 6.0), Colour::Fault, BAND_OPACITY)?;
            canvas.line(&[(x + 4.0, y - 6.0), (x + 4.0, y + 6.0)], Colour::Fault, Dash::Faint)?;
            canvas.line(&[(x + SWATCH, y - 6.0), (x + SWATCH, y + 6.0)], Colour::Fault, Dash::Faint)
        }
    }
}
