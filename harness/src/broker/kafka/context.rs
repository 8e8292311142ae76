//! What librdkafka tells of itself: connection states from its statistics, rebalances and commits from its callbacks.
//!
//! Attempts are dated by the statistics' interval and each state's age, on the same monotonic clock as everything else;
//! log lines would not do, because identical ones are suppressed.

use crate::worker::ConnectionLog;
use reports::history::ConnectionEvent;
use reports::units::Nanos;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// How often librdkafka reports; the resolution with which attempts are dated.
pub(super) const STATISTICS_EVERY_MS: u64 = 100;

#[derive(Deserialize)]
struct Statistics {
    /// librdkafka's monotonic clock, in µs.
    ts: i64,
    brokers: BTreeMap<String, BrokerState>,
}

#[derive(Deserialize)]
struct BrokerState {
    nodeid: i32,
    nodename: String,
    source: String,
    state: String,
    /// µs since the state changed.
    stateage: i64,
    #[serde(default)]
    connects: i64,
    #[serde(default)]
    disconnects: i64,
}

impl BrokerState {
    /// As the history calls it. `None`: librdkafka's own bookkeeping, not a connection.
    fn peer(&self) -> Option<String> {
        match (self.source.as_str(), self.nodeid) {
            ("internal", _) => None,
            ("configured", _) => Some("bootstrap".to_owned()),
            ("logical", _) => Some("coordinator".to_owned()),
            (_, node) => Some(node.to_string()),
        }
    }

    fn is_up(&self) -> bool {
        matches!(self.state.as_str(), "UP" | "UPDATE")
    }

    /// librdkafka counts an attempt at a coordinator whose address it does not know yet; nothing is connected to then.
    fn has_address(&self) -> bool {
        !matches!(self.nodename.as_str(), "" | ":0")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Trying,
    Up,
    Down,
}

#[derive(Debug)]
struct Peer {
    phase: Phase,
    connects: i64,
    disconnects: i64,
    changed: Nanos,
}

/// Turns samples of connection state into connection events.
#[derive(Debug)]
pub(super) struct ConnectionWatch {
    log: ConnectionLog,
    peers: Mutex<BTreeMap<String, Peer>>,
    last_error: Mutex<Option<String>>,
    closing: AtomicBool,
}

impl ConnectionWatch {
    pub(super) fn new(log: ConnectionLog) -> Self {
        Self { log, peers: Mutex::default(), last_error: Mutex::default(), closing: AtomicBool::new(false) }
    }

    /// From now on connections end because the client wants them to.
    pub(super) fn close(&self) {
        self.closing.store(true, Relaxed);
    }

    /// A client-wide error; kept as the reason for the next failed attempt or lost connection.
    pub(super) fn error(&self, reason: &str) {
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(stable_words(reason));
    }

    /// One statistics report.
    pub(super) fn sample(&self, json: &[u8]) {
        if self.closing.load(Relaxed) {
            return;
        }
        let Ok(statistics) = serde_json::from_slice::<Statistics>(json) else { return };
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        for state in statistics.brokers.values() {
            let Some(name) = state.peer() else { continue };
            let unknown = Peer { phase: Phase::Down, connects: 0, disconnects: 0, changed: Nanos::ZERO };
            let peer = peers.entry(name.clone()).or_insert(unknown);
            self.compare(&name, peer, state, statistics.ts);
        }
    }

    /// The state's age dates the last change exactly. What else happened within one interval is dated by it too.
    fn compare(&self, name: &str, peer: &mut Peer, now: &BrokerState, sampled_us: i64) {
        let changed = micros(sampled_us.saturating_sub(now.stateage));
        let tried = now.connects > peer.connects && changed > peer.changed && now.has_address();
        let note = |event, error| self.log.note_at(changed, name, event, error);
        if peer.phase == Phase::Up && (now.disconnects > peer.disconnects || tried || !now.is_up()) {
            note(ConnectionEvent::Lost, Some(self.reason("connection lost")));
            peer.phase = Phase::Down;
        }
        if tried {
            if peer.phase == Phase::Trying {
                note(ConnectionEvent::AttemptFailed, Some(self.reason("attempt failed")));
            }
            note(ConnectionEvent::Connecting, None);
            peer.phase = Phase::Trying;
        }
        if peer.phase == Phase::Trying && now.is_up() {
            note(ConnectionEvent::Connected, None);
            peer.phase = Phase::Up;
        } else if peer.phase == Phase::Trying && is_idle(&now.state) {
            note(ConnectionEvent::AttemptFailed, Some(self.reason("attempt failed")));
            peer.phase = Phase::Down;
        }
        *peer = Peer { phase: peer.phase, connects: now.connects, disconnects: now.disconnects, changed };
    }

    fn reason(&self, otherwise: &str) -> String {
        let last = self.last_error.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone().unwrap_or_else(|| otherwise.to_owned())
    }
}

/// States in which librdkafka is not under way to a connection.
fn is_idle(state: &str) -> bool {
    matches!(state, "INIT" | "DOWN" | "TRY_CONNECT")
}

fn micros(value: i64) -> Nanos {
    Nanos(u64::try_from(value).unwrap_or(0).saturating_mul(1_000))
}

/// The kind of error in librdkafka's words, without addresses and times.
pub(super) fn stable_words(reason: &str) -> String {
    let lower = reason.to_lowercase();
    let known = [
        ("connection refused", "connection refused"),
        ("connection reset", "connection reset"),
        ("disconnected", "connection closed by the other side"),
        ("timed out", "timed out"),
        ("broken pipe", "broken pipe"),
        ("all broker connections are down", "all connections are down"),
    ];
    known
        .iter()
        .find(|(word, _)| lower.contains(word))
        .map_or_else(|| "connection failed".to_owned(), |(_, words)| (*words).to_owned())
}
