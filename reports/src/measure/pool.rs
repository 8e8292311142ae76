//! How hard the clients' pools of connections were pressed, by their own numbers.

use crate::history::Gauge;
use crate::result::PoolResult;
use crate::units::Nanos;
use std::collections::BTreeMap;

/// Two readings of different clients that lie closer are of the same moment.
const SAME_MOMENT: Nanos = Nanos::from_millis(250);

/// The most of each number; absent where no client has a pool.
pub(super) fn pool(gauges: &[Gauge]) -> Option<PoolResult> {
    let of =
        |metric: &'static str| gauges.iter().filter(move |gauge| gauge.metric == metric && gauge.value.is_finite());
    of("pool-active").next()?;
    let longest_wait_ms = of("pool-wait-ms").map(|gauge| gauge.value.max(0.0)).fold(0.0, f64::max);
    Some(PoolResult {
        most_active: most_together(of("pool-active")),
        most_idle: most_together(of("pool-idle")),
        most_waiting: most_together(of("pool-waiting")),
        longest_wait_ns: (longest_wait_ms * 1e6) as u64,
    })
}

/// The most that all clients had at one moment, from their readings in order of time.
fn most_together<'a>(readings: impl Iterator<Item = &'a Gauge>) -> u64 {
    let (mut latest, mut most) = (BTreeMap::<&str, (Nanos, f64)>::new(), 0.0_f64);
    for reading in readings {
        latest.insert(&reading.subject, (reading.at, reading.value.max(0.0)));
        let now = latest.values().filter(|(at, _)| reading.at.since(*at) <= SAME_MOMENT);
        most = most.max(now.map(|(_, value)| value).sum());
    }
    most as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gauge(millis: u64, metric: &str, client: &str, value: f64) -> Gauge {
        let (metric, subject) = (metric.to_owned(), client.to_owned());
        Gauge { at: Nanos::from_millis(millis), metric, subject, value }
    }

    #[test]
    fn clients_are_added_up_by_moment_and_the_longest_wait_is_of_any() {
        let gauges = [
            gauge(100, "pool-active", "producer-0", 5.0),
            gauge(150, "pool-active", "producer-1", 7.0),
            gauge(150, "pool-wait-ms", "producer-1", 12.5),
            gauge(300, "pool-active", "producer-0", 1.0),
            gauge(900, "pool-active", "producer-0", 11.0),
            gauge(900, "pool-wait-ms", "producer-0", 3.0),
            gauge(900, "pending", "consumer-0", 99.0),
        ];
        let found = pool(&gauges).expect("there is one");
        assert_eq!((found.most_active, found.most_waiting, found.longest_wait_ns), (12, 0, 12_500_000));
        assert_eq!(pool(&gauges[6..]), None);
    }
}
