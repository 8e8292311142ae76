//! The way from a worker to its run.

use super::error::WorkerError;
use super::protocol::{Cause, FromWorker};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// The way to the run. A line that cannot be written is dropped: the run is gone, and end of input will say so.
#[derive(Clone)]
pub struct Outbox(Arc<Mutex<Box<dyn Write + Send>>>);

impl Outbox {
    /// Over this stream.
    pub fn new(output: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(output))))
    }

    /// Sends one line.
    pub fn send(&self, message: &FromWorker) {
        let Ok(mut line) = serde_json::to_vec(message) else { return };
        line.push(b'\n');
        let mut output = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = output.write_all(&line).and_then(|()| output.flush());
    }

    /// Tells of an error that ends the work.
    pub fn complain(&self, error: &WorkerError) {
        let cause = if matches!(error, WorkerError::Journal(_)) { Cause::History } else { Cause::Work };
        self.send(&FromWorker::Error { message: error.to_string(), cause });
    }
}
