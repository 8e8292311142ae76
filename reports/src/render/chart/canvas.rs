//! Strokes on an SVG surface: the one file that knows the drawing library.

use super::figure::{Dash, Shape};
use super::palette::Colour;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// The library places everything on whole pixels; four of them to a logical one keep slopes smooth.
const SCALE: f64 = 4.0;
/// The library writes a font's size divided by this.
const FONT_DIVISOR: f64 = 1.24;

/// How much of a fault's band covers what lies below it.
pub(super) const BAND_OPACITY: f64 = 0.2;

/// The drawing library refused.
#[derive(Debug, thiserror::Error)]
#[error("the drawing library refused: {0}")]
pub(super) struct DrawError(String);

/// A point, in logical pixels from the upper left corner.
pub(super) type Point = (f64, f64);

/// Where a text stands relative to its point.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Left,
    Middle,
    Right,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Lettering {
    pub(super) size: f64,
    pub(super) bold: FontWeight,
    pub(super) colour: Colour,
    pub(super) anchor: Anchor,
}

/// A text's weight.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FontWeight {
    Normal,
    Bold,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// A surface to draw on.
pub(super) struct Canvas<'a> {
    area: Area<'a>,
}

impl Canvas<'_> {
    /// The elements that `draw` puts on a canvas of this size, as SVG text without the enclosing `svg` element.
    pub(super) fn paint(
        (width, height): (f64, f64),
        draw: impl FnOnce(&Canvas<'_>) -> Result<(), DrawError>,
    ) -> Result<String, DrawError> {
        let mut svg = String::new();
        let size = (scaled(width) as u32, scaled(height) as u32);
        {
            let canvas = Canvas { area: SVGBackend::with_string(&mut svg, size).into_drawing_area() };
            draw(&canvas)?;
            drawn(canvas.area.present())?;
        }
        let begin = svg.find('>').map_or(0, |end| end + 1);
        let end = svg.rfind("</svg>").unwrap_or(svg.len());
        Ok(svg[begin..end].trim().to_owned())
    }

    pub(super) fn rectangle(&self, from: Point, to: Point, colour: Colour, opacity: f64) -> Result<(), DrawError> {
        let style = rgb(colour).mix(opacity).filled();
        drawn(self.area.draw(&Rectangle::new([pixel(from), pixel(to)], style)))
    }

    /// A filled outline.
    pub(super) fn area(&self, corners: &[Point], colour: Colour, opacity: f64) -> Result<(), DrawError> {
        let corners: Vec<(i32, i32)> = corners.iter().copied().map(pixel).collect();
        drawn(self.area.draw(&Polygon::new(corners, rgb(colour).mix(opacity).filled())))
    }

    pub(super) fn line(&self, points: &[Point], colour: Colour, dash: Dash) -> Result<(), DrawError> {
        let points: Vec<(i32, i32)> = points.iter().copied().map(pixel).collect();
        match dash {
            Dash::Solid => drawn(self.area.draw(&PathElement::new(points, stroke(colour, 1.75)))),
            Dash::Faint => drawn(self.area.draw(&PathElement::new(points, stroke(colour, 1.0)))),
            Dash::Dashed => self.dashes(points, (6.0, 3.5), stroke(colour, 1.75)),
            Dash::Dotted => self.dashes(points, (1.75, 3.0), stroke(colour, 1.75)),
        }
    }

    fn dashes(&self, points: Vec<(i32, i32)>, (on, off): (f64, f64), style: ShapeStyle) -> Result<(), DrawError> {
        drawn(self.area.draw(&DashedPathElement::new(points, scaled(on), scaled(off), style)))
    }

    /// A line of one logical pixel or less.
    pub(super) fn hairline(&self, from: Point, to: Point, colour: Colour) -> Result<(), DrawError> {
        drawn(self.area.draw(&PathElement::new(vec![pixel(from), pixel(to)], stroke(colour, 0.75))))
    }

    pub(super) fn mark(&self, (x, y): Point, shape: Shape, colour: Colour) -> Result<(), DrawError> {
        let filled = rgb(colour).filled();
        match shape {
            Shape::Disc => drawn(self.area.draw(&Circle::new(pixel((x, y)), scaled(4.0), filled))),
            Shape::Triangle => {
                let corners = [(x - 4.6, y - 4.0), (x + 4.6, y - 4.0), (x, y + 4.6)];
                drawn(self.area.draw(&Polygon::new(corners.map(pixel).to_vec(), filled)))
            }
            Shape::Cross => {
                let style = stroke(colour, 1.75);
                drawn(
                    self.area
                        .draw(&PathElement::new(vec![pixel((x - 3.6, y - 3.6)), pixel((x + 3.6, y + 3.6))], style)),
                )?;
                drawn(
                    self.area
                        .draw(&PathElement::new(vec![pixel((x - 3.6, y + 3.6)), pixel((x + 3.6, y - 3.6))], style)),
                )
            }
            Shape::Tick => drawn(
                self.area.draw(&PathElement::new(vec![pixel((x, y - 5.0)), pixel((x, y + 5.0))], stroke(colour, 1.25))),
            ),
        }
    }

    /// A dot that stands for a run of a single point, which no line could show.
    pub(super) fn dot(&self, at: Point, colour: Colour) -> Result<(), DrawError> {
        drawn(self.area.draw(&Circle::new(pixel(at), scaled(1.75), rgb(colour).filled())))
    }

    /// A text whose middle is at the height of its point.
    pub(super) fn text(&self, text: &str, at: Point, lettering: Lettering) -> Result<(), DrawError> {
        let style = match lettering.bold {
            FontWeight::Normal => FontStyle::Normal,
            FontWeight::Bold => FontStyle::Bold,
        };
        let size = lettering.size * SCALE * FONT_DIVISOR;
        let horizontal = match lettering.anchor {
            Anchor::Left => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        let colour = rgb(lettering.colour);
        let font = FontDesc::new(FontFamily::SansSerif, size, style);
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(horizontal, VPos::Center));
        drawn(self.area.draw_text(text, &style, pixel(at)))
    }
}

fn drawn<E: ToString>(outcome: Result<(), E>) -> Result<(), DrawError> {
    outcome.map_err(|why| DrawError(why.to_string()))
}

/// A length as it is written.
pub(super) fn scaled(logical: f64) -> i32 {
    (logical * SCALE).round() as i32
}

fn pixel((x, y): Point) -> (i32, i32) {
    (scaled(x), scaled(y))
}

const fn rgb(colour: Colour) -> RGBColor {
    let (red, green, blue) = colour.rgb();
    RGBColor(red, green, blue)
}

fn stroke(colour: Colour, width: f64) -> ShapeStyle {
    rgb(colour).stroke_width(scaled(width) as u32)
}

/// How the surface of a canvas is written in the `viewBox` of its `svg` element.
pub(super) fn view_box((width, height): (f64, f64)) -> String {
    format!("0 0 {} {}", scaled(width), scaled(height))
}
