//! What a scribe has read lately, for whoever watches the trial.
//!
//! A row costs the scribe a few instructions: times are gathered without a lock and handed over once for every few thousand
//! rows. Only what went wrong, and what happened to a connection, is looked at by its words.

use crate::worker::Row;
use hdrhistogram::Histogram;
use reports::history::{Connection, ConnectionEvent, Outcome, Send};
use reports::units::Nanos;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Different words that are kept apart in one taking: some brokers put a number into each.
const REASONS_AT_MOST: usize = 64;
/// What stands for those beyond, and for a send of which nobody says why.
const OTHERWISE: &str = "other reasons";
const UNSAID: &str = "no reason given";

/// How a connection is called, alone or with a number behind it, by which a client finds the others.
const BOOTSTRAP: &str = "bootstrap";

/// Times in nanoseconds.
pub(in crate::trial) type LateTimes = Histogram<u32>;

/// What was read of one worker since it was last asked for.
#[derive(Debug, Default)]
pub(in crate::trial) struct Lately {
    /// Response times, from the intended start; refusals are none. `None`: there were none.
    pub(in crate::trial) responses: Option<LateTimes>,
    /// How many sends did not succeed, by their reasons in the broker's or the client library's words.
    pub(in crate::trial) reasons: BTreeMap<String, u64>,
    /// Whether its client has a connection now. `None`: it has never told of one.
    pub(in crate::trial) connected: Option<bool>,
}

/// The watcher's end. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Glass(Arc<Mutex<Lately>>);

impl Glass {
    /// What was read since this was last called. Whether its client is connected is said each time.
    pub(super) fn take(&self) -> Lately {
        let mut lately = self.lock();
        let connected = lately.connected;
        std::mem::replace(&mut *lately, Lately { connected, ..Lately::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Lately> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The scribe's end: what it has read and not yet handed over.
#[derive(Debug)]
pub(super) struct Noticed {
    glass: Glass,
    responses: Vec<Nanos>,
    reasons: BTreeMap<String, u64>,
    connections: Option<OpenConnections>,
}

/// A client's open connections by name: some libraries have several, and one is enough to be connected.
#[derive(Debug, Default)]
struct OpenConnections {
    open: BTreeSet<String>,
    /// There has been one beside those by which it finds the others. These do not count any more then: nobody needs them
    /// again, and not every library says when they end.
    beside_bootstrap: bool,
}

impl OpenConnections {
    fn note(&mut self, row: &Connection) {
        self.beside_bootstrap |= !is_bootstrap(&row.peer);
        if row.event == ConnectionEvent::Connected {
            self.open.insert(row.peer.clone());
        } else {
            self.open.remove(&row.peer);
        }
    }

    fn are_some(&self) -> bool {
        self.open.iter().any(|peer| !self.beside_bootstrap || !is_bootstrap(peer))
    }
}

impl Noticed {
    pub(super) fn new(glass: Glass) -> Self {
        Self { glass, responses: Vec::new(), reasons: BTreeMap::new(), connections: None }
    }

    /// A row was read.
    #[inline]
    pub(super) fn see(&mut self, row: &Row) {
        match row {
            Row::Send(send) => self.send(send),
            Row::Connection(connection) => self.connections.get_or_insert_default().note(connection),
            Row::Begun(_) | Row::Delivery(_) | Row::Settlement(_) | Row::Group(_) => {}
        }
    }

    #[inline]
    fn send(&mut self, send: &Send) {
        if send.outcome != Outcome::Failed {
            self.responses.push(send.settled.since(send.intended));
        }
        if send.outcome != Outcome::Ok {
            count(&mut self.reasons, send.error.as_deref().unwrap_or(UNSAID), 1);
        }
    }

    /// Hands over what was read; to be called after every few thousand rows.
    pub(super) fn hand_over(&mut self) {
        let connected = self.connections.as_ref().map(OpenConnections::are_some);
        let mut lately = self.glass.lock();
        lately.connected = connected;
        if !self.responses.is_empty() && lately.responses.is_none() {
            lately.responses = no_times();
        }
        if let Some(times) = &mut lately.responses {
            self.responses.iter().for_each(|time| times.saturating_record(time.0));
        }
        self.responses.clear();
        for (reason, sends) in std::mem::take(&mut self.reasons) {
            count(&mut lately.reasons, &reason, sends);
        }
    }
}

fn is_bootstrap(peer: &str) -> bool {
    peer.strip_prefix(BOOTSTRAP).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Empty, with two digits for times up to an hour: a longer one counts as the longest.
pub(in crate::trial) fn no_times() -> Option<LateTimes> {
    const HOUR: u64 = 3600 * Nanos::SECOND.0;
    LateTimes::new_with_max(HOUR, 2).ok()
}

/// Adds to what is counted under a reason, or under one for all where there are too many.
pub(in crate::trial) fn count(reasons: &mut BTreeMap<String, u64>, reason: &str, sends: u64) {
    if let Some(counted) = reasons.get_mut(reason) {
        *counted += sends;
        return;
    }
    let reason = if reasons.len() < REASONS_AT_MOST { reason } else { OTHERWISE };
    *reasons.entry(reason.to_owned()).or_default() += sends;
}

#[cfg(test)]
mod tests {
    use super::*;
    use reports::units::{MessageId, Partition, ProducerId, Sequence};

    fn send(took: u64, outcome: Outcome, error: Option<&str>) -> Row {
        Row::Send(Send {
            message: MessageId { producer: ProducerId(0), partition: Partition(0), seq: Sequence(0) },
            intended: Nanos::from_millis(1000),
            started: Nanos::from_millis(1000),
            settled: Nanos::from_millis(1000 + took),
            outcome,
            attempts: 1,
            dead_letter: None,
            error: error.map(str::to_owned),
            position: None,
        })
    }

    /// Reads these rows, and takes what they came to.
    fn lately(rows: &[Row]) -> Lately {
        let glass = Glass::default();
        let mut noticed = Noticed::new(glass.clone());
        rows.iter().for_each(|row| noticed.see(row));
        noticed.hand_over();
        glass.take()
    }

    fn p99(lately: &Lately) -> Option<u64> {
        lately.responses.as_ref().map(|times| times.value_at_quantile(0.99) / Nanos::from_millis(10).0)
    }

    #[test]
    fn response_times_are_those_of_sends_that_were_not_refused_and_reasons_those_of_all_others() {
        let mut rows = vec![send(10, Outcome::Ok, None); 10];
        rows.extend([
            send(900, Outcome::Failed, Some("no room")),
            send(500, Outcome::Indeterminate, Some("timed out")),
            send(500, Outcome::Indeterminate, Some("timed out")),
            send(500, Outcome::Indeterminate, None),
        ]);
        let lately = lately(&rows);
        assert_eq!(p99(&lately), Some(50), "{lately:?}");
        let reasons: Vec<_> = lately.reasons.iter().map(|(reason, sends)| (reason.as_str(), *sends)).collect();
        assert_eq!(reasons, [("no reason given", 1), ("no room", 1), ("timed out", 2)]);
    }

    #[test]
    fn what_was_taken_is_not_there_again_and_a_connection_is() {
        let glass = Glass::default();
        let mut noticed = Noticed::new(glass.clone());
        assert_eq!(glass.take().connected, None);
        [connection("main", ConnectionEvent::Connected), send(10, Outcome::Indeterminate, None)]
            .iter()
            .for_each(|row| noticed.see(row));
        noticed.hand_over();
        assert!(glass.take().responses.is_some());
        noticed.hand_over();
        let again = glass.take();
        assert!(again.responses.is_none() && again.reasons.is_empty(), "{again:?}");
        assert_eq!(again.connected, Some(true));
    }

    fn connection(peer: &str, event: ConnectionEvent) -> Row {
        let (client, peer) = ("producer-0".to_owned(), peer.to_owned());
        Row::Connection(Connection { client, peer, event, at: Nanos::ZERO, error: None })
    }

    #[test]
    fn a_client_is_connected_while_one_of_its_connections_is_open() {
        use ConnectionEvent::{AttemptFailed, Connected, Connecting, Lost};
        let connected = |events: &[(&str, ConnectionEvent)]| {
            let rows: Vec<Row> = events.iter().map(|(peer, event)| connection(peer, *event)).collect();
            lately(&rows).connected
        };
        assert_eq!(connected(&[]), None);
        assert_eq!(connected(&[("main", Connecting)]), Some(false));
        assert_eq!(connected(&[("main", Connected), ("main", Lost), ("main", AttemptFailed)]), Some(false));
        assert_eq!(connected(&[("main", Connected), ("main", Lost), ("main", Connected)]), Some(true));
        let cluster = [("kafka-0", Connected), ("kafka-1", Connected), ("kafka-0", Lost)];
        assert_eq!(connected(&cluster), Some(true), "it works with the other broker");
        assert_eq!(connected(&[&cluster[..], &[("kafka-1", Lost)]].concat()), Some(false));
        assert_eq!(connected(&[("pool-0", Connected), ("pool-1", Connecting)]), Some(true));
        assert_eq!(connected(&[("bootstrap", Connected)]), Some(true));
        let renamed = [("bootstrap", Connected), ("kafka-0", Connected), ("kafka-0", Lost)];
        assert_eq!(connected(&renamed), Some(false), "nobody says that the first one has ended");
    }

    #[test]
    fn words_that_are_never_the_same_fill_no_memory_and_are_all_counted() {
        let rows: Vec<Row> =
            (0..1000).map(|nth| send(1, Outcome::Failed, Some(&format!("refused at {nth}")))).collect();
        let reasons = lately(&rows).reasons;
        assert!(reasons.len() <= REASONS_AT_MOST + 1 && reasons.contains_key(OTHERWISE), "{reasons:?}");
        assert_eq!(reasons.values().sum::<u64>(), 1000);
    }
}
