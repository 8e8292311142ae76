//! Damage that a scenario expects: what people ship, and what it costs. Such a trial passes when the damage is found.
//!
//! For `lost = { at-least = 3 }` the check `lost` judges as with a limit of two, and its answer is turned round: a fail is the
//! damage, and what would have passed is a fail, because the damage did not show. Unknown stays unknown. A fail outweighs the
//! doubts that concern the whole trial; damage found must not: a trial that was interrupted, or whose fault was not confirmed or
//! did not show, is not the one that the scenario describes, and the answer is unknown.

use super::doubt;
use super::evidence::Evidence;
use crate::result::{CheckResult, Quantity, Verdict};

/// An answer of a check, turned round if damage is expected of it.
pub(super) fn turned(answer: CheckResult, evidence: &Evidence<'_>) -> CheckResult {
    let Some(least) = evidence.facts.limits.damage.get(&answer.name) else { return answer };
    let doubts = doubt::standing(evidence, &[]);
    let (verdict, why) = match answer.verdict {
        Verdict::Fail if doubts.is_empty() => (Verdict::Pass, format!("as expected: {}", answer.why)),
        Verdict::Fail => (Verdict::Unknown, format!("{}, but {}", answer.why, doubts.join("; "))),
        Verdict::Pass => (Verdict::Fail, format!("the expected damage did not show: {}", answer.why)),
        Verdict::Unknown => (Verdict::Unknown, answer.why),
    };
    let limit_quantity = Some(Quantity::messages(*least).at_least());
    CheckResult { verdict, why, limit: format!("at least {least}"), limit_quantity, ..answer }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{answer, expect};
    use crate::history::Inspection;
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;

    /// A failover in which three messages at least are expected to be lost, and this many are.
    fn losing(lost: usize) -> Rows {
        let mut rows = sample::failover();
        rows.facts.limits.damage.insert("lost".to_owned(), 3);
        rows.facts.limits.lost = 2;
        for seq in 300..300 + lost as u64 {
            rows.deliveries.retain(|delivery| delivery.message != sample::message(1, 0, seq));
        }
        rows
    }

    #[test]
    fn passes_when_the_damage_is_found() {
        for lost in [3, 4] {
            expect(&losing(lost), "lost", Verdict::Pass, &["as expected", "acknowledged and never delivered"]);
        }
        assert_eq!(answer(&losing(3), "lost").limit, "at least 3");
    }

    #[test]
    fn fails_when_there_is_less_damage_than_expected() {
        for lost in [0, 2] {
            expect(&losing(lost), "lost", Verdict::Fail, &["the expected damage did not show"]);
        }
    }

    #[test]
    fn is_unknown_when_the_trial_was_not_the_one_that_was_asked_for() {
        let mut rows = losing(3);
        rows.faults[0].confirmed = false;
        expect(&rows, "lost", Verdict::Unknown, &["never delivered", "not confirmed"]);
        let mut rows = losing(3);
        rows.facts.end.as_mut().unwrap().interrupted = true;
        expect(&rows, "lost", Verdict::Unknown, &["interrupted"]);
    }

    #[test]
    fn is_unknown_when_a_fault_waited_in_vain_for_its_condition() {
        let mut rows = losing(3);
        rows.faults.clear();
        rows.facts.faults[0].when = Some("pending > 9".to_owned());
        let why = "the condition pending > 9 never came true; the most was 4".to_owned();
        rows.facts.end.as_mut().unwrap().untriggered.insert("down-1".to_owned(), why);
        expect(
            &rows,
            "lost",
            Verdict::Unknown,
            &["down-1 was not injected: the condition pending > 9 never came true"],
        );
    }

    #[test]
    fn is_unknown_when_it_is_unknown_whether_there_is_any() {
        let mut rows = losing(3);
        rows.facts.end.as_mut().unwrap().drained = false;
        rows.inspections.iter_mut().for_each(|row: &mut Inspection| row.lag = Some(9));
        rows.inspections.iter_mut().for_each(|row| row.committed = None);
        expect(&rows, "lost", Verdict::Unknown, &["may still come"]);
    }

    /// The group has had all that there is, and what it left pending is the damage that is expected.
    #[test]
    fn what_is_left_pending_as_expected_keeps_other_checks_from_nothing() {
        let mut rows = sample::healthy();
        rows.settlements.remove(1000);
        rows.facts.end.as_mut().unwrap().drained = false;
        rows.inspections[0].pending = 1;
        expect(&rows, "duplicated", Verdict::Unknown, &["not drained"]);
        rows.facts.limits.damage.insert("unrecovered".to_owned(), 1);
        expect(&rows, "unrecovered", Verdict::Pass, &["as expected"]);
        expect(&rows, "duplicated", Verdict::Pass, &[]);
        (rows.inspections[0].lag, rows.inspections[0].committed) = (Some(1), None);
        expect(&rows, "duplicated", Verdict::Unknown, &["not drained"]);
    }
}
