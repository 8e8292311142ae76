//! Checks: pure functions from measures to pass, fail or unknown, with the evidence.
//! From here measures and facts may be read; no table is read again and nothing is drawn.
//! To add one: copy `lost.rs`, and add its row to `CHECKS`, and its name to `CHECK_NAMES` (and, of consumers, to `CHECKS_OF_CONSUMERS`) in `facts/known.rs`.

pub mod answer;
pub mod corrupted;
mod damage;
pub mod dead_lettered;
pub mod doubt;
pub mod duplicated;
pub mod evidence;
pub mod failed;
pub mod indeterminate;
pub mod latency;
pub mod lost;
pub mod out_of_order;
pub mod phantom;
pub mod reconnected;
pub mod recovered;
pub mod redelivered;
pub mod resurrected;
pub mod soak;
pub mod stolen;
pub mod throughput;
pub mod unavailable;
pub mod unprocessed;
pub mod unrecovered;

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod returns;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod trial;

pub use evidence::Evidence;

use crate::result::{CheckResult, Verdict};

/// One check.
#[derive(Clone, Copy)]
pub struct Check {
    /// Its name in results: `lost`.
    pub name: &'static str,
    /// When it fails, in one line.
    pub about: &'static str,
    /// What it is about.
    pub subject: Subject,
    /// Its answers: one, one for each limit, or none where the scenario or the system does not ask for it.
    pub judge: fn(&Evidence<'_>) -> Vec<CheckResult>,
}

/// What a check is about: what keeps its answer from being known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// What became of each message: known, whatever else happened.
    Messages,
    /// What became of messages in the hands of consumers: known, too, and not asked where there are none.
    Consuming,
    /// Speed and return to service: not those that were asked for if a node ended by itself.
    Service,
}

/// Every check, in the order in which results show them.
pub const CHECKS: &[Check] = &[
    Check {
        name: failed::NAME,
        subject: Subject::Messages,
        about: "sends were refused, and no fault explains it",
        judge: failed::judge,
    },
    Check {
        name: indeterminate::NAME,
        subject: Subject::Messages,
        about: "too many sends are indeterminate: nobody knows whether they happened",
        judge: indeterminate::judge,
    },
    Check {
        name: lost::NAME,
        subject: Subject::Messages,
        about: "an acknowledged message was never delivered",
        judge: lost::judge,
    },
    Check {
        name: phantom::NAME,
        subject: Subject::Messages,
        about: "something was delivered that was never sent, or whose send failed",
        judge: phantom::judge,
    },
    Check {
        name: corrupted::NAME,
        subject: Subject::Messages,
        about: "a payload's checksum or identity is wrong",
        judge: corrupted::judge,
    },
    Check {
        name: duplicated::NAME,
        subject: Subject::Messages,
        about: "one message stands at two positions of the log",
        judge: duplicated::judge,
    },
    Check {
        name: redelivered::NAME,
        subject: Subject::Consuming,
        about: "deliveries beyond the first exceed the limit",
        judge: redelivered::judge,
    },
    Check {
        name: out_of_order::NAME,
        subject: Subject::Consuming,
        about: "first deliveries are not in the order of their sends, where the system promises it",
        judge: out_of_order::judge,
    },
    Check {
        name: unrecovered::NAME,
        subject: Subject::Consuming,
        about: "something is pending, uncommitted or undelivered at the end, by the history or by the broker",
        judge: unrecovered::judge,
    },
    Check {
        name: resurrected::NAME,
        subject: Subject::Consuming,
        about: "a message came again after its settlement had been confirmed",
        judge: resurrected::judge,
    },
    Check {
        name: stolen::NAME,
        subject: Subject::Consuming,
        about: "an entry was taken over while its owner was alive and at work on it",
        judge: stolen::judge,
    },
    Check {
        name: unprocessed::NAME,
        subject: Subject::Consuming,
        about: "a message was settled when it was received, and nobody processed it to its end",
        judge: unprocessed::judge,
    },
    Check {
        name: dead_lettered::NAME,
        subject: Subject::Messages,
        about: "the dead-letter queue does not hold exactly the poisoned messages and those given up, each with its retry count",
        judge: dead_lettered::judge,
    },
    Check {
        name: reconnected::NAME,
        subject: Subject::Service,
        about: "a client did not return within the limit, or broke its declared backoff",
        judge: reconnected::judge,
    },
    Check {
        name: unavailable::NAME,
        subject: Subject::Service,
        about: "no send was acknowledged for longer than the limit",
        judge: unavailable::judge,
    },
    Check {
        name: recovered::NAME,
        subject: Subject::Service,
        about: "full service was not back within the limit after a heal",
        judge: recovered::judge,
    },
    Check {
        name: latency::NAME,
        subject: Subject::Service,
        about: "a latency is above its limit",
        judge: latency::judge,
    },
    Check {
        name: throughput::NAME,
        subject: Subject::Service,
        about: "a rate is below its limit",
        judge: throughput::judge,
    },
    Check {
        name: soak::NAME,
        subject: Subject::Service,
        about: "memory or throughput creeps by more in an hour of load than its limit",
        judge: soak::judge,
    },
];

/// The answers of all checks, in order.
pub fn judge_all(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let ended = doubt::nodes(evidence);
    let consumed = evidence.facts.has_consumers();
    let asked = CHECKS.iter().filter(|check| consumed || check.subject != Subject::Consuming);
    let each = asked.flat_map(|check| {
        let ended = ended.as_ref().filter(|_| check.subject == Subject::Service);
        let answers = (check.judge)(evidence).into_iter().map(|answer| damage::turned(answer, evidence));
        answers.map(move |answer| match ended {
            Some(ended) => CheckResult {
                verdict: Verdict::Unknown,
                why: format!("{ended}; what was seen in spite of it: {}", answer.why),
                faults: Vec::new(),
                ..answer
            },
            None => answer,
        })
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_check_has_a_name_of_its_own() {
        let names: BTreeSet<_> = CHECKS.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), CHECKS.len());
        assert!(CHECKS.iter().map(|check| check.name).eq(crate::facts::CHECK_NAMES.iter().map(|(name, _)| *name)));
    }

    #[test]
    fn the_checks_of_consumers_are_those_that_scenarios_know_as_such() {
        let of_consumers = CHECKS.iter().filter(|check| check.subject == Subject::Consuming);
        assert!(of_consumers.map(|check| check.name).eq(crate::facts::CHECKS_OF_CONSUMERS));
    }
}
