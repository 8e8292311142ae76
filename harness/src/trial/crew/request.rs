//! What faults ask of the crew.

use crate::environment::EnvironmentError;
use crate::fault::{Pace, WorkerState, Workers};
use crate::model::Parting;
use futures_util::future::BoxFuture;
use rustix::process::Signal;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

/// How long a killed process may take to end.
const ENDS_WITHIN: Duration = Duration::from_secs(10);
/// How long a successor may take until it is ready: it may have to wait for its broker.
const READY_WITHIN: Duration = Duration::from_secs(45);
/// How long a worker may take to say that it does what it is told, and to leave its group.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
const LEAVES_WITHIN: Duration = Duration::from_secs(15);
const ASKED_AGAIN_AFTER: Duration = Duration::from_millis(5);

/// A wish of a fault, with the way back.
#[derive(Debug)]
pub(in crate::trial) struct Request {
    pub(super) worker: String,
    pub(super) doing: Wish,
    pub(super) answer: oneshot::Sender<Result<WorkerView, EnvironmentError>>,
}

/// A worker as it is when a wish has been answered.
#[derive(Clone, Debug)]
pub(super) struct WorkerView {
    pub(super) state: WorkerState,
    /// `None`: it consumes nothing.
    pub(super) pace: Option<Pace>,
}

/// What it is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wish {
    Nothing,
    Signal(Signal),
    Kill,
    /// Work for so long on each message; `None`: as it was assigned.
    Work(Option<Duration>),
    Leave(Parting),
    /// Spawn a successor, as soon as all that was recorded has been read.
    Succeed,
}

/// The faults' way to the crew.
#[derive(Clone, Debug)]
pub(in crate::trial) struct Requests(UnboundedSender<Request>);

impl Requests {
    /// A way, and its end, which is the crew's.
    pub(in crate::trial) fn new() -> (Self, UnboundedReceiver<Request>) {
        let (sender, receiver) = unbounded_channel();
        (Self(sender), receiver)
    }

    async fn ask(&self, worker: &str, doing: Wish) -> Result<WorkerView, EnvironmentError> {
        let (answer, answered) = oneshot::channel();
        let over = || EnvironmentError::step(format!("nobody listens for {worker} any more"), "the trial is over");
        self.0.send(Request { worker: worker.to_owned(), doing, answer }).map_err(|_| over())?;
        answered.await.map_err(|_| over())?
    }

    /// Asks again and again, until the answer is the one that is waited for.
    async fn until(
        &self,
        worker: &str,
        (doing, within): (Wish, Duration),
        wanted: impl Fn(&WorkerView) -> bool,
    ) -> Result<(), EnvironmentError> {
        let deadline = Instant::now() + within;
        loop {
            let view = self.ask(worker, doing).await?;
            if wanted(&view) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let what = format!("{worker} is still {:?} after {} s", view.state, within.as_secs());
                return Err(EnvironmentError::step(what, "its log is in the trial's folder `logs`"));
            }
            tokio::time::sleep(ASKED_AGAIN_AFTER).await;
        }
    }
}

impl Workers for Requests {
    fn state<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<WorkerState, EnvironmentError>> {
        Box::pin(async move { Ok(self.ask(worker, Wish::Nothing).await?.state) })
    }

    fn signal<'a>(&'a self, worker: &'a str, signal: Signal) -> BoxFuture<'a, Result<(), EnvironmentError>> {
        Box::pin(async move { self.ask(worker, Wish::Signal(signal)).await.map(drop) })
    }

    fn kill<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<(), EnvironmentError>> {
        Box::pin(async move {
            self.ask(worker, Wish::Kill).await?;
            let ended = |view: &WorkerView| matches!(view.state, WorkerState::Ended(_));
            self.until(worker, (Wish::Nothing, ENDS_WITHIN), ended).await
        })
    }

    fn pace<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<Pace, EnvironmentError>> {
        Box::pin(async move { self.ask(worker, Wish::Nothing).await?.pace.ok_or_else(|| consumes_nothing(worker)) })
    }

    fn work<'a>(
        &'a self,
        worker: &'a str,
        processing: Option<Duration>,
    ) -> BoxFuture<'a, Result<(), EnvironmentError>> {
        Box::pin(async move {
            self.ask(worker, Wish::Work(processing)).await?;
            let works = |view: &WorkerView| {
                view.pace.is_some_and(|pace| pace.said == Some(processing.unwrap_or(pace.assigned)))
            };
            self.until(worker, (Wish::Nothing, ANSWERS_WITHIN), works).await
        })
    }

    fn leave<'a>(&'a self, worker: &'a str, parting: Parting) -> BoxFuture<'a, Result<(), EnvironmentError>> {
        Box::pin(async move {
            self.ask(worker, Wish::Leave(parting)).await?;
            let left = |view: &WorkerView| matches!(view.state, WorkerState::Left(_));
            self.until(worker, (Wish::Nothing, LEAVES_WITHIN), left).await
        })
    }

    fn succeed<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<(), EnvironmentError>> {
        Box::pin(async move {
            let ready = |view: &WorkerView| matches!(view.state, WorkerState::Ready(_));
            self.until(worker, (Wish::Succeed, READY_WITHIN), ready).await
        })
    }
}

pub(super) fn consumes_nothing(worker: &str) -> EnvironmentError {
    EnvironmentError::step(format!("{worker} consumes nothing"), "aim the fault at a consumer")
}
