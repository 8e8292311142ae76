//! A node that ended though nobody asked for it: then speed and return to service were not those of the trial that was
//! asked for, and nobody knows what they would have been.

use super::expected::{Bad, Expected};
use super::known::Known;

/// Checks of speed and of return to service.
const OF_SERVICE: [&str; 5] = ["reconnected", "unavailable", "recovered", "latency", "throughput"];

/// A node ended, and nobody had asked for it.
fn ended(known: &Known<'_>) -> bool {
    known.plan.ending.node.is_some_and(|end| !end.asked_for)
}

/// What is expected of a check, all the same.
pub(super) fn in_spite_of(known: &Known<'_>, check: &str, mut expected: Expected) -> Expected {
    if ended(known) && OF_SERVICE.contains(&check) {
        expected.bad = Bad::No;
        expected.doubts.push("a node ended by itself".to_owned());
    }
    expected
}
