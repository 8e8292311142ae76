//! **throughput**: a rate in the load phase is below its limit. One answer for each limit.
//!
//! Unknown: the load generator was saturated, for then it offered less than the schedule; nothing was to be sent; rows of
//! sends are missing or sends of the schedule are not in the history, for the consumed rate rows of deliveries; anything
//! that concerns every check.

use super::answer::Answer;
use super::doubt;
use super::evidence::Evidence;
use crate::facts::{RateKind, ThroughputLimit};
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "throughput";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    evidence.facts.limits.throughput.iter().map(|limit| one(evidence, limit)).collect()
}

fn one(evidence: &Evidence<'_>, limit: &ThroughputLimit) -> CheckResult {
    let rates = &evidence.measures.rates;
    let (kind, rate, table) = match limit.kind {
        RateKind::Offered => ("offered", rates.offered, Table::Sends),
        RateKind::Sent => ("sent", rates.sent, Table::Sends),
        RateKind::Acknowledged => ("acknowledged", rates.acknowledged, Table::Sends),
        RateKind::Consumed => ("consumed", rates.consumed, Table::Deliveries),
    };
    let seen = format!("{:.1}/s", rate.msg_per_s);
    let own = [doubt::saturated(evidence), doubt::unsent(evidence)];
    let mut answer = Answer {
        limit: format!("{kind} ≥ {}/s", limit.limit),
        held: format!("{kind} {seen} over {:.1} s", rates.seconds),
        observed: seen,
        doubts: own.into_iter().flatten().chain(doubt::standing(evidence, &[table])).collect(),
        ..Answer::default()
    };
    if rate.msg_per_s < limit.limit {
        let what = format!("{}, at least {}/s are demanded", answer.held, limit.limit);
        let artefact = answer.doubts.first().cloned();
        answer.break_unless(artefact, what);
    }
    answer.settle(NAME)
}
