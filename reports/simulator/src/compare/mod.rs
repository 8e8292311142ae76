//! Comparing: every verdict and every count of the judge, held against the truth.
//! From here plans, truths and results may be read; the judge's own measures are never asked.
//! To hold one more check to the truth: copy `lost.rs`, and add it to `expectations.rs`.

mod attempts;
mod causes;
mod commits;
mod counts;
mod doubts;
mod expectations;
mod expected;
mod generator;
mod known;
mod log;
mod lost;
mod messages;
mod missing;
mod nodes;
mod order;
mod processing;
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
pub use known::{Disagreement, Known};
pub use missing::compare_cut;

use expectations::{EXPECTATIONS, asked};
use reports::result::{TrialResult, Verdict};

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
