//! Service after each fault: what the history says of both sides of `steady.rs`, in two readings.
//!
//! The reference is what was due and done before the first fault, in the load phase. What was under way when the fault
//! began is no part of it.

use super::error::MeasureError;
use super::source::Sent;
use super::steady::{JudgedUntil, Side, Steady, steady};
use super::timeline::{FaultWindow, Span, Timeline};
use crate::histogram::Times;
use crate::history::{Delivery, Outcome};
use crate::units::Nanos;

/// The first reading: response times before the first fault, and all of consuming, whose events come in order of time.
#[derive(Clone, Debug)]
pub struct Reference {
    span: Span,
    load: Span,
    response: Times,
    end_to_end: Times,
    consuming: Option<Side>,
    /// Somebody consumes.
    consumed: bool,
}

/// The second reading: sending.
#[derive(Clone, Debug)]
pub struct Service {
    sending: Side,
    consuming: Side,
    /// Somebody consumes, so that service has two sides.
    consumed: bool,
}

/// When service was steady after one fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// What is due is acknowledged as before.
    pub sending: Steady,
    /// What is acknowledged is consumed as before.
    pub consuming: Steady,
    /// Both at once.
    pub service: Steady,
    /// Another fault, by name, that ended judging or never let it begin.
    pub hidden_by: Option<Hidden>,
}

/// Why a fault's return can be judged only in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// This fault was in force when it was healed.
    InForce(String),
    /// This fault began then.
    Began(String, Nanos),
}

impl Reference {
    /// Empty.
    ///
    /// # Errors
    /// See [`Times::new`].
    pub fn new(timeline: &Timeline, consumed: bool) -> Result<Self, MeasureError> {
        let (response, end_to_end) = (Times::new()?, Times::new()?);
        Ok(Self { span: timeline.reference(), load: timeline.load, response, end_to_end, consuming: None, consumed })
    }

    /// A send.
    #[inline]
    pub fn send(&mut self, sent: &Sent) {
        if self.span.contains(sent.intended) && sent.settled < self.span.to && sent.outcome == Outcome::Ok {
            self.response.record(sent.settled.since(sent.intended));
        }
    }

    /// A message's first delivery, in order of time.
    #[inline]
    pub fn first_delivery(&mut self, delivery: &Delivery) {
        if delivery.received < self.span.to {
            if self.span.contains(delivery.intended) {
                self.end_to_end.record(delivery.received.since(delivery.intended));
            }
            return;
        }
        let (load, before) = (self.load, &self.end_to_end);
        let consuming = self.consuming.get_or_insert_with(|| Side::new(load, p99(before)));
        consuming.carried(delivery.intended);
        consuming.arrived(delivery.intended, delivery.received);
    }
}

impl Service {
    /// What is known after the first reading.
    pub fn after(reference: &Reference) -> Self {
        let fresh = || Side::new(reference.load, p99(&reference.end_to_end));
        Self {
            sending: Side::new(reference.load, p99(&reference.response)),
            consuming: reference.consuming.clone().unwrap_or_else(fresh),
            consumed: reference.consumed,
        }
    }

    /// A send.
    #[inline]
    pub fn send(&mut self, sent: &Sent) {
        self.sending.due(sent.intended);
        self.sending.arrived(sent.intended, sent.settled);
        if sent.outcome == Outcome::Ok {
            self.sending.carried(sent.intended);
            self.consuming.due(sent.intended);
        }
    }

    /// What came of the return from each fault.
    pub fn recovered(&self, timeline: &Timeline) -> Vec<Recovered> {
        let each = timeline.faults.iter().enumerate().map(|(index, fault)| {
            let hidden_by = hidden(fault, index, timeline);
            let judged = match &hidden_by {
                None => JudgedUntil::ToLoadEnd,
                Some(Hidden::InForce(_)) => JudgedUntil::ToFault(fault.healed),
                Some(Hidden::Began(_, at)) => JudgedUntil::ToFault(*at),
            };
            Recovered {
                sending: steady(&[&self.sending], fault.healed, judged),
                consuming: steady(&[&self.consuming], fault.healed, judged),
                service: match self.consumed {
                    true => steady(&[&self.sending, &self.consuming], fault.healed, judged),
                    false => steady(&[&self.sending], fault.healed, judged),
                },
                hidden_by,
            }
        });
        each.collect()
    }
}

/// The other fault that hides a return, within the load.
fn hidden(fault: &FaultWindow, index: usize, timeline: &Timeline) -> Option<Hidden> {
    let others =
        || timeline.faults.iter().enumerate().filter(move |(other, _)| *other != index).map(|(_, other)| other);
    let in_force = others().find(|other| other.began <= fault.healed && fault.healed < other.healed);
    if let Some(other) = in_force {
        return Some(Hidden::InForce(other.plan.name.clone()));
    }
    let next = others().filter(|other| fault.healed < other.began && other.began < timeline.load.to);
    next.min_by_key(|other| other.began).map(|other| Hidden::Began(other.plan.name.clone(), other.began))
}

fn p99(times: &Times) -> Option<Nanos> {
    (times.count() > 0).then(|| times.quantile(0.99))
}
