//! Driving the load while faults are injected and healed on schedule, and draining afterwards.

use super::Order;
use super::crew::Crew;
use super::event::{Event, Events, Totals};
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Inject(usize),
    Heal(usize),
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
    let mut actions = timeline(stage, times).into_iter().peekable();
    let mut announced = false;
    while clock::now() < times.end && !crew.has_no_producers() && crew.unwritten().is_none() {
        let next = actions.peek().map_or(times.end, |(at, _)| *at);
        let tick = clock::now().plus(PROGRESS_EVERY.into());
        tokio::select! {
            () = sleep_until(next.min(tick).min(times.end)) => {}
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
        while let Some((_, action)) = actions.next_if(|(at, _)| *at <= clock::now()) {
            carry_out(action, stage, times, events).await;
        }
        crew.catch_up();
        tell_progress(crew, times, events);
    }
    for index in 0..stage.drivers().len() {
        carry_out(Action::Heal(index), stage, times, events).await;
        if let Some(row) = stage.drivers()[index].row() {
            record.observer().fault(&row);
        }
    }
    crew.catch_up();
    driven.troubles.extend(crew.take_troubles());
    driven
}

fn timeline(stage: &Stage, times: &Times) -> Vec<(Nanos, Action)> {
    let mut actions = Vec::new();
    for (index, fault) in stage.planned_faults().iter().enumerate() {
        let at = times.load.plus(fault.at.into());
        actions.push((at, Action::Inject(index)));
        actions.push((at.plus(fault.lasts.into()), Action::Heal(index)));
    }
    actions.sort_by_key(|(at, _)| *at);
    actions
}

async fn carry_out(action: Action, stage: &mut Stage, times: &Times, events: &Events) {
    let since_load = |at: Nanos| at.since(times.load);
    match action {
        Action::Inject(index) => {
            let fault = stage.planned_faults()[index].name.clone();
            let at = stage.drivers()[index].inject().await.map(since_load);
            events.tell(Event::Injected { fault, at });
        }
        Action::Heal(index) => {
            let already = stage.drivers()[index].row().is_none_or(|row| row.healed.is_some());
            if !already {
                let fault = stage.planned_faults()[index].name.clone();
                let at = stage.drivers()[index].heal().await.map(since_load);
                events.tell(Event::Healed { fault, at });
            }
        }
    }
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
