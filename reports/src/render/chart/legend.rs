//! The legend: above the plots, in as many rows as it needs, so that it never lies over data.

use super::canvas::{Anchor, BAND_OPACITY, Canvas, DrawError, FontWeight, Lettering, Point};
use super::figure::{Dash, Key, Swatch};
use super::palette::Colour;
use crate::render::text::{fit, width};

const ROW: f64 = 20.0;
const SWATCH: f64 = 26.0;
const GAP: f64 = 18.0;
/// Columns of an entry's text at most.
const TEXT: usize = 48;
/// The width of a letter on average, in the widest of the fonts that a page asks for.
pub(super) const LETTER: f64 = 7.1;

/// An entry's text, as far as a chart of this width has room for it.
fn text(key: &Key, width: f64) -> String {
    fit(&key.text, TEXT.min(((width - SWATCH - 24.0) / LETTER) as usize))
}

/// Where each entry begins, relative to the legend's corner.
fn places(keys: &[Key], wide: f64) -> Vec<Point> {
    let mut places = Vec::with_capacity(keys.len());
    let (mut x, mut row) = (0.0, 0.0);
    for key in keys {
        let needed = SWATCH + 6.0 + LETTER * width(&text(key, wide)) as f64;
        if x > 0.0 && x + needed > wide - 16.0 {
            x = 0.0;
            row += 1.0;
        }
        places.push((x, row * ROW));
        x += needed + GAP;
    }
    places
}

/// How high the legend of a chart of this width is.
pub(super) fn height(keys: &[Key], width: f64) -> f64 {
    places(keys, width).last().map_or(0.0, |(_, y)| y + ROW)
}

/// Draws the legend with its upper left corner at a point.
pub(super) fn draw(canvas: &Canvas<'_>, keys: &[Key], width: f64, (left, top): Point) -> Result<(), DrawError> {
    for (key, (x, y)) in keys.iter().zip(places(keys, width)) {
        let (x, middle) = (left + x, top + y + ROW / 2.0);
        swatch(canvas, key.swatch, (x, middle))?;
        let lettering = Lettering { size: 12.0, bold: FontWeight::Normal, colour: Colour::Ink, anchor: Anchor::Left };
        canvas.text(&text(key, width), (x + SWATCH + 6.0, middle), lettering)?;
    }
    Ok(())
}

fn swatch(canvas: &Canvas<'_>, swatch: Swatch, (x, y): Point) -> Result<(), DrawError> {
    let end = (x + SWATCH, y);
    match swatch {
        Swatch::Line(colour, dash) => canvas.line(&[(x, y), end], colour, dash),
        Swatch::Mark(colour, shape) => canvas.mark((x + SWATCH / 2.0 + 4.0, y), shape, colour),
        Swatch::Area(colour, opacity) => canvas.rectangle((x + 4.0, y - 6.0), (x + SWATCH, y + 6.0), colour, opacity),
        Swatch::Bar(colour) => canvas.rectangle((x + 4.0, y - 4.0), (x + SWATCH, y + 4.0), colour, 1.0),
        Swatch::Band => {
            canvas.rectangle((x + 4.0, y - 6.0), (x + SWATCH, y + 6.0), Colour::Fault, BAND_OPACITY)?;
            canvas.line(&[(x + 4.0, y - 6.0), (x + 4.0, y + 6.0)], Colour::Fault, Dash::Faint)?;
            canvas.line(&[(x + SWATCH, y - 6.0), (x + SWATCH, y + 6.0)], Colour::Fault, Dash::Faint)
        }
    }
}
