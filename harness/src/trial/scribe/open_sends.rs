//! The sends that began and have not ended, as far as a journal has been read.

use crate::worker::Begun;
use reports::history::{Outcome, Send};
use reports::units::{MessageId, Nanos};
use std::collections::HashMap;

/// Why a send of a dead worker is indeterminate.
const NOBODY_LEFT: &str = "its producer ended before the outcome was known";
/// Why a send that began twice is indeterminate.
const BEGUN_AGAIN: &str = "it began again before its outcome was known";

/// The sends under way. As many as the workload allows to be in flight, if the worker keeps to it.
#[derive(Debug, Default)]
pub(super) struct OpenSends(HashMap<MessageId, Begun>);

impl OpenSends {
    /// A send begins. Returns the row of the one that it takes the place of: that of a worker that sends a message twice.
    pub(super) fn begin(&mut self, begun: Begun) -> Option<Send> {
        self.0.insert(begun.message, begun).map(|before| indeterminate(before, begun.started, BEGUN_AGAIN))
    }

    /// How a send that is under way began.
    pub(super) fn get(&self, message: MessageId) -> Option<&Begun> {
        self.0.get(&message)
    }

    /// A send has ended.
    pub(super) fn end(&mut self, message: MessageId) {
        self.0.remove(&message);
    }

    /// What is still open when the worker has ended, in the order in which it began.
    pub(super) fn close(self, at: Nanos) -> Vec<Send> {
        let mut open: Vec<Begun> = self.0.into_values().collect();
        open.sort_by_key(|begun| (begun.started, begun.message.partition, begun.message.seq));
        open.into_iter().map(|begun| indeterminate(begun, at, NOBODY_LEFT)).collect()
    }
}

fn indeterminate(begun: Begun, at: Nanos, why: &str) -> Send {
    Send {
        message: begun.message,
        intended: begun.intended,
        started: begun.started,
        settled: at.max(begun.started),
        outcome: Outcome::Indeterminate,
        attempts: 1,
        dead_letter: None,
        error: Some(why.to_owned()),
        position: None,
    }
}
