//! What the run has asked of this worker so far, readable from any of its threads.

use reports::units::Nanos;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Debug, Default)]
struct State {
    start: Option<Nanos>,
    stopped: bool,
    finished: bool,
}

/// Start, stop and finish, as they arrive.
#[derive(Debug, Default)]
pub struct Control {
    state: Mutex<State>,
    changed: Condvar,
}

impl Control {
    /// The schedule begins at this instant.
    pub fn start(&self, at: Nanos) {
        self.change(|state| state.start = Some(at));
    }

    /// Nothing new is to be sent.
    pub fn stop(&self) {
        self.change(|state| state.stopped = true);
    }

    /// The worker is to come to its end.
    pub fn finish(&self) {
        self.change(|state| {
            state.stopped = true;
            state.finished = true;
        });
    }

    /// Whether nothing new is to be sent.
    pub fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Whether the worker is to come to its end.
    pub fn is_finished(&self) -> bool {
        self.lock().finished
    }

    /// Waits for the start. `None`: it was stopped before.
    pub fn wait_for_start(&self) -> Option<Nanos> {
        let guard = self.lock();
        let guard = self
            .changed
            .wait_while(guard, |state| state.start.is_none() && !state.stopped)
            .unwrap_or_else(PoisonError::into_inner);
        guard.start.filter(|_| !guard.stopped)
    }

    /// Waits until the worker is to come to its end, or for this long; tells whether it is.
    pub fn wait_for_finish(&self, patience: Duration) -> bool {
        let (guard, _) = self
            .changed
            .wait_timeout_while(self.lock(), patience, |state| !state.finished)
            .unwrap_or_else(PoisonError::into_inner);
        guard.finished
    }

    /// Waits until it is stopped or finished, or for this long; tells whether it is.
    pub fn wait_for_stop(&self, patience: Duration) -> bool {
        let (guard, _) = self
            .changed
            .wait_timeout_while(self.lock(), patience, |state| !state.stopped)
            .unwrap_or_else(PoisonError::into_inner);
        guard.stopped
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
