//! Faults on workers: their process is killed and followed by another, or stopped and let go on.

use super::handles::Handles;
use super::kind::{Actuator, Phase, Reading};
use super::process::KnownProcess;
use super::target::Target;
use super::workers::{WorkerState, Workers};
use crate::environment::EnvironmentError;
use futures_util::future::{BoxFuture, join_all};
use rustix::process::Signal;
use std::sync::Arc;

/// What is done to a worker's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DoneToWorker {
    /// It is killed (SIGKILL), and another one follows it.
    Kill,
    /// It is stopped (SIGSTOP), and let go on (SIGCONT).
    Stop,
}

/// The same done to each of some workers.
#[derive(Debug)]
pub(super) struct AtWorkers {
    doing: DoneToWorker,
    fault: String,
    workers: Option<Arc<dyn Workers>>,
    each: Vec<AtWorker>,
}

/// One of them.
#[derive(Debug)]
struct AtWorker {
    name: String,
    /// Its process when the fault began.
    process: Option<KnownProcess>,
}

impl AtWorkers {
    /// The actuator of what is done to the workers that a target names.
    pub(super) fn boxed(doing: DoneToWorker, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        let names = on.clients().names().to_vec();
        let each = names.into_iter().map(|name| AtWorker { name, process: None }).collect();
        Box::new(Self { doing, fault: fault.to_owned(), workers: handles.workers.clone(), each })
    }

    fn workers(&self) -> Result<Arc<dyn Workers>, EnvironmentError> {
        self.workers.clone().ok_or_else(|| {
            EnvironmentError::step(
                format!("{} is aimed at workers that are no processes", self.fault),
                "workers of the memory broker are threads of the harness: try it on another broker",
            )
        })
    }

    /// It was done to some worker, or at least tried.
    fn began(&self) -> bool {
        self.each.iter().any(|worker| worker.process.is_some())
    }
}

impl AtWorker {
    async fn act(&mut self, doing: DoneToWorker, workers: &dyn Workers) -> Result<(), EnvironmentError> {
        if self.process.is_none() {
            self.process = match workers.state(&self.name).await? {
                WorkerState::Ready(pid) | WorkerState::Starting(pid) => KnownProcess::of(pid),
                WorkerState::Left(_) => {
                    let what = format!("{} had left before a fault was to be done to it", self.name);
                    return Err(EnvironmentError::step(what, "let the two faults not overlap"));
                }
                WorkerState::Ended(words) => {
                    let what = format!("{} had ended before a fault was to be done to it: {words}", self.name);
                    return Err(EnvironmentError::step(what, "its log is in the trial's folder `logs`"));
                }
            };
        }
        match doing {
            DoneToWorker::Kill if self.process.is_some_and(KnownProcess::is_gone) => Ok(()),
            DoneToWorker::Kill => workers.kill(&self.name).await,
            DoneToWorker::Stop => {
                workers.signal(&self.name, Signal::STOP).await?;
                self.until(true).await;
                Ok(())
            }
        }
    }

    async fn rest(&self, doing: DoneToWorker, workers: &dyn Workers) -> Result<(), EnvironmentError> {
        match (self.process, doing) {
            (None, _) => Ok(()),
            (Some(_), DoneToWorker::Kill) => workers.succeed(&self.name).await,
            (Some(_), DoneToWorker::Stop) => {
                workers.signal(&self.name, Signal::CONT).await?;
                self.until(false).await;
                Ok(())
            }
        }
    }

    /// Waits for a while until the process is stopped, or not; what it is then, reading tells.
    async fn until(&self, stopped: bool) {
        if let Some(process) = self.process {
            process.until(stopped).await;
        }
    }

    async fn read(
        &self,
        doing: DoneToWorker,
        phase: Phase,
        workers: &dyn Workers,
    ) -> Result<Reading, EnvironmentError> {
        let Some(process) = self.process else {
            return Ok(Reading { shows: phase == Phase::Resting, words: format!("{}: nothing was done", self.name) });
        };
        let (name, pid) = (&self.name, process.pid);
        let state = workers.state(name).await?;
        let (shows, words) = match (doing, phase) {
            (DoneToWorker::Kill, Phase::Acting) => match state {
                WorkerState::Ended(how) if process.is_gone() => {
                    (true, format!("process {pid} is gone, ended by {how}"))
                }
                WorkerState::Ended(how) => (false, format!("process {pid} is still there, though ended by {how}")),
                WorkerState::Left(_) => (false, "it has left its group by itself".to_owned()),
                WorkerState::Ready(now) | WorkerState::Starting(now) => (false, format!("process {now} runs")),
            },
            (DoneToWorker::Kill, Phase::Resting) => match state {
                WorkerState::Ready(now) if KnownProcess::of(now) != Some(process) => {
                    (true, format!("its successor, process {now}, is ready"))
                }
                WorkerState::Ready(now) => (false, format!("process {now} is the one that was to be killed")),
                WorkerState::Starting(now) => (false, format!("its successor, process {now}, is not ready yet")),
                WorkerState::Ended(how) => (false, format!("its process has ended by {how}, and no other runs")),
                WorkerState::Left(_) => (false, "it has left its group, and no other runs".to_owned()),
            },
            (DoneToWorker::Stop, _) => match process.is_stopped() {
                Some(true) => (phase == Phase::Acting, format!("process {pid} is stopped (state T)")),
                Some(false) => (phase == Phase::Resting, format!("process {pid} is not stopped")),
                None => (false, format!("process {pid} is gone")),
            },
        };
        Ok(Reading { shows, words: format!("{name}: {words}") })
    }
}

impl Actuator for AtWorkers {
    fn bring(&mut self, phase: Phase) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async move {
            if phase == Phase::Resting && !self.began() {
                return Ok(());
            }
            let (doing, workers) = (self.doing, self.workers()?);
            let asked: Vec<Result<(), EnvironmentError>> = match phase {
                Phase::Acting => join_all(self.each.iter_mut().map(|worker| worker.act(doing, &*workers))).await,
                Phase::Resting => join_all(self.each.iter().map(|worker| worker.rest(doing, &*workers))).await,
            };
            asked.into_iter().collect()
        })
    }

    fn read(&mut self, phase: Phase) -> BoxFuture<'_, Result<Reading, EnvironmentError>> {
        Box::pin(async move {
            if !self.began() {
                return Ok(Reading { shows: phase == Phase::Resting, words: "nothing was done".to_owned() });
            }
            let (doing, workers) = (self.doing, self.workers()?);
            let read = join_all(self.each.iter().map(|worker| worker.read(doing, phase, &*workers))).await;
            let read = read.into_iter().collect::<Result<Vec<Reading>, EnvironmentError>>()?;
            let words: Vec<&str> = read.iter().map(|reading| reading.words.as_str()).collect();
            Ok(Reading { shows: read.iter().all(|reading| reading.shows), words: words.join("; ") })
        })
    }
}
