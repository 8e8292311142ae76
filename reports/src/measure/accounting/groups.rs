//! When consumers were given partitions, took over entries, or lost a connection: what explains a redelivery.

use crate::history::{Connection, ConnectionEvent, GroupChange, GroupEvent};
use crate::units::{ConsumerId, Nanos, Partition};
use std::collections::BTreeMap;

/// The times of each kind of event, ascending.
#[derive(Clone, Debug, Default)]
pub struct GroupTimes {
    assigned: BTreeMap<(ConsumerId, Partition), Vec<Nanos>>,
    claimed: BTreeMap<(ConsumerId, Partition), Vec<Nanos>>,
    lost: BTreeMap<ConsumerId, Vec<Nanos>>,
}

impl GroupTimes {
    /// From two small tables, each sorted by time.
    pub fn of(changes: &[GroupChange], connections: &[Connection]) -> Self {
        let mut times = Self::default();
        for change in changes {
            let of_kind = match change.event {
                GroupEvent::Assigned => &mut times.assigned,
                GroupEvent::Claimed => &mut times.claimed,
                GroupEvent::Joined | GroupEvent::Revoked | GroupEvent::Left => continue,
            };
            for partition in &change.partitions {
                of_kind.entry((change.consumer, *partition)).or_default().push(change.at);
            }
        }
        for connection in connections.iter().filter(|connection| connection.event == ConnectionEvent::Lost) {
            if let Some(consumer) = consumer_named(&connection.client) {
                times.lost.entry(consumer).or_default().push(connection.at);
            }
        }
        times
    }

    /// Whether a consumer was given a partition after one instant and not after another.
    pub(super) fn assigned_between(&self, who: (ConsumerId, Partition), after: Nanos, until: Nanos) -> bool {
        any_between(self.assigned.get(&who), after, until)
    }

    /// Every time at which a consumer was given a partition, ascending.
    pub(super) fn assignments(&self) -> Vec<(Nanos, (ConsumerId, Partition))> {
        let each = self.assigned.iter().flat_map(|(who, times)| times.iter().map(|at| (*at, *who)));
        let mut all: Vec<_> = each.collect();
        all.sort_unstable();
        all
    }

    /// Whether a consumer took over entries of a partition after one instant and not after another.
    pub(super) fn claimed_between(&self, who: (ConsumerId, Partition), after: Nanos, until: Nanos) -> bool {
        any_between(self.claimed.get(&who), after, until)
    }

    /// Whether a consumer lost a connection after one instant and not after another.
    pub(super) fn lost_between(&self, who: ConsumerId, after: Nanos, until: Nanos) -> bool {
        any_between(self.lost.get(&who), after, until)
    }
}

fn any_between(times: Option<&Vec<Nanos>>, after: Nanos, until: Nanos) -> bool {
    times.is_some_and(|times| times.get(times.partition_point(|at| *at <= after)).is_some_and(|at| *at <= until))
}

fn consumer_named(client: &str) -> Option<ConsumerId> {
    client.strip_prefix("consumer-")?.parse().ok().map(ConsumerId)
}
