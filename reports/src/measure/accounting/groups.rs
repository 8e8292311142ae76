//! When consumers were given partitions, took over entries, lost a connection or were killed: what explains a redelivery.

use crate::facts::{FileFacts, WriterEnd};
use crate::history::{Connection, ConnectionEvent, GroupChange, GroupEvent};
use crate::measure::timeline::FaultWindow;
use crate::units::{ConsumerId, Nanos, Partition};
use std::collections::BTreeMap;

/// The times of each kind of event, ascending.
#[derive(Clone, Debug, Default)]
pub struct GroupTimes {
    assigned: BTreeMap<(ConsumerId, Partition), Vec<Nanos>>,
    claimed: BTreeMap<(ConsumerId, Partition), Vec<Nanos>>,
    lost: BTreeMap<ConsumerId, Vec<Nanos>>,
    killed: BTreeMap<ConsumerId, Vec<Nanos>>,
    left: BTreeMap<ConsumerId, Vec<Nanos>>,
    /// When faults were in force.
    faults: Vec<(Nanos, Nanos)>,
    /// When faults kept consumers from the broker, and which; none: all.
    cuts: Vec<(Nanos, Nanos, Vec<ConsumerId>)>,
}

impl GroupTimes {
    /// From two small tables, each sorted by time, the files' ends and the faults.
    pub fn of(
        changes: &[GroupChange],
        connections: &[Connection],
        files: &[FileFacts],
        faults: &[FaultWindow],
    ) -> Self {
        let whom = |fault: &FaultWindow| fault.plan.clients.iter().filter_map(|name| consumer_named(name)).collect();
        let cut = |fault: &&FaultWindow| {
            let consumers = fault.plan.clients.iter().any(|name| consumer_named(name).is_some());
            fault.cut().is_some() && (fault.plan.clients.is_empty() || consumers)
        };
        let cuts = faults.iter().filter(cut).map(|fault| (fault.began, fault.healed, whom(fault))).collect();
        let mut times =
            Self { cuts, faults: faults.iter().map(|fault| (fault.began, fault.healed)).collect(), ..Self::default() };
        for change in changes {
            let of_kind = match change.event {
                GroupEvent::Assigned => &mut times.assigned,
                GroupEvent::Claimed => &mut times.claimed,
                GroupEvent::Left => {
                    times.left.entry(change.consumer).or_default().push(change.at);
                    continue;
                }
                GroupEvent::Joined | GroupEvent::Revoked => continue,
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
        times.killed = killed(files);
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

    /// Whether a consumer's process was killed after one instant and not after another.
    pub(super) fn killed_between(&self, who: ConsumerId, after: Nanos, until: Nanos) -> bool {
        any_between(self.killed.get(&who), after, until)
    }

    /// Whether a consumer left its group in order after one instant and not after another.
    pub(super) fn left_between(&self, who: ConsumerId, after: Nanos, until: Nanos) -> bool {
        any_between(self.left.get(&who), after, until)
    }

    /// Every kill of a consumer's process, in the order of time.
    pub(super) fn kills(&self) -> Vec<(Nanos, ConsumerId)> {
        let each = self.killed.iter().flat_map(|(consumer, times)| times.iter().map(|at| (*at, *consumer)));
        let mut all: Vec<_> = each.collect();
        all.sort_unstable();
        all
    }

    /// Whether some partition was given to a consumer more than once.
    pub(super) fn was_rebalanced(&self) -> bool {
        let mut partitions = std::collections::BTreeSet::new();
        self.assigned.iter().any(|((_, partition), times)| times.len() > 1 || !partitions.insert(*partition))
    }

    /// Whether between two instants a fault kept a consumer from the broker.
    pub(super) fn cut_off_between(&self, who: ConsumerId, after: Nanos, until: Nanos) -> bool {
        let done_to = |whom: &[ConsumerId]| whom.is_empty() || whom.contains(&who);
        self.cuts.iter().any(|(began, healed, whom)| *began <= until && after <= *healed && done_to(whom))
    }

    /// Whether between two instants a fault was in force, or any consumer was killed, left or lost a connection: then the group
    /// had a reason to share its partitions out anew that the trial knows of.
    pub(super) fn provoked_between(&self, after: Nanos, until: Nanos) -> bool {
        let in_force = self.faults.iter().any(|(began, healed)| *began <= until && after <= *healed);
        let troubles = self.lost.values().chain(self.killed.values()).chain(self.left.values());
        in_force || troubles.into_iter().any(|times| any_between(Some(times), after, until))
    }
}

fn any_between(times: Option<&Vec<Nanos>>, after: Nanos, until: Nanos) -> bool {
    times.is_some_and(|times| times.get(times.partition_point(|at| *at <= after)).is_some_and(|at| *at <= until))
}

/// When consumers' processes were killed, ascending, as the ends of their files say.
pub(super) fn killed(files: &[FileFacts]) -> BTreeMap<ConsumerId, Vec<Nanos>> {
    let mut killed: BTreeMap<ConsumerId, Vec<Nanos>> = BTreeMap::new();
    for file in files {
        if let (Some(consumer), Some(WriterEnd::Killed { at })) =
            (consumer_named(&file.writer), file.end.as_ref().map(|end| end.how))
        {
            killed.entry(consumer).or_default().push(at);
        }
    }
    // One process has a file in each table: one end, not several.
    for times in killed.values_mut() {
        times.sort_unstable();
        times.dedup();
    }
    killed
}

/// `consumer-2`, and `consumer-2-2` alike: whichever process of it.
fn consumer_named(client: &str) -> Option<ConsumerId> {
    let number = client.strip_prefix("consumer-")?;
    number.split('-').next()?.parse().ok().map(ConsumerId)
}
