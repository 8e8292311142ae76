//! Signs of life: each client's first trouble and first success around each fault.

use super::source::Sent;
use super::timeline::FaultWindow;
use crate::history::{Delivery, Outcome, Settlement};
use crate::units::{ConsumerId, Nanos, ProducerId};
use std::collections::BTreeMap;

/// A client, as the tables of messages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    /// `producer-0`.
    Producer(ProducerId),
    /// `consumer-0`.
    Consumer(ConsumerId),
}

impl Client {
    /// From its name in `connections` and `trial.json`.
    pub fn named(name: &str) -> Option<Self> {
        let (kind, number) = name.rsplit_once('-')?;
        let number = number.parse().ok()?;
        match kind {
            "producer" => Some(Self::Producer(ProducerId(number))),
            "consumer" => Some(Self::Consumer(ConsumerId(number))),
            _ => None,
        }
    }
}

/// The first signs around one fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultSigns {
    /// From the injection's begin on: a send or settlement that did not end well.
    pub trouble: BTreeMap<Client, Nanos>,
    /// From the healing's begin on: a send acknowledged, a message received.
    pub success: BTreeMap<Client, Nanos>,
}

/// The first signs around all faults.
#[derive(Clone, Debug)]
pub struct Signs {
    spans: Vec<(Nanos, Nanos, Nanos)>,
    /// One for each fault of the timeline.
    pub faults: Vec<FaultSigns>,
}

impl Signs {
    /// None seen yet.
    pub fn new(faults: &[FaultWindow]) -> Self {
        Self {
            spans: faults.iter().map(|fault| (fault.began, fault.heal_began, fault.until)).collect(),
            faults: vec![FaultSigns::default(); faults.len()],
        }
    }

    /// A send.
    pub fn send(&mut self, sent: &Sent) {
        self.note(Client::Producer(sent.message.producer), sent.settled, sent.outcome);
    }

    /// A delivery.
    pub fn delivery(&mut self, delivery: &Delivery) {
        self.note(Client::Consumer(delivery.consumer), delivery.received, Outcome::Ok);
    }

    /// A settlement: only a trouble says something, its success needs a delivery first.
    pub fn settlement(&mut self, settlement: &Settlement) {
        if settlement.outcome != Outcome::Ok {
            self.note(Client::Consumer(settlement.consumer), settlement.settled, settlement.outcome);
        }
    }

    #[inline]
    fn note(&mut self, client: Client, at: Nanos, outcome: Outcome) {
        for ((began, heal_began, until), signs) in self.spans.iter().zip(&mut self.faults) {
            let (from, first) = match outcome {
                Outcome::Ok => (*heal_began, &mut signs.success),
                Outcome::Failed | Outcome::Indeterminate => (*began, &mut signs.trouble),
            };
            if from <= at && at < *until {
                first.entry(client).and_modify(|first| *first = at.min(*first)).or_insert(at);
            }
        }
    }
}
