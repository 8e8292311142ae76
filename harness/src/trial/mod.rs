//! A trial: one scenario on one system, once, in steps, from an empty folder to a complete history.
//! From here the environment, brokers' administrators, faults and workers may be touched; nothing is judged.
//! To add a step: write it as a function of its name in its own file, and call it in `run`.

mod crew;
mod drive;
mod event;
mod faults;
mod gather;
mod interrupt;
mod observer;
mod record;
mod stage;

pub use event::{Event, Events, Totals};
pub use interrupt::{Interrupt, Urgency};

use crate::clock;
use crate::environment::{Environment, EnvironmentError};
use crate::model::BrokerError;
use crate::scenario::{Scenario, Secrets, System};
use reports::facts::{EndFacts, RunFacts};
use reports::history::HistoryError;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that a trial is about.
#[derive(Debug)]
pub struct Order<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The system to try it on.
    pub system: &'a System,
    /// Which repeat, from 1.
    pub repeat: u32,
    /// The trial's own folder; it must not exist.
    pub folder: PathBuf,
    /// The run's facts, for `trial.json`.
    pub run: &'a RunFacts,
    /// The identity that payloads, topics and groups carry.
    pub trial_id: u64,
    /// What must not be written down.
    pub secrets: &'a Secrets,
}

/// Why a trial could not be carried through. What its history holds by then is kept.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum TrialError {
    /// The environment.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Environment(#[from] EnvironmentError),
    /// The broker.
    #[error(transparent)]
    #[diagnostic(help("the logs of brokers and workers are in the trial's folder `logs/`"))]
    Broker(#[from] BrokerError),
    /// The disk.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A worker's part of the history could not be written.
    #[error("a part of the history could not be written: {0}")]
    #[diagnostic(help("is the disk full? free some space, or choose another one with --out"))]
    Unwritten(String),
    /// A folder or a process.
    #[error("{doing}: {source}")]
    #[diagnostic(help("is the disk full, or the folder not writable? choose another one with --out"))]
    Io {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The workers did not come up.
    #[error("the workers did not come up: {0}")]
    #[diagnostic(help("their own words are in the trial's folder `logs/`"))]
    Workers(String),
    /// A second interrupt, or one before the load had begun.
    #[error("interrupted")]
    Interrupted,
}

/// How long workers may take to write what they have and to leave.
const FINISH_WITHIN: Duration = Duration::from_secs(15);

/// Carries a trial through. The history is complete when this returns, whatever it returns; everything that was started is gone.
///
/// # Errors
/// A step before the load did not succeed, the disk refused a row, or a second interrupt came.
pub async fn run(
    order: &Order<'_>,
    environment: Option<&Environment>,
    events: &Events,
    interrupt: &mut Interrupt,
) -> Result<(), TrialError> {
    let mut interrupted = interrupt.clone();
    tokio::select! {
        result = steps(order, environment, events, interrupt) => result,
        () = interrupted.until(Urgency::AtOnce) => Err(TrialError::Interrupted),
    }
}

async fn steps(
    order: &Order<'_>,
    environment: Option<&Environment>,
    events: &Events,
    interrupt: &mut Interrupt,
) -> Result<(), TrialError> {
    events.tell(Event::Step("preparing"));
    let mut record = record::prepare(order)?;
    events.tell(Event::Step("starting the broker and its proxy"));
    let mut stage = stage::start(order, environment, &record).await?;
    let outcome = on_stage(order, &mut stage, &mut record, events, interrupt).await;
    events.tell(Event::Step("tearing down"));
    let removed = stage.tear_down(environment).await;
    outcome?;
    removed?;
    Ok(())
}

async fn on_stage(
    order: &Order<'_>,
    stage: &mut stage::Stage,
    record: &mut record::Record,
    events: &Events,
    interrupt: &mut Interrupt,
) -> Result<(), TrialError> {
    events.tell(Event::Step("creating topics and groups"));
    stage.provision().await?;
    stage.prepare_faults().await?;
    events.tell(Event::Step("starting workers"));
    let mut crew = stage.spawn(order, record)?;
    tokio::select! {
        ready = gather::gather(order, stage, &mut crew, events) => ready?,
        () = interrupt.until(Urgency::InOrder) => return Err(TrialError::Interrupted),
    }
    let times = drive::Times::from_now(&order.scenario.phases);
    record.begin(order, stage, &times)?;
    let watching = record.observer().watch(stage.administrator(), stage.watched(&crew));
    crew.start(times.origin);
    events.tell(Event::Step("warming up"));
    let mut driven = drive::drive(&mut crew, stage, record, &times, events, interrupt).await;
    events.tell(Event::Step("draining"));
    let drained = drive::drain(order, &mut crew, stage, &times, driven.interrupted).await;
    watching.abort();
    crew.finish(FINISH_WITHIN).await;
    let unwritten = crew.unwritten().map(str::to_owned);
    driven.troubles.extend(crew.take_troubles());
    events.tell(Event::Step("asking the broker for its account"));
    let inspected = stage.inspect(record, &mut driven.troubles).await;
    let proxied_bytes = stage.proxied_bytes().await;
    for trouble in &driven.troubles {
        events.tell(Event::Trouble(trouble.clone()));
    }
    record.end(EndFacts {
        at: clock::now(),
        drained,
        interrupted: driven.interrupted,
        troubles: driven.troubles,
        proxied_bytes,
        inspected,
    })?;
    unwritten.map_or(Ok(()), |words| Err(TrialError::Unwritten(words)))
}
