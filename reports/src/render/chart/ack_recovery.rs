//! Unacknowledged messages: what each consumer had pending, and how others came to have it.

use super::ack_lanes;
use super::axis::Axis;
use super::figure::{Dash, Figure, Key, Line, Panel, Shape, Swatch, runs};
use super::kind::Chart;
use super::over_time;
use super::palette::Colour;
use crate::judge::Judged;
use crate::render::label::{Shown, shown};
use crate::render::number;
use crate::render::text::one_line;
use crate::series::{AckSeries, CrashSpan, GaugeSeries};
use std::collections::BTreeSet;

/// ACK recovery.
pub(super) struct AckRecoveryChart;

/// Consumers that are told apart; of more, those that had most pending.
pub(super) const MOST_CONSUMERS: usize = 12;
/// Consumers whose lines have the same dash: as many as there are colours.
const COLOURS: usize = 6;

impl Chart for AckRecoveryChart {
    fn name(&self) -> &'static str {
        "ack-recovery"
    }

    fn title(&self) -> &'static str {
        "Unacknowledged messages, and who recovered them"
    }

    fn how_to_read(&self) -> &'static str {
        "Above: what each consumer had pending, by the broker's own numbers; where positions are committed, how far its \
         partitions lagged. A line that stays up belongs to a consumer that does not settle what it has; it must come \
         down when others take over. Below: one lane for each consumer. Triangles are entries that it took over, strokes \
         messages that it was given again. A cross is its crash; the grey bar from there lasts until all that it had is \
         settled, where a circle stands."
    }

    fn finding(&self, judged: &Judged) -> Vec<String> {
        shown(judged).iter().flat_map(findings).collect()
    }

    fn is_of_consumers(&self) -> bool {
        true
    }

    fn when_absent(&self) -> &'static str {
        "No consumer's pending messages were read, and none was taken over or delivered again."
    }

    fn figure(&self, judged: &Judged) -> Option<Figure> {
        let drawn = judged.series.iter().filter(|series| !is_empty(&series.ack)).count();
        if drawn == 0 {
            return None;
        }
        let consumers = consumers(judged);
        let lanes: Vec<String> = consumers.iter().filter(|name| name.starts_with("consumer-")).cloned().collect();
        let points = judged.series.iter().flat_map(|series| &series.ack.pending).flat_map(|line| &line.points);
        let largest = points.map(|(_, value)| *value).filter(|value| value.is_finite()).fold(1.0, f64::max);
        let (x, y) = (over_time::axis(judged), Axis::amount(largest));
        let each = shown(judged);
        let panels = each.iter().flat_map(|shown| {
            let mut panels = vec![pending(shown, &consumers, (&x, &y), over_time::height(each.len()) * 0.8)];
            panels.extend(ack_lanes::panel(shown, &lanes, &x));
            panels
        });
        Some(Figure { panels: panels.collect(), legend: legend(judged, &consumers) })
    }
}

fn is_empty(ack: &AckSeries) -> bool {
    ack.pending.is_empty() && ack.taken.is_empty() && ack.again.is_empty() && ack.crashes.is_empty()
}

/// The consumers that are drawn, in the order of their numbers: those with a crash, and those that had most pending.
fn consumers(judged: &Judged) -> Vec<String> {
    let mut all: Vec<(bool, f64, &str)> = Vec::new();
    for ack in judged.series.iter().map(|series| &series.ack) {
        let crashed: BTreeSet<&str> = ack.crashes.iter().map(|crash| crash.consumer.as_str()).collect();
        let most = |line: &GaugeSeries| line.points.iter().map(|(_, value)| *value).fold(0.0, f64::max);
        let lines = ack.pending.iter().map(|line| (line.subject.as_str(), most(line)));
        let marks = ack.taken.iter().chain(&ack.again).map(|mark| (mark.consumer.as_str(), 0.0));
        let crashes = ack.crashes.iter().map(|crash| (crash.consumer.as_str(), 0.0));
        all.extend(lines.chain(marks).chain(crashes).map(|(name, most)| (crashed.contains(name), most, name)));
    }
    all.sort_by(|one, other| (other.0, other.1).partial_cmp(&(one.0, one.1)).unwrap_or(std::cmp::Ordering::Equal));
    let mut names: Vec<&str> = Vec::new();
    for (.., name) in all {
        if !names.contains(&name) && names.len() < MOST_CONSUMERS {
            names.push(name);
        }
    }
    names.sort_by_key(|name| (name.len(), *name));
    names.into_iter().map(str::to_owned).collect()
}

fn pending(shown: &Shown<'_>, consumers: &[String], (x, y): (&Axis, &Axis), height: f64) -> Panel {
    let lines = shown.series.map_or(&[][..], |series| &series.ack.pending);
    let line = |(index, consumer): (usize, &String)| {
        let points = lines.iter().find(|line| line.subject == *consumer).map_or(&[][..], |line| &line.points);
        let within = points.iter().filter(|(at, _)| (x.from..=x.to).contains(at)).copied().map(Some);
        let (colour, dash) = look(index);
        Line { runs: runs(within), colour, dash }
    };
    let lines: Vec<Line> = consumers.iter().enumerate().map(line).collect();
    let empty = lines.iter().all(|line| line.runs.is_empty());
    Panel {
        measure: "messages pending, by consumer".to_owned(),
        height,
        lines,
        empty: empty.then(|| "what consumers had pending was not read".to_owned()),
        ..over_time::panel(shown, x, y)
    }
}

/// How a consumer's line looks, by its place among those that are drawn.
const fn look(index: usize) -> (Colour, Dash) {
    let dash = if index < COLOURS { Dash::Solid } else { Dash::Dashed };
    (Colour::System(index % COLOURS), dash)
}

fn legend(judged: &Judged, consumers: &[String]) -> Vec<Key> {
    let line = |(index, consumer): (usize, &String)| {
        let (colour, dash) = look(index);
        Key { swatch: Swatch::Line(colour, dash), text: one_line(consumer) }
    };
    let any = |of: fn(&AckSeries) -> bool| judged.series.iter().any(|series| of(&series.ack));
    let marks = [
        (any(|ack| !ack.taken.is_empty()), Swatch::Mark(Colour::Ink, Shape::Triangle), "took over"),
        (any(|ack| !ack.again.is_empty()), Swatch::Mark(Colour::Muted, Shape::Tick), "was given again"),
        (any(|ack| !ack.crashes.is_empty()), Swatch::Mark(Colour::Lost, Shape::Cross), "crashed"),
        (any(|ack| !ack.crashes.is_empty()), Swatch::Bar(Colour::Down), "until all is settled"),
        (
            any(|ack| ack.crashes.iter().any(|crash| crash.recovered_s.is_some())),
            Swatch::Mark(Colour::Back, Shape::Disc),
            "all recovered",
        ),
        (judged.series.iter().any(|series| !series.faults.is_empty()), Swatch::Band, "fault"),
    ];
    let marks = marks.into_iter().filter(|(there, ..)| *there);
    let marks = marks.map(|(_, swatch, text)| Key { swatch, text: text.to_owned() });
    consumers.iter().enumerate().map(line).chain(marks).collect()
}

fn findings(shown: &Shown<'_>) -> Vec<String> {
    let Some(ack) = shown.series.map(|series| &series.ack) else { return Vec::new() };
    let sum = |marks: &[crate::series::AckMark]| marks.iter().map(|mark| mark.messages).sum::<u64>();
    let (taken, again) = (sum(&ack.taken), sum(&ack.again));
    let mut told = Vec::new();
    if taken + again > 0 {
        let (taken, again) = (number::count(taken), number::count(again));
        told.push(format!("{}: entries taken over: {taken}; repeated deliveries: {again}.", shown.label));
    }
    told.extend(ack.crashes.iter().map(|crash| format!("{}: {}.", shown.label, sentence(crash))));
    told
}

fn sentence(crash: &CrashSpan) -> String {
    let since = |at: f64| format!("{:.1} s", at - crash.at_s);
    let first = crash.first_s.map_or_else(
        || "nobody took any of it over".to_owned(),
        |at| format!("the first of them was taken over {} later", since(at)),
    );
    let end = match (crash.held, crash.recovered_s) {
        (0, _) => {
            return format!(
                "{} crashed {:.1} s into the load with nothing in hand",
                one_line(&crash.consumer),
                crash.at_s
            );
        }
        (_, Some(at)) => format!("all were settled after {}", since(at)),
        (_, None) => format!("{} never were settled", number::count(crash.left)),
    };
    let held = number::count(crash.held);
    let who = one_line(&crash.consumer);
    format!("{who} crashed {:.1} s into the load with {held} in hand; {first}, and {end}", crash.at_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_consumers_that_are_drawn_look_alike() {
        let looks: Vec<_> = (0..MOST_CONSUMERS).map(look).collect();
        for (index, one) in looks.iter().enumerate() {
            assert!(!looks[..index].contains(one), "{one:?}");
        }
    }

    #[test]
    fn a_crash_is_told_with_what_became_of_what_was_in_hand() {
        let crash = CrashSpan {
            consumer: "consumer-1".to_owned(),
            at_s: 10.0,
            held: 20,
            first_s: Some(12.5),
            recovered_s: Some(13.0),
            left: 0,
        };
        let told = sentence(&crash);
        assert!(
            told.contains("with 20 in hand") && told.contains("taken over 2.5") && told.contains("after 3"),
            "{told}"
        );
        let left = sentence(&CrashSpan { first_s: None, recovered_s: None, left: 20, ..crash });
        assert!(left.contains("nobody took any of it over") && left.contains("20 never were settled"), "{left}");
    }
}
