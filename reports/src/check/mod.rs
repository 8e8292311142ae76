//! Checks: pure functions from measures to pass, fail or unknown, with the evidence.
//! From here measures and facts may be read; no table is read again and nothing is drawn.
//! To add one: copy `lost.rs`, and add its row to `CHECKS`.

pub mod answer;
pub mod corrupted;
pub mod doubt;
pub mod duplicated;
pub mod evidence;
pub mod latency;
pub mod lost;
pub mod out_of_order;
pub mod phantom;
pub mod reconnected;
pub mod recovered;
pub mod redelivered;
pub mod resurrected;
pub mod throughput;
pub mod unavailable;
pub mod unrecovered;

#[cfg(test)]
mod returns;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod trial;

pub use evidence::Evidence;

use crate::result::CheckResult;

/// One check.
#[derive(Clone, Copy)]
pub struct Check {
    /// Its name in results: `lost`.
    pub name: &'static str,
    /// When it fails, in one line.
    pub about: &'static str,
    /// Its answers: one, one for each limit, or none where the scenario or the system does not ask for it.
    pub judge: fn(&Evidence<'_>) -> Vec<CheckResult>,
}

/// Every check, in the order in which results show them.
pub const CHECKS: &[Check] = &[
    Check { name: lost::NAME, about: "an acknowledged message was never delivered", judge: lost::judge },
    Check {
        name: phantom::NAME,
        about: "something was delivered that was never sent, or whose send failed",
        judge: phantom::judge,
    },
    Check { name: corrupted::NAME, about: "a payload's checksum or identity is wrong", judge: corrupted::judge },
    Check { name: duplicated::NAME, about: "one message stands at two positions of the log", judge: duplicated::judge },
    Check { name: redelivered::NAME, about: "deliveries beyond the first exceed the limit", judge: redelivered::judge },
    Check {
        name: out_of_order::NAME,
        about: "first deliveries are not in the order of their sends, where the system promises it",
        judge: out_of_order::judge,
    },
    Check {
        name: unrecovered::NAME,
        about: "something is pending, uncommitted or undelivered at the end, by the history or by the broker",
        judge: unrecovered::judge,
    },
    Check {
        name: resurrected::NAME,
        about: "a message came again after its settlement had been confirmed",
        judge: resurrected::judge,
    },
    Check {
        name: reconnected::NAME,
        about: "a client did not return within the limit, or broke its declared backoff",
        judge: reconnected::judge,
    },
    Check {
        name: unavailable::NAME,
        about: "no send was acknowledged for longer than the limit",
        judge: unavailable::judge,
    },
    Check {
        name: recovered::NAME,
        about: "full service was not back within the limit after a heal",
        judge: recovered::judge,
    },
    Check { name: latency::NAME, about: "a latency is above its limit", judge: latency::judge },
    Check { name: throughput::NAME, about: "a rate is below its limit", judge: throughput::judge },
];

/// The answers of all checks, in order.
pub fn judge_all(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    CHECKS.iter().flat_map(|check| (check.judge)(evidence)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_check_has_a_name_of_its_own() {
        let names: BTreeSet<_> = CHECKS.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), CHECKS.len());
    }
}
