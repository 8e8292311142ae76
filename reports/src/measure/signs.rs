//! Signs of life: each client's first trouble and first success around each fault.

use super::explain::Explained;
use super::source::Sent;
use super::timeline::Timeline;
use crate::history::{Delivery, Outcome, Settlement, SettlementKind};
use crate::units::{ConsumerId, Nanos, ProducerId};
use std::collections::BTreeMap;
use std::fmt;

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

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Producer(producer) => write!(f, "producer-{}", producer.0),
            Self::Consumer(consumer) => write!(f, "consumer-{}", consumer.0),
        }
    }
}

/// The first signs around one fault. All of them, whatever happened in between: whose they are is told by the faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultSigns {
    /// A send or settlement that did not end well, of which this is the fault.
    pub trouble: BTreeMap<Client, Nanos>,
    /// From the healing's begin on.
    pub life: BTreeMap<Client, Life>,
}

/// A client after a heal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// The first send acknowledged, or message received.
    pub success: Option<Nanos>,
    /// The earliest time for which a send was intended that had not ended when the healing began. Before it the client
    /// had nothing to show.
    pub due: Option<Nanos>,
}

/// The first signs around all faults.
#[derive(Clone, Debug)]
pub struct Signs {
    timeline: Timeline,
    /// One for each fault of the timeline.
    pub faults: Vec<FaultSigns>,
}

impl Signs {
    /// None seen yet.
    pub fn new(timeline: &Timeline) -> Self {
        Self { timeline: timeline.clone(), faults: vec![FaultSigns::default(); timeline.faults.len()] }
    }

    /// A send.
    pub fn send(&mut self, sent: &Sent) {
        let client = Client::Producer(sent.message.producer);
        self.alive(client, sent.settled, sent.outcome, Some(sent.intended));
        self.trouble(client, sent.started, sent.settled, sent.outcome);
    }

    /// A delivery.
    pub fn delivery(&mut self, delivery: &Delivery) {
        self.alive(Client::Consumer(delivery.consumer), delivery.received, Outcome::Ok, None);
    }

    /// A settlement: only a trouble says something, its success needs a delivery first.
    pub fn settlement(&mut self, settlement: &Settlement) {
        if settlement.kind == SettlementKind::Processed {
            return;
        }
        let client = Client::Consumer(settlement.consumer);
        self.trouble(client, settlement.requested, settlement.settled, settlement.outcome);
    }

    #[inline]
    fn alive(&mut self, client: Client, at: Nanos, outcome: Outcome, due: Option<Nanos>) {
        for (fault, signs) in self.timeline.faults.iter().zip(&mut self.faults) {
            if at >= fault.heal_began {
                let life = signs.life.entry(client).or_default();
                life.due = earliest(life.due, due);
                life.success = earliest(life.success, (outcome == Outcome::Ok).then_some(at));
            }
        }
    }

    #[inline]
    fn trouble(&mut self, client: Client, began: Nanos, ended: Nanos, outcome: Outcome) {
        if outcome == Outcome::Ok || self.faults.is_empty() {
            return;
        }
        if let Some(index) = Explained::of(&self.timeline, &client.to_string()).error(began, ended) {
            let first = self.faults[index].trouble.entry(client).or_insert(ended);
            *first = ended.min(*first);
        }
    }
}

/// The earlier of two instants, each of which may be missing.
pub(super) fn earliest(one: Option<Nanos>, other: Option<Nanos>) -> Option<Nanos> {
    one.into_iter().chain(other).min()
}
