//! **throughput**: a rate in the load phase is below its limit. One answer for each limit.
//!
//! Unknown: the load generator was saturated, for then it offered less than the schedule; nothing was to be sent; rows of
//! sends are missing or sends of the schedule are not in the history, for the consumed rate rows of deliveries; anything
//! that concerns every check.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::Evidence;
use crate::facts::{RateKind, ThroughputLimit};
use crate::measure::Table;
use crate::result::{CheckResult, Quantity, Unit};

/// Its name.
pub const NAME: &str = "throughput";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    evidence.facts.limits.throughput.iter().map(|limit| one(evidence, limit)).collect()
}

fn one(evidence: &Evidence<'_>, limit: &ThroughputLimit) -> CheckResult {
    let rates = &evidence.measures.rates;
    let kind = limit.kind.name();
    let (rate, table) = match limit.kind {
        RateKind::Offered => (rates.offered, Table::Sends),
        RateKind::Sent => (rates.sent, Table::Sends),
        RateKind::Acknowledged => (rates.acknowledged, Table::Sends),
        RateKind::Consumed => (rates.consumed, Table::Deliveries),
    };
    let seen = format!("{:.1}/s", rate.msg_per_s);
    let own = [doubt::saturated(evidence), doubt::unsent(evidence)];
    let quantity = |value| Quantity { value, unit: Unit::MessagesPerSecond };
    let mut answer = Answer {
        limit: Demanded::other(format!("{kind} ≥ {}/s", limit.limit), Some(quantity(limit.limit).at_least())),
        held: format!("{kind} {seen} over {:.1} s", rates.seconds),
        observed: Observed::told(seen, quantity(rate.msg_per_s)),
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

#[cfg(test)]
mod tests {
    use super::super::trial::{cut, expect};
    use super::*;
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;
    use crate::units::Nanos;

    fn limited(kind: RateKind, limit: f64) -> Rows {
        let mut rows = sample::healthy();
        rows.facts.limits.throughput.push(ThroughputLimit { kind, limit });
        rows
    }

    #[test]
    fn passes_when_each_rate_is_at_least_its_limit() {
        for kind in [RateKind::Offered, RateKind::Sent, RateKind::Acknowledged, RateKind::Consumed] {
            expect(&limited(kind, 99.9), NAME, Verdict::Pass, &["100.0/s over 30.0 s"]);
        }
    }

    #[test]
    fn fails_when_a_rate_is_below_its_limit() {
        for kind in [RateKind::Offered, RateKind::Sent, RateKind::Acknowledged, RateKind::Consumed] {
            expect(&limited(kind, 100.5), NAME, Verdict::Fail, &["at least 100.5/s are demanded"]);
        }
    }

    #[test]
    fn only_successes_are_acknowledged() {
        let mut rows = limited(RateKind::Acknowledged, 90.0);
        rows.sends.iter_mut().step_by(2).for_each(|send| send.outcome = crate::history::Outcome::Failed);
        expect(&rows, NAME, Verdict::Fail, &["acknowledged 50.0/s"]);
    }

    #[test]
    fn is_unknown_when_the_generator_was_saturated() {
        let mut rows = limited(RateKind::Acknowledged, 200.0);
        rows.sends.iter_mut().for_each(|send| send.started = send.started.plus(Nanos::from_millis(20)));
        expect(&rows, NAME, Verdict::Unknown, &["saturated"]);
    }

    #[test]
    fn is_unknown_when_rows_are_missing() {
        expect(&cut(limited(RateKind::Acknowledged, 200.0), Table::Sends), NAME, Verdict::Unknown, &["cut"]);
        expect(&cut(limited(RateKind::Consumed, 20.0), Table::Deliveries), NAME, Verdict::Unknown, &["cut"]);
    }
}
