//! **latency**: a statistic of a latency in the load phase is above its limit. One answer for each limit.
//!
//! Response and service times count every send that the schedule intended in the load phase and that was not certainly
//! refused: one that timed out counts with the time that it took, a refusal serves nobody and stands apart. The end-to-end
//! time counts first deliveries of the messages intended in it.
//!
//! Unknown: the load generator was saturated, for then it measured itself, or its lag is unknown; nothing was measured; sends of the schedule
//! are not in the history (the slowest are the likeliest to be missing), or rows of sends are missing, for end-to-end
//! also rows of deliveries or the drain; anything that concerns every check. A maximum above its limit is a fail whatever else
//! is missing than rows of sends, by which alone it is known whether the generator kept up.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::Evidence;
use crate::facts::{LatencyKind, LatencyLimit};
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "latency";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    evidence.facts.limits.latency.iter().map(|limit| one(evidence, limit)).collect()
}

fn one(evidence: &Evidence<'_>, limit: &LatencyLimit) -> CheckResult {
    let latency = &evidence.measures.latency;
    let kind = limit.kind.name();
    let distribution = match limit.kind {
        LatencyKind::Response => &latency.response,
        LatencyKind::Service => &latency.service,
        LatencyKind::EndToEnd => &latency.end_to_end,
    };
    let statistic = &limit.statistic;
    let mut answer = Answer {
        limit: Demanded::within(&format!("{kind}-{statistic}"), limit.limit),
        doubts: doubts(evidence, limit.kind),
        ..Answer::default()
    };
    if distribution.count == 0 {
        answer.doubts.push(match latency.refused.count {
            0 => format!("no {kind} time was measured in the load phase"),
            refused => format!("no {kind} time was measured in the load phase: {refused} sends were refused"),
        });
        return answer.settle(NAME);
    }
    let Some(value) = distribution.statistic(statistic) else {
        answer
            .doubts
            .push(format!("there is no statistic `{statistic}`; p50, p90, p99, p99.9, p99.99, max and mean are"));
        return answer.settle(NAME);
    };
    answer.observed = Observed::time(value);
    answer.held = format!("{kind}-{statistic} of {} messages is {value}", distribution.count);
    if value > limit.limit {
        let what = format!("{}, limit {}", answer.held, limit.limit);
        let artefact = match statistic.as_str() {
            // Without all sends nobody knows whether the generator kept up.
            "max" => doubt::saturated(evidence).or_else(|| doubt::cut(evidence, &[Table::Sends])),
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

#[cfg(test)]
mod tests {
    use super::super::trial::{answers, cut, expect, result, undrained};
    use super::*;
    use crate::history::Outcome;
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;
    use crate::units::Nanos;

    #[test]
    fn a_refusal_is_no_fast_answer() {
        let mut rows = limited(LatencyKind::Response, "p50", 900);
        for (_, send) in rows.sends.iter_mut().enumerate().filter(|(nth, _)| nth % 3 > 0) {
            (send.outcome, send.settled) = (Outcome::Failed, send.started.plus(Nanos(100)));
        }
        expect(&rows, NAME, Verdict::Fail, &["response-p50"]);
        assert!(result(&rows).latency_ns.refused.count > 0);
        rows.sends.iter_mut().for_each(|send| send.outcome = Outcome::Failed);
        expect(&rows, NAME, Verdict::Unknown, &["sends were refused"]);
    }

    /// Response and service times of a healthy trial are about 1 ms, end-to-end 2 ms.
    fn limited(kind: LatencyKind, statistic: &str, micros: u64) -> Rows {
        let mut rows = sample::healthy();
        let limit = Nanos(micros * 1000);
        rows.facts.limits.latency.push(LatencyLimit { kind, statistic: statistic.into(), limit });
        rows
    }

    #[test]
    fn passes_when_each_statistic_is_at_most_its_limit() {
        for statistic in ["p50", "p90", "p99", "p99.9", "p99.99", "max", "mean"] {
            for (kind, micros) in [(LatencyKind::Response, 1001), (LatencyKind::EndToEnd, 2002)] {
                expect(&limited(kind, statistic, micros), NAME, Verdict::Pass, &[statistic, "of 3000 messages"]);
            }
        }
    }

    #[test]
    fn fails_when_a_statistic_is_above_its_limit() {
        expect(&limited(LatencyKind::Response, "p99", 900), NAME, Verdict::Fail, &["response-p99", "limit 900 µs"]);
        expect(&limited(LatencyKind::EndToEnd, "p50", 1900), NAME, Verdict::Fail, &["end-to-end-p50"]);
        expect(&limited(LatencyKind::Service, "mean", 940), NAME, Verdict::Fail, &["service-mean"]);
    }

    #[test]
    fn each_limit_has_an_answer() {
        let mut rows = limited(LatencyKind::Response, "p99", 900);
        rows.facts.limits.latency.extend(limited(LatencyKind::Response, "p50", 1100).facts.limits.latency);
        let verdicts: Vec<_> = answers(&rows, NAME).into_iter().map(|answer| answer.verdict).collect();
        assert_eq!(verdicts, [Verdict::Fail, Verdict::Pass]);
    }

    #[test]
    fn sends_without_success_count_as_long_as_they_took() {
        let mut rows = limited(LatencyKind::Response, "max", 2000);
        rows.sends[1000].outcome = crate::history::Outcome::Indeterminate;
        rows.sends[1000].settled = rows.sends[1000].settled.plus(Nanos::SECOND);
        expect(&rows, NAME, Verdict::Fail, &["response-max of 3000 messages is 1.00 s"]);
    }

    #[test]
    fn is_unknown_when_the_generator_was_saturated_even_above_the_limit() {
        let mut rows = limited(LatencyKind::Response, "max", 900);
        rows.sends.iter_mut().for_each(|send| send.started = send.started.plus(Nanos::from_millis(20)));
        expect(&rows, NAME, Verdict::Unknown, &["the load generator was saturated"]);
    }

    #[test]
    fn is_unknown_when_the_slowest_or_the_generators_lag_may_be_missing() {
        expect(&cut(limited(LatencyKind::Response, "p99", 900), Table::Sends), NAME, Verdict::Unknown, &["cut"]);
        expect(&cut(limited(LatencyKind::Response, "p99", 1100), Table::Sends), NAME, Verdict::Unknown, &["cut"]);
        expect(&cut(limited(LatencyKind::Response, "max", 900), Table::Sends), NAME, Verdict::Unknown, &["cut"]);
    }

    #[test]
    fn a_maximum_above_is_a_maximum_above_though_deliveries_are_missing() {
        expect(&cut(limited(LatencyKind::EndToEnd, "max", 900), Table::Deliveries), NAME, Verdict::Fail, &["max"]);
    }

    #[test]
    fn end_to_end_is_unknown_when_not_drained_and_when_nothing_came() {
        let rows = limited(LatencyKind::EndToEnd, "p99", 9000);
        expect(&undrained(rows.clone()), NAME, Verdict::Unknown, &["not drained"]);
        let silent = Rows { deliveries: Vec::new(), ..rows };
        expect(&silent, NAME, Verdict::Unknown, &["no end-to-end time was measured"]);
    }

    #[test]
    fn is_unknown_for_a_statistic_that_does_not_exist() {
        expect(&limited(LatencyKind::Response, "p42", 9000), NAME, Verdict::Unknown, &["no statistic `p42`"]);
    }
}
