//! Comparing: every verdict and every count of the judge, held against the truth.
//! From here plans, truths and results may be read; the judge's own measures are never asked.
//! To hold one more check to the truth: copy `lost.rs`, and add it to `EXPECTATIONS`.

mod attempts;
mod causes;
mod commits;
mod counts;
mod doubts;
mod expected;
mod generator;
mod log;
mod lost;
mod messages;
mod missing;
mod nodes;
mod order;
mod refusals;
mod returns;
mod seconds;
mod service;
pub(crate) mod settlements;
pub(crate) mod speed;
pub(crate) mod times;
pub(crate) mod windows;

pub use counts::counted;
pub use expected::Expected;
pub use missing::compare_cut;

use crate::plan::Plan;
use crate::truth::Truth;
use reports::facts::Limits;
use reports::result::{TrialResult, Verdict};
use reports::units::Nanos;

/// What is known beside the judge.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// What was planned.
    pub plan: &'a Plan,
    /// What happened.
    pub truth: &'a Truth,
    /// What the scenario asks.
    pub limits: &'a Limits,
}

/// The judge and the truth are not of one mind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The check or the count.
    pub about: String,
    /// What is true.
    pub truth: String,
    /// What the judge says.
    pub judge: String,
}

/// What is expected of a check, where it is asked at all.
type Expectation = fn(&Known<'_>) -> Option<Expected>;

/// Every check that is held to the truth.
const EXPECTATIONS: &[(&str, Expectation)] = &[
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
    ("reconnected", returns::expected),
    ("unavailable", service::unavailable),
    ("recovered", service::recovered),
    ("latency", speed::latency),
    ("throughput", speed::throughput),
];

/// What a fault does may show this long after its heal: timeouts and waits between attempts.
pub(crate) const AFTERMATH: Nanos = Nanos::from_secs(12);

/// A loss that is noticed this long after the heal is still the fault's.
pub(crate) const NOTICED: Nanos = Nanos::from_secs(5);

/// What is expected of a check, if it is asked.
fn asked(known: &Known<'_>, name: &str, expectation: Expectation) -> Option<Expected> {
    let expected = expectation(known).map(|expected| log::also(name, known, expected));
    let expected = attempts::in_spite_of(known, name, expected);
    expected.map(|expected| nodes::in_spite_of(known, name, expected))
}

/// All that the judge has wrong.
pub fn compare(known: &Known<'_>, result: &TrialResult) -> Vec<Disagreement> {
    let parts = [
        counts::compare,
        causes::compare,
        returns::compare,
        service::compare,
        speed::compare,
        generator::compare,
        attempts::compare,
        log::compare,
        refusals::compare,
        settlements::compare,
    ];
    let mut wrong: Vec<_> = parts.into_iter().flat_map(|part| part(known, result)).collect();
    for (name, expectation) in EXPECTATIONS {
        let answers: Vec<_> = result.checks.iter().filter(|check| check.name == *name).collect();
        let expected = asked(known, name, *expectation);
        match (expected, answers.as_slice()) {
            (None, []) => {}
            (Some(expected), [answer]) => {
                if !expected.allows(answer.verdict) {
                    wrong.push(Disagreement {
                        about: (*name).to_owned(),
                        truth: expected.to_string(),
                        judge: format!("{}: {}", answer.verdict.word(), answer.why),
                    });
                }
            }
            (expected, answers) => wrong.push(Disagreement {
                about: (*name).to_owned(),
                truth: format!("{} answers", if expected.is_some() { 1 } else { 0 }),
                judge: format!("{} answers", answers.len()),
            }),
        }
    }
    let worst = Verdict::worst(result.checks.iter().map(|check| check.verdict));
    if worst != result.verdict {
        wrong.push(Disagreement {
            about: "the trial's verdict".to_owned(),
            truth: worst.word().to_owned(),
            judge: result.verdict.word().to_owned(),
        });
    }
    wrong
}
