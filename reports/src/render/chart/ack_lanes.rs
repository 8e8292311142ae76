//! Takeovers, redeliveries and crashes of consumers, one lane each.

use super::axis::Axis;
use super::figure::{Bar, Panel, Reading, Shape, Symbol};
use super::over_time;
use super::palette::Colour;
use crate::render::label::Shown;
use crate::render::number;
use crate::render::text::{fit, one_line};
use crate::series::{AckMark, AckSeries};

const LANE: f64 = 19.0;
/// Columns of a lane's name.
const NAME: usize = 28;

/// The lanes of one trial; `None`: nothing happened that they could show.
pub(super) fn panel(shown: &Shown<'_>, consumers: &[String], x: &Axis) -> Option<Panel> {
    let series = shown.series?;
    let ack = &series.ack;
    if ack.taken.is_empty() && ack.again.is_empty() && ack.crashes.is_empty() {
        return None;
    }
    Some(Panel {
        measure: "takeovers and redeliveries, one lane for each consumer".to_owned(),
        height: LANE * consumers.len().max(2) as f64,
        bars: bars(ack, consumers, x),
        marks: marks(ack, consumers, x),
        readings: readings(ack, consumers, x),
        ..over_time::panel(shown, x, &Axis::lanes(consumers.iter().map(|name| fit(&one_line(name), NAME))))
    })
}

fn lane(consumers: &[String], name: &str) -> Option<f64> {
    consumers.iter().position(|consumer| consumer == name).map(|lane| lane as f64 + 0.5)
}

fn bars(ack: &AckSeries, consumers: &[String], x: &Axis) -> Vec<Bar> {
    let bar = |crash: &crate::series::CrashSpan| {
        let end = if crash.held == 0 { crash.at_s } else { crash.recovered_s.unwrap_or(x.to) };
        Some(Bar { from: crash.at_s, to: end, y: lane(consumers, &crash.consumer)?, colour: Colour::Down })
    };
    ack.crashes.iter().filter_map(bar).collect()
}

/// As the marks: what is more important lies above.
fn readings(ack: &AckSeries, consumers: &[String], x: &Axis) -> Vec<Reading> {
    let at = |name: &str, from: f64, to: f64, what: String| {
        let words = format!("{}: {what} at {from:.3} s", one_line(name));
        Some(Reading { from, to, lane: Some(lane(consumers, name)?), words })
    };
    let of = |marks: &[AckMark], what: &str| -> Vec<Reading> {
        let told = |mark: &AckMark| format!("{} {what}", number::of_many(mark.messages, "message"));
        marks.iter().filter_map(|mark| at(&mark.consumer, mark.at_s, mark.at_s, told(mark))).collect()
    };
    let crashes = ack.crashes.iter().filter_map(|crash| {
        let told = format!("crashed with {} in hand", number::count(crash.held));
        at(&crash.consumer, crash.at_s, crash.recovered_s.unwrap_or(crash.at_s), told)
    });
    let all = crashes.chain(of(&ack.again, "delivered again")).chain(of(&ack.taken, "taken over"));
    all.filter(|reading| (x.from..=x.to).contains(&reading.from)).collect()
}

/// What is less important is drawn first, so that it hides nothing.
fn marks(ack: &AckSeries, consumers: &[String], x: &Axis) -> Vec<Symbol> {
    let of = |marks: &[AckMark], shape, colour| -> Vec<Symbol> {
        let mark = |mark: &AckMark| Some(Symbol { x: mark.at_s, y: lane(consumers, &mark.consumer)?, shape, colour });
        marks.iter().filter_map(mark).collect()
    };
    let crash = |at: f64, name: &str, shape, colour| Some(Symbol { x: at, y: lane(consumers, name)?, shape, colour });
    let crashed = ack.crashes.iter().filter_map(|span| crash(span.at_s, &span.consumer, Shape::Cross, Colour::Lost));
    let back =
        ack.crashes.iter().filter_map(|span| crash(span.recovered_s?, &span.consumer, Shape::Disc, Colour::Back));
    let all = of(&ack.again, Shape::Tick, Colour::Muted).into_iter();
    let all = all.chain(of(&ack.taken, Shape::Triangle, Colour::Ink)).chain(crashed).chain(back);
    all.filter(|mark| (x.from..=x.to).contains(&mark.x)).collect()
}
