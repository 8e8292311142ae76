//! **recovered**: after a fault's heal, service was not steady again within the limit. Asked only where the scenario sets
//! one. `measure/steady.rs` defines *steady*: what is due is acknowledged, and what is acknowledged is consumed, as before.
//!
//! It fails where service was steady later than the limit allows, or where a bad second came later than that.
//! Unknown: the scenario has no fault; nothing was carried before the first one, so there is nothing to compare with;
//! no second later than the limit was bad, but the load ended, or another fault was in force or began, before five good
//! seconds had passed; a fault was not confirmed or did not show; the load generator was saturated or its lag is unknown;
//! rows of sends or deliveries are missing; anything that concerns every check.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::Evidence;
use crate::measure::steady::Steady;
use crate::measure::{FaultMeasures, Table};
use crate::result::{CheckResult, Quantity};
use crate::units::Nanos;

/// Its name.
pub const NAME: &str = "recovered";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let Some(limit) = evidence.facts.limits.recovered else { return Vec::new() };
    let mut answer = Answer {
        limit: Demanded::within("", limit),
        doubts: doubt::standing(evidence, &[Table::Sends, Table::Deliveries]),
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
    if !observed.is_empty() {
        let words = observed.join(", ");
        answer.observed = match slowest(&evidence.measures.faults) {
            Some(slowest) => Observed::told(words, Quantity::time(slowest)),
            None => Observed::words(words),
        };
    }
    vec![answer.settle(NAME)]
}

/// The latest that service was steady after a heal; `None` where it was not shown to be after each.
fn slowest(faults: &[FaultMeasures]) -> Option<Nanos> {
    let took = |fault: &FaultMeasures| match fault.recovered.service {
        Steady::From(at) => Some(at.since(fault.window.healed)),
        Steady::NotShown { .. } | Steady::NoReference => None,
    };
    let each: Option<Vec<Nanos>> = faults.iter().map(took).collect();
    each?.into_iter().max()
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
    let sides = sides(fault, limit);
    match fault.recovered.service {
        Steady::From(at) => {
            let took = at.since(healed);
            if took > limit {
                answer.break_at(
                    name,
                    artefact,
                    format!("steady only {took} after {name} was healed, limit {limit}{sides}"),
                );
            }
            format!("{took} ({name})")
        }
        Steady::NotShown { earliest, .. } if earliest.since(healed) > limit => {
            let bad_for = earliest.since(healed);
            answer.break_at(
                name,
                artefact,
                format!("still not steady {bad_for} after {name} was healed, limit {limit}{sides}"),
            );
            format!("not within {bad_for} ({name})")
        }
        Steady::NotShown { .. } | Steady::NoReference => {
            let why = fault.not_shown(&evidence.measures.timeline, Some(limit)).map(|shown| shown.why);
            let why = why.unwrap_or_default();
            answer.doubts.push(format!("whether service was steady within {limit} after {name} is not shown: {why}"));
            format!("not shown ({name})")
        }
    }
}

/// Which side was how far, where both are known or one is behind.
fn sides(fault: &FaultMeasures, limit: Nanos) -> String {
    let side = |steady: Steady| match steady {
        Steady::From(at) => at.since(fault.window.healed).to_string(),
        Steady::NotShown { earliest, .. } if earliest.since(fault.window.healed) > limit => "not reached".to_owned(),
        Steady::NotShown { .. } | Steady::NoReference => "not shown".to_owned(),
    };
    format!(" (sending {}, consuming {})", side(fault.recovered.sending), side(fault.recovered.consuming))
}

#[cfg(test)]
mod tests {
    use super::super::trial::{answers, cut, expect, result};
    use super::*;
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;

    fn slow_for_ever(mut rows: Rows) -> Rows {
        for send in &mut rows.sends {
            if send.intended > Nanos::from_millis(sample::BACK_MS) {
                send.settled = send.settled.plus(Nanos::from_millis(30));
            }
        }
        rows
    }

    fn ending_at(mut rows: Rows, secs: u64) -> Rows {
        rows.facts.phases[1].to = Nanos::from_secs(secs);
        rows
    }

    #[test]
    fn passes_when_full_service_is_back_in_time() {
        expect(&sample::failover(), NAME, Verdict::Pass, &[]);
        let recovery = result(&sample::failover()).recovery.faults;
        assert_eq!(recovery[0].steady_ns, Some(Nanos::from_millis(117_100 - 115_010)));
        assert_eq!(recovery[0].first_success_ns, Some(Nanos::from_millis(117_011 - 115_010)));
    }

    #[test]
    fn fails_when_it_is_back_too_late() {
        let mut rows = sample::failover();
        rows.facts.limits.recovered = Some(Nanos::from_secs(2));
        expect(&rows, NAME, Verdict::Fail, &["steady only 2.09 s after down-1 was healed"]);
    }

    #[test]
    fn fails_when_it_stays_slow() {
        expect(&slow_for_ever(sample::failover()), NAME, Verdict::Fail, &["still not steady", "consuming"]);
    }

    #[test]
    fn is_unknown_when_the_load_ended_while_all_was_well() {
        expect(&ending_at(sample::failover(), 120), NAME, Verdict::Unknown, &["not shown: the load ended at +20.0 s"]);
    }

    #[test]
    fn is_unknown_when_the_load_ended_before_the_limit() {
        let rows = ending_at(slow_for_ever(sample::failover()), 119);
        expect(&rows, NAME, Verdict::Unknown, &["not shown: the load ended at +19.0 s"]);
    }

    #[test]
    fn is_unknown_when_the_generator_was_saturated() {
        let mut rows = sample::failover();
        rows.sends.iter_mut().for_each(|send| send.started = send.started.plus(Nanos::from_millis(20)));
        rows.facts.limits.recovered = Some(Nanos::from_secs(2));
        expect(&rows, NAME, Verdict::Unknown, &["saturated"]);
    }

    #[test]
    fn is_unknown_when_there_was_nothing_before_the_fault() {
        let mut rows = sample::failover();
        rows.facts.phases[1].from = Nanos::from_secs(110);
        expect(&rows, NAME, Verdict::Unknown, &["nothing to compare with"]);
    }

    #[test]
    fn is_unknown_without_a_fault_and_when_sends_are_cut() {
        let mut rows = sample::healthy();
        rows.facts.limits.recovered = Some(Nanos::SECOND);
        expect(&rows, NAME, Verdict::Unknown, &["no fault"]);
        expect(&cut(slow_for_ever(sample::failover()), Table::Sends), NAME, Verdict::Unknown, &["cut"]);
        assert_eq!(answers(&sample::healthy(), NAME), []);
    }
}
