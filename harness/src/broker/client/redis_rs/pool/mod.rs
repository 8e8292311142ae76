//! A pool of connections: who has something to send borrows one, and gives it back.
//! From here tokio and a client's diaries may be touched; no broker's library.
//! To add another kind of connection: implement `Open` for it, as `pooled.rs` does.
//!
//! It works as the pools that people use: so many connections at most, unused ones kept within limits, the one that was used
//! last is lent first, and who has waited too long goes without. redis-rs has none; this one reconnects by the scenario's policy: one
//! connection is tried after another, and while one cannot be opened, or waits for its turn after a loss, no other is tried.

use super::settings::PoolSize;
use crate::worker::protocol::Policy;
use crate::worker::{ClientGauges, ConnectionLog, Waits};
use futures_util::future::join_all;
use reports::history::ConnectionEvent;
use reports::units::Nanos;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

/// How the connections of a pool come about, and whether one is alive.
pub(super) trait Open {
    type Connection;
    /// One attempt.
    ///
    /// # Errors
    /// It did not come about; in words.
    async fn open(&self) -> Result<Self::Connection, String>;
    /// Asks for a sign of life.
    ///
    /// # Errors
    /// The connection is lost; in words. One that only does not answer is `Ok(false)`.
    async fn is_alive(&self, connection: &mut Self::Connection) -> Result<bool, String>;
}

/// The pool of one client, for use on one thread.
pub(super) struct Pool<O: Open> {
    opener: O,
    size: PoolSize,
    heartbeat: Heartbeat,
    log: ConnectionLog,
    gauges: Arc<ClientGauges>,
    /// One for each connection that may be lent.
    permits: Semaphore,
    state: RefCell<State<O::Connection>>,
    /// A connection is to be opened.
    wanted: Notify,
    /// One is there that nobody uses.
    unused: Notify,
}

struct Heartbeat {
    every: Duration,
    misses: u32,
}

struct State<C> {
    slots: Vec<Slot>,
    idle: Vec<Kept<C>>,
    active: usize,
    /// Messages that wait for a connection.
    waiting: usize,
    /// Of these, those that may have one and found none unused.
    wanting: usize,
    /// The last attempt failed, and at which slot.
    troubled: Option<usize>,
    last_error: Option<String>,
}

/// A place for a connection.
struct Slot {
    peer: String,
    is_open: bool,
    /// When it may be opened again; `None`: it was not lost.
    due: Option<Instant>,
    waits: Waits,
}

struct Kept<C> {
    slot: usize,
    connection: C,
    unused_since: Instant,
    missed: u32,
}

/// A connection in somebody's hands. Dropping it closes the connection.
pub(super) struct Borrowed<'a, O: Open> {
    kept: Kept<O::Connection>,
    lent: Lent<'a, O>,
    _permit: SemaphorePermit<'a>,
}

/// That a connection is lent. Who drops it gives nothing back.
struct Lent<'a, O: Open> {
    pool: &'a Pool<O>,
    slot: Option<usize>,
}

impl<O: Open> Pool<O> {
    /// An empty one.
    pub(super) fn new(
        opener: O,
        size: PoolSize,
        policy: &Policy,
        log: ConnectionLog,
        gauges: Arc<ClientGauges>,
    ) -> Self {
        let slot = |number: usize| {
            let peer = format!("pool-{number}");
            let waits = Waits::new(policy, &format!("{} {peer}", log.client()));
            Slot { peer, is_open: false, due: None, waits }
        };
        let state = State {
            slots: (0..size.max_total).map(slot).collect(),
            idle: Vec::new(),
            active: 0,
            waiting: 0,
            wanting: 0,
            troubled: None,
            last_error: None,
        };
        Self {
            opener,
            size,
            heartbeat: Heartbeat { every: policy.heartbeat_every_ns.into(), misses: policy.heartbeat_misses.max(1) },
            log,
            gauges,
            permits: Semaphore::new(size.max_total),
            state: RefCell::new(state),
            wanted: Notify::new(),
            unused: Notify::new(),
        }
    }

    /// Opens the first connection.
    ///
    /// # Errors
    /// It could not be opened; in words.
    pub(super) async fn open_first(&self) -> Result<(), String> {
        self.attempt(0).await;
        let state = self.state.borrow();
        state.last_error.clone().map_or(Ok(()), Err)
    }

    /// Opens connections as they are wanted; never returns.
    pub(super) async fn keep(&self) {
        loop {
            match self.next_to_open() {
                None => self.wanted.notified().await,
                Some((_, Some(due))) if due > Instant::now() => tokio::time::sleep_until(due).await,
                Some((slot, _)) => self.attempt(slot).await,
            }
        }
    }

    /// Asks connections for a sign of life that nobody has used for a while; never returns.
    pub(super) async fn look_after(&self) {
        loop {
            tokio::time::sleep(self.heartbeat.every).await;
            let is_old = |kept: &mut Kept<O::Connection>| kept.unused_since.elapsed() >= self.heartbeat.every;
            let old: Vec<_> = self.state.borrow_mut().idle.extract_if(.., is_old).collect();
            join_all(old.into_iter().map(|kept| self.look_at(kept))).await;
        }
    }

    /// Lends a connection.
    ///
    /// # Errors
    /// There was none within the longest wait; in words.
    pub(super) async fn borrow(&self) -> Result<Borrowed<'_, O>, String> {
        if let Some(borrowed) = self.borrow_unused() {
            self.gauges.reach("pool-wait-ms", 0.0);
            return Ok(borrowed);
        }
        let asked = Instant::now();
        let deadline = asked + self.size.max_wait;
        let _waits = self.counted(|state| &mut state.waiting);
        let lent = match timeout_at(deadline, self.permits.acquire()).await {
            Ok(Ok(permit)) => timeout_at(deadline, self.take_unused()).await.ok().zip(Some(permit)),
            Ok(Err(_)) | Err(_) => None,
        };
        self.gauges.reach("pool-wait-ms", asked.elapsed().as_secs_f64() * 1_000.0);
        let Some((kept, permit)) = lent else { return Err(self.exhausted()) };
        Ok(Borrowed { lent: Lent::of(self, kept.slot), kept, _permit: permit })
    }

    /// Lends one that is there, where nobody waits for it.
    fn borrow_unused(&self) -> Option<Borrowed<'_, O>> {
        if self.state.borrow().waiting > 0 {
            return None;
        }
        let permit = self.permits.try_acquire().ok()?;
        let kept = self.state.borrow_mut().idle.pop()?;
        // One ahead for the next.
        self.wanted.notify_one();
        Some(Borrowed { lent: Lent::of(self, kept.slot), kept, _permit: permit })
    }

    fn exhausted(&self) -> String {
        let state = self.state.borrow();
        let (most, within) = (self.size.max_total, Nanos::from(self.size.max_wait));
        match &state.last_error {
            Some(error) => format!("the pool could open no connection within {within}: {error}"),
            None => format!("none of the pool's {most} connections was free within {within}"),
        }
    }

    async fn take_unused(&self) -> Kept<O::Connection> {
        loop {
            let unused = self.state.borrow_mut().idle.pop();
            // Either for this one, or ahead for the next.
            self.wanted.notify_one();
            if let Some(kept) = unused {
                return kept;
            }
            let _wants = self.counted(|state| &mut state.wanting);
            self.unused.notified().await;
        }
    }

    /// Which slot to open next, and when, if any is to be opened.
    fn next_to_open(&self) -> Option<(usize, Option<Instant>)> {
        let state = self.state.borrow();
        if state.idle.len() >= self.size.min_idle.max(state.wanting) {
            return None;
        }
        let closed = || state.slots.iter().enumerate().filter(|(_, slot)| !slot.is_open);
        let lost = closed().filter(|(_, slot)| slot.due.is_some()).min_by_key(|(_, slot)| slot.due);
        let troubled = closed().find(|(index, _)| state.troubled == Some(*index));
        troubled.or(lost).or_else(|| closed().next()).map(|(index, slot)| (index, slot.due))
    }

    async fn attempt(&self, slot: usize) {
        let peer = self.state.borrow().slots[slot].peer.clone();
        self.log.note(&peer, ConnectionEvent::Connecting, None);
        match self.opener.open().await {
            Ok(connection) => {
                self.log.note(&peer, ConnectionEvent::Connected, None);
                let mut state = self.state.borrow_mut();
                let opened = &mut state.slots[slot];
                (opened.is_open, opened.due) = (true, None);
                opened.waits.reset();
                (state.troubled, state.last_error) = (None, None);
                drop(state);
                self.keep_unused(Kept { slot, connection, unused_since: Instant::now(), missed: 0 });
            }
            Err(error) => {
                self.log.note(&peer, ConnectionEvent::AttemptFailed, Some(error.clone()));
                let mut state = self.state.borrow_mut();
                let failed = &mut state.slots[slot];
                failed.due = Some(Instant::now() + failed.waits.next_wait());
                (state.troubled, state.last_error) = (Some(slot), Some(error));
            }
        }
    }

    async fn look_at(&self, mut kept: Kept<O::Connection>) {
        match self.opener.is_alive(&mut kept.connection).await {
            Ok(true) => self.put_back(Kept { unused_since: Instant::now(), missed: 0, ..kept }),
            Ok(false) if kept.missed + 1 < self.heartbeat.misses => {
                self.put_back(Kept { missed: kept.missed + 1, ..kept });
            }
            Ok(false) => self.lose(kept.slot, "heartbeats unanswered"),
            Err(error) => self.lose(kept.slot, &error),
        }
    }

    /// One that was looked at: nobody has used it, so that it is lent last.
    fn put_back(&self, kept: Kept<O::Connection>) {
        self.state.borrow_mut().idle.insert(0, kept);
        self.unused.notify_one();
        self.show();
    }

    fn keep_unused(&self, kept: Kept<O::Connection>) {
        let mut state = self.state.borrow_mut();
        // One that somebody waits for is not in excess.
        if state.idle.len() < self.size.max_idle.max(state.waiting) {
            state.idle.push(kept);
            self.unused.notify_one();
        } else {
            state.slots[kept.slot].is_open = false;
        }
        drop(state);
        self.show();
    }

    fn lose(&self, slot: usize, error: &str) {
        let mut state = self.state.borrow_mut();
        let lost = &mut state.slots[slot];
        self.log.note(&lost.peer, ConnectionEvent::Lost, Some(error.to_owned()));
        lost.is_open = false;
        lost.due = Some(Instant::now() + lost.waits.next_wait());
        drop(state);
        self.wanted.notify_one();
        self.show();
    }

    fn show(&self) {
        let state = self.state.borrow();
        for (name, value) in
            [("pool-active", state.active), ("pool-idle", state.idle.len()), ("pool-waiting", state.waiting)]
        {
            self.gauges.set(name, value as f64);
        }
    }

    /// Counts one more as long as what it returns lives.
    fn counted(&self, of: fn(&mut State<O::Connection>) -> &mut usize) -> Counted<'_, O> {
        *of(&mut self.state.borrow_mut()) += 1;
        self.show();
        Counted { pool: self, of }
    }
}

impl<'a, O: Open> Borrowed<'a, O> {
    /// The connection.
    pub(super) fn connection(&mut self) -> &mut O::Connection {
        &mut self.kept.connection
    }

    /// It is sound; somebody else may have it.
    pub(super) fn give_back(self) {
        let Self { kept, lent, _permit } = self;
        lent.back().keep_unused(Kept { unused_since: Instant::now(), missed: 0, ..kept });
    }

    /// It is of no more use.
    pub(super) fn lose(self, error: &str) {
        let Self { kept, lent, _permit } = self;
        lent.back().lose(kept.slot, error);
    }
}

impl<'a, O: Open> Lent<'a, O> {
    fn of(pool: &'a Pool<O>, slot: usize) -> Self {
        pool.state.borrow_mut().active += 1;
        pool.show();
        Self { pool, slot: Some(slot) }
    }

    fn back(mut self) -> &'a Pool<O> {
        self.slot = None;
        self.pool.state.borrow_mut().active -= 1;
        self.pool
    }
}

impl<O: Open> Drop for Lent<'_, O> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            let mut state = self.pool.state.borrow_mut();
            state.active -= 1;
            state.slots[slot].is_open = false;
            drop(state);
            self.pool.wanted.notify_one();
            self.pool.show();
        }
    }
}

/// Counts one as long as it lives.
struct Counted<'a, O: Open> {
    pool: &'a Pool<O>,
    of: fn(&mut State<O::Connection>) -> &mut usize,
}

impl<O: Open> Drop for Counted<'_, O> {
    fn drop(&mut self) {
        *(self.of)(&mut self.pool.state.borrow_mut()) -= 1;
        self.pool.show();
    }
}

#[cfg(test)]
mod tests;
