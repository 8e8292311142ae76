//! Driving the load while faults are injected and healed on schedule, and draining afterwards.

use super::Order;
use super::crew::Crew;
use super::event::{Event, Events, Totals};
use super::faults::Faults;
use super::interrupt::{Interrupt, Urgency};
use super::record::Record;
use super::stage::Stage;
use crate::clock;
use crate::model::{AckMode, Phases};
use reports::units::Nanos;
use std::time::Duration;

/// From the order to start until the first message: every worker must have heard of it by then.
const HEAD_START: Nanos = Nanos::from_millis(300);
const PROGRESS_EVERY: Duration = Duration::from_millis(500);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// After an interrupt a drain takes no longer than this.
const SHORT_DRAIN: Nanos = Nanos::from_secs(10);
/// Where nothing is ever settled, silence for this long counts as drained.
const SILENCE: Nanos = Nanos::from_secs(1);

/// The trial's instants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// The schedule's origin: the warm-up's first instant.
    pub(super) origin: Nanos,
    /// The load's first instant.
    pub(super) load: Nanos,
    /// The first instant after the load.
    pub(super) end: Nanos,
    /// The drain's limit.
    pub(super) drain_limit: Nanos,
}

impl Times {
    pub(super) fn from_now(phases: &Phases) -> Self {
        let origin = clock::now().plus(HEAD_START);
        let load = origin.plus(phases.warmup.into());
        let end = load.plus(phases.load.into());
        Self { origin, load, end, drain_limit: end.plus(phases.drain.into()) }
    }
}

/// How the drive went.
#[derive(Debug, Default)]
pub(super) struct Driven {
    pub(super) interrupted: bool,
    pub(super) troubles: Vec<String>,
}

/// Lets the load run to its end, or to an interrupt; every fault is healed when this returns.
pub(super) async fn drive(
    crew: &mut Crew,
    stage: &mut Stage,
    record: &Record,
    times: &Times,
    events: &Events,
    interrupt: &mut Interrupt,
) -> Driven {
    let mut driven = Driven::default();
    let faults = Faults::start(stage.take_drivers(), times.load, events);
    let mut announced = false;
    while clock::now() < times.end && !crew.has_no_producers() && crew.unwritten().is_none() {
        let tick = clock::now().plus(PROGRESS_EVERY.into());
        tokio::select! {
            () = sleep_until(tick.min(times.end)) => {}
            () = interrupt.until(Urgency::InOrder) => {
                driven.interrupted = true;
                crew.stop();
                break;
            }
        }
        if !announced && clock::now() >= times.load {
            announced = true;
            events.tell(Event::Step("driving the load"));
        }
        crew.catch_up();
        tell_progress(crew, times, events);
    }
    faults.end().await.iter().for_each(|row| record.observer().fault(row));
    crew.catch_up();
    driven.troubles.extend(crew.take_troubles());
    driven
}

fn tell_progress(crew: &Crew, times: &Times, events: &Events) {
    let progress = crew.progress();
    events.tell(Event::Progress(Totals {
        elapsed: clock::now().since(times.origin),
        planned: times.end.since(times.origin),
        sent: progress.sent,
        acknowledged: progress.acknowledged,
        unsuccessful: progress.failed + progress.indeterminate,
        delivered: progress.delivered,
    }));
}

/// Waits until every send has settled and the broker itself holds nothing more for the group; tells whether it came to that.
pub(super) async fn drain(order: &Order<'_>, crew: &mut Crew, stage: &Stage, times: &Times, interrupted: bool) -> bool {
    let limit = if interrupted { times.drain_limit.min(clock::now().plus(SHORT_DRAIN)) } else { times.drain_limit };
    let mut quiet_since = (0, clock::now());
    while clock::now() < limit && crew.unwritten().is_none() {
        crew.catch_up();
        let progress = crew.progress();
        if progress.delivered != quiet_since.0 {
            quiet_since = (progress.delivered, clock::now());
        }
        if progress.settled && is_accounted_for(order, stage, quiet_since.1).await {
            return true;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    false
}

async fn is_accounted_for(order: &Order<'_>, stage: &Stage, quiet_since: Nanos) -> bool {
    match order.scenario.workload.ack {
        AckMode::Never => clock::now().since(quiet_since) > SILENCE,
        AckMode::AfterProcessing | AckMode::BeforeProcessing => stage.outstanding().await == Some(0),
    }
}

async fn sleep_until(at: Nanos) {
    tokio::time::sleep(at.since(clock::now()).into()).await;
}
