//! Series of a trial, from the model.

use super::system::{DOWN, LOAD, RATE, System, attempts, back, clients, faults, noise, seconds_of};
use reports::facts::PhaseFacts;
use reports::histogram::Spread;
use reports::history::ConnectionEvent;
use reports::series::{
    AckMark, AckSeries, ConnectionPoint, CrashSpan, FaultBand, GaugeSeries, OutcomeSecond, Percentiles, Second,
    TrialSeries,
};
use reports::units::Nanos;

pub(super) fn phases() -> Vec<PhaseFacts> {
    let phase = |name: &str, from, to| PhaseFacts {
        name: name.to_owned(),
        from: Nanos::from_secs(from),
        to: Nanos::from_secs(to),
    };
    vec![phase("warmup", 100, 103), phase("load", 103, 133), phase("drain", 133, 163)]
}

pub(super) fn seconds(system: System) -> Vec<Second> {
    let mut waiting = 0u64;
    let mut unread = 0u64;
    (0..LOAD + 3)
        .map(|second| {
            let at = second as f64;
            let offered = if second < LOAD { RATE } else { 0 };
            let open = open_share(system, at);
            waiting += offered;
            let acknowledged = waiting.min((3.2 * RATE as f64 * open) as u64);
            waiting -= acknowledged;
            unread += acknowledged;
            let consumed = unread.min((2.7 * RATE as f64 * open) as u64);
            unread -= consumed;
            let spread = (offered > 0).then(|| spread(system, second));
            Second {
                at: Nanos::from_secs(second),
                offered,
                acknowledged,
                consumed,
                unsuccessful: 0,
                response: spread,
                service: (offered > 0).then(|| calm(system, second)),
                end_to_end: spread.map(|spread| scaled(spread, 1.3)),
            }
        })
        .collect()
}

/// Which share of a second the system serves.
pub(super) fn open_share(system: System, at: f64) -> f64 {
    if system.returns_after.is_none() {
        return 1.0;
    }
    let closed = (back(system).min(at + 1.0) - DOWN.0.max(at)).max(0.0);
    1.0 - closed
}

pub(super) fn calm(system: System, second: u64) -> Spread {
    let (p50, p99) = system.calm_us;
    let vary = |value: u64, share: f64| Nanos((value as f64 * 1e3 * (1.0 + share * noise(second * 7 + value))) as u64);
    Spread { p50: vary(p50, 0.2), p99: vary(p99, 0.9), p99_9: vary(p99 * 3, 1.2), max: vary(p99 * 5, 1.0) }
}

pub(super) fn scaled(spread: Spread, by: f64) -> Spread {
    let scale = |value: Nanos| Nanos((value.0 as f64 * by) as u64);
    Spread { p50: scale(spread.p50), p99: scale(spread.p99), p99_9: scale(spread.p99_9), max: scale(spread.max) }
}

pub(super) fn spread(system: System, second: u64) -> Spread {
    let calm = calm(system, second);
    let at = second as f64;
    if system.returns_after.is_none() || at < DOWN.0 {
        return calm;
    }
    // Who was meant to be sent in the outage waits for its end, and then for those before him.
    let caught_up = back(system) + (back(system) - DOWN.0) / 2.2;
    if at >= caught_up {
        return calm;
    }
    let wait = |moment: f64| {
        let length = back(system) - DOWN.0;
        let left = ((caught_up - moment) / (caught_up - DOWN.0)).max(0.0);
        seconds_of(length * left)
    };
    let largest = |value: Nanos, other: Nanos| value.max(other);
    Spread {
        p50: largest(wait(at + 0.5), calm.p50),
        p99: largest(wait(at + 0.01), calm.p99),
        p99_9: largest(wait(at + 0.001), calm.p99_9),
        max: largest(wait(at), calm.max),
    }
}

pub(super) fn percentiles(system: System) -> Percentiles {
    let quantiles = [0.0, 0.25, 0.5, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9995, 0.9999, 1.0];
    let (p50, p99) = system.calm_us;
    let served = |quantile: f64| {
        let nines = if quantile >= 1.0 { 4.8 } else { -(1.0 - quantile).log10() };
        let steps = nines / 2.0;
        p50 as f64 * 0.6 * (p99 as f64 / p50 as f64 / 0.6).powf(steps.min(1.6)) * 1e3
    };
    let responded = |quantile: f64| {
        let outage = system.returns_after.map_or(0.0, |_| back(system) - DOWN.0);
        let share_hit = outage * 1.45 / LOAD as f64;
        let hit = ((quantile - (1.0 - share_hit)) / share_hit.max(1e-9)).max(0.0);
        (served(quantile) * 1.04).max(hit * outage * 1e9)
    };
    let curve =
        |value: &dyn Fn(f64) -> f64| quantiles.map(|quantile| (quantile, Nanos(value(quantile) as u64))).to_vec();
    Percentiles {
        response: curve(&responded),
        service: curve(&served),
        end_to_end: curve(&|quantile| responded(quantile) * 1.1 + 250_000.0),
        responses: (0..1000)
            .map(|step| (Nanos(responded(f64::from(step) / 1000.0) as u64), RATE * LOAD / 1000))
            .collect(),
    }
}

pub(super) fn connections(system: System) -> Vec<ConnectionPoint> {
    let mut points = Vec::new();
    for (index, client) in clients().iter().enumerate() {
        for (place, peer) in system.peers.iter().enumerate() {
            let mut add = |event, at_s| {
                points.push(ConnectionPoint { client: client.clone(), peer: (*peer).to_owned(), event, at_s });
            };
            add(ConnectionEvent::Connected, -3.2);
            let lane = (index * 2 + place) as u64;
            let all = attempts(system, lane);
            if all.is_empty() {
                continue;
            }
            add(ConnectionEvent::Lost, DOWN.0 + 0.02 + 0.1 * noise(lane));
            for (number, (begin, end, _)) in all.iter().enumerate() {
                add(ConnectionEvent::Connecting, DOWN.0 + begin);
                let event =
                    if number + 1 == all.len() { ConnectionEvent::Connected } else { ConnectionEvent::AttemptFailed };
                add(event, DOWN.0 + end);
            }
        }
    }
    points.sort_by(|one, other| one.at_s.total_cmp(&other.at_s));
    points
}

pub(super) fn gauges(system: System) -> Vec<GaugeSeries> {
    let mut gauges = Vec::new();
    for (metric, share) in [("pending", 0.25), ("lag", 0.9)] {
        for partition in 0..4u64 {
            let reading = |half: u64| {
                let at = half as f64 / 2.0;
                let calm = 3.0 + 5.0 * noise(half * 4 + partition);
                let behind = if at >= back(system) && faults(system).is_some() {
                    (1.0 - (at - back(system)) / 3.5).max(0.0) * 900.0
                } else {
                    0.0
                };
                (at, (share * (calm + behind)).round())
            };
            // A broker behind the broken link could not be asked.
            let known = |at: f64| faults(system).is_none() || at < DOWN.0 || at >= DOWN.1;
            let points: Vec<(f64, f64)> = (0..64).map(reading).filter(|(at, _)| known(*at)).collect();
            gauges.push(GaugeSeries { metric: metric.to_owned(), subject: format!("partition-{partition}"), points });
        }
    }
    gauges
}

/// Two of three consumers took over what the third one had when it crashed, three seconds into the load.
pub(super) fn ack(system: System) -> AckSeries {
    const CRASH: f64 = 3.0;
    let pending = |consumer: u64| {
        let reading = |half: u64| {
            let at = half as f64 / 2.0;
            let dead = consumer == 1 && (CRASH..CRASH + 3.0).contains(&at);
            let calm = 4.0 + 6.0 * noise(half * 3 + consumer);
            (
                at,
                if dead {
                    42.0
                } else if consumer == 1 && at > CRASH {
                    0.0
                } else {
                    calm.round()
                },
            )
        };
        let points = (0..64).map(reading).collect();
        GaugeSeries { metric: "pending".to_owned(), subject: format!("consumer-{consumer}"), points }
    };
    let mark =
        |consumer: u64, at_s: f64, messages| AckMark { consumer: format!("consumer-{consumer}"), at_s, messages };
    let taken = vec![mark(0, CRASH + 2.6, 30), mark(2, CRASH + 2.9, 12)];
    let mut again = taken.clone();
    if faults(system).is_some() {
        again.push(mark(0, back(system), 23));
    }
    let crash = CrashSpan {
        consumer: "consumer-1".to_owned(),
        at_s: CRASH,
        held: 42,
        first_s: Some(CRASH + 2.6),
        recovered_s: Some(CRASH + 3.1),
        left: 0,
    };
    AckSeries { pending: (0..3).map(pending).collect(), taken, again, crashes: vec![crash] }
}

/// The sends that were under way when the link went down.
fn outcomes(system: System) -> Vec<OutcomeSecond> {
    let last = if faults(system).is_some() { DOWN.0 as u64 + 1 } else { 0 };
    let second = |at: u64| OutcomeSecond {
        at: Nanos::from_secs(at),
        indeterminate: if at + 1 == last { 14 } else { 0 },
        ..OutcomeSecond::default()
    };
    (0..last).map(second).collect()
}

/// All series of a trial.
pub(super) fn of(system: System, repeat: u32) -> TrialSeries {
    let down = faults(system).map(|()| FaultBand {
        name: "down-1".to_owned(),
        from: seconds_of(DOWN.0),
        to: seconds_of(DOWN.1),
    });
    TrialSeries {
        system: system.name.to_owned(),
        repeat,
        seconds: seconds(system),
        outcomes: outcomes(system),
        percentiles: percentiles(system),
        faults: down.into_iter().collect(),
        connections: connections(system),
        gauges: gauges(system),
        ack: ack(system),
        phases: phases(),
        blocks: Vec::new(),
    }
}
