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
    /// As the history calls it; `nth` tells which of several that it was configured with. `None`: librdkafka's own bookkeeping,
    /// not a connection.
    fn peer(&self, nth: Option<usize>) -> Option<String> {
        match (self.source.as_str(), self.nodeid, nth) {
            ("internal", ..) => None,
            ("configured", _, None) => Some("bootstrap".to_owned()),
            ("configured", _, Some(nth)) => Some(format!("bootstrap-{nth}")),
            ("logical", ..) => Some("coordinator".to_owned()),
            (_, node, _) => Some(format!("kafka-{node}")),
        }
    }

    fn is_configured(&self) -> bool {
        self.source == "configured"
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
        let several = statistics.brokers.values().filter(|state| state.is_configured()).count() > 1;
        let mut configured = 0..;
        for state in statistics.brokers.values() {
            let nth = if several && state.is_configured() { configured.next() } else { None };
            let Some(name) = state.peer(nth) else { continue };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::Row;
    use crate::worker::record::tests::{kept, rows};
    use ConnectionEvent::{AttemptFailed, Connected, Connecting, Lost};

    /// A watch, fed with one broker's state at a time.
    struct Fed {
        watch: ConnectionWatch,
        records: crate::worker::Records,
    }

    /// What librdkafka says at a time (in ms) of a broker in this state since then, after so many attempts and losses.
    #[derive(Clone, Copy)]
    struct Said {
        at: i64,
        state: &'static str,
        since: i64,
        connects: i64,
        disconnects: i64,
    }

    fn said(at: i64, state: &'static str, since: i64, connects: i64, disconnects: i64) -> Said {
        Said { at, state, since, connects, disconnects }
    }

    impl Fed {
        fn new() -> Self {
            let records = kept();
            Self { watch: ConnectionWatch::new(ConnectionLog::new("producer-0", records.clone())), records }
        }

        fn hear(&self, said: Said) {
            self.hear_of("learned", 1, "127.0.0.1:9092", said);
        }

        fn hear_of(&self, source: &str, node: i32, address: &str, said: Said) {
            let Said { at, state, since, connects, disconnects } = said;
            let (ts, age) = (at * 1000, (at - since) * 1000);
            let broker = format!(
                r#"{{"nodeid":{node},"nodename":"{address}","source":"{source}","state":"{state}","stateage":{age},"connects":{connects},"disconnects":{disconnects}}}"#
            );
            self.watch.sample(format!(r#"{{"ts":{ts},"brokers":{{"one":{broker}}}}}"#).as_bytes());
        }

        /// What was recorded: what, and when in ms.
        fn events(&self) -> Vec<(ConnectionEvent, u64)> {
            self.all().into_iter().map(|(_, event, at, _)| (event, at)).collect()
        }

        fn all(&self) -> Vec<(String, ConnectionEvent, u64, Option<String>)> {
            let event = |row| match row {
                Row::Connection(row) => (row.peer, row.event, row.at.0 / 1_000_000, row.error),
                other => panic!("another table's: {other:?}"),
            };
            rows(&self.records).into_iter().map(event).collect()
        }
    }

    #[test]
    fn a_connection_that_comes_about_is_dated_by_the_age_of_its_state() {
        let fed = Fed::new();
        fed.hear(said(100, "INIT", 0, 0, 0));
        fed.hear(said(200, "UP", 130, 1, 0));
        fed.hear(said(300, "UP", 130, 1, 0));
        assert_eq!(fed.events(), [(Connecting, 130), (Connected, 130)]);
    }

    #[test]
    fn a_loss_and_the_attempts_after_it_are_told_each_once() {
        let fed = Fed::new();
        fed.hear(said(100, "UP", 10, 1, 0));
        fed.events();
        fed.hear(said(200, "TRY_CONNECT", 150, 1, 1));
        assert_eq!(fed.events(), [(Lost, 150)]);
        fed.hear(said(300, "CONNECT", 260, 2, 1));
        assert_eq!(fed.events(), [(Connecting, 260)]);
        fed.hear(said(400, "TRY_CONNECT", 310, 2, 1));
        assert_eq!(fed.events(), [(AttemptFailed, 310)]);
        fed.hear(said(500, "TRY_CONNECT", 310, 2, 1));
        assert_eq!(fed.events(), []);
        fed.hear(said(600, "UP", 580, 3, 1));
        assert_eq!(fed.events(), [(Connecting, 580), (Connected, 580)]);
    }

    #[test]
    fn a_connection_that_was_lost_and_is_back_between_two_reports_was_lost() {
        let fed = Fed::new();
        fed.hear(said(100, "UP", 10, 1, 0));
        fed.events();
        fed.hear(said(200, "UP", 180, 2, 1));
        assert_eq!(fed.events(), [(Lost, 180), (Connecting, 180), (Connected, 180)]);
    }

    #[test]
    fn the_reason_is_the_last_error_in_stable_words() {
        let fed = Fed::new();
        fed.hear(said(100, "UP", 10, 1, 0));
        fed.all();
        fed.watch.error("127.0.0.1:9092/1: Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms)");
        fed.hear(said(200, "TRY_CONNECT", 150, 1, 1));
        let [(peer, Lost, 150, reason)] = &fed.all()[..] else { panic!("one loss") };
        assert_eq!((peer.as_str(), reason.as_deref()), ("kafka-1", Some("connection refused")));
    }

    #[test]
    fn peers_are_called_as_the_history_calls_them_and_what_is_no_connection_is_left_out() {
        let fed = Fed::new();
        let up = said(100, "UP", 50, 1, 0);
        fed.hear_of("configured", -1, "127.0.0.1:9092", up);
        fed.hear_of("logical", -1, "127.0.0.1:9092", up);
        fed.hear_of("internal", -1, "127.0.0.1:9092", up);
        // Its address is not known yet, so that nothing is connected to.
        fed.hear_of("learned", 7, ":0", up);
        let peers: Vec<_> = fed.all().into_iter().map(|(peer, ..)| peer).collect();
        assert_eq!(peers, ["bootstrap", "bootstrap", "coordinator", "coordinator"]);
    }

    /// Each of several is a connection of its own: one that comes about is none that another has lost.
    #[test]
    fn brokers_are_told_apart_by_their_numbers_and_bootstrap_addresses_by_their_order() {
        let fed = Fed::new();
        let broker = |source: &str, node: i32, state: &str, connects: i64| {
            format!(
                r#"{{"nodeid":{node},"nodename":"127.0.0.1:1","source":"{source}","state":"{state}","stateage":0,"connects":{connects},"disconnects":0}}"#
            )
        };
        for (at, other) in [(100_000, "TRY_CONNECT"), (200_000, "UP")] {
            let connects = i64::from(other == "UP");
            let (one, two) = (broker("configured", -1, "UP", 1), broker("configured", -1, other, connects));
            let three = broker("learned", 2, "UP", 1);
            let text =
                format!(r#"{{"ts":{at},"brokers":{{"a:1/bootstrap":{one},"b:1/bootstrap":{two},"b:1/2":{three}}}}}"#);
            fed.watch.sample(text.as_bytes());
        }
        let mut connected: Vec<String> = Vec::new();
        for (peer, event, ..) in fed.all() {
            assert_ne!(event, Lost, "{peer}");
            connected.extend((event == Connected).then_some(peer));
        }
        assert_eq!(connected, ["bootstrap-0", "kafka-2", "bootstrap-1"]);
    }

    #[test]
    fn what_ends_because_the_client_closes_is_not_lost() {
        let fed = Fed::new();
        fed.hear(said(100, "UP", 10, 1, 0));
        fed.events();
        fed.watch.close();
        fed.hear(said(200, "DOWN", 150, 1, 1));
        assert_eq!(fed.events(), []);
    }

    #[test]
    fn a_report_that_is_none_is_passed_over() {
        let fed = Fed::new();
        fed.watch.sample(b"");
        fed.watch.sample(br#"{"ts":"now"}"#);
        assert_eq!(fed.events(), []);
    }

    #[test]
    fn words_name_neither_address_nor_time() {
        let reason = "ssl://10.0.0.1:9092/bootstrap: Disconnected (after 1200ms in state UP)";
        assert_eq!(stable_words(reason), "connection closed by the other side");
        assert_eq!(stable_words("10.0.0.1:9092: something new at 12:34"), "connection failed");
    }
}
