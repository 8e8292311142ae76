//! **resurrected**: a message came again although its settlement had been confirmed before the broker can have handed it
//! out this time.
//!
//! Where single messages are settled: an ack of what stands at a position was confirmed, and then the same position was
//! delivered again; of a message that stands twice, each copy by itself. Not the receipt counts but the moment at which the
//! delivery, or the takeover that brought it, was asked for: an ack that was confirmed in between was concurrent. Where
//! positions are committed: a delivery beyond the first lies below what was certainly committed when this consumer was given
//! the partition, or below what it has committed itself since. Certainly committed is what lies below every commit that may
//! be the last one: one that was asked for after another one's answer supersedes it, and two that overlap do not.
//!
//! Each is a fail, even in a history that is cut or interrupted, unless what is missing could explain it: a takeover that
//! was not recorded (such deliveries are not counted while settlements are cut), or an assignment.
//! Unknown, where none was found: a client does not tell when it asked for such a delivery, nor was it taken over; rows of deliveries, settlements or (for commits) group events are missing; the trial
//! was not drained; anything that concerns every check.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::Evidence;
use crate::facts::Settling;
use crate::measure::Table;
use crate::plural::plural;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "resurrected";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let (account, limit) = (&evidence.measures.account, evidence.facts.limits.resurrected);
    let resurrected = account.counts.resurrected;
    let mut answer = Answer {
        limit: Demanded::count(limit),
        observed: Observed::count(resurrected),
        doubts: doubt::standing(evidence, &[Table::Deliveries, Table::Settlements]),
        held: format!(
            "{} deliveries beyond the first, {resurrected} of them after a confirmed settlement",
            account.counts.redelivered
        ),
        ..Answer::default()
    };
    let unassigned =
        doubt::cut(evidence, &[Table::GroupEvents]).filter(|_| evidence.facts.system.settling == Settling::Position);
    let artefact = doubt::disordered(evidence).or(unassigned);
    answer.doubts.extend(artefact.clone());
    answer.doubts.extend(doubt::undrained(evidence));
    let undated = account.perhaps_resurrected;
    if resurrected + undated > limit && undated > 0 {
        let came = plural(undated, "delivery");
        answer
            .doubts
            .push(format!("{came} came after a confirmed settlement, and nothing says when they were asked for"));
    }
    if resurrected > limit {
        let examples = evidence.examples(&account.findings.resurrected, "received");
        let what =
            format!("{} after the message's settlement had been confirmed{examples}", plural(resurrected, "delivery"));
        answer.break_unless(artefact, what);
    }
    vec![answer.settle(NAME)]
}

#[cfg(test)]
mod tests {
    use super::super::trial::{cut, expect, undrained};
    use super::*;
    use crate::history::Outcome;
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;
    use crate::units::{Nanos, Position};

    /// Message 1000, acked at 108.004 s, comes again to a consumer at 112 s.
    fn back(consumer: u16, mut rows: Rows) -> Rows {
        let second = sample::again(&rows.deliveries[1000], consumer, 112_000);
        rows.deliveries.push(second);
        rows
    }

    #[test]
    fn passes_when_nothing_came_after_its_settlement() {
        expect(&sample::healthy(), NAME, Verdict::Pass, &[]);
        expect(&sample::committed(), NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn fails_when_an_acked_message_comes_again_even_in_a_trial_that_was_killed() {
        let mut rows = back(1, sample::healthy());
        rows.facts.end = None;
        let seen = "seq 250 (received at +12.000 s by consumer-1; position 500; settled at +8.004 s)";
        expect(&rows, NAME, Verdict::Fail, &[seen]);
    }

    #[test]
    fn fails_when_a_takeover_was_asked_for_after_the_ack() {
        let mut rows = back(1, sample::healthy());
        let claim = sample::claim(&rows.deliveries[1000], 1, 111_000);
        rows.settlements.push(claim);
        expect(&rows, NAME, Verdict::Fail, &["seq 250"]);
    }

    #[test]
    fn an_ack_that_was_confirmed_while_a_takeover_was_under_way_is_no_resurrection() {
        let mut rows = back(1, sample::healthy());
        let mut claim = sample::claim(&rows.deliveries[1000], 1, 108_003);
        claim.settled = Nanos::from_millis(111_999);
        rows.settlements.push(claim);
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn an_ack_that_was_confirmed_while_the_delivery_was_under_way_is_no_resurrection() {
        let mut rows = back(1, sample::healthy());
        rows.deliveries.last_mut().unwrap().asked = Some(Nanos::from_millis(108_003));
        expect(&rows, NAME, Verdict::Pass, &[]);
        rows.deliveries.last_mut().unwrap().asked = Some(Nanos::from_millis(108_005));
        expect(&rows, NAME, Verdict::Fail, &["seq 250"]);
    }

    #[test]
    fn is_unknown_when_nothing_says_when_it_was_asked_for() {
        let mut rows = back(1, sample::healthy());
        rows.deliveries.last_mut().unwrap().asked = None;
        expect(&rows, NAME, Verdict::Unknown, &["1 delivery came after a confirmed settlement, and nothing says when"]);
        rows.facts.limits.resurrected = 1;
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn one_who_takes_over_an_entry_has_not_read_it_and_names_only_its_place() {
        let mut rows = back(1, sample::healthy());
        let mut claim = sample::claim(&rows.deliveries[1000], 1, 108_003);
        (claim.settled, claim.message, claim.position) = (Nanos::from_millis(111_999), None, Some(Position(500)));
        rows.settlements.push(claim.clone());
        expect(&rows, NAME, Verdict::Pass, &[]);
        rows.settlements.last_mut().unwrap().position = Some(Position(501));
        expect(&rows, NAME, Verdict::Fail, &["seq 250"]);
    }

    #[test]
    fn the_ack_of_one_copy_does_not_bind_the_other_one() {
        let mut rows = sample::healthy();
        let mut copy = sample::again(&rows.deliveries[1000], 0, 109_000);
        copy.position = Position(5000);
        let again = sample::again(&copy, 1, 112_000);
        rows.deliveries.extend([copy.clone(), again.clone()]);
        expect(&rows, NAME, Verdict::Pass, &[]);
        rows.settlements.push(sample::ack_of(&copy));
        expect(&rows, NAME, Verdict::Fail, &["position 5000; settled at"]);
    }

    #[test]
    fn a_commit_that_was_under_way_when_the_partition_changed_hands_may_have_set_it_back() {
        let mut rows = back(1, sample::committed());
        rows.group_changes.push(sample::assigned(1, 0, 111_000));
        let mut late = sample::commit_of(&rows.deliveries[900]);
        (late.requested, late.settled) = (Nanos::from_millis(110_990), Nanos::from_millis(113_000));
        rows.settlements.push(late);
        rows.facts.limits.unrecovered = u64::MAX;
        expect(&rows, NAME, Verdict::Pass, &[]);
        rows.settlements.last_mut().unwrap().requested = Nanos::from_millis(111_001);
        expect(&rows, NAME, Verdict::Fail, &["seq 250"]);
    }

    #[test]
    fn an_ack_without_an_answer_binds_nobody() {
        let mut rows = back(1, sample::healthy());
        rows.settlements[1000].outcome = Outcome::Indeterminate;
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn fails_when_the_only_delivery_in_the_history_follows_the_ack() {
        let mut rows = sample::healthy();
        rows.deliveries[1000] = sample::again(&rows.deliveries[1000], 0, 112_000);
        expect(&rows, NAME, Verdict::Fail, &["seq 250"]);
    }

    #[test]
    fn is_unknown_when_a_takeover_may_stand_among_the_missing() {
        expect(&cut(back(1, sample::healthy()), Table::Settlements), NAME, Verdict::Unknown, &["cut"]);
    }

    #[test]
    fn fails_when_the_same_consumer_gets_it_again_though_settlements_are_cut() {
        expect(&cut(back(0, sample::healthy()), Table::Settlements), NAME, Verdict::Fail, &["by consumer-0"]);
    }

    #[test]
    fn is_unknown_when_it_may_still_come() {
        expect(&undrained(sample::healthy()), NAME, Verdict::Unknown, &["not drained"]);
    }

    #[test]
    fn fails_when_a_consumer_is_given_what_was_committed_before_it_got_the_partition() {
        let mut rows = back(1, sample::committed());
        rows.group_changes.push(sample::assigned(1, 0, 111_000));
        expect(&rows, NAME, Verdict::Fail, &["received at +12.000 s by consumer-1"]);
    }

    #[test]
    fn a_commit_that_was_confirmed_after_the_partition_changed_hands_binds_nobody() {
        let mut rows = back(1, sample::committed());
        let early = |position: Option<Position>| position <= Some(Position(500));
        rows.settlements.retain(|commit| commit.partition.0 == 1 || early(commit.position));
        rows.group_changes.push(sample::assigned(1, 0, 111_000));
        let mut late = sample::commit_of(&rows.deliveries[1000]);
        late.settled = Nanos::from_millis(111_500);
        rows.settlements.push(late);
        rows.facts.limits.unrecovered = u64::MAX;
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn a_commit_that_was_under_way_when_the_partition_changed_hands_binds_nobody_whom_none_bound_before() {
        for outcome in [Outcome::Ok, Outcome::Indeterminate] {
            let mut rows = back(1, sample::committed());
            rows.settlements.retain(|commit| commit.partition.0 == 1);
            rows.group_changes.push(sample::assigned(1, 0, 111_000));
            let mut late = sample::commit_of(&rows.deliveries[1000]);
            (late.outcome, late.requested) = (outcome, Nanos::from_millis(110_990));
            late.settled = Nanos::from_millis(111_500);
            rows.settlements.push(late);
            rows.facts.limits.unrecovered = u64::MAX;
            expect(&rows, NAME, Verdict::Pass, &[]);
        }
    }

    #[test]
    fn fails_when_a_consumer_falls_behind_its_own_commit() {
        expect(&back(0, sample::committed()), NAME, Verdict::Fail, &["by consumer-0"]);
    }

    #[test]
    fn is_unknown_when_the_assignment_may_stand_among_the_missing() {
        let mut rows = back(1, sample::committed());
        rows.group_changes.truncate(1);
        expect(&cut(rows, Table::GroupEvents), NAME, Verdict::Unknown, &["cut"]);
    }
}
