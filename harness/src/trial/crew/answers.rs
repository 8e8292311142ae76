//! How the crew answers what faults ask of it.

use super::members::Crew;
use super::post::{Post, SpawnError};
use super::request::{Request, Wish, WorkerView, consumes_nothing};
use super::worker::{Life, Standing, Worker};
use crate::environment::EnvironmentError;
use crate::fault::{Pace, WorkerState};
use crate::worker::protocol::ToWorker;
use reports::facts::FileFacts;
use reports::units::Nanos;
use rustix::process::{Pid, Signal, kill_process};

impl Crew {
    /// Waits until a fault asks for something.
    pub(in crate::trial) async fn asked(&mut self) -> Request {
        match self.requests.recv().await {
            Some(request) => request,
            // There are no faults.
            None => std::future::pending().await,
        }
    }

    /// Does what a fault asks for.
    pub(in crate::trial) fn answer(&mut self, request: Request) {
        self.catch_up();
        let Request { worker, doing, answer } = request;
        let seen = match (doing, self.newest(&worker)) {
            (Wish::Succeed, Err(unknown)) => self.join(&worker).unwrap_or(Err(unknown)),
            (_, found) => found.and_then(|index| self.act(index, doing)),
        };
        // Who asked may have given up.
        let _ = answer.send(seen);
    }

    /// The files of successors that nobody has written down yet; each is returned once.
    pub(in crate::trial) fn take_new_files(&mut self) -> Vec<FileFacts> {
        std::mem::take(&mut self.new_files)
    }

    fn newest(&self, name: &str) -> Result<usize, EnvironmentError> {
        let index = self.workers.iter().rposition(|worker| worker.name() == name);
        index.ok_or_else(|| {
            EnvironmentError::step(format!("there is no worker {name}"), "workers are named by their role and number")
        })
    }

    fn act(&mut self, index: usize, doing: Wish) -> Result<WorkerView, EnvironmentError> {
        let worker = &mut self.workers[index];
        match doing {
            Wish::Nothing => worker.reap(),
            Wish::Signal(signal) => send(worker, signal)?,
            Wish::Kill => {
                if !worker.kill() && worker.state != Standing::Dying {
                    let what = format!("{} had ended before it could be killed", worker.name());
                    return Err(EnvironmentError::step(what, "its log is in the trial's folder `logs`"));
                }
            }
            Wish::Work(processing) => {
                let assigned = worker.assigned().ok_or_else(|| consumes_nothing(worker.name()))?;
                worker.works = None;
                self.say(index, &ToWorker::Work { processing_ns: processing.map_or(assigned, Nanos::from) });
            }
            // It is told once: a worker that does not know how to would be told for ever.
            Wish::Leave(parting) if !worker.told_to_leave => {
                worker.told_to_leave = true;
                self.say(index, &ToWorker::Leave { parting });
            }
            Wish::Leave(_) => {}
            Wish::Succeed => return self.succeed(index),
        }
        Ok(view(&self.workers[index]))
    }

    /// Spawns the first process of a worker that was not there before. `None`: nobody of this name is to come.
    fn join(&mut self, name: &str) -> Option<Result<WorkerView, EnvironmentError>> {
        let place = self.reserve.iter().position(|post| post.assignment.worker == name)?;
        let post = self.reserve.swap_remove(place);
        Some(self.enlist(post))
    }

    /// Spawns a worker in the midst of the trial.
    fn enlist(&mut self, post: Post) -> Result<WorkerView, EnvironmentError> {
        self.new_files.extend(post.tables.files(&post.writer()));
        self.spawn(post).map_err(|error| spawning(&error))?;
        let index = self.workers.len() - 1;
        if let Some(at_ns) = self.began.get().copied() {
            self.say(index, &ToWorker::Start { at_ns });
        }
        if self.stopped {
            self.say(index, &ToWorker::Stop);
        }
        Ok(view(&self.workers[index]))
    }

    fn succeed(&mut self, index: usize) -> Result<WorkerView, EnvironmentError> {
        let worker = &mut self.workers[index];
        worker.reap();
        if worker.state == Standing::Gone {
            let what = format!("{} has ended by itself", worker.name());
            return Err(EnvironmentError::step(what, "its log is in the trial's folder `logs`"));
        }
        if let Some(scribe) = &worker.scribe {
            self.readings.add(scribe.lately());
        }
        let dead = matches!(worker.state, Standing::Killed(_) | Standing::Departed(_));
        if dead && let Some((files, begun)) = worker.closed() {
            let post = worker.post.succession(begun);
            worker.state = Standing::Succeeded;
            self.closed_files.extend(files);
            return self.enlist(post);
        }
        Ok(view(worker))
    }
}

fn view(worker: &Worker) -> WorkerView {
    let said = worker.works.map(Into::into);
    let pace = worker.assigned().map(|assigned| Pace { assigned: assigned.into(), said });
    WorkerView { state: state(worker), pace }
}

fn state(worker: &Worker) -> WorkerState {
    match (&worker.state, worker.pid()) {
        (Standing::Starting | Standing::Dying, Some(pid)) => WorkerState::Starting(pid),
        (Standing::Ready | Standing::Done, Some(pid)) => WorkerState::Ready(pid),
        (Standing::Killed(how), _) => WorkerState::Ended(how.clone()),
        (Standing::Departed(deleted), _) => WorkerState::Left(*deleted),
        _ => WorkerState::Ended("itself".to_owned()),
    }
}

fn send(worker: &Worker, signal: Signal) -> Result<(), EnvironmentError> {
    let Life::Process(child) = &worker.life else {
        let what = format!("{} is a thread, which cannot be sent a signal", worker.name());
        return Err(EnvironmentError::step(what, "try it on a broker whose workers are processes"));
    };
    if worker.state.has_left() {
        let what = format!("{} has ended, so it cannot be sent a signal", worker.name());
        return Err(EnvironmentError::step(what, "its log is in the trial's folder `logs`"));
    }
    // Nobody has reaped it, so its id is its own.
    kill_process(Pid::from_child(child), signal).map_err(|error| {
        EnvironmentError::step(
            format!("{} could not be sent signal {}: {error}", worker.name(), signal.as_raw()),
            "does it run as another user?",
        )
    })
}

fn spawning(error: &SpawnError) -> EnvironmentError {
    let (what, help) = match error {
        SpawnError::History(error) => (error.to_string(), "is the disk full? choose another one with --out"),
        SpawnError::Process { worker, source } => {
            (format!("starting the successor of {worker}: {source}"), "raise the limit of processes (`ulimit -u`)")
        }
    };
    EnvironmentError::step(what, help)
}
