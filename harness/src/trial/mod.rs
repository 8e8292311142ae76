//! A trial: one scenario on one system, once, in steps, from an empty folder to a complete history.
//! From here the environment, brokers' administrators, faults and workers may be touched; nothing is judged.
//! To add a step: write it as a function of its name in its own file, and call it in `steps`.

mod account;
mod cores;
mod crew;
mod dead_letters;
mod drain;
mod drive;
mod error;
mod event;
mod faults;
mod halt;
mod interrupt;
mod kept;
mod launch;
mod nodes;
mod observer;
mod order;
mod pinned;
mod reading;
mod record;
mod roster;
pub mod scribe;
mod stage;
mod start;
mod times;
mod topology;
mod totals;
mod trigger;
mod warm_up;
mod watch;
mod yardstick;

pub use error::TrialError;
pub use event::{Event, Events, Kept, KeptNode, Totals};
pub use interrupt::{Interrupt, Urgency};
pub use launch::{Launched, launch};
pub use order::Order;
pub use topology::topology;

use crate::clock;
use crate::environment::Environment;
use crate::scenario::System;
use crew::Consuming;
use halt::{Halt, Halting};
use reports::facts::EndFacts;
use stage::Stage;
use std::time::Duration;

/// How long workers may take to write what they have and to leave, and how long where there is little time.
const FINISH_WITHIN: Duration = Duration::from_secs(15);
const FINISH_SOON: Duration = Duration::from_secs(2);

/// A trial that is over, as far as its history goes. What was started for it is still there, until it is torn down.
pub struct Played {
    outcome: Result<(), TrialError>,
    stage: Option<Stage>,
}

/// Carries a trial through, up to the broker's account. The history is complete when this returns, whatever comes out.
pub async fn play(
    order: &Order<'_>,
    environment: Option<&Environment>,
    events: &Events,
    interrupt: &mut Interrupt,
) -> Played {
    let mut stage = None;
    let mut second = interrupt.clone();
    let at_once = async {
        second.until(Urgency::AtOnce).await;
        // Removing comes after reporting then.
        environment.iter().for_each(|environment| environment.leave_nodes());
    };
    let outcome = tokio::select! {
        outcome = steps(order, environment, events, interrupt, &mut stage) => outcome,
        () = at_once => Err(TrialError::Interrupted),
    };
    Played { outcome, stage }
}

impl Played {
    /// What it leaves running, where the environment is to be kept.
    pub async fn kept(&self, system: &System) -> Kept {
        kept::kept(system, self.stage.as_ref().map(Stage::place)).await
    }

    /// Stops and removes what was started; nothing where the environment is to be kept.
    ///
    /// # Errors
    /// Why the trial could not be carried through: a step before the load did not succeed, the disk refused a row, or it was
    /// interrupted at once or before the load; or else why something could not be removed.
    pub async fn tear_down(self, environment: Option<&Environment>) -> Result<(), TrialError> {
        let removed = match self.stage {
            Some(stage) => stage.tear_down(environment).await,
            None => Ok(()),
        };
        self.outcome.and(removed)
    }
}

/// Prepare, start, provision, spawn, warm up, drive, drain, inspect.
async fn steps(
    order: &Order<'_>,
    environment: Option<&Environment>,
    events: &Events,
    interrupt: &mut Interrupt,
    on: &mut Option<Stage>,
) -> Result<(), TrialError> {
    let mut first = interrupt.clone();
    let until_the_load = async {
        events.tell(Event::Step("preparing"));
        let record = record::prepare(order)?;
        events.tell(Event::Step("starting the broker and its proxy"));
        let stage = on.insert(start::start(order, environment, &record, events).await?);
        events.tell(Event::Step("creating topics and groups"));
        stage.provision().await?;
        events.tell(Event::Step("starting workers"));
        let mut crew = stage.spawn(order, environment, &record)?;
        warm_up::gather(order, stage, &mut crew, events).await?;
        Ok::<_, TrialError>((record, stage, crew))
    };
    let (mut record, stage, mut crew) = tokio::select! {
        ready = until_the_load => ready?,
        () = first.until(Urgency::InOrder) => return Err(TrialError::Interrupted),
    };
    let mut halting = Halting::new(interrupt, stage.watch());
    let (times, sampling) = warm_up::warm_up(order, stage, &mut record, &mut crew, events)?;
    let mut driven = drive::drive(&mut crew, stage, &mut record, &times, events, &mut halting).await;
    events.tell(Event::Step("draining"));
    let listeners = (&record.observer().samples(), events);
    let drained = drain::drain(order, &mut crew, stage, &times, driven.halt, listeners).await;
    let deserted = crew.consuming() == Consuming::NobodyMore;
    sampling.abort();
    let files = crew.finish(if driven.halt.is_some() { FINISH_SOON } else { FINISH_WITHIN }).await;
    record.observer().gauges(&crew.take_gauges());
    let unwritten = crew.unwritten().map(str::to_owned);
    driven.note(crew.take_troubles(), events);
    driven.unplanned.extend(crew.take_losses());
    events.tell(Event::Step("asking the broker for its account"));
    let mut troubles = Vec::new();
    let inspected = stage.inspect(&record, driven.halt, &mut troubles).await;
    let dead_letters = dead_letters::read(order, &stage.administrator(), &record, driven.halt, &mut troubles).await;
    driven.note(troubles, events);
    let log = reading::read_log(order, stage, &record, &inspected, (driven.halt, &*interrupt)).await;
    let paths = stage.passed().await;
    let end = EndFacts {
        at: clock::now(),
        drained,
        deserted,
        interrupted: driven.halt == Some(Halt::Interrupted),
        troubles: driven.troubles,
        unplanned: driven.unplanned,
        proxied_bytes: paths.iter().map(|path| path.bytes).sum::<Option<u64>>().filter(|_| !paths.is_empty()),
        paths,
        log: Some(log),
        dead_letters,
        untriggered: driven.untriggered,
        cores: driven.cores,
        yardstick: driven.yardstick,
    };
    record.end(end, files)?;
    unwritten.map_or(Ok(()), |words| Err(TrialError::Unwritten(words)))
}
