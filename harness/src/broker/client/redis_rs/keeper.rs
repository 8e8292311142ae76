//! One blocking connection, kept by a thread of its own: noticing that it is lost, and reconnecting by the policy, go on
//! while its user is at other work.

use super::opener::Opener;
use crate::broker::redis_streams::connection::{describe, is_answer, sign_of_life};
use crate::worker::{ConnectionLog, Waits};
use redis::{Connection, RedisError, RedisResult};
use reports::history::ConnectionEvent;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const PEER: &str = "main";
/// How long a connection may lie unused until it is asked for a sign of life: as often as a read that finds nothing answers.
const LOOK_AFTER: Duration = Duration::from_millis(200);

/// A connection and the thread that keeps it.
pub(super) struct Keeper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    opener: Opener,
    log: ConnectionLog,
    state: Mutex<State>,
    changed: Condvar,
}

enum State {
    /// Nobody has used it since then.
    Unused(Kept, Instant),
    /// The user has it, or the thread looks whether it is alive.
    InUse,
    /// There is none; the thread makes one.
    Lost,
    /// There is to be none any more.
    Closed,
}

struct Kept {
    connection: Connection,
    /// Which one of this client's, from 1.
    nth: u64,
}

impl Keeper {
    /// Opens the first connection, and keeps one from then on.
    ///
    /// # Errors
    /// The first attempt failed; in words.
    pub(super) fn open(opener: Opener, backoff: Waits, log: ConnectionLog) -> Result<Self, String> {
        let shared = Arc::new(Shared { opener, log, state: Mutex::new(State::Lost), changed: Condvar::new() });
        let connection = shared.attempt().map_err(|error| describe(&error))?;
        *shared.lock() = State::Unused(Kept { connection, nth: 1 }, Instant::now());
        let kept = Arc::clone(&shared);
        let thread = std::thread::spawn(move || kept.keep(backoff, 1));
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Does some work with the connection, waiting for one up to `patience`; the work is told which connection of this
    /// client's it is, from 1. `None`: there was none in that time.
    ///
    /// An error that the server answered with leaves the connection as it is, unless it says that the primary is another now; after
    /// any other it is given up.
    pub(super) fn with<T>(
        &self,
        patience: Duration,
        work: impl FnOnce(&mut Connection, u64) -> RedisResult<T>,
    ) -> Option<RedisResult<T>> {
        let mut kept = self.shared.take(patience)?;
        let result = work(&mut kept.connection, kept.nth);
        self.shared.give_back(kept, result.as_ref().err());
        Some(result)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        *self.shared.lock() = State::Closed;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, patience: Duration) -> Option<Kept> {
        let deadline = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            match *state {
                State::Unused(..) => return take_unused(&mut state),
                State::Closed => return None,
                // The thread looks whether it is alive, which takes no longer than any other question.
                State::InUse => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                State::Lost => {
                    let rest = deadline.saturating_duration_since(Instant::now());
                    if rest.is_zero() {
                        return None;
                    }
                    state = self.changed.wait_timeout(state, rest).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    fn give_back(&self, kept: Kept, error: Option<&RedisError>) {
        let lost = error.filter(|error| !is_answer(error) || self.opener.is_demotion(error));
        if let Some(error) = lost {
            self.log.note(PEER, ConnectionEvent::Lost, Some(describe(error)));
        }
        let mut state = self.lock();
        if matches!(*state, State::InUse) {
            *state = if lost.is_some() { State::Lost } else { State::Unused(kept, Instant::now()) };
        }
        drop(state);
        self.changed.notify_all();
    }

    /// The thread's life.
    fn keep(&self, mut backoff: Waits, mut nth: u64) {
        loop {
            let state = self.lock();
            match *state {
                State::Closed => return,
                State::InUse => drop(self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)),
                State::Unused(_, since) if since.elapsed() < LOOK_AFTER => {
                    let rest = LOOK_AFTER.saturating_sub(since.elapsed());
                    drop(self.changed.wait_timeout(state, rest).unwrap_or_else(PoisonError::into_inner));
                }
                State::Unused(..) => {
                    drop(state);
                    self.look();
                }
                State::Lost => {
                    drop(state);
                    if self.is_closed_within(backoff.next_wait()) {
                        return;
                    }
                    let Ok(connection) = self.attempt() else { continue };
                    nth += 1;
                    backoff.reset();
                    let mut state = self.lock();
                    if matches!(*state, State::Lost) {
                        *state = State::Unused(Kept { connection, nth }, Instant::now());
                    }
                    drop(state);
                    self.changed.notify_all();
                }
            }
        }
    }

    /// Asks an unused connection for a sign of life.
    fn look(&self) {
        let Some(mut kept) = take_unused(&mut self.lock()) else { return };
        let answer = sign_of_life().query::<()>(&mut kept.connection);
        self.give_back(kept, answer.as_ref().err());
    }

    fn is_closed_within(&self, wait: Duration) -> bool {
        let open = |state: &mut State| !matches!(state, State::Closed);
        let (state, _) =
            self.changed.wait_timeout_while(self.lock(), wait, open).unwrap_or_else(PoisonError::into_inner);
        matches!(*state, State::Closed)
    }

    fn attempt(&self) -> RedisResult<Connection> {
        self.log.note(PEER, ConnectionEvent::Connecting, None);
        let opened = self.opener.open();
        match &opened {
            Ok(_) => self.log.note(PEER, ConnectionEvent::Connected, None),
            Err(error) => self.log.note(PEER, ConnectionEvent::AttemptFailed, Some(describe(error))),
        }
        opened
    }
}

fn take_unused(state: &mut State) -> Option<Kept> {
    if !matches!(state, State::Unused(..)) {
        return None;
    }
    match std::mem::replace(state, State::InUse) {
        State::Unused(kept, _) => Some(kept),
        State::InUse | State::Lost | State::Closed => None,
    }
}
