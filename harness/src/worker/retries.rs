//! What becomes of a message whose attempt has ended badly: it rests and is tried again, or goes to the dead-letter queue.

use super::backoff::Waits;
use super::protocol::RetryPolicy;
use crate::clock;
use crate::model::KeyedMessage;
use reports::history::Outcome;
use reports::units::Nanos;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// A message under way: from its first attempt to its outcome.
#[derive(Clone, Debug)]
pub(super) struct UnderWay {
    pub(super) keyed: KeyedMessage,
    pub(super) intended: Nanos,
    /// Of its first attempt.
    pub(super) started: Nanos,
    pub(super) attempts: u8,
    stage: Stage,
    /// Of an attempt nobody knows whether it did it.
    doubtful: bool,
    /// Why the last attempt did not end well.
    error: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// An attempt is under way.
    Trying,
    /// Between two attempts.
    Resting(Next),
    /// Its dead letter is under way.
    Burying,
}

/// What comes after the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Attempt,
    DeadLetter,
}

/// How it ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    pub(super) error: Option<String>,
    /// Whether the dead-letter queue acknowledged it; `None`: it was not to go there.
    pub(super) dead_letter: Option<bool>,
}

/// What is to be done with a message whose rest is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// It is tried once more.
    Attempt,
    /// It goes to the dead-letter queue, after so many attempts.
    DeadLetter { attempts: u8 },
}

impl UnderWay {
    pub(super) fn begin(keyed: KeyedMessage, intended: Nanos) -> Self {
        Self { keyed, intended, started: clock::now(), attempts: 1, stage: Stage::Trying, doubtful: false, error: None }
    }

    /// It is handed to the client library only now. Waiting for a connection is not service; but what went before an attempt
    /// beyond the first is.
    pub(super) fn handed_over(&mut self, now: Nanos) {
        if self.attempts == 1 && self.stage == Stage::Trying {
            self.started = now;
        }
    }

    /// An attempt has ended, or its dead letter has. `None`: it is not over, and rests, by its place.
    pub(super) fn end(
        &mut self,
        outcome: Outcome,
        error: Option<String>,
        retries: Option<&mut Retries>,
        place: u32,
    ) -> Option<Ended> {
        if self.stage == Stage::Burying {
            return Some(Ended { dead_letter: Some(outcome == Outcome::Ok), ..self.last() });
        }
        if outcome == Outcome::Ok {
            return Some(Ended { outcome, error: None, dead_letter: None });
        }
        self.doubtful |= outcome == Outcome::Indeterminate;
        self.error = error;
        let Some(retries) = retries else { return Some(self.last()) };
        let (next, rests) = if self.attempts < retries.policy.attempts {
            (Next::Attempt, retries.waits.after(u32::from(self.attempts) - 1))
        } else if retries.policy.dead_letters {
            (Next::DeadLetter, Duration::ZERO)
        } else {
            return Some(self.last());
        };
        self.stage = Stage::Resting(next);
        retries.resting.push(Reverse((clock::now().plus(rests.into()), place)));
        None
    }

    /// Its rest is over.
    pub(super) fn go_on(&mut self) -> Due {
        if self.stage == Stage::Resting(Next::DeadLetter) {
            self.stage = Stage::Burying;
            return Due::DeadLetter { attempts: self.attempts };
        }
        self.stage = Stage::Trying;
        self.attempts = self.attempts.saturating_add(1);
        Due::Attempt
    }

    /// Nothing more is done for it.
    pub(super) fn abandon(mut self, why: &str) -> (Self, Ended) {
        let ended = match self.stage {
            Stage::Trying => Ended { outcome: Outcome::Indeterminate, error: Some(why.to_owned()), dead_letter: None },
            Stage::Resting(_) => self.last(),
            Stage::Burying => Ended { dead_letter: Some(false), ..self.last() },
        };
        (self, ended)
    }

    /// After the last attempt: if nobody knows of one whether it did it, nobody knows of the message.
    fn last(&mut self) -> Ended {
        let outcome = if self.doubtful { Outcome::Indeterminate } else { Outcome::Failed };
        Ended { outcome, error: self.error.take(), dead_letter: None }
    }
}

/// The messages that rest, by their place, and how long they do.
#[derive(Debug)]
pub(super) struct Retries {
    policy: RetryPolicy,
    waits: Waits,
    resting: BinaryHeap<Reverse<(Nanos, u32)>>,
}

impl Retries {
    pub(super) fn new(policy: RetryPolicy, seed: u64) -> Self {
        Self { policy, waits: Waits::of_sends(&policy, seed), resting: BinaryHeap::new() }
    }

    /// When the next rest is over.
    pub(super) fn next(&self) -> Option<Nanos> {
        self.resting.peek().map(|Reverse((until, _))| *until)
    }

    /// Whose rest is over.
    pub(super) fn rested(&mut self, now: Nanos) -> Option<u32> {
        let Reverse((until, _)) = self.resting.peek()?;
        if *until > now { None } else { self.resting.pop().map(|Reverse((_, place))| place) }
    }

    pub(super) fn forget(&mut self) {
        self.resting.clear();
    }
}
