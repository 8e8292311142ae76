//! Driving the load while faults are injected and healed on schedule.

use super::crew::Crew;
use super::event::{Event, Events, Totals};
use super::halt::{Halt, Halting};
use super::record::Record;
use super::stage::Stage;
use crate::clock;
use crate::model::Phases;
use reports::units::Nanos;
use std::time::Duration;

/// From the order to start until the first message: every worker must have heard of it by then.
const HEAD_START: Nanos = Nanos::from_millis(300);
const PROGRESS_EVERY: Duration = Duration::from_millis(500);

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
    /// Why it ended before its time; `None`: it did not.
    pub(super) halt: Option<Halt>,
    pub(super) troubles: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Inject(usize),
    Heal(usize),
}

/// Lets the load run to its end, or until it is halted; every fault is healed when this returns.
pub(super) async fn drive(
    crew: &mut Crew,
    stage: &mut Stage,
    record: &Record,
    times: &Times,
    events: &Events,
    halting: &mut Halting,
) -> Driven {
    let mut driven = Driven::default();
    let mut actions = timeline(stage, times).into_iter().peekable();
    let mut announced = false;
    while clock::now() < times.end && !crew.has_no_producers() && crew.unwritten().is_none() {
        let next = actions.peek().map_or(times.end, |(at, _)| *at);
        let tick = clock::now().plus(PROGRESS_EVERY.into());
        tokio::select! {
            () = sleep_until(next.min(tick).min(times.end)) => {}
            halt = halting.asked() => {
                driven.halt = Some(halt);
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
    if driven.halt == Some(Halt::NodeLost) {
        let (after, of) = (clock::now().since(times.load), times.end.since(times.load));
        driven.troubles.push(format!("the load was stopped after {after} of {of}, because a node had ended"));
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

async fn sleep_until(at: Nanos) {
    tokio::time::sleep(at.since(clock::now()).into()).await;
}
