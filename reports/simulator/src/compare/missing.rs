//! A history that lacks the end of a table. The truth stays what it was: what is missing may hide a counterexample, so no
//! check that needs the table passes; and it must not make one up, so none fails that is good.

use super::expectations::{EXPECTATIONS, asked};
use super::known::{Disagreement, Known};
use crate::plan::{BrokerKind, Cut};
use reports::facts::{LatencyKind, RateKind};
use reports::measure::Table;
use reports::result::{TrialResult, Verdict};

/// All that the judge has wrong about a history that was cut.
pub fn compare_cut(known: &Known<'_>, cut: Cut, result: &TrialResult) -> Vec<Disagreement> {
    let answers = EXPECTATIONS.iter().filter_map(|(name, expectation)| {
        let expected = asked(known, name, *expectation)?;
        let answer = result.checks.iter().find(|check| check.name == *name)?;
        let right = match answer.verdict {
            Verdict::Pass => !needs(known, name, cut.table) && expected.allows(Verdict::Pass),
            Verdict::Unknown => true,
            Verdict::Fail => expected.allows(Verdict::Fail),
        };
        (!right).then(|| Disagreement {
            about: format!("{name} without all {}", cut.table.name()),
            truth: expected.to_string(),
            judge: format!("{}: {}", answer.verdict.word(), answer.why),
        })
    });
    answers.chain(causes(known, cut, result)).collect()
}

/// Where entries are settled one by one, each takeover has a row of its own: what caused a redelivery shows without the
/// consumers' account of their group.
fn causes(known: &Known<'_>, cut: Cut, result: &TrialResult) -> Vec<Disagreement> {
    if cut.table != Table::GroupEvents || known.plan.shape.kind == BrokerKind::Log {
        return Vec::new();
    }
    let wrong = super::causes::compare(known, result).into_iter();
    let about = |wrong: Disagreement| Disagreement {
        about: format!("{} without all {}", wrong.about, cut.table.name()),
        ..wrong
    };
    wrong.map(about).collect()
}

/// Whether a check cannot pass where rows of a table are missing.
fn needs(known: &Known<'_>, check: &str, table: Table) -> bool {
    let limits = known.limits;
    let end_to_end = limits.latency.iter().any(|limit| limit.kind == LatencyKind::EndToEnd);
    let consumed = limits.throughput.iter().any(|limit| limit.kind == RateKind::Consumed);
    let commits = known.plan.shape.kind == BrokerKind::Log;
    match table {
        Table::Sends => {
            matches!(check, "failed" | "indeterminate" | "lost" | "phantom" | "unavailable" | "recovered" | "latency")
                || (check == "throughput" && !consumed)
        }
        Table::Deliveries => {
            matches!(
                check,
                "lost" | "phantom" | "corrupted" | "duplicated" | "redelivered" | "out-of-order" | "unrecovered"
            ) || matches!(check, "resurrected" | "recovered")
                || (check == "latency" && end_to_end)
                || (check == "throughput" && consumed)
        }
        Table::Settlements => matches!(check, "unrecovered" | "resurrected"),
        Table::GroupEvents => check == "resurrected" && commits,
        Table::Connections => check == "reconnected",
        Table::Inspections => check == "unrecovered",
        _ => false,
    }
}
