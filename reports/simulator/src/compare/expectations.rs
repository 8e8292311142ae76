//! Every check that is held to the truth, with what is expected of it.

use super::expected::Expected;
use super::known::Known;
use super::{attempts, log, lost, messages, nodes, order, processing, returns, service, settlements, speed};

/// What is expected of a check, where it is asked at all.
pub(super) type Expectation = fn(&Known<'_>) -> Option<Expected>;

/// Every check that is held to the truth.
pub(super) const EXPECTATIONS: &[(&str, Expectation)] = &[
    ("failed", messages::failed),
    ("indeterminate", messages::indeterminate),
    ("lost", lost::expected),
    ("phantom", messages::phantom),
    ("corrupted", messages::corrupted),
    ("duplicated", messages::duplicated),
    ("redelivered", messages::redelivered),
    ("out-of-order", order::expected),
    ("unrecovered", settlements::unrecovered),
    ("resurrected", settlements::resurrected),
    ("unprocessed", processing::expected),
    ("reconnected", returns::expected),
    ("unavailable", service::unavailable),
    ("recovered", service::recovered),
    ("latency", speed::latency),
    ("throughput", speed::throughput),
];

/// What is expected of a check, if it is asked.
pub(super) fn asked(known: &Known<'_>, name: &str, expectation: Expectation) -> Option<Expected> {
    let expected = expectation(known).map(|expected| log::also(name, known, expected));
    let expected = attempts::in_spite_of(known, name, expected);
    expected.map(|expected| nodes::in_spite_of(known, name, expected))
}
