//! The broker's own account of the end: what it still holds, and how much it ever got.

use crate::facts::TrialFacts;
use crate::history::Inspection;
use crate::units::Partition;
use std::collections::BTreeMap;

/// What the broker said last about each partition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrokerAccount {
    /// The last inspection of each partition that was inspected.
    pub partitions: BTreeMap<Partition, Inspection>,
    /// Partitions of the workload that it was not asked about, or did not answer for.
    pub missing: Vec<Partition>,
}

impl BrokerAccount {
    /// From the inspections in order of time.
    pub fn of(facts: &TrialFacts, inspections: &[Inspection]) -> Self {
        let partitions: BTreeMap<_, _> =
            inspections.iter().map(|inspection| (inspection.partition, inspection.clone())).collect();
        let all = (0..facts.workload.partitions).map(Partition);
        Self { missing: all.filter(|partition| !partitions.contains_key(partition)).collect(), partitions }
    }

    /// Whether it answered for every partition.
    pub const fn complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// Entries delivered to the group and not acknowledged.
    pub fn pending(&self) -> u64 {
        self.partitions.values().map(|inspection| inspection.pending).sum()
    }

    /// Entries not yet delivered or committed. Absent where it cannot say so for some partition.
    pub fn lag(&self) -> Option<u64> {
        self.partitions.values().map(|inspection| inspection.lag).sum()
    }

    /// What it still held for the group: pending and lag. Absent unless it answered for every partition.
    pub fn held(&self) -> Option<u64> {
        if !self.complete() {
            return None;
        }
        Some(self.pending() + self.lag()?)
    }

    /// Whether the group has had and settled all that a partition holds, so that nothing of it can still come.
    pub fn exhausted(&self, partition: Partition) -> bool {
        self.partitions.get(&partition).is_some_and(|last| last.pending == 0 && last.lag == Some(0))
    }
}
