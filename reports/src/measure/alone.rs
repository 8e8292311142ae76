//! Nodes that are alone: which refusals a fault explains that cuts a node off from the others, while clients still reach it.
//!
//! Such a node is heard, so that what it refuses is its own word. The fault explains the words with which a node says that it
//! lacks the others, or is no leader any more, and what a client gave up for lack of an answer; no other ones: want of memory has
//! nothing to do with it. It explains them from its begin until a send is acknowledged that the producer began after the heal.
//! Until then the node has not found back to the others, or the client not to the new leader.

use super::source::Sent;
use super::timeline::FaultWindow;
use crate::facts::Cut;
use crate::units::{Nanos, ProducerId};
use std::collections::BTreeMap;

/// How refusals begin that such a node gives, or the client that waits for it: Redis's words, then Kafka's.
const WORDS: &[&str] = &[
    "NOREPLICAS",
    "READONLY",
    "UNBLOCKED",
    "NotEnoughReplicas",
    "NotLeaderForPartition",
    "LeaderNotAvailable",
    "MessageTimedOut",
];

/// The faults of a timeline that leave a node alone, and who has been served again since.
#[derive(Clone, Debug)]
pub(super) struct Alone<'a> {
    faults: Vec<&'a FaultWindow>,
    /// When the first send that was begun after the heal was acknowledged, by fault and producer.
    served: BTreeMap<(usize, ProducerId), Nanos>,
}

impl<'a> Alone<'a> {
    pub(super) fn of(faults: &'a [FaultWindow]) -> Self {
        let faults = faults.iter().filter(|fault| fault.cut() == Some(Cut::Alone)).collect();
        Self { faults, served: BTreeMap::new() }
    }

    /// A send that was acknowledged. A producer's sends come in the order in which they ended.
    #[inline]
    pub(super) fn acknowledged(&mut self, sent: &Sent) {
        for (index, fault) in self.faults.iter().enumerate() {
            if sent.started >= fault.heal_began {
                self.served.entry((index, sent.message.producer)).or_insert(sent.settled);
            }
        }
    }

    /// Whether one of the faults explains that a send was refused for this reason.
    pub(super) fn explains(&self, sent: &Sent, reason: &str) -> bool {
        WORDS.iter().any(|words| reason.starts_with(words))
            && self.faults.iter().enumerate().any(|(index, fault)| {
                let served = self.served.get(&(index, sent.message.producer));
                fault.began <= sent.settled && served.is_none_or(|served| sent.started < *served)
            })
    }
}
