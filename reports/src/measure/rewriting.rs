//! How often the broker rewrote its append-only file while the load lasted: work of its own that no message asked for.

use super::timeline::Span;
use crate::history::Gauge;
use std::collections::BTreeMap;

/// The gauge: how many rewrites a node has begun since it was started.
const REWRITES: &str = "aof-rewrites";

/// How many began within a span on nodes while they were asked, from readings in order of time: those between two readings of a node, of
/// which the later one lies in the span. What a node counted before it was first asked, such as a replica that became the primary,
/// is not among them.
pub(super) fn rewrites(gauges: &[Gauge], within: Span) -> u64 {
    let (mut latest, mut begun) = (BTreeMap::<&str, f64>::new(), 0.0);
    let readings = gauges.iter().filter(|gauge| gauge.metric == REWRITES && gauge.value.is_finite());
    for reading in readings.take_while(|reading| reading.at < within.to) {
        let before = latest.insert(&reading.subject, reading.value).unwrap_or(reading.value);
        if reading.at >= within.from {
            // A node that was started again counts from zero.
            begun += if reading.value < before { reading.value } else { reading.value - before };
        }
    }
    begun as u64
}

/// What a reader must know of it.
pub(crate) fn note(rewrites: u64) -> Option<String> {
    let times = match rewrites {
        0 => return None,
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    };
    Some(format!(
        "the broker began to rewrite its append-only file {times} during the load: a process of its own does that, and takes CPU time, memory \
         and disk from the node meanwhile. With settings = {{ \"server.auto-aof-rewrite-percentage\" = \"0\" }} the file only grows"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Nanos;

    fn reading(second: u64, node: &str, value: f64) -> Gauge {
        Gauge { at: Nanos::from_secs(second), metric: REWRITES.to_owned(), subject: node.to_owned(), value }
    }

    fn within(from: u64, to: u64) -> Span {
        Span { from: Nanos::from_secs(from), to: Nanos::from_secs(to) }
    }

    #[test]
    fn only_what_began_in_the_load_counts() {
        let gauges: Vec<_> = [(8, 3.0), (9, 4.0), (10, 4.0), (15, 6.0), (19, 7.0), (20, 9.0)]
            .map(|(second, value)| reading(second, "redis-0", value))
            .into();
        assert_eq!(rewrites(&gauges, within(10, 20)), 3);
        assert_eq!(rewrites(&gauges[..3], within(10, 20)), 0);
        assert_eq!(rewrites(&[], within(10, 20)), 0);
    }

    #[test]
    fn nodes_count_for_themselves_from_their_first_reading_and_again_from_zero_after_a_start() {
        let gauges = [
            reading(1, "redis-0", 5.0),
            reading(11, "redis-0", 6.0),
            reading(12, "redis-1", 30.0),
            reading(13, "redis-0", 0.0),
            reading(14, "redis-0", 2.0),
            Gauge { metric: "pending".to_owned(), ..reading(14, "redis-0", 50.0) },
            reading(15, "redis-0", f64::NAN),
        ];
        assert_eq!(rewrites(&gauges, within(10, 20)), 3);
    }

    #[test]
    fn it_is_told_only_where_it_happened() {
        assert_eq!(note(0), None);
        let told = |count| note(count).unwrap_or_default();
        assert!(told(1).contains("file once during the load") && told(5).contains("file 5 times during the load"));
    }
}
