//! What a client has to tell the run in words, beside its rows.

use super::outbox::Outbox;
use super::protocol::{Cause, FromWorker};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Tells the run what is wrong, each thing once, however often it happens. The work goes on.
#[derive(Clone)]
pub struct Complaints {
    outbox: Outbox,
    told: Arc<Mutex<BTreeSet<String>>>,
}

impl Complaints {
    /// Over this outbox.
    pub fn new(outbox: &Outbox) -> Self {
        Self { outbox: outbox.clone(), told: Arc::default() }
    }

    /// Tells of it, unless it has been told before in the same words.
    pub fn tell(&self, message: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.insert(message.to_owned()) {
            self.outbox.send(&FromWorker::Error { message: message.to_owned(), cause: Cause::Work });
        }
    }
}

impl fmt::Debug for Complaints {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Complaints").field("told", &self.told).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, pipe};

    #[test]
    fn a_thing_is_told_once_and_another_thing_too() {
        let (mut reader, writer) = pipe().expect("a pipe");
        let complaints = Complaints::new(&Outbox::new(writer));
        for message in ["no group", "no group", "no stream", "no group"] {
            complaints.clone().tell(message);
        }
        drop(complaints);
        let mut heard = String::new();
        reader.read_to_string(&mut heard).expect("text");
        let told: Vec<bool> = heard.lines().map(|line| line.contains("no group")).collect();
        assert_eq!(told, [true, false], "{heard}");
    }
}
