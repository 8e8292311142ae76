//! **latency**: a statistic of a latency in the load phase is above its limit. One answer for each limit.
//!
//! Response and service times count every send that the schedule intended in the load phase, whatever its outcome; the
//! end-to-end time counts first deliveries of the messages intended in it.
//!
//! Unknown: the load generator was saturated, for then it measured itself; nothing was measured; sends of the schedule
//! are not in the history (the slowest are the likeliest to be missing), or rows of sends are missing, for end-to-end
//! also rows of deliveries or the drain; anything that concerns every check. A maximum above its limit is a fail whatever
//! is missing.

use super::answer::Answer;
use super::doubt;
use super::evidence::Evidence;
use crate::facts::{LatencyKind, LatencyLimit};
use crate::measure::Table;
use crate::result::{CheckResult, Distribution};
use crate::units::Nanos;

/// Its name.
pub const NAME: &str = "latency";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    evidence.facts.limits.latency.iter().map(|limit| one(evidence, limit)).collect()
}

fn one(evidence: &Evidence<'_>, limit: &LatencyLimit) -> CheckResult {
    let latency = &evidence.measures.latency;
    let (kind, distribution) = match limit.kind {
        LatencyKind::Response => ("response", &latency.response),
        LatencyKind::Service => ("service", &latency.service),
        LatencyKind::EndToEnd => ("end-to-end", &latency.end_to_end),
    };
    let statistic = &limit.statistic;
    let mut answer = Answer {
        limit: format!("{kind}-{statistic} ≤ {}", limit.limit),
        observed: "—".into(),
        doubts: doubts(evidence, limit.kind),
        ..Answer::default()
    };
    if distribution.count == 0 {
        answer.doubts.push(format!("no {kind} time was measured in the load phase"));
        return answer.settle(NAME);
    }
    let Some(value) = value_of(distribution, statistic) else {
        answer.doubts.push(format!("there is no statistic `{statistic}`; p50, p90, p99, p99.9, p99.99, max and mean are"));
        return answer.settle(NAME);
    };
    answer.observed = value.to_string();
    answer.held = format!("{kind}-{statistic} of {} messages is {value}", distribution.count);
    if value > limit.limit {
        let what = format!("{}, limit {}", answer.held, limit.limit);
        let artefact = match statistic.as_str() {
            "max" => doubt::saturated(evidence),
            _ => answer.doubts.first().cloned(),
        };
        answer.break_unless(artefact, what);
    }
    answer.settle(NAME)
}

fn doubts(evidence: &Evidence<'_>, kind: LatencyKind) -> Vec<String> {
    let tables = match kind {
        LatencyKind::Response | LatencyKind::Service => &[Table::Sends][..],
        LatencyKind::EndToEnd => &[Table::Sends, Table::Deliveries],
    };
    let undrained = doubt::undrained(evidence).filter(|_| kind == LatencyKind::EndToEnd);
    let own = [doubt::saturated(evidence), doubt::unsent(evidence), undrained];
    own.into_iter().flatten().chain(doubt::standing(evidence, tables)).collect()
}

fn value_of(distribution: &Distribution, statistic: &str) -> Option<Nanos> {
    Some(Nanos(match statistic {
        "p50" => distribution.p50,
        "p90" => distribution.p90,
        "p99" => distribution.p99,
        "p99.9" => distribution.p99_9,
        "p99.99" => distribution.p99_99,
        "max" => distribution.max,
        "mean" => distribution.mean.round() as u64,
        _ => return None,
    }))
}
