//! **recovered**: after a fault's heal, service was not steady again within the limit. Asked only where the scenario sets
//! one. `measure/steady.rs` defines *steady*.
//!
//! Unknown: the scenario has no fault; nothing was acknowledged before the first one, so there is nothing to compare
//! with; every second from within the limit on was good, but the load or the quiet before the next fault ended before
//! five had passed, or it ended before the limit; a fault was not confirmed or did not show; the load generator was
//! saturated; rows of sends are missing; anything that concerns every check.

use super::answer::Answer;
use super::doubt;
use super::evidence::Evidence;
use crate::measure::steady::Steady;
use crate::measure::{FaultMeasures, Table};
use crate::result::CheckResult;
use crate::units::Nanos;

/// Its name.
pub const NAME: &str = "recovered";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let Some(limit) = evidence.facts.limits.recovered else { return Vec::new() };
    let mut answer = Answer {
        limit: format!("≤ {limit}"),
        doubts: doubt::standing(evidence, &[Table::Sends]),
        held: "full service was back in time after every heal".into(),
        ..Answer::default()
    };
    answer.doubts.extend(doubt::saturated(evidence));
    answer.doubts.extend(doubt::unsent(evidence));
    if evidence.measures.faults.is_empty() {
        answer.doubts.push("the scenario has no fault, so there is nothing to recover from".into());
    }
    let artefact = answer.doubts.first().cloned();
    let mut observed = Vec::new();
    for fault in &evidence.measures.faults {
        observed.push(one(evidence, fault, limit, artefact.clone(), &mut answer));
    }
    answer.observed = if observed.is_empty() { "—".into() } else { observed.join(", ") };
    vec![answer.settle(NAME)]
}

/// Judges one fault. What was seen.
fn one(
    evidence: &Evidence<'_>,
    fault: &FaultMeasures,
    limit: Nanos,
    artefact: Option<String>,
    answer: &mut Answer,
) -> String {
    let (name, healed) = (&fault.window.plan.name, fault.window.healed);
    let judged_until = evidence.measures.timeline.load.to.min(fault.window.until);
    match fault.steady {
        Steady::From(at) => {
            let took = at.since(healed);
            if took > limit {
                answer.break_unless(artefact, format!("steady only {took} after {name} was healed, limit {limit}"));
            }
            format!("{took} ({name})")
        }
        Steady::NoReference => {
            answer.doubts.push("nothing was acknowledged before the first fault, so there is nothing to compare with".into());
            format!("unknown ({name})")
        }
        Steady::NotReached { open } => {
            // The last second that could be judged began one second before the end.
            let judged = judged_until.since(healed).since(Nanos::SECOND);
            let early = match open {
                Some(since) if since.since(healed) <= limit => {
                    Some(format!("every second from {} on was good", evidence.instant(since)))
                }
                None if judged < limit => Some("that is less than the limit".to_owned()),
                _ => None,
            };
            let what = format!("not steady {} after {name} was healed", judged_until.since(healed));
            answer.break_unless(artefact.or(early), what);
            format!("not reached ({name})")
        }
    }
}
