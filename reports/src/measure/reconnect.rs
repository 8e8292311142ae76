//! Reconnection: each client's attempts after each fault, and when it was back.
//!
//! A client is *affected* by a fault if it lost a connection between the injection and five seconds after the heal.
//! It is *back* when the last of the connections that it lost and opened again was open, and, for a producer, a send
//! was acknowledged after the heal. A connection that it never opens again does not keep it away as long as another
//! one came back and it sends or receives again; it is named as still down. `bootstrap` connections are never needed.

use super::effect::losses_of;
use super::envelope::{Wait, WaitFrom};
use super::signs::{Client, Signs};
use super::timeline::{FaultWindow, Timeline};
use crate::facts::{ClientFacts, Effect, Envelope, TrialFacts};
use crate::history::{Connection, ConnectionEvent};
use crate::result::{Attempt, Reconnect};
use crate::units::Nanos;
use std::collections::BTreeMap;

/// How one client came back from one fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Return {
    /// The client.
    pub client: String,
    /// As the result shows it.
    pub reconnect: Reconnect,
    /// Something was to be returned from: it lost a connection, or all sends were to fall silent.
    pub awaited: bool,
    /// Heal → back.
    pub back: Option<Nanos>,
    /// Heal → the last instant at which a return would have been seen.
    pub watched: Nanos,
    /// Connections that it lost and had not opened again by then.
    pub still_down: Vec<String>,
}

/// For each fault of the timeline, one for each client.
pub fn returns(
    facts: &TrialFacts,
    timeline: &Timeline,
    signs: &Signs,
    rows: &[Connection],
    end: Nanos,
) -> Vec<Vec<Return>> {
    let clients = clients_of(facts, rows);
    let mut by_client: BTreeMap<&str, Vec<&Connection>> = BTreeMap::new();
    for row in rows {
        by_client.entry(&row.client).or_default().push(row);
    }
    let of_fault = |(index, fault): (usize, &FaultWindow)| {
        let each = clients.iter().map(|(name, envelope)| {
            let events = by_client.get(name.as_str()).map_or(&[][..], Vec::as_slice);
            let view = View { fault, envelope: envelope.as_ref(), load_ends: timeline.load.to, end };
            view.of_client(name, events, signs, index)
        });
        each.collect()
    };
    timeline.faults.iter().enumerate().map(of_fault).collect()
}

/// The largest number of attempts that began within one second, from an instant on, over all clients.
pub fn peak_attempts_per_second(rows: &[Connection], from: Nanos) -> u64 {
    let begins = rows.iter().filter(|row| row.event == ConnectionEvent::Connecting && row.at >= from);
    let times: Vec<_> = begins.map(|row| row.at).collect();
    let within = |(index, at): (usize, &Nanos)| times.partition_point(|other| *other < at.plus(Nanos::SECOND)) - index;
    times.iter().enumerate().map(within).max().unwrap_or(0) as u64
}

/// The declared clients, and those that only the history knows.
fn clients_of(facts: &TrialFacts, rows: &[Connection]) -> Vec<(String, Option<Envelope>)> {
    let declared = |client: &ClientFacts| (client.name.clone(), Some(client.envelope));
    let mut clients: Vec<_> = facts.clients.iter().map(declared).collect();
    for row in rows {
        if !clients.iter().any(|(name, _)| *name == row.client) {
            clients.push((row.client.clone(), None));
        }
    }
    clients
}

struct View<'a> {
    fault: &'a FaultWindow,
    envelope: Option<&'a Envelope>,
    load_ends: Nanos,
    end: Nanos,
}

/// Connections that a library opens when it has use for them, so that no attempt at them is late: nobody needs a bootstrap
/// connection any more, and where the group's coordinator is must be asked over another connection first.
const OPENED_ON_DEMAND: [&str; 2] = ["bootstrap", "coordinator"];

impl View<'_> {
    fn of_client(&self, name: &str, events: &[&Connection], signs: &Signs, index: usize) -> Return {
        let (fault, client) = (self.fault, Client::named(name));
        let traces = self.traces(events);
        let lost: Vec<_> = traces.iter().filter(|(_, trace)| trace.lost).collect();
        let sign = |signs: &BTreeMap<Client, Nanos>| client.and_then(|client| signs.get(&client).copied());
        let success = sign(&signs.faults[index].success);
        let producer = matches!(client, Some(Client::Producer(_)));

        let needed: Vec<_> = lost.iter().filter(|(peer, _)| **peer != "bootstrap").collect();
        let connected = needed.iter().filter_map(|(_, trace)| trace.back).max();
        let all_up = needed.iter().all(|(_, trace)| trace.back.is_some());
        let connections_back = needed.is_empty() || (connected.is_some() && (all_up || success.is_some()));
        let awaited = !lost.is_empty() || (producer && fault.plan.effect == Effect::Silence);
        let success_needed = producer || needed.is_empty();
        let back_at = match success {
            _ if !connections_back => None,
            None if success_needed => None,
            Some(success) if success_needed => Some(connected.map_or(success, |connected| connected.max(success))),
            _ => connected,
        };

        let first_loss = lost.iter().filter_map(|(_, trace)| trace.first_loss).min();
        let first_error = [first_loss, sign(&signs.faults[index].trouble)].into_iter().flatten().min();
        let mut attempts: Vec<_> = traces.values().flat_map(|trace| trace.attempts.iter().cloned()).collect();
        attempts.sort_by_key(|attempt| attempt.at_ns);
        let attempts_end = back_at.filter(|_| all_up).map_or(Nanos(u64::MAX), |at| at.since(fault.injected));
        attempts.retain(|attempt| attempt.at_ns <= attempts_end);
        let ends = if producer { self.load_ends } else { self.end };
        Return {
            client: name.to_owned(),
            awaited,
            back: back_at.map(|at| at.since(fault.healed)),
            watched: ends.min(fault.until).since(fault.healed),
            still_down: lost
                .iter()
                .filter(|(_, trace)| trace.back.is_none())
                .map(|(peer, _)| peer.to_string())
                .collect(),
            reconnect: Reconnect {
                fault: fault.plan.name.clone(),
                affected: !lost.is_empty(),
                first_error_ns: first_error.map(|at| at.since(fault.injected)),
                outside_envelope: attempts.iter().filter(|attempt| !attempt.within).count() as u64,
                attempts,
                connected_ns: connected.filter(|_| connections_back).map(|at| at.since(fault.healed)),
                first_success_ns: success.map(|at| at.since(fault.healed)),
                never_returned: awaited && back_at.is_none(),
            },
        }
    }

    fn traces<'e>(&self, events: &[&'e Connection]) -> BTreeMap<&'e str, Trace> {
        let mut traces: BTreeMap<&str, Trace> = BTreeMap::new();
        let losses = losses_of(self.fault);
        let during = events.iter().filter(|row| self.fault.began <= row.at && row.at < self.fault.until);
        for row in during {
            let trace = traces.entry(&row.peer).or_default();
            if row.event == ConnectionEvent::Lost && !losses.contains(row.at) {
                // A later loss has another cause, and so has what follows it.
                trace.closed = Closed::Yes;
            }
            if trace.closed == Closed::No {
                self.follow(trace, row);
            }
        }
        traces
    }

    fn follow(&self, trace: &mut Trace, row: &Connection) {
        match row.event {
            ConnectionEvent::Lost => {
                trace.lost = true;
                trace.first_loss.get_or_insert(row.at);
                (trace.back, trace.waits, trace.open) = (None, 0, None);
                trace.from = Some(WaitFrom::Loss(row.at));
            }
            ConnectionEvent::Connecting => self.begin(trace, row),
            ConnectionEvent::AttemptFailed => {
                let began = self.begun(trace, row);
                if let Some(attempt) = trace.attempts.last_mut() {
                    attempt.error.clone_from(&row.error);
                }
                trace.from = Some(WaitFrom::Failure { began, failed: row.at });
                trace.open = None;
            }
            ConnectionEvent::Connected => {
                self.begun(trace, row);
                if let Some(attempt) = trace.attempts.last_mut() {
                    attempt.succeeded = true;
                }
                trace.back = trace.lost.then_some(row.at);
                (trace.from, trace.waits, trace.open) = (None, 0, None);
            }
        }
    }

    /// When the attempt under way began; an end without a begin is the begin, as exactly as anyone knows.
    fn begun(&self, trace: &mut Trace, row: &Connection) -> Nanos {
        if trace.open.is_none() {
            self.begin(trace, row);
        }
        trace.open.unwrap_or(row.at)
    }

    fn begin(&self, trace: &mut Trace, row: &Connection) {
        let from = trace.open.map(WaitFrom::Attempt).or(trace.from);
        let wait = from.zip(self.envelope).map(|(from, envelope)| Wait::judge(envelope, from, row.at, trace.waits));
        trace.waits = wait.map_or(trace.waits, |wait| wait.number);
        let in_time =
            |wait: &Wait| wait.within() || (OPENED_ON_DEMAND.contains(&row.peer.as_str()) && !wait.too_early());
        let within = wait.as_ref().is_none_or(in_time);
        trace.attempts.push(Attempt {
            peer: row.peer.clone(),
            at_ns: row.at.since(self.fault.injected),
            wait_ns: wait.map(|wait| wait.wait),
            allowed_ns: wait.map(|wait| wait.allowed),
            within,
            succeeded: false,
            error: None,
        });
        trace.open = Some(row.at);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Closed {
    #[default]
    No,
    Yes,
}

/// One connection through one fault.
#[derive(Clone, Debug, Default)]
struct Trace {
    lost: bool,
    first_loss: Option<Nanos>,
    back: Option<Nanos>,
    attempts: Vec<Attempt>,
    from: Option<WaitFrom>,
    waits: u32,
    open: Option<Nanos>,
    closed: Closed,
}
