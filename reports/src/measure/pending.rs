//! What waited for settlement over time, by consumer, by the broker's own numbers.
//!
//! Where the broker keeps pending entries by consumer, these; where positions are committed, what each partition lags counts
//! for the consumer that has it: until another one is given it, also for one that is dead.

use crate::history::{Gauge, GroupChange, GroupEvent};
use crate::units::{ConsumerId, Nanos, Partition};
use std::collections::{BTreeMap, BTreeSet};

/// Whose partitions are that nobody has.
const NOBODY: &str = "nobody";
/// Readings that lie closer are one.
const SAME_READING: Nanos = Nanos::from_millis(500);

/// Pending messages of each consumer, by time.
pub type ByConsumer = BTreeMap<String, Vec<(Nanos, f64)>>;

/// From two small tables, each sorted by time.
pub fn by_consumer(gauges: &[Gauge], changes: &[GroupChange]) -> ByConsumer {
    let mut pending = ByConsumer::new();
    for gauge in gauges.iter().filter(|gauge| gauge.metric == "pending" && gauge.subject.starts_with("consumer-")) {
        pending.entry(gauge.subject.clone()).or_default().push((gauge.at, gauge.value));
    }
    if pending.is_empty() && changes.iter().any(|change| change.event == GroupEvent::Assigned) {
        pending = of_owners(gauges, changes);
    }
    pending
}

/// The longest time for which a consumer with pending entries was not heard of, in milliseconds.
pub fn longest_idle_ms(gauges: &[Gauge]) -> Option<u64> {
    let idle = gauges.iter().filter(|gauge| gauge.metric == "oldest-pending-ms" && gauge.value.is_finite());
    idle.map(|gauge| gauge.value.max(0.0) as u64).max()
}

fn of_owners(gauges: &[Gauge], changes: &[GroupChange]) -> ByConsumer {
    let names: BTreeSet<ConsumerId> = changes.iter().map(|change| change.consumer).collect();
    let mut owners: BTreeMap<Partition, ConsumerId> = BTreeMap::new();
    let mut changes = changes.iter().peekable();
    let mut pending = ByConsumer::new();
    let mut reading: Option<(Nanos, BTreeMap<Partition, f64>)> = None;
    let lags = gauges.iter().filter(|gauge| gauge.metric == "lag");
    for (partition, gauge) in lags.filter_map(|gauge| Some((partition_named(&gauge.subject)?, gauge))) {
        let another = reading
            .as_ref()
            .is_some_and(|(at, lags)| gauge.at.since(*at) > SAME_READING || lags.contains_key(&partition));
        if let Some((at, lags)) = reading.take_if(|_| another) {
            close(&mut pending, at, &lags, &owners, &names);
        }
        while let Some(change) = changes.next_if(|change| change.at <= gauge.at) {
            hand_over(&mut owners, change);
        }
        reading.get_or_insert_with(|| (gauge.at, BTreeMap::new())).1.insert(partition, gauge.value);
    }
    if let Some((at, lags)) = reading {
        close(&mut pending, at, &lags, &owners, &names);
    }
    pending
}

fn hand_over(owners: &mut BTreeMap<Partition, ConsumerId>, change: &GroupChange) {
    for partition in &change.partitions {
        match change.event {
            GroupEvent::Assigned => {
                owners.insert(*partition, change.consumer);
            }
            GroupEvent::Revoked | GroupEvent::Left if owners.get(partition) == Some(&change.consumer) => {
                owners.remove(partition);
            }
            _ => {}
        }
    }
}

fn close(
    pending: &mut ByConsumer,
    at: Nanos,
    lags: &BTreeMap<Partition, f64>,
    owners: &BTreeMap<Partition, ConsumerId>,
    names: &BTreeSet<ConsumerId>,
) {
    let name = |consumer: &ConsumerId| format!("consumer-{}", consumer.0);
    let mut sums: BTreeMap<String, f64> = names.iter().map(|consumer| (name(consumer), 0.0)).collect();
    for (partition, lag) in lags {
        let owner = owners.get(partition).map_or_else(|| NOBODY.to_owned(), name);
        *sums.entry(owner).or_default() += lag;
    }
    for (owner, sum) in sums {
        pending.entry(owner).or_default().push((at, sum));
    }
}

fn partition_named(subject: &str) -> Option<Partition> {
    subject.strip_prefix("partition-")?.parse().ok().map(Partition)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn gauge(metric: &str, subject: &str, seconds: u64, value: f64) -> Gauge {
        Gauge { at: Nanos::from_secs(seconds), metric: metric.into(), subject: subject.into(), value }
    }

    #[test]
    fn where_the_broker_keeps_pending_entries_by_consumer_these_are_taken() {
        let gauges = [gauge("pending", "partition-0", 1, 9.0), gauge("pending", "consumer-1", 1, 4.0)];
        let pending = by_consumer(&gauges, &[sample::assigned(1, 0, 500)]);
        assert_eq!(pending, BTreeMap::from([("consumer-1".to_owned(), vec![(Nanos::SECOND, 4.0)])]));
    }

    #[test]
    fn where_positions_are_committed_a_partitions_lag_is_its_consumers() {
        let changes = [sample::assigned(0, 0, 500), sample::assigned(1, 1, 500), sample::assigned(1, 0, 2500)];
        let gauges = [1, 2, 3].map(|at| [gauge("lag", "partition-0", at, 5.0), gauge("lag", "partition-1", at, 2.0)]);
        let pending = by_consumer(gauges.as_flattened(), &changes);
        let values = |name: &str| pending[name].iter().map(|(_, value)| *value).collect::<Vec<_>>();
        assert_eq!((values("consumer-0"), values("consumer-1")), (vec![5.0, 5.0, 0.0], vec![2.0, 2.0, 7.0]));
    }
}
