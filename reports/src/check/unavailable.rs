//! **unavailable**: for longer than the limit, a send of the load phase was due and no send of any producer was
//! acknowledged. Asked only where the scenario sets a limit. `measure/availability.rs` defines gaps; each
//! producer's own longest gap stands in the result, and the worst one in the evidence.
//!
//! Unknown: rows of sends are missing, for they make gaps; scheduled sends are not in the history: whether one was never
//! begun or never recorded, while it was due there may have been a gap; a fault was not confirmed or did not show: a proxy that was
//! not healed is no outage of the system; anything that concerns every check.

use super::answer::{Answer, Demanded, Observed};
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
    let worst =
        worst.map_or_else(String::new, |(id, gap)| format!("; the longest of one producer {gap} (producer-{})", id.0));
    let longest = format!("{}, from {}{worst}", gaps.longest, evidence.instant(gaps.longest_from));
    let mut answer = Answer {
        limit: Demanded::within("", limit),
        observed: Observed::time(gaps.longest),
        doubts: doubt::standing(evidence, &[Table::Sends]),
        held: format!("the longest time in which a send was due and none was acknowledged: {longest}"),
        ..Answer::default()
    };
    // What was never begun cannot have been acknowledged, and hides no end of a gap: only what was not recorded can.
    let artefact = answer.doubts.first().cloned().or(doubt::unrecorded(evidence));
    answer.doubts.extend(doubt::unsent(evidence));
    if gaps.longest > limit {
        answer.break_unless(artefact, format!("a send was due and none was acknowledged for {longest}"));
    }
    vec![answer.settle(NAME)]
}

#[cfg(test)]
mod tests {
    use super::super::trial::{answers, cut, expect, told, unsent};
    use super::*;
    use crate::measure::sample;
    use crate::result::Verdict;
    use crate::units::Nanos;

    #[test]
    fn passes_when_the_outage_is_shorter_than_the_limit() {
        expect(&sample::failover(), NAME, Verdict::Pass, &["7.01 s, from +10.000 s", "producer-"]);
    }

    #[test]
    fn fails_when_the_outage_is_longer_than_the_limit() {
        let mut rows = sample::failover();
        rows.facts.limits.unavailable = Some(Nanos::from_secs(7));
        expect(&rows, NAME, Verdict::Fail, &["none was acknowledged for 7.01 s, from +10.000 s"]);
    }

    #[test]
    fn is_not_asked_without_a_limit() {
        assert_eq!(answers(&sample::healthy(), NAME), []);
    }

    #[test]
    fn is_unknown_when_the_gap_may_be_one_of_the_history() {
        let mut rows = sample::failover();
        rows.facts.limits.unavailable = Some(Nanos::from_secs(7));
        expect(&cut(rows, Table::Sends), NAME, Verdict::Unknown, &["none was acknowledged", "cut"]);
    }

    #[test]
    fn is_unknown_when_a_send_was_due_and_has_no_row_and_fails_by_a_gap_that_it_cannot_have_ended() {
        let mut rows = unsent(sample::failover());
        expect(&rows, NAME, Verdict::Unknown, &["5 of the schedule's 3205 sends"]);
        expect(&told(rows.clone()), NAME, Verdict::Unknown, &["5 of the schedule's 3205 sends"]);
        rows.facts.limits.unavailable = Some(Nanos::from_secs(7));
        expect(&rows, NAME, Verdict::Unknown, &["none was acknowledged", "5 of the schedule's 3205 sends"]);
        expect(&told(rows), NAME, Verdict::Fail, &["none was acknowledged for 7.01 s"]);
    }

    #[test]
    fn is_unknown_when_the_proxy_may_not_have_been_healed() {
        let mut rows = sample::failover();
        rows.facts.limits.unavailable = Some(Nanos::from_secs(7));
        rows.faults[0].confirmed = false;
        expect(&rows, NAME, Verdict::Unknown, &["not confirmed"]);
    }
}
