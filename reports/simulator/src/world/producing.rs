//! Producers: an open loop that sends what is due, and three ways in which a send ends.

use super::event::{Event, What};
use super::parts::Open;
use super::state::World;
use crate::plan::{Journal, Offline};
use reports::history::{Outcome, Send};
use reports::units::{Nanos, Position};
use std::collections::BTreeMap;

/// From the schedule's wish to the library's hand.
const HAND_OVER: Nanos = Nanos(20_000);

impl World<'_> {
    /// Begins all that is due, as far as there is room.
    pub(super) fn send_due(&mut self, producer: usize) {
        let policy = &self.plan.policy;
        while let Some(&message) = self.producers[producer].due.front() {
            if self.producers[producer].under_way >= policy.in_flight {
                return;
            }
            let mut at = self.plan.load.schedule[message].at;
            if let Some((from, to)) = policy.stall.filter(|(from, to)| *from <= at && at < *to) {
                debug_assert!(from <= to);
                at = to;
            }
            if at > self.now {
                if self.producers[producer].alarm.replace(message) != Some(message) {
                    self.agenda.at(at, Event::Due { producer });
                }
                return;
            }
            self.producers[producer].due.pop_front();
            self.begin_send(producer, message);
        }
    }

    fn begin_send(&mut self, producer: usize, message: usize) {
        let connected = self.sessions[producer].epoch_up().is_some();
        // Who fails at once hands nothing over.
        let refuses = !connected && self.plan.policy.offline == Offline::Fails;
        let hand_over = if refuses { Nanos::ZERO } else { HAND_OVER };
        self.truth.sends[message].started = Some(self.now.plus(hand_over));
        if connected {
            self.producers[producer].under_way += 1;
            self.ask(producer, What::Send(message), self.plan.policy.request_timeout);
            return;
        }
        match self.plan.policy.offline {
            Offline::Fails => self.end_send(message, Outcome::Failed, None, Some("not connected")),
            Offline::Waits => {
                self.producers[producer].under_way += 1;
                self.producers[producer].waiting.push_back(message);
                let at = self.now.plus(self.plan.policy.request_timeout);
                self.agenda.at(at, Event::GiveUp { producer, message });
            }
        }
    }

    pub(super) fn send_waiting(&mut self, producer: usize) {
        while let Some(message) = self.producers[producer].waiting.pop_front() {
            self.ask(producer, What::Send(message), self.plan.policy.request_timeout);
        }
        self.send_due(producer);
    }

    pub(super) fn give_up(&mut self, producer: usize, message: usize) {
        let waiting = &mut self.producers[producer].waiting;
        let Some(index) = waiting.iter().position(|other| *other == message) else { return };
        waiting.remove(index);
        self.producers[producer].under_way -= 1;
        self.end_send(message, Outcome::Failed, None, Some("no connection within the request timeout"));
        self.send_due(producer);
    }

    pub(super) fn stored(&mut self, message: usize, position: Position) {
        let producer = self.producer_of(message);
        self.producers[producer].under_way -= 1;
        self.end_send(message, Outcome::Ok, Some(position), None);
        self.send_due(producer);
    }

    pub(super) fn refused(&mut self, message: usize) {
        let producer = self.producer_of(message);
        self.producers[producer].under_way -= 1;
        self.truth.sends[message].refused = true;
        self.end_send(message, Outcome::Failed, None, Some("OOM command not allowed"));
        self.send_due(producer);
    }

    /// The connection is gone: whether these were stored, nobody knows.
    pub(super) fn sends_in_doubt(&mut self, open: BTreeMap<u64, Open>) {
        for open in open.into_values() {
            if let What::Send(message) = open.what {
                let producer = self.producer_of(message);
                self.producers[producer].under_way -= 1;
                self.end_send(message, Outcome::Indeterminate, None, Some("connection lost"));
            }
        }
    }

    /// Its worker was killed, or the trial is over: what it had begun has no end, and what it had not begun is never sent.
    pub(super) fn abandon_sends(&mut self, producer: usize, why: &str) {
        let open = std::mem::take(&mut self.sessions[producer].open);
        let under_way =
            open.into_values().filter_map(|open| if let What::Send(at) = open.what { Some(at) } else { None });
        let waiting = std::mem::take(&mut self.producers[producer].waiting);
        // Without a journal, what a killed producer had begun dies with it.
        let recorded = !self.sessions[producer].dead || self.plan.ending.journal == Journal::Kept;
        for message in under_way.chain(waiting).filter(|_| recorded).collect::<Vec<_>>() {
            self.end_send(message, Outcome::Indeterminate, None, Some(why));
        }
        self.producers[producer].due.clear();
        self.producers[producer].under_way = 0;
    }

    fn producer_of(&self, message: usize) -> usize {
        usize::from(self.plan.load.schedule[message].id.producer.0)
    }

    fn end_send(&mut self, message: usize, outcome: Outcome, position: Option<Position>, error: Option<&str>) {
        let due = self.plan.load.schedule[message];
        let started = self.truth.sends[message].started.unwrap_or(due.at);
        let settled = self.now.max(started);
        (self.truth.sends[message].ended, self.truth.sends[message].told) = (Some((outcome, settled)), position);
        if outcome == Outcome::Ok && !self.in_hand(message) {
            self.undelivered += 1;
        }
        self.last_event = self.now;
        self.rows.sends.push(Send {
            message: due.id,
            intended: due.at,
            started,
            settled,
            outcome,
            attempts: 1,
            dead_letter: None,
            error: error.map(str::to_owned),
            position,
        });
    }
}
