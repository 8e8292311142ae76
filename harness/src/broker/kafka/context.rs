//! What librdkafka tells of itself: connection states from its statistics, rebalances and commits from its callbacks.
//!
//! Attempts are dated by the statistics' interval and each state's age, on the same monotonic clock as everything else;
//! log lines would not do, because identical ones are suppressed.

use crate::worker::ConnectionLog;
use reports::history::ConnectionEvent;
use reports::units::Nanos;
use serde::Deserialize;
use std::collections::BTreeMap;
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
    source: String,
    state: String,
    /// µs since the state changed.
    stateage: i64,
    #[serde(default)]
    connects: i64,
    #[serde(default)]
    disconnects: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Never,
    Trying,
    Up,
    Down,
}

#[derive(Debug)]
struct Peer {
    phase: Phase,
    connects: i64,
    disconnects: i64,
}

/// Turns samples of connection state into connection events.
#[derive(Debug)]
pub(super) struct ConnectionWatch {
    log: ConnectionLog,
    peers: Mutex<BTreeMap<String, Peer>>,
    last_error: Mutex<Option<String>>,
}

impl ConnectionWatch {
    pub(super) fn new(log: ConnectionLog) -> Self {
        Self { log, peers: Mutex::default(), last_error: Mutex::default() }
    }

    /// A client-wide error; kept as the reason for the next failed attempt or lost connection.
    pub(super) fn error(&self, reason: &str) {
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(stable_words(reason));
    }

    /// One statistics report.
    pub(super) fn sample(&self, json: &[u8]) {
        let Ok(statistics) = serde_json::from_slice::<Statistics>(json) else { return };
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        for state in statistics.brokers.values().filter(|state| state.source != "internal") {
            let name = match (state.source.as_str(), state.nodeid) {
                ("configured", _) => "bootstrap".to_owned(),
                ("logical", _) => "coordinator".to_owned(),
                (_, node) => node.to_string(),
            };
            let peer = peers.entry(name.clone()).or_insert(Peer { phase: Phase::Never, connects: 0, disconnects: 0 });
            self.compare(&name, peer, state, statistics.ts);
        }
    }

    fn compare(&self, name: &str, peer: &mut Peer, now: &BrokerState, sampled_us: i64) {
        let sampled = micros(sampled_us);
        let changed = micros(sampled_us.saturating_sub(now.stateage));
        let attempts = now.connects - peer.connects;
        let up = now.state == "UP" || now.state == "UPDATE";
        let broke = now.disconnects > peer.disconnects || !up;
        if peer.phase == Phase::Up && (broke || attempts > 0) {
            let at = if up || attempts > 0 { sampled.since(Nanos::from_millis(STATISTICS_EVERY_MS)) } else { changed };
            self.log.note_at(at, name, ConnectionEvent::Lost, Some(self.reason("connection lost")));
            peer.phase = Phase::Down;
        }
        for attempt in 1..=attempts {
            let last = attempt == attempts;
            if peer.phase == Phase::Trying {
                self.log.note_at(changed.min(sampled), name, ConnectionEvent::AttemptFailed, Some(self.reason("attempt failed")));
            }
            // Of several attempts within one interval only the last can be dated by the state's age.
            let at = if last { changed.min(sampled) } else { sampled.since(Nanos::from_millis(STATISTICS_EVERY_MS)) };
            self.log.note_at(at, name, ConnectionEvent::Connecting, None);
            peer.phase = Phase::Trying;
        }
        if peer.phase == Phase::Trying && up {
            self.log.note_at(changed, name, ConnectionEvent::Connected, None);
            peer.phase = Phase::Up;
        } else if peer.phase == Phase::Trying && is_idle(&now.state) {
            self.log.note_at(changed, name, ConnectionEvent::AttemptFailed, Some(self.reason("attempt failed")));
            peer.phase = Phase::Down;
        }
        peer.connects = now.connects;
        peer.disconnects = now.disconnects;
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
    known.iter().find(|(word, _)| lower.contains(word)).map_or_else(|| "connection failed".to_owned(), |(_, words)| (*words).to_owned())
}
