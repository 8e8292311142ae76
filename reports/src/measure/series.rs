//! What charts draw, with every instant counted from the load's start.

use super::timeline::Timeline;
use crate::facts::{PhaseFacts, TrialFacts};
use crate::history::{Connection, Gauge, Inspection};
use crate::series::{
    AckSeries, Block, ConnectionPoint, FaultBand, GaugeSeries, OutcomeSecond, Percentiles, Second, TrialSeries,
};
use crate::units::Nanos;
use std::collections::BTreeMap;

/// What the series are made of.
pub(super) struct Drawn<'a> {
    pub(super) facts: &'a TrialFacts,
    pub(super) timeline: &'a Timeline,
    pub(super) seconds: Vec<Second>,
    pub(super) blocks: Vec<Block>,
    pub(super) outcomes: Vec<OutcomeSecond>,
    pub(super) percentiles: Percentiles,
    pub(super) connections: &'a [Connection],
    pub(super) gauges: &'a [Gauge],
    /// What the broker said of itself at the end.
    pub(super) inspections: &'a [Inspection],
    pub(super) ack: AckSeries,
}

/// The series of a trial.
pub(super) fn draw(drawn: Drawn<'_>) -> TrialSeries {
    let Drawn { facts, timeline, seconds, blocks, outcomes, percentiles, connections, gauges, inspections, ack } =
        drawn;
    let start = timeline.load.from;
    let bands = timeline.faults.iter().map(|fault| FaultBand {
        name: fault.plan.name.clone(),
        from: fault.injected.since(start),
        to: fault.healed.since(start),
    });
    let points = connections.iter().map(|row| ConnectionPoint {
        client: row.client.clone(),
        peer: row.peer.clone(),
        event: row.event,
        at_s: seconds_since(start, row.at),
    });
    let phases = facts.phases.iter().map(|phase| PhaseFacts {
        name: phase.name.clone(),
        from: phase.from.since(start),
        to: phase.to.since(start),
    });
    TrialSeries {
        system: facts.system.name.clone(),
        repeat: facts.repeat,
        seconds,
        outcomes,
        percentiles,
        faults: bands.collect(),
        connections: points.collect(),
        gauges: gauge_series(gauges, inspections, start),
        ack,
        phases: phases.collect(),
        blocks,
    }
}

/// The gauges over time; where they tell of a backlog, what the broker said after the drain is the last point.
fn gauge_series(gauges: &[Gauge], inspections: &[Inspection], start: Nanos) -> Vec<GaugeSeries> {
    let mut points: BTreeMap<(&str, &str), Vec<(f64, f64)>> = BTreeMap::new();
    for gauge in gauges {
        let series = points.entry((&gauge.metric, &gauge.subject)).or_default();
        series.push((seconds_since(start, gauge.at), gauge.value));
    }
    for inspection in inspections {
        let subject = format!("partition-{}", inspection.partition.0);
        for (metric, value) in [("pending", Some(inspection.pending)), ("lag", inspection.lag)] {
            let series = points.iter_mut().find(|((of, whose), _)| *of == metric && *whose == subject);
            if let Some(((_, series), value)) = series.zip(value) {
                series.push((seconds_since(start, inspection.at), value as f64));
            }
        }
    }
    let each = points.into_iter().map(|((metric, subject), points)| GaugeSeries {
        metric: metric.to_owned(),
        subject: subject.to_owned(),
        points,
    });
    each.collect()
}

fn seconds_since(start: Nanos, at: Nanos) -> f64 {
    if at >= start { at.since(start).as_secs_f64() } else { -start.since(at).as_secs_f64() }
}
