//! Absences: when each connection of a client was not there, and each attempt to open it.
//!
//! A connection is told through the whole history at once, so that what a client does in one fault is judged by what it
//! had done in the fault before: the backoff goes on, and who is away already need not be cut off again.

use super::envelope::{Passed, Wait, WaitFrom};
use crate::facts::Envelope;
use crate::history::{Connection, ConnectionEvent};
use crate::units::Nanos;
use std::collections::BTreeMap;

/// From the loss of a connection until it was open again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Absence {
    /// Which of the client's connections.
    pub peer: String,
    /// When the connection that was lost had been opened, where the history says so.
    pub opened: Option<Nanos>,
    /// When it was lost; absent for a connection that had never been open.
    pub lost: Option<Nanos>,
    /// The attempts to open it, in order.
    pub attempts: Vec<Try>,
    /// When it was open again.
    pub back: Option<Nanos>,
}

/// One attempt to open a connection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Try {
    /// When it began.
    pub at: Nanos,
    /// When it was known how it ended.
    pub ended: Option<Nanos>,
    /// It opened the connection.
    pub succeeded: bool,
    /// The wait before it; absent where no backoff was declared, and for the first attempt of all.
    pub wait: Option<Wait>,
    /// Why it failed.
    pub error: Option<String>,
}

/// The absences of each client, by their begins.
pub type Absences = BTreeMap<String, Vec<Absence>>;

impl Absence {
    /// From when on it was away: the loss, or the first attempt.
    pub fn from(&self) -> Nanos {
        self.lost.or(self.attempts.first().map(|attempt| attempt.at)).unwrap_or_default()
    }

    /// It was away at some time of this span.
    pub fn overlaps(&self, from: Nanos, to: Nanos) -> bool {
        self.from() < to && self.back.is_none_or(|back| back >= from)
    }
}

/// Follows every connection. A client's process that ends takes its connections with it, and says nothing of it: these ends
/// are given, in order of time.
pub fn absences(
    rows: &[Connection],
    process_ends: &[(&str, Nanos)],
    envelope_of: impl Fn(&str) -> Option<Envelope>,
) -> Absences {
    let mut connections: BTreeMap<(&str, &str), Vec<&Connection>> = BTreeMap::new();
    for row in rows {
        connections.entry((&row.client, &row.peer)).or_default().push(row);
    }
    let mut absences = Absences::new();
    for ((client, peer), rows) in connections {
        let trail = Trail { envelope: envelope_of(client), ..Trail::new(peer) };
        let ends: Vec<Nanos> = process_ends.iter().filter(|(name, _)| *name == client).map(|(_, at)| *at).collect();
        absences.entry(client.to_owned()).or_default().extend(trail.followed(&rows, &ends));
    }
    for each in absences.values_mut() {
        each.sort_by_key(Absence::from);
    }
    absences
}

/// One connection on the way through its events.
struct Trail {
    peer: String,
    envelope: Option<Envelope>,
    done: Vec<Absence>,
    away: Option<Absence>,
    /// The begin of the attempt that opened it, and when it was open.
    opened: Option<(Nanos, Nanos)>,
    from: Option<WaitFrom>,
    passed: Passed,
    under_way: Option<Nanos>,
}

impl Trail {
    fn new(peer: &str) -> Self {
        Self {
            peer: peer.to_owned(),
            envelope: None,
            done: Vec::new(),
            away: None,
            opened: None,
            from: None,
            passed: Passed::default(),
            under_way: None,
        }
    }

    fn followed(mut self, rows: &[&Connection], process_ends: &[Nanos]) -> Vec<Absence> {
        let mut ends = process_ends.iter().peekable();
        for row in rows {
            while let Some(at) = ends.next_if(|at| **at <= row.at) {
                self.die(*at);
            }
            self.follow(row);
        }
        ends.for_each(|at| self.die(*at));
        self.done.extend(self.away);
        self.done
    }

    /// The client's process ends. What stood is lost, and its successor waits for nothing that was before its time.
    fn die(&mut self, at: Nanos) {
        if self.opened.is_some() {
            self.lose(at);
        }
        (self.from, self.under_way, self.passed) = (None, None, Passed::default());
    }

    fn follow(&mut self, row: &Connection) {
        match row.event {
            ConnectionEvent::Lost => self.lose(row.at),
            ConnectionEvent::Connecting => self.begin(row.at),
            ConnectionEvent::AttemptFailed => {
                let began = self.end(row, false);
                self.from = Some(WaitFrom::Failure { began, failed: row.at });
            }
            ConnectionEvent::Connected => {
                let began = self.end(row, true);
                self.opened = Some((began, row.at));
                self.from = None;
                if let Some(mut away) = self.away.take() {
                    away.back = Some(row.at);
                    self.done.push(away);
                }
            }
        }
    }

    fn lose(&mut self, at: Nanos) {
        let opened = self.opened.take();
        match (opened, self.under_way.take()) {
            // What was never open cannot be lost: the attempt under way has failed.
            (None, Some(began)) => self.from = Some(WaitFrom::Failure { began, failed: at }),
            (None, None) if self.away.is_some() => {}
            (opened, _) => self.from = Some(WaitFrom::Loss { lost: at, opened }),
        }
        let opened = opened.map(|(_, opened)| opened);
        let away = self.away.get_or_insert_with(|| Absence { peer: self.peer.clone(), opened, ..Absence::default() });
        away.lost.get_or_insert(at);
    }

    fn begin(&mut self, at: Nanos) {
        let from = self.under_way.map(WaitFrom::Attempt).or(self.from);
        let wait = from.zip(self.envelope.as_ref());
        let wait = wait.map(|(from, envelope)| Wait::judge(envelope, from, at, self.passed));
        self.passed = wait.map_or(self.passed, |wait| wait.passed);
        self.under_way = Some(at);
        let away = self.away.get_or_insert_with(|| Absence { peer: self.peer.clone(), ..Absence::default() });
        away.attempts.push(Try { at, wait, ..Try::default() });
    }

    /// Ends the attempt under way, and answers when it began; an end without a begin is the begin, as exactly as anyone
    /// knows.
    fn end(&mut self, row: &Connection, succeeded: bool) -> Nanos {
        if self.under_way.is_none() {
            self.begin(row.at);
        }
        let began = self.under_way.take().unwrap_or(row.at);
        if let Some(attempt) = self.away.as_mut().and_then(|away| away.attempts.last_mut()) {
            attempt.ended = Some(row.at);
            attempt.succeeded = succeeded;
            attempt.error.clone_from(&row.error);
        }
        began
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use ConnectionEvent::{AttemptFailed, Connected, Connecting, Lost};

    fn followed(events: &[(ConnectionEvent, u64)], ends: &[u64]) -> Vec<Absence> {
        let rows: Vec<_> = events.iter().map(|(event, at)| sample::connection("producer-0", *event, *at)).collect();
        let ends: Vec<_> = ends.iter().map(|at| ("producer-0", Nanos::from_millis(*at))).collect();
        let facts = sample::failover().facts;
        let envelope = facts.clients.iter().find(|client| client.name == "producer-0").map(|client| client.envelope);
        absences(&rows, &ends, |_| envelope).remove("producer-0").unwrap_or_default()
    }

    #[test]
    fn what_stood_when_its_process_ended_is_lost_then_and_back_with_the_successor() {
        let all =
            followed(&[(Connecting, 1_000), (Connected, 1_001), (Connecting, 5_000), (Connected, 5_002)], &[3_000]);
        let last = all.last().unwrap();
        assert_eq!(last.opened, Some(Nanos::from_millis(1_001)));
        assert_eq!((last.lost, last.back), (Some(Nanos::from_millis(3_000)), Some(Nanos::from_millis(5_002))));
    }

    #[test]
    fn a_successor_need_not_wait_for_what_its_predecessor_had_come_to() {
        let before =
            [(Connecting, 1_000), (Connected, 1_001), (Lost, 2_000), (Connecting, 3_000), (AttemptFailed, 3_001)];
        let hasty = [(Connecting, 3_100), (Connected, 3_101)];
        let wait = |ends: &[u64]| {
            let all = followed(&[&before[..], &hasty].concat(), ends);
            all.last().unwrap().attempts.last().unwrap().wait
        };
        assert!(wait(&[]).is_some_and(|wait| wait.too_early()));
        assert_eq!(wait(&[3_050]), None);
    }

    #[test]
    fn an_attempt_under_way_ends_with_its_process_and_nothing_is_lost_that_never_stood() {
        let all = followed(&[(Connecting, 1_000), (Connecting, 5_000), (Connected, 5_001)], &[3_000]);
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].lost, all[0].attempts.len()), (None, 2));
    }

    #[test]
    fn who_has_no_successor_stays_away() {
        let all = followed(&[(Connecting, 1_000), (Connected, 1_001)], &[3_000]);
        assert_eq!((all.last().unwrap().lost, all.last().unwrap().back), (Some(Nanos::from_millis(3_000)), None));
    }
}
