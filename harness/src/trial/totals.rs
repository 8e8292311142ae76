//! Where a trial stands, told to whoever listens.

use super::crew::Crew;
use super::event::{Event, Events, Totals};
use super::observer::Sample;
use super::times::Times;
use crate::clock;
use reports::history::Gauge;
use reports::units::Nanos;
use std::time::Duration;
use tokio::sync::watch;

/// How often it is told.
pub(super) const TOLD_EVERY: Duration = Duration::from_millis(500);

/// Tells where the trial stands. `drain`: how long its drain may still take, where that has begun.
pub(super) fn tell(
    crew: &mut Crew,
    times: &Times,
    drain: Option<Nanos>,
    (samples, events): (&watch::Receiver<Sample>, &Events),
) {
    let (progress, now, instant) = (crew.progress(), crew.clients_now(), clock::now());
    events.tell(Event::Progress(Totals {
        idle: times.idle_left(instant),
        elapsed: instant.since(times.origin),
        warmup: times.load.since(times.origin),
        silent: times.is_silent(instant),
        load: times.end.since(times.load),
        drain,
        sent: progress.sent,
        acknowledged: progress.acknowledged,
        unsuccessful: progress.failed + progress.indeterminate,
        reasons: now.reasons,
        delivered: progress.delivered,
        p99: now.p99,
        connected: now.connected,
        clients: now.clients,
        backlog: backlog(&samples.borrow()),
    }));
}

/// Not yet delivered or committed, and delivered and not yet acknowledged, over all partitions.
fn backlog(sample: &Sample) -> Option<u64> {
    let held =
        |gauge: &&Gauge| ["lag", "pending"].contains(&gauge.metric.as_str()) && gauge.subject.starts_with("partition-");
    let mut held = sample.iter().filter(held).peekable();
    held.peek()?;
    Some(held.map(|gauge| gauge.value.max(0.0)).sum::<f64>().round() as u64)
}
