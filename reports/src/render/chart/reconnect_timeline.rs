//! Every connection of every client as a lane: lost, attempts, back.

use super::axis::Axis;
use super::figure::{Bar, Figure, Key, Panel, Reading, Shape, Swatch, Symbol};
use super::kind::Chart;
use super::over_time;
use super::palette::Colour;
use crate::history::ConnectionEvent;
use crate::judge::Judged;
use crate::render::label::{Shown, shown};
use crate::render::number;
use crate::render::text::{fit, one_line};
use crate::series::ConnectionPoint;
use crate::units::Nanos;

/// The reconnect timeline.
pub(super) struct ReconnectTimeline;

/// Lanes of one trial that are drawn; what is left out is said.
const MOST_LANES: usize = 40;
const LANE: f64 = 19.0;
/// Connections that the finding names.
const MOST_NAMED: usize = 3;
/// Columns of a lane's name.
const NAME: usize = 28;
/// Seconds shown before and after what happens.
const MARGIN: f64 = 2.0;

impl Chart for ReconnectTimeline {
    fn name(&self) -> &'static str {
        "reconnect-timeline"
    }

    fn title(&self) -> &'static str {
        "Who reconnected when"
    }

    fn how_to_read(&self) -> &'static str {
        "One lane for each connection of each client. A grey bar lasts from the loss of a connection until it is usable again; \
         crosses on it are attempts that failed. A bar that ends well after the shaded fault is a client that was still \
         waiting for its next attempt although the broker was back. The chart is cut to the time around the faults."
    }

    fn finding(&self, judged: &Judged) -> Vec<String> {
        shown(judged).iter().map(outages).collect()
    }

    fn when_absent(&self) -> &'static str {
        "No connection was lost and no attempt failed."
    }

    fn figure(&self, judged: &Judged) -> Option<Figure> {
        let troubled = judged.series.iter().flat_map(|series| &series.connections).any(|point| is_trouble(point.event));
        if !troubled {
            return None;
        }
        let x = window(judged);
        let panels = shown(judged).iter().map(|shown| panel(shown, &x)).collect();
        Some(Figure { legend: legend(judged), panels })
    }
}

const fn is_trouble(event: ConnectionEvent) -> bool {
    matches!(event, ConnectionEvent::Lost | ConnectionEvent::AttemptFailed)
}

/// From shortly before the first fault or loss to shortly after the last heal or return.
fn window(judged: &Judged) -> Axis {
    let mut from = f64::INFINITY;
    let mut to = f64::NEG_INFINITY;
    let mut include = |at: f64| {
        if at.is_finite() {
            from = from.min(at);
            to = to.max(at);
        }
    };
    for series in &judged.series {
        for band in over_time::bands(series) {
            include(band.from);
            include(band.to);
        }
        for lane in lanes(&series.connections) {
            for bar in &lane.down {
                include(bar.0);
                bar.1.into_iter().for_each(&mut include);
            }
            lane.points.iter().filter(|point| is_trouble(point.event)).for_each(|point| include(point.at_s));
        }
    }
    Axis::seconds((from - MARGIN).max(-MARGIN), to + MARGIN)
}

/// One connection of one client.
struct Lane<'a> {
    name: String,
    points: Vec<&'a ConnectionPoint>,
    /// From each loss (or first failure) until it was back; without an end where it never was.
    down: Vec<(f64, Option<f64>)>,
}

fn lanes(points: &[ConnectionPoint]) -> Vec<Lane<'_>> {
    let mut keys: Vec<(&str, &str)> = points.iter().map(|point| (point.client.as_str(), point.peer.as_str())).collect();
    keys.sort_unstable_by_key(|(client, peer)| (numbered(client), *peer));
    keys.dedup();
    let lane = |(client, peer): (&str, &str)| {
        let points: Vec<&ConnectionPoint> =
            points.iter().filter(|point| point.client == client && point.peer == peer).collect();
        let name =
            if peer == "main" { one_line(client) } else { format!("{} · {}", one_line(client), one_line(peer)) };
        let down = down(&points);
        Lane { name: fit(&name, NAME), points, down }
    };
    keys.into_iter().map(lane).collect()
}

/// A client's name so that `consumer-2` stands before `consumer-10`.
fn numbered(client: &str) -> (&str, u64, &str) {
    let stem = client.trim_end_matches(|character: char| character.is_ascii_digit());
    (stem, client[stem.len()..].parse().unwrap_or(0), client)
}

fn down(points: &[&ConnectionPoint]) -> Vec<(f64, Option<f64>)> {
    let mut down = Vec::new();
    let mut since = None;
    for point in points {
        match point.event {
            ConnectionEvent::Lost | ConnectionEvent::AttemptFailed => since = since.or(Some(point.at_s)),
            ConnectionEvent::Connected => down.extend(since.take().map(|from| (from, Some(point.at_s)))),
            ConnectionEvent::Connecting => {}
        }
    }
    down.extend(since.map(|from| (from, None)));
    down
}

fn panel(shown: &Shown<'_>, x: &Axis) -> Panel {
    let all = shown.series.map(|series| lanes(&series.connections)).unwrap_or_default();
    let (drawn, left_out) = choose(all);
    let mut bars = Vec::new();
    let mut marks = Vec::new();
    let mut readings = Vec::new();
    for (index, lane) in drawn.iter().enumerate() {
        let y = index as f64 + 0.5;
        bars.extend(lane.down.iter().map(|(from, to)| Bar {
            from: *from,
            to: to.unwrap_or(x.to),
            y,
            colour: Colour::Down,
        }));
        let within = lane.points.iter().filter(|point| point.at_s >= x.from && point.at_s <= x.to);
        marks.extend(within.clone().map(|point| mark(point, y)));
        readings.extend(lane.down.iter().map(|(from, to)| told(&lane.name, (*from, *to), x, y)));
        readings.extend(within.map(|point| Reading {
            from: point.at_s,
            to: point.at_s,
            lane: Some(y),
            words: format!("{}: {} at {:.3} s", lane.name, word(point.event), point.at_s),
        }));
    }
    let measure = match (drawn.is_empty(), left_out) {
        (true, _) => String::new(),
        (false, 0) => "one lane for each connection".to_owned(),
        (false, more) => format!("{} that were down least are not drawn", number::of(more, "more lane")),
    };
    Panel {
        measure,
        height: LANE * drawn.len().max(2) as f64,
        bars,
        marks,
        readings,
        empty: drawn.is_empty().then(|| "no connection event was recorded".to_owned()),
        ..over_time::panel(shown, x, &Axis::lanes(drawn.iter().map(|lane| lane.name.clone())))
    }
}

/// The lanes to draw, in their order, and how many are left out: those that were down least.
fn choose(mut lanes: Vec<Lane<'_>>) -> (Vec<Lane<'_>>, usize) {
    let left_out = lanes.len().saturating_sub(MOST_LANES);
    if left_out > 0 {
        let mut times: Vec<f64> = lanes.iter().map(time_down).collect();
        times.sort_by(|one, other| other.total_cmp(one));
        let least = times[MOST_LANES - 1];
        lanes.retain(|lane| time_down(lane) >= least);
        lanes.truncate(MOST_LANES);
    }
    (lanes, left_out)
}

fn time_down(lane: &Lane<'_>) -> f64 {
    lane.down.iter().map(|(from, to)| to.map_or(f64::INFINITY, |to| to - from)).sum()
}

fn told(name: &str, (from, to): (f64, Option<f64>), x: &Axis, y: f64) -> Reading {
    let end = to.map_or_else(|| "and not seen back".to_owned(), |to| format!("to {to:.3} s"));
    let words = format!("{name}: down from {from:.3} s {end}");
    Reading { from, to: to.unwrap_or(x.to), lane: Some(y), words }
}

const fn word(event: ConnectionEvent) -> &'static str {
    match event {
        ConnectionEvent::Connecting => "attempt begins",
        ConnectionEvent::Connected => "connected",
        ConnectionEvent::Lost => "connection lost",
        ConnectionEvent::AttemptFailed => "attempt failed",
    }
}

fn mark(point: &ConnectionPoint, y: f64) -> Symbol {
    let (shape, colour) = look(point.event);
    Symbol { x: point.at_s, y, shape, colour }
}

const fn look(event: ConnectionEvent) -> (Shape, Colour) {
    match event {
        ConnectionEvent::Connecting => (Shape::Tick, Colour::Muted),
        ConnectionEvent::Connected => (Shape::Disc, Colour::Back),
        ConnectionEvent::Lost => (Shape::Triangle, Colour::Lost),
        ConnectionEvent::AttemptFailed => (Shape::Cross, Colour::Failed),
    }
}

fn legend(judged: &Judged) -> Vec<Key> {
    let key = |event| {
        let (shape, colour) = look(event);
        Key { swatch: Swatch::Mark(colour, shape), text: word(event).to_owned() }
    };
    let mut keys = vec![
        key(ConnectionEvent::Lost),
        key(ConnectionEvent::Connecting),
        key(ConnectionEvent::AttemptFailed),
        key(ConnectionEvent::Connected),
        Key { swatch: Swatch::Bar(Colour::Down), text: "down".to_owned() },
    ];
    if judged.series.iter().any(|series| !series.faults.is_empty()) {
        keys.push(Key { swatch: Swatch::Band, text: "fault".to_owned() });
    }
    keys
}

fn outages(shown: &Shown<'_>) -> String {
    let lanes = shown.series.map(|series| lanes(&series.connections)).unwrap_or_default();
    let troubled: Vec<&Lane<'_>> = lanes.iter().filter(|lane| !lane.down.is_empty()).collect();
    if troubled.is_empty() {
        return format!("{}: no connection was lost.", shown.label);
    }
    let failed: usize = troubled
        .iter()
        .map(|lane| lane.points.iter().filter(|point| point.event == ConnectionEvent::AttemptFailed).count())
        .sum();
    let gone = troubled.iter().filter(|lane| lane.down.iter().any(|(_, to)| to.is_none()));
    let gone: Vec<&str> = gone.map(|lane| lane.name.as_str()).collect();
    let ended = troubled.iter().flat_map(|lane| &lane.down).filter_map(|(from, to)| Some(to.as_ref()? - from));
    let longest = ended.fold(0.0, f64::max);
    let ending = match gone.as_slice() {
        [] => format!("all came back, the slowest after {}", Nanos((longest * 1e9) as u64)),
        some => {
            let more = some.len().saturating_sub(MOST_NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let named = some[..some.len().min(MOST_NAMED)].join(", ");
            format!(
                "{named}{more} did not come back; a client that works over another connection counts as back \
                 without"
            )
        }
    };
    format!(
        "{}: {} went down, {} failed; {ending}.",
        shown.label,
        number::of(troubled.len(), "connection"),
        number::of(failed, "attempt")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(event: ConnectionEvent, at_s: f64) -> ConnectionPoint {
        ConnectionPoint { client: "producer-0".to_owned(), peer: "main".to_owned(), event, at_s }
    }

    #[test]
    fn clients_stand_in_the_order_of_their_numbers() {
        let mut clients = ["consumer-10", "producer-0", "consumer-2"];
        clients.sort_unstable_by_key(|client| numbered(client));
        assert_eq!(clients, ["consumer-2", "consumer-10", "producer-0"]);
    }

    #[test]
    fn of_very_many_lanes_those_that_were_down_longest_are_drawn() {
        let lane =
            |index: usize| Lane { name: index.to_string(), points: Vec::new(), down: vec![(0.0, Some(index as f64))] };
        let (drawn, left_out) = choose((0..MOST_LANES + 5).map(lane).collect());
        assert_eq!((drawn.len(), left_out), (MOST_LANES, 5));
        assert_eq!(drawn[0].name, "5");
    }

    #[test]
    fn a_connection_is_down_from_its_loss_until_it_is_usable_again() {
        use ConnectionEvent::{AttemptFailed, Connected, Connecting, Lost};
        let points = [
            point(Connected, -1.0),
            point(Lost, 10.0),
            point(Connecting, 11.0),
            point(AttemptFailed, 11.2),
            point(Connected, 15.5),
            point(Lost, 20.0),
        ];
        let lanes = lanes(&points);
        assert_eq!(lanes.len(), 1);
        assert_eq!(lanes[0].name, "producer-0");
        assert_eq!(lanes[0].down, [(10.0, Some(15.5)), (20.0, None)]);
    }
}
