//! How far consumers went back when they were given a partition of which positions are committed.

use super::groups::GroupTimes;
use crate::history::Delivery;
use crate::units::{ConsumerId, Nanos, Partition, Position};
use std::collections::BTreeMap;

/// Assignments that went back behind what had been delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewound {
    /// How many.
    pub times: u64,
    /// Positions that were delivered once more, over all of them.
    pub positions: u64,
    /// The most in one of them.
    pub most: u64,
}

/// Looks at every delivery once more, in the same order.
#[derive(Debug)]
pub(super) struct Rewinds {
    /// Not yet reached, the next one last.
    coming: Vec<(Nanos, (ConsumerId, Partition))>,
    /// Who has a partition and has not been given anything of it yet.
    begins: BTreeMap<Partition, ConsumerId>,
    highest: BTreeMap<Partition, Position>,
    pub(super) rewound: Rewound,
}

impl Rewinds {
    pub(super) fn new(groups: &GroupTimes) -> Self {
        let mut coming = groups.assignments();
        coming.reverse();
        Self { coming, begins: BTreeMap::new(), highest: BTreeMap::new(), rewound: Rewound::default() }
    }

    pub(super) fn delivery(&mut self, delivery: &Delivery) {
        while let Some((_, (consumer, partition))) = self.coming.pop_if(|(at, _)| *at <= delivery.received) {
            self.begins.insert(partition, consumer);
        }
        let (partition, position) = (delivery.message.partition, delivery.position);
        let highest = self.highest.entry(partition).or_insert(position);
        if self.begins.get(&partition) == Some(&delivery.consumer) {
            self.begins.remove(&partition);
            if position < *highest {
                let back = highest.0 + 1 - position.0;
                self.rewound.times += 1;
                self.rewound.positions += back;
                self.rewound.most = self.rewound.most.max(back);
            }
        }
        *highest = (*highest).max(position);
    }
}
