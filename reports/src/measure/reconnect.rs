//! Reconnection: each client's attempts after each fault, and when it was back.
//!
//! A client is *affected* by a fault that explains the loss of one of its connections (`explain.rs`), and by a cut that
//! keeps it away: it was away already when the cut began. It is *back* when the last of the connections that it lost and
//! opened again was open, and, for a producer, a send was acknowledged after the heal; time in which no send was due is
//! not counted. A connection that it never opens again does not keep it away as long as another one came back, or was never
//! lost, and it sends or receives again; it is named as still down. `bootstrap` connections are never needed, and of a pool's the first
//! that is open again counts for all.
//!
//! An attempt may be later than the backoff allows where the client has had another connection since: a library opens one
//! when it has use for it.
//!
//! A client whose own process was killed loses the connections that it had then, and its successor brings them back: a
//! consumer's is back when it has also received a message, if it receives any.
//!
//! A return is watched until the next cut of the same client begins. Who is not back by then has not failed to return:
//! its return is counted from the heal of that cut.

use super::absence::{Absence, Absences, Try};
use super::explain::{Explained, NextCut};
use super::peer::{is_bootstrap, is_of_a_pool, is_opened_on_demand};
use super::signs::{Client, Life, Signs, earliest};
use super::timeline::{FaultWindow, Timeline};
use crate::facts::{Cut, TrialFacts};
use crate::result::{Attempt, Reconnect};
use crate::units::Nanos;

/// How one client came back from one fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Return {
    /// The client.
    pub client: String,
    /// As the result shows it.
    pub reconnect: Reconnect,
    /// Something was to be returned from: it lost a connection or was kept away, or its sends were to fall silent.
    pub awaited: bool,
    /// Heal → back.
    pub back: Option<Nanos>,
    /// Heal → the last instant at which a return would have been seen.
    pub watched: Nanos,
    /// The fault that cut it off again before it was back.
    pub cut_short_by: Option<String>,
    /// Connections that it lost and had not opened again by then.
    pub still_down: Vec<String>,
}

/// Whether the history tells of all sends that the schedule held. Else a time without a row may be one in which a send
/// was due and never begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// It does.
    Whole,
    /// Sends are missing.
    Gaps,
}

/// For each fault of the timeline, one for each client.
pub fn returns(
    facts: &TrialFacts,
    schedule: Schedule,
    timeline: &Timeline,
    signs: &Signs,
    absences: &Absences,
    end: Nanos,
) -> Vec<Vec<Return>> {
    let declared = facts.clients.iter().map(|client| client.name.as_str());
    let mut names: Vec<&str> = declared.collect();
    let undeclared = absences.keys().map(String::as_str).filter(|name| !names.contains(name));
    let undeclared: Vec<&str> = undeclared.collect();
    names.extend(undeclared);
    let mut all: Vec<Vec<Return>> = timeline.faults.iter().map(|_| Vec::new()).collect();
    for name in names {
        let absences = absences.get(name).map_or(&[][..], Vec::as_slice);
        let (explained, client) = (Explained::of(timeline, name), Client::named(name));
        let view = View { timeline, schedule, signs, name, client, absences, explained, end };
        for (of_fault, back) in all.iter_mut().zip(view.returns()) {
            of_fault.push(back);
        }
    }
    all
}

/// The clients that lost a connection while a fault was in force that is not done to them, and that no other explains.
pub fn strangers(timeline: &Timeline, index: usize, absences: &Absences) -> Vec<String> {
    let fault = &timeline.faults[index];
    let others = absences.iter().filter(|(client, _)| !fault.is_done_to(client));
    let lost = others.filter(|(client, absences)| {
        let explained = Explained::of(timeline, client);
        absences.iter().any(|away| {
            away.lost.is_some_and(|lost| fault.in_force().contains(lost) && explained.loss(away.opened, lost).is_none())
        })
    });
    lost.map(|(client, _)| client.clone()).collect()
}

/// One client, through all faults.
struct View<'a> {
    timeline: &'a Timeline,
    schedule: Schedule,
    signs: &'a Signs,
    name: &'a str,
    client: Option<Client>,
    absences: &'a [Absence],
    explained: Explained<'a>,
    end: Nanos,
}

/// An absence, with the fault that explains its loss.
type Owned<'a> = (&'a Absence, Option<usize>);

impl View<'_> {
    /// One for each fault of the timeline.
    fn returns(&self) -> Vec<Return> {
        let faults = &self.timeline.faults;
        let owned: Vec<Owned<'_>> = self.absences.iter().map(|away| (away, self.owner(away))).collect();
        // Who is still awaited when another cut begins is awaited after that one: it heals later.
        let mut by_heal: Vec<usize> = (0..faults.len()).collect();
        by_heal.sort_by_key(|index| faults[*index].healed);
        let mut carried = vec![false; faults.len()];
        let mut returns: Vec<Option<Return>> = faults.iter().map(|_| None).collect();
        for index in by_heal {
            let next = self.explained.next_cut(index);
            let back = self.from(index, &owned, next, carried[index]);
            if let Some(next) = next.filter(|_| back.cut_short_by.is_some()) {
                carried[next.index] = true;
            }
            returns[index] = Some(back);
        }
        returns.into_iter().flatten().collect()
    }

    fn owner(&self, away: &Absence) -> Option<usize> {
        away.lost.and_then(|lost| self.explained.loss(away.opened, lost))
    }

    fn from(&self, index: usize, owned: &[Owned<'_>], next: Option<NextCut>, carried: bool) -> Return {
        let fault = &self.timeline.faults[index];
        let until = next.map_or(Nanos(u64::MAX), |next| next.at);
        let producer = matches!(self.client, Some(Client::Producer(_)));
        let life = self.client.and_then(|client| self.signs.faults[index].life.get(&client).copied());
        let mut life = life.filter(|_| fault.is_done_to(self.name)).unwrap_or_default();
        if self.schedule == Schedule::Gaps {
            // What is missing may have been due at once.
            life.due = Some(fault.healed);
        }
        let success = life.success.filter(|at| *at < until);

        let lost: Vec<&Owned<'_>> = owned.iter().filter(|away| self.belongs(**away, index, fault)).collect();
        let needed: Vec<&Absence> =
            lost.iter().map(|(away, _)| *away).filter(|away| !is_bootstrap(&away.peer)).collect();
        let last = last_of_each(&needed);
        let back_of = |away: &Absence| away.back.filter(|back| *back < until);
        let (pool, others): (Vec<&Absence>, Vec<&Absence>) = last.iter().partition(|away| is_of_a_pool(&away.peer));
        let back = |away: &&Absence| Some((back_of(away)?, away.peer.clone()));
        let slowest = others.iter().filter_map(back).max().into_iter().chain(pool.iter().filter_map(back).min()).max();
        let connected = slowest.as_ref().map(|(at, _)| *at);
        let all_up = others.iter().all(|away| back_of(away).is_some())
            && (pool.is_empty() || pool.iter().any(|away| back_of(away).is_some()));
        let works =
            success.is_some_and(|at| connected.is_some() || last.iter().all(|away| self.works_without(away, at)));
        let connections_back = needed.is_empty() || (connected.is_some() && all_up) || works;

        let silenced = producer && fault.cut() == Some(Cut::Silent) && fault.is_done_to(self.name);
        let success_needed = producer || needed.is_empty();
        let nothing_due = producer && life.due.is_none_or(|due| due >= until);
        let awaited = !needed.is_empty() || ((silenced || carried) && !nothing_due);
        let back_at = match success {
            _ if !connections_back => None,
            Some(success) if success_needed => Some(worked(fault, connected, success, life)),
            None if success_needed && !(nothing_due && connected.is_some()) => None,
            // A successor is back when it works, if it is given anything to work on.
            Some(success) if fault.cut() == Some(Cut::Ended) => connected.map(|connected| connected.max(success)),
            _ => connected.or(success),
        };

        let attempts_end = back_at.filter(|_| all_up).unwrap_or(Nanos(u64::MAX));
        let tries = self.attempts(index, owned);
        let tries: Vec<(&Absence, &Try)> =
            tries.into_iter().filter(|(_, attempt)| attempt.at <= attempts_end).collect();
        let failed = tries.iter().filter(|(_, attempt)| !attempt.succeeded).filter_map(|(_, attempt)| attempt.ended);
        let first_loss = lost.iter().filter(|(_, owner)| *owner == Some(index)).filter_map(|(away, _)| away.lost);
        let trouble = self.client.and_then(|client| self.signs.faults[index].trouble.get(&client).copied());
        let first_error = earliest(earliest(first_loss.min(), failed.min()), trouble);
        let attempts: Vec<Attempt> = tries.iter().map(|(away, attempt)| self.shown(fault, away, attempt)).collect();

        let ends = if producer { self.timeline.load.to } else { self.end };
        let watched = ends.min(until).since(fault.healed);
        let cut_short = next.filter(|next| awaited && back_at.is_none() && next.at <= ends);
        let still_down = last_of_each(&lost.iter().map(|(away, _)| *away).collect::<Vec<_>>());
        let still_down = still_down.iter().filter(|away| back_of(away).is_none() && cut_short.is_none());
        Return {
            client: self.name.to_owned(),
            awaited,
            back: back_at.map(|at| at.since(fault.healed)),
            watched,
            cut_short_by: cut_short.map(|next| self.timeline.faults[next.index].plan.name.clone()),
            still_down: still_down.map(|away| away.peer.clone()).collect(),
            reconnect: Reconnect {
                fault: fault.plan.name.clone(),
                affected: !lost.is_empty(),
                first_error_ns: first_error.map(|at| at.since(fault.injected)),
                outside_envelope: attempts.iter().filter(|attempt| !attempt.within).count() as u64,
                attempts,
                connected_ns: connected.filter(|_| connections_back).map(|at| at.since(fault.healed)),
                slowest_peer: slowest.filter(|_| connections_back).map(|(_, peer)| peer),
                first_success_ns: success.map(|at| at.since(fault.healed)),
                never_returned: awaited && back_at.is_none() && cut_short.is_none(),
                watched_ns: watched,
                cut_short: cut_short.map(|next| self.words(fault, next)),
            },
        }
    }

    /// The fault explains the loss; or it is a cut that kept the client away, after a cut or in vain attempts.
    fn belongs(&self, (away, owner): Owned<'_>, index: usize, fault: &FaultWindow) -> bool {
        let kept = || {
            let tried = away.attempts.iter().any(|attempt| fault.began <= attempt.at);
            fault.cut().is_some() && fault.is_done_to(self.name) && (owner.is_some() || tried)
        };
        let away_in_it = || away.overlaps(fault.injected, fault.heal_began) && kept();
        away.lost.is_some() && (owner == Some(index) || away_in_it())
    }

    /// The attempts that belong to a fault, by their begins.
    fn attempts<'o>(&self, index: usize, owned: &[Owned<'o>]) -> Vec<(&'o Absence, &'o Try)> {
        let each = owned.iter().flat_map(|(away, owner)| {
            let of_fault = |attempt: &&Try| self.explained.attempt(*owner, away.from(), attempt.at) == Some(index);
            away.attempts.iter().filter(of_fault).map(|attempt| (*away, attempt))
        });
        let mut each: Vec<_> = each.collect();
        each.sort_by_key(|(_, attempt)| attempt.at);
        each
    }

    fn shown(&self, fault: &FaultWindow, away: &Absence, attempt: &Try) -> Attempt {
        let may_be_late = |latest| is_opened_on_demand(&away.peer) || !self.others(away, latest).is_empty();
        let within = attempt.wait.is_none_or(|wait| {
            let latest = attempt.at.since(wait.wait).plus(wait.allowed.1);
            wait.within() || (!wait.too_early() && may_be_late(latest))
        });
        Attempt {
            peer: away.peer.clone(),
            at_ns: attempt.at.since(fault.injected),
            wait_ns: attempt.wait.map(|wait| wait.wait),
            allowed_ns: attempt.wait.map(|wait| wait.allowed),
            within,
            succeeded: attempt.succeeded,
            error: attempt.error.clone(),
        }
    }

    /// Whether the client has lost this connection by an instant at which it works, and has another one then.
    fn works_without(&self, away: &Absence, at: Nanos) -> bool {
        away.from() <= at && self.others(away, at).iter().any(|peer| !is_bootstrap(peer))
    }

    /// The other connections of the client that had been opened by this instant, and were not lost again.
    fn others(&self, than: &Absence, at: Nanos) -> Vec<&str> {
        let others = self.absences.iter().filter(|away| away.peer != than.peer && away.from() <= at);
        let others: Vec<&Absence> = others.collect();
        let last = last_of_each(&others).into_iter().filter(|away| away.back.is_some_and(|back| back <= at));
        last.map(|away| away.peer.as_str()).collect()
    }

    fn words(&self, fault: &FaultWindow, next: NextCut) -> String {
        let other = &self.timeline.faults[next.index];
        if other.began <= fault.healed {
            return format!("{} was in force when it healed", other.plan.name);
        }
        format!("{} began {} after its heal", other.plan.name, other.began.since(fault.healed))
    }
}

/// When a producer worked again: at its first success, less the time in which it had nothing to send.
fn worked(fault: &FaultWindow, connected: Option<Nanos>, success: Nanos, life: Life) -> Nanos {
    let ready = connected.unwrap_or_default().max(fault.healed);
    let idle = life.due.unwrap_or_default().since(ready);
    success.since(idle).max(connected.unwrap_or_default())
}

/// The last absence of each connection.
fn last_of_each<'a>(absences: &[&'a Absence]) -> Vec<&'a Absence> {
    let later = |away: &&&Absence| !absences.iter().any(|other| other.peer == away.peer && other.from() > away.from());
    absences.iter().filter(later).copied().collect()
}
