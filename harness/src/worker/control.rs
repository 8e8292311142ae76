//! What the run has asked of this worker so far, readable from any of its threads.

use crate::model::Parting;
use reports::units::Nanos;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Debug, Default)]
struct State {
    start: Option<Nanos>,
    stopped: bool,
    finished: bool,
    parting: Option<Parting>,
    processing: Option<Duration>,
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

    /// The worker is to leave its group and to come to its end.
    pub fn leave(&self, parting: Parting) {
        self.change(|state| {
            state.parting = Some(parting);
            state.stopped = true;
            state.finished = true;
        });
    }

    /// From now on it is to work for so long on each message.
    pub fn work(&self, processing: Duration) {
        self.change(|state| state.processing = Some(processing));
    }

    /// How it is to part from its group. `None`: it was not told to leave.
    pub fn parting(&self) -> Option<Parting> {
        self.lock().parting
    }

    /// How long it is to work on each message. `None`: as it was assigned.
    pub fn processing(&self) -> Option<Duration> {
        self.lock().processing
    }

    /// Whether nothing new is to be sent.
    pub fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Whether the worker is to come to its end.
    pub fn is_finished(&self) -> bool {
        self.lock().finished
    }

    /// When the schedule begins. `None`: nobody has said so yet, or it was stopped before.
    pub fn beginning(&self) -> Option<Nanos> {
        let guard = self.lock();
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

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn who_is_started_begins_then_and_who_is_stopped_does_not() {
        for end in [Control::stop, Control::finish] {
            let control = Control::default();
            assert_eq!(control.beginning(), None);
            control.start(Nanos(5));
            assert_eq!(control.beginning(), Some(Nanos(5)));
            end(&control);
            assert_eq!(control.beginning(), None);
            control.start(Nanos(6));
            assert_eq!(control.beginning(), None);
        }
    }

    #[test]
    fn a_stop_is_not_yet_the_end_and_the_end_is_a_stop() {
        let control = Control::default();
        assert!(!control.is_stopped() && !control.is_finished());
        control.stop();
        assert!(control.is_stopped() && !control.is_finished());
        assert!(control.wait_for_stop(LONG) && !control.wait_for_finish(Duration::ZERO));
        let control = Control::default();
        control.finish();
        assert!(control.is_stopped() && control.is_finished());
        assert!(control.wait_for_stop(LONG) && control.wait_for_finish(LONG));
    }

    #[test]
    fn who_is_to_leave_comes_to_its_end_and_knows_how() {
        let control = Control::default();
        assert_eq!((control.parting(), control.processing()), (None, None));
        control.work(LONG);
        control.leave(Parting::DeleteConsumer);
        assert!(control.is_stopped() && control.wait_for_finish(LONG));
        assert_eq!((control.parting(), control.processing()), (Some(Parting::DeleteConsumer), Some(LONG)));
    }

    #[test]
    fn waiting_ends_with_the_patience() {
        let control = Control::default();
        assert!(!control.wait_for_stop(Duration::from_millis(1)));
        assert!(!control.wait_for_finish(Duration::from_millis(1)));
    }
}
