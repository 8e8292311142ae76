//! **unavailable**: for longer than the limit, no send of any producer was acknowledged in the load phase, from its
//! start and to its end. Asked only where the scenario sets a limit. `measure/availability.rs` defines gaps; each
//! producer's own longest gap stands in the result, and the worst one in the evidence.
//!
//! Unknown: rows of sends are missing, for they make gaps; a fault was not confirmed or did not show: a proxy that was
//! not healed is no outage of the system; anything that concerns every check.

use super::answer::Answer;
use super::doubt;
use super::evidence::Evidence;
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "unavailable";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let Some(limit) = evidence.facts.limits.unavailable else { return Vec::new() };
    let gaps = &evidence.measures.gaps;
    let worst = gaps.by_producer.iter().max_by_key(|(_, gap)| **gap);
    let worst = worst.map_or_else(String::new, |(id, gap)| format!("; the longest of one producer {gap} (producer-{})", id.0));
    let longest = format!("{}, from {}{worst}", gaps.longest, evidence.instant(gaps.longest_from));
    let mut answer = Answer {
        limit: format!("≤ {limit}"),
        observed: gaps.longest.to_string(),
        doubts: doubt::standing(evidence, &[Table::Sends]),
        held: format!("the longest gap between acknowledged sends: {longest}"),
        ..Answer::default()
    };
    if gaps.longest > limit {
        let artefact = answer.doubts.first().cloned();
        answer.break_unless(artefact, format!("no send was acknowledged for {longest}"));
    }
    vec![answer.settle(NAME)]
}
