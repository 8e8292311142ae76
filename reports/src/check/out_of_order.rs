//! **out-of-order**: a message's first delivery came after that of a later message of the same producer and partition.
//! Asked only where the system promises order: over all consumers (`partition`), or for what one consumer gets
//! (`consumer`; there deliveries that the broker counts as the second or a later one are exempt: what a departed consumer
//! left comes late by design). Redeliveries never count, and neither do messages whose send was not acknowledged: a send
//! that was given up may reach the broker at any time, so it is concurrent with all that follow.
//!
//! A fail only where deliveries are whole and in order of time: without its first delivery, a redelivery looks like one.
//! Unknown: rows of deliveries are missing or too far out of order; rows of sends are missing (scheduled sends are not in the
//! history, and not every file of sends says how it ended), and a message behind a later one, or the later one, may have been
//! acknowledged among them; anything that concerns every check.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::{Evidence, messages};
use crate::facts::Ordering;
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "out-of-order";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let within = match evidence.facts.system.ordering {
        Ordering::None => return Vec::new(),
        Ordering::Partition => "within a partition",
        Ordering::Consumer => "within what one consumer got",
    };
    let (account, limit) = (&evidence.measures.account, evidence.facts.limits.out_of_order);
    let behind = account.counts.out_of_order;
    let mut answer = Answer {
        limit: Demanded::count(limit),
        observed: Observed::count(behind),
        doubts: doubt::standing(evidence, &[Table::Deliveries]),
        held: format!("{} first deliveries, {behind} of them behind a later one {within}", account.counts.distinct),
        ..Answer::default()
    };
    let disordered = doubt::disordered(evidence);
    answer.doubts.extend(disordered.clone());
    let missing = doubt::cut(evidence, &[Table::Sends]).or(doubt::unrecorded(evidence));
    if let Some(why) = missing.as_ref().filter(|_| account.behind_unrecorded > 0) {
        let count = messages(account.behind_unrecorded, ("came", "came"));
        answer.doubts.push(format!("{count} behind a later one whose send has no row: {why}"));
    }
    if account.concurrent > 0 {
        let count = messages(account.concurrent, ("came", "came"));
        answer.doubts.extend(
            missing.map(|why| format!("{count} behind a later one, perhaps without an acknowledgement: {why}")),
        );
        answer.held = format!("{}; {count} behind a later one after a send without an acknowledgement", answer.held);
    }
    if account.counts.distinct == 0 {
        answer.doubts.push("nothing was delivered".into());
    }
    if behind > limit {
        let examples = evidence.examples(&account.findings.out_of_order, "received");
        let what =
            format!("{} first delivered behind a later one {within}{examples}", messages(behind, ("was", "were")));
        answer.break_unless(doubt::cut(evidence, &[Table::Deliveries]).or(disordered), what);
    }
    vec![answer.settle(NAME)]
}

#[cfg(test)]
mod tests {
    use super::super::trial::{answers, cut, expect, told};
    use super::*;
    use crate::history::Outcome;
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;
    use crate::units::{ConsumerId, Nanos};

    /// Message 1000 reaches its consumer a second late, behind 25 later ones of its producer and partition.
    fn late(mut rows: Rows) -> Rows {
        rows.deliveries[1000].received = Nanos::from_millis(109_005);
        rows.settlements[1000].settled = Nanos::from_millis(109_007);
        rows
    }

    #[test]
    fn passes_when_first_deliveries_are_in_sequence() {
        expect(&sample::healthy(), NAME, Verdict::Pass, &["within what one consumer got"]);
        expect(&sample::committed(), NAME, Verdict::Pass, &["within a partition"]);
    }

    #[test]
    fn fails_when_one_comes_behind_a_later_one() {
        for rows in [sample::healthy(), sample::committed()] {
            expect(&late(rows), NAME, Verdict::Fail, &["seq 250 (received at +9.005 s by consumer-0", "after seq 275"]);
        }
    }

    #[test]
    fn is_not_asked_where_nothing_is_promised() {
        let mut rows = late(sample::healthy());
        rows.facts.system.ordering = Ordering::None;
        assert_eq!(answers(&rows, NAME), []);
    }

    #[test]
    fn what_another_consumer_gets_late_breaks_only_the_order_of_the_partition() {
        let mut shared = late(sample::healthy());
        shared.deliveries[1000].consumer = ConsumerId(1);
        expect(&shared, NAME, Verdict::Pass, &[]);
        shared.facts.system.ordering = Ordering::Partition;
        expect(&shared, NAME, Verdict::Fail, &["by consumer-1"]);
    }

    #[test]
    fn what_a_departed_consumer_left_is_exempt_where_a_stream_is_shared_out() {
        let mut rows = late(sample::healthy());
        rows.deliveries[1000].delivery_count = 2;
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn a_send_that_was_given_up_is_concurrent_with_all_that_follow() {
        for mut rows in [late(sample::healthy()), late(sample::committed())] {
            rows.sends[1000].outcome = Outcome::Indeterminate;
            expect(&rows, NAME, Verdict::Pass, &["1 message came behind a later one after a send without"]);
            rows.sends.remove(1000);
            expect(&rows, NAME, Verdict::Unknown, &["1 of the schedule's 3200 sends"]);
            // Numbers have no gaps, so whole files without it are not what was recorded.
            expect(&told(rows.clone()), NAME, Verdict::Unknown, &["1 of the schedule's 3200 sends"]);
            expect(&cut(rows, Table::Sends), NAME, Verdict::Unknown, &["perhaps without an acknowledgement"]);
        }
    }

    #[test]
    fn is_unknown_when_the_later_one_has_no_row_and_sends_are_missing() {
        for mut rows in [late(sample::healthy()), late(sample::committed())] {
            // All that came meanwhile, of the same producer and partition, lost their rows.
            let late = rows.sends[1000].message;
            rows.sends.retain(|send| send.message.producer != late.producer || send.message.seq <= late.seq);
            expect(&cut(rows, Table::Sends), NAME, Verdict::Unknown, &["whose send has no row"]);
        }
    }

    #[test]
    fn what_nobody_sent_has_no_place_in_the_order() {
        let mut rows = sample::committed();
        let mut stranger = sample::again(&rows.deliveries[0], 0, 101_000);
        (stranger.message.seq, stranger.position) = (crate::units::Sequence(900_000), crate::units::Position(77_777));
        rows.deliveries.push(stranger);
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn a_redelivery_never_counts() {
        let mut rows = sample::healthy();
        let second = sample::again(&rows.deliveries[1000], 0, 120_000);
        rows.deliveries.push(second);
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn is_unknown_when_the_real_first_delivery_may_be_among_the_missing() {
        expect(&cut(late(sample::healthy()), Table::Deliveries), NAME, Verdict::Unknown, &["behind", "cut"]);
    }
}
