//! What faults may do to the workers of a trial. The trial gives it to them, because it listens to the workers too.

use crate::environment::EnvironmentError;
use crate::model::Parting;
use futures_util::future::BoxFuture;
use rustix::process::Signal;
use std::fmt;
use std::time::Duration;

/// The workers of a trial. Every call comes to an end by itself.
pub trait Workers: fmt::Debug + Send + Sync {
    /// The newest process of a worker.
    ///
    /// # Errors
    /// There is no such worker, or nobody listens any more.
    fn state<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<WorkerState, EnvironmentError>>;
    /// Sends its process a signal that does not end it.
    ///
    /// # Errors
    /// There is no such process, or the system refuses.
    fn signal<'a>(&'a self, worker: &'a str, signal: Signal) -> BoxFuture<'a, Result<(), EnvironmentError>>;
    /// Kills its process (SIGKILL), and waits for its end, which is noted as asked for.
    ///
    /// # Errors
    /// There is no such process, or it had ended by itself.
    fn kill<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<(), EnvironmentError>>;
    /// How long it works on a message.
    ///
    /// # Errors
    /// There is no such worker, or it consumes nothing.
    fn pace<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<Pace, EnvironmentError>>;
    /// Tells it to work for so long on each message from now on, `None`: as it was assigned; and waits until it says that it does.
    ///
    /// # Errors
    /// It does not say so: it has ended, or does not know how.
    fn work<'a>(&'a self, worker: &'a str, processing: Option<Duration>)
    -> BoxFuture<'a, Result<(), EnvironmentError>>;
    /// Tells it to leave its group in order, and waits until it has said that it did and its process has ended.
    ///
    /// # Errors
    /// It does not: it had ended by itself, or does not know how.
    fn leave<'a>(&'a self, worker: &'a str, parting: Parting) -> BoxFuture<'a, Result<(), EnvironmentError>>;
    /// Spawns a successor of the same name, which goes on where its work stands, and waits until it is ready. Where one is
    /// there already, it is only waited for; and where none was there before, it is the first.
    ///
    /// # Errors
    /// It cannot be spawned, or is not ready in time.
    fn succeed<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<(), EnvironmentError>>;
}

/// A worker's newest process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerState {
    /// It runs, with this process id, and has said that it is ready.
    Ready(u32),
    /// It runs, with this process id, and has not said so yet.
    Starting(u32),
    /// It has ended, as these words say: `signal 9 (SIGKILL)`.
    Ended(String),
    /// It was told to leave its group, and has said that it did before it ended; its name was deleted there with so many pending
    /// entries, or else was not deleted.
    Left(Option<u64>),
}

/// How long a consumer works on one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// As it was assigned.
    pub assigned: Duration,
    /// As it has said since it was told otherwise last.
    pub said: Option<Duration>,
}
