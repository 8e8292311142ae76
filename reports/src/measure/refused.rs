//! Sends that did not end well: how many for which reason, and which of the refused ones a fault explains.
//!
//! A fault explains a refusal that the client made itself because the fault kept it from the broker: not one that the
//! broker spoke. So a refusal of a producer is explained
//!
//! - if it was answered while a fault with a cut kept this producer from the broker: from when the injection was asked for
//!   until the producer had its connections back after the heal (it lost none: until the heal);
//! - if the send was begun before that return and ended later, for a reason that was also given in between: it waited in the
//!   client, and nothing but the client can have given that reason then;
//! - if it says `never sent` and the send was begun before the end of a fault that cuts or slows this producer's path, and
//!   answered after the fault's begin;
//! - if a node says so that the fault has cut off from the others, as `alone.rs` has it: this one is heard.
//!
//! What a worker withdrew because the trial ended, nobody refused: those sends stand apart. So do those that are explained
//! only because no row shows the producer's return: where such rows can be missing, that explains nothing.

use super::accounting::Example;
use super::alone::Alone;
use super::explain::NOTICED_WITHIN;
use super::peer::is_bootstrap;
use super::source::{Reply, Sent};
use super::timeline::FaultWindow;
use crate::facts::{Cut, Effect};
use crate::history::{Connection, ConnectionEvent, NEVER_SENT, Outcome, WITHDRAWN};
use crate::result::Reason;
use crate::units::{Nanos, ProducerId};
use std::collections::{BTreeMap, BTreeSet};

/// How many examples are kept.
const EXAMPLES: usize = 3;

/// What stands for a reason that nobody gave.
const NO_REASON: &str = "no reason given";

/// One fault's hold on one producer.
#[derive(Clone, Copy, Debug)]
struct Hold {
    from: Nanos,
    until: Nanos,
    /// Until then in any case: the heal, where no row shows the return.
    surely_until: Nanos,
    kind: HoldKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HoldKind {
    /// It cannot hear the broker.
    Cut,
    /// It hears the broker late.
    Slow,
}

/// What became of the refusals and the sends of which nobody knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusedSends {
    /// Refused, by reason, the most frequent first.
    pub failed: Vec<Reason>,
    /// Of these, the withdrawn ones that no fault explains.
    pub withdrawn: u64,
    /// Explained only because no row shows that the producer came back.
    pub presumed: u64,
    /// Neither refused nor acknowledged, by reason, the most frequent first.
    pub indeterminate: Vec<Reason>,
    /// The earliest that were refused and that no fault explains.
    pub unexplained: Vec<Example>,
    /// The earliest of which nobody knows.
    pub unknown: Vec<Example>,
}

impl RefusedSends {
    /// Refused, and no fault explains it.
    pub fn unexplained_count(&self) -> u64 {
        let unexplained: u64 = self.failed.iter().map(|reason| reason.sends - reason.explained).sum();
        unexplained - self.withdrawn
    }

    /// Of which nobody knows.
    pub fn indeterminate_count(&self) -> u64 {
        self.indeterminate.iter().map(|reason| reason.sends).sum()
    }
}

/// Takes the sends as they pass.
#[derive(Clone, Debug)]
pub struct Refusals<'a> {
    faults: &'a [FaultWindow],
    connections: &'a [Connection],
    holds: BTreeMap<ProducerId, Vec<Hold>>,
    alone: Alone<'a>,
    failed: BTreeMap<String, Tally>,
    indeterminate: BTreeMap<String, Tally>,
    /// Reasons that were given while the broker could not be heard, and whether that is sure of one of the times.
    own_reasons: BTreeMap<String, bool>,
    withdrawn: u64,
    presumed: u64,
}

#[derive(Clone, Debug, Default)]
struct Tally {
    explained: u64,
    /// Begun under a hold and ended after it: explained if the reason is one that the client gives by itself.
    left_over: u64,
    left_over_examples: Vec<Example>,
    unexplained: u64,
    examples: Vec<Example>,
}

impl<'a> Refusals<'a> {
    /// None yet.
    pub fn new(faults: &'a [FaultWindow], connections: &'a [Connection]) -> Self {
        Self {
            faults,
            connections,
            holds: BTreeMap::new(),
            alone: Alone::of(faults),
            failed: BTreeMap::new(),
            indeterminate: BTreeMap::new(),
            own_reasons: BTreeMap::new(),
            withdrawn: 0,
            presumed: 0,
        }
    }

    /// A send.
    #[inline]
    pub fn send(&mut self, sent: &Sent, reply: Reply<'_>) {
        match sent.outcome {
            Outcome::Ok => self.alone.acknowledged(sent),
            Outcome::Failed => self.refused(sent, reply),
            Outcome::Indeterminate => {
                let tally = tally(&mut self.indeterminate, reply);
                tally.unexplained += 1;
                note(&mut tally.examples, sent, reply);
            }
        }
    }

    fn refused(&mut self, sent: &Sent, reply: Reply<'_>) {
        let producer = sent.message.producer;
        let (faults, connections) = (self.faults, self.connections);
        let holds = self.holds.entry(producer).or_insert_with(|| holds_of(producer, faults, connections));
        let reason = reply.error.unwrap_or(NO_REASON);
        let never_sent = reason.starts_with(NEVER_SENT);
        let during = |hold: &&Hold| hold.from <= sent.settled && sent.started < hold.until;
        let answered_within = |hold: &Hold| hold.kind == HoldKind::Cut && sent.settled < hold.until;
        let touching: Vec<Hold> = holds.iter().filter(during).copied().collect();
        let tally = tally(&mut self.failed, reply);
        if touching.iter().any(answered_within) {
            tally.explained += 1;
            let surely = |hold: &Hold| answered_within(hold) && sent.settled < hold.surely_until;
            let sure = touching.iter().any(surely);
            self.presumed += u64::from(!sure);
            match self.own_reasons.get_mut(reason) {
                Some(known) => *known |= sure,
                None => drop(self.own_reasons.insert(reason.to_owned(), sure)),
            }
        } else if (never_sent && !touching.is_empty()) || self.alone.explains(sent, reason) {
            tally.explained += 1;
        } else if reason == WITHDRAWN {
            tally.unexplained += 1;
            self.withdrawn += 1;
        } else if touching.iter().any(|hold| hold.kind == HoldKind::Cut) {
            tally.left_over += 1;
            note(&mut tally.left_over_examples, sent, reply);
        } else {
            tally.unexplained += 1;
            note(&mut tally.examples, sent, reply);
        }
    }

    /// The reasons, counted, and the examples.
    pub fn finish(mut self) -> RefusedSends {
        for (reason, tally) in &mut self.failed {
            if let Some(sure) = self.own_reasons.get(reason) {
                tally.explained += tally.left_over;
                self.presumed += if *sure { 0 } else { tally.left_over };
            } else {
                tally.unexplained += tally.left_over;
                tally.examples.append(&mut tally.left_over_examples);
            }
        }
        RefusedSends {
            unexplained: earliest(&self.failed),
            withdrawn: self.withdrawn,
            presumed: self.presumed,
            unknown: earliest(&self.indeterminate),
            failed: reasons(self.failed),
            indeterminate: reasons(self.indeterminate),
        }
    }
}

/// The time during which each fault kept a producer from the broker, or made the way there slow.
fn holds_of(producer: ProducerId, faults: &[FaultWindow], connections: &[Connection]) -> Vec<Hold> {
    let name = format!("producer-{}", producer.0);
    let concerned = faults.iter().filter(|fault| fault.plan.clients.is_empty() || fault.plan.clients.contains(&name));
    let each = concerned.filter_map(|fault| {
        let kind = match (fault.plan.cut, fault.plan.effect) {
            // What a node says that can be heard is its own word, but for what never reached it.
            (Some(Cut::Alone), _) => HoldKind::Slow,
            (Some(_), _) => HoldKind::Cut,
            (None, Effect::Slower { .. } | Effect::Silence | Effect::ConnectionsLost | Effect::PacketsDropped) => {
                HoldKind::Slow
            }
            (
                None,
                Effect::Idle | Effect::HeldLonger { .. } | Effect::TakesPart | Effect::StaysOn | Effect::Nothing,
            ) => return None,
        };
        let back = back(&name, fault, connections);
        Some(Hold {
            from: fault.began,
            until: back.unwrap_or(Nanos(u64::MAX)),
            surely_until: back.unwrap_or(fault.healed),
            kind,
        })
    });
    each.collect()
}

/// When a client that lost connections to a fault had them back; `None`: no row shows it. One that it does not open again
/// counts only if it opened none again, and has no other: then it never came back.
fn back(client: &str, fault: &FaultWindow, connections: &[Connection]) -> Option<Nanos> {
    let noticed = fault.healed.plus(NOTICED_WITHIN);
    let mut lost: BTreeMap<&str, Option<Nanos>> = BTreeMap::new();
    let from = connections.partition_point(|row| row.at < fault.began);
    for row in connections[from..].iter().filter(|row| row.client == client && !is_bootstrap(&row.peer)) {
        match row.event {
            ConnectionEvent::Lost if row.at <= noticed => {
                lost.insert(&row.peer, None);
            }
            ConnectionEvent::Connected => {
                if let Some(back) = lost.get_mut(row.peer.as_str()).filter(|back| back.is_none()) {
                    *back = Some(row.at);
                }
            }
            _ => {}
        }
    }
    match lost.values().flatten().max() {
        Some(back) => Some(fault.healed.max(*back)),
        None if lost.is_empty() => Some(fault.healed),
        None => another(client, &lost, fault, connections),
    }
}

/// From when on, after the heal, a client had a connection beside those that it lost.
fn another(
    client: &str,
    lost: &BTreeMap<&str, Option<Nanos>>,
    fault: &FaultWindow,
    connections: &[Connection],
) -> Option<Nanos> {
    let mut open = BTreeSet::new();
    let others =
        |row: &&Connection| row.client == client && !is_bootstrap(&row.peer) && !lost.contains_key(row.peer.as_str());
    for row in connections.iter().filter(others) {
        let later = row.at > fault.healed;
        match row.event {
            _ if later && !open.is_empty() => break,
            ConnectionEvent::Connected if later => return Some(row.at),
            ConnectionEvent::Connected => {
                open.insert(&row.peer);
            }
            ConnectionEvent::Lost => {
                open.remove(&row.peer);
            }
            ConnectionEvent::Connecting | ConnectionEvent::AttemptFailed => {}
        }
    }
    (!open.is_empty()).then_some(fault.healed)
}

fn tally<'t>(tallies: &'t mut BTreeMap<String, Tally>, reply: Reply<'_>) -> &'t mut Tally {
    let reason = reply.error.unwrap_or(NO_REASON);
    tallies.entry(reason.to_owned()).or_default()
}

fn note(examples: &mut Vec<Example>, sent: &Sent, reply: Reply<'_>) {
    if examples.len() == EXAMPLES && examples.last().is_some_and(|last| last.at <= Some(sent.started)) {
        return;
    }
    let example = Example {
        message: Some(sent.message),
        at: Some(sent.started),
        position: reply.position,
        note: Some(reply.error.unwrap_or(NO_REASON).to_owned()),
        ..Example::default()
    };
    let place = examples.partition_point(|other| other.at <= example.at);
    examples.insert(place, example);
    examples.truncate(EXAMPLES);
}

fn earliest(tallies: &BTreeMap<String, Tally>) -> Vec<Example> {
    let mut all: Vec<_> = tallies.values().flat_map(|tally| tally.examples.iter().cloned()).collect();
    all.sort_by_key(|example| example.at);
    all.truncate(EXAMPLES);
    all
}

fn reasons(tallies: BTreeMap<String, Tally>) -> Vec<Reason> {
    let each = tallies.into_iter().map(|(words, tally)| Reason {
        words,
        sends: tally.explained + tally.unexplained,
        explained: tally.explained,
    });
    let mut reasons: Vec<_> = each.collect();
    reasons.sort_by(|left, right| right.sends.cmp(&left.sends).then_with(|| left.words.cmp(&right.words)));
    reasons
}
