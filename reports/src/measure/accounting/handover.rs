//! What became of unsettled messages when their consumers changed: takeovers, crashes, rewinds.

use super::crashes::{Crash, Crashes};
use super::example::Example;
use super::groups::GroupTimes;
use super::ledger::Ledger;
use super::rewinds::{Rewinds, Rewound};
use super::takeovers::Takeovers;
use crate::facts::Settling;
use crate::history::{Outcome, SettlementKind};
use crate::measure::broker::BrokerAccount;
use crate::measure::source::ConsumerEvent;
use crate::units::{ConsumerId, Nanos};
use std::collections::BTreeMap;

/// Marks of one consumer that lie closer are one: what came with one request.
const TOGETHER: Nanos = Nanos::from_millis(100);

/// What was found of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handover {
    /// Entries taken over: from whom, where it is known, and by whom.
    pub takeovers: BTreeMap<(Option<ConsumerId>, ConsumerId), u64>,
    /// Of these, those that were still in their owner's work.
    pub stolen: u64,
    /// Examples of them.
    pub stolen_examples: Vec<Example>,
    /// Those of which nobody can say so, because their owner was killed.
    pub undecided: u64,
    /// Consumers that were killed.
    pub crashes: Vec<Crash>,
    /// Assignments that went back.
    pub rewound: Rewound,
    /// When entries were taken over, by whom, and how many at once.
    pub taken: Vec<(Nanos, ConsumerId, u64)>,
    /// When messages were delivered again, to whom, and how many at once.
    pub again: Vec<(Nanos, ConsumerId, u64)>,
}

/// Marks of consumers over time.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks(BTreeMap<(u64, ConsumerId), u64>);

impl Marks {
    pub(super) fn add(&mut self, at: Nanos, consumer: ConsumerId) {
        *self.0.entry((at.0 / TOGETHER.0, consumer)).or_default() += 1;
    }

    pub(super) fn finish(self) -> Vec<(Nanos, ConsumerId, u64)> {
        let each = self.0.into_iter();
        each.map(|((bucket, consumer), count)| (Nanos(bucket * TOGETHER.0 + TOGETHER.0 / 2), consumer, count)).collect()
    }
}

/// To be shown every event once more, in the same order, where the ledger wants it.
#[derive(Debug)]
pub struct Handovers<'a> {
    takeovers: Takeovers<'a>,
    crashes: Crashes<'a>,
    rewinds: Option<Rewinds>,
    taken: Marks,
}

impl<'a> Handovers<'a> {
    /// `None`: nothing was handed over, so there is nothing to look for.
    pub fn wanted(ledger: &'a Ledger, groups: &'a GroupTimes, broker: &'a BrokerAccount) -> Option<Self> {
        let rebalanced = ledger.settling == Settling::Position && groups.was_rebalanced();
        let wanted = rebalanced || !ledger.claims.is_empty() || !groups.kills().is_empty();
        wanted.then(|| Self {
            takeovers: Takeovers::new(ledger, groups),
            crashes: Crashes::new(ledger, groups, broker),
            rewinds: rebalanced.then(|| Rewinds::new(groups)),
            taken: Marks::default(),
        })
    }

    /// Takes an event.
    pub fn event(&mut self, event: ConsumerEvent<'_>) {
        self.takeovers.event(event);
        self.crashes.event(event);
        match (event, &mut self.rewinds) {
            (ConsumerEvent::Delivery(delivery), Some(rewinds)) => rewinds.delivery(delivery),
            (ConsumerEvent::Settlement(claim), _)
                if claim.kind == SettlementKind::Claim && claim.outcome == Outcome::Ok =>
            {
                self.taken.add(claim.settled, claim.consumer);
            }
            _ => {}
        }
    }

    /// What was found.
    pub fn finish(self) -> Handover {
        Handover {
            undecided: self.takeovers.undecided(),
            takeovers: self.takeovers.counts,
            stolen: self.takeovers.stolen,
            stolen_examples: self.takeovers.stolen_examples,
            crashes: self.crashes.finish(),
            rewound: self.rewinds.map(|rewinds| rewinds.rewound).unwrap_or_default(),
            taken: self.taken.finish(),
            again: Vec::new(),
        }
    }
}
