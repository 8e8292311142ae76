//! **lost**: a send whose outcome is ok was never delivered with a valid payload, to any consumer, warm-up included.
//!
//! Indeterminate and failed sends are never lost. That a message did not come is known only when nothing more can
//! come: the trial was drained, or the broker's own account says for the message's partition that the group has had
//! and settled everything (pending 0, lag 0). Then a lost message is a fail, whatever the workers believed.
//! Unknown: neither is the case; rows of deliveries are missing (it may stand among them) or rows of sends (an
//! acknowledged one may stand among them); anything that concerns every check.

use super::answer::Answer;
use super::doubt;
use super::evidence::{Evidence, messages};
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "lost";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let (account, limit) = (&evidence.measures.account, evidence.facts.limits.lost);
    let lost = account.counts.lost;
    let mut answer = Answer {
        limit: limit.to_string(),
        observed: lost.to_string(),
        doubts: doubt::standing(evidence, &[Table::Sends, Table::Deliveries]),
        held: format!("{} acknowledged messages, {lost} of them never delivered", account.counts.acknowledged),
        ..Answer::default()
    };
    answer.doubts.extend(doubt::unrecorded(evidence));
    answer.doubts.extend(doubt::undrained(evidence));
    if lost > limit {
        let what = format!(
            "{} acknowledged and never delivered{}",
            messages(lost, ("was", "were")),
            evidence.examples(&account.findings.lost, "sent")
        );
        let certain = certainly_lost(evidence) > limit;
        let missing = doubt::cut(evidence, &[Table::Deliveries]);
        let open = (!certain).then(|| "the trial was not drained, so they may still come".to_owned());
        answer.break_unless(missing.or(open), what);
    }
    vec![answer.settle(NAME)]
}

/// Lost messages in partitions of which nothing more can come.
fn certainly_lost(evidence: &Evidence<'_>) -> u64 {
    let drained = doubt::undrained(evidence).is_none();
    let lost = evidence.measures.account.lost_by_partition.iter();
    let exhausted = lost.filter(|(partition, _)| drained || evidence.measures.broker.exhausted(**partition));
    exhausted.map(|(_, count)| count).sum()
}

#[cfg(test)]
mod tests {
    use super::super::trial::{cut, expect, undrained};
    use super::*;
    use crate::facts::{FileEnd, FileFacts, WriterEnd};
    use crate::history::{Outcome, Sends, Writer};
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;
    use crate::units::{MessageId, Nanos, Partition};

    fn without(mut rows: Rows, message: MessageId) -> Rows {
        rows.deliveries.retain(|delivery| delivery.message != message);
        rows
    }

    #[test]
    fn passes_when_every_acknowledged_message_was_delivered() {
        expect(&sample::healthy(), NAME, Verdict::Pass, &["3200 acknowledged"]);
    }

    #[test]
    fn fails_when_a_delivery_is_gone_from_a_drained_and_whole_history() {
        let rows = without(sample::healthy(), sample::message(1, 0, 300));
        expect(&rows, NAME, Verdict::Fail, &["1 message was", "producer-1 partition-0 seq 300 (sent at +10.010 s)"]);
    }

    #[test]
    fn fails_by_the_brokers_word_though_the_workers_gave_up_waiting() {
        let mut rows = without(sample::healthy(), sample::message(1, 0, 300));
        rows.facts.end.as_mut().unwrap().drained = false;
        expect(&rows, NAME, Verdict::Fail, &["seq 300"]);
    }

    #[test]
    fn is_unknown_when_the_broker_still_holds_something_of_that_partition() {
        let mut rows = without(sample::healthy(), sample::message(1, 0, 300));
        rows.facts.end.as_mut().unwrap().drained = false;
        rows.inspections[0].lag = Some(1);
        assert_eq!(rows.inspections[0].partition, Partition(0));
        expect(&rows, NAME, Verdict::Unknown, &["may still come"]);
    }

    #[test]
    fn is_unknown_when_deliveries_are_cut_and_the_message_may_stand_among_the_missing() {
        let mut rows = cut(sample::healthy(), Table::Deliveries);
        rows.deliveries.retain(|delivery| delivery.received < Nanos::from_secs(115));
        expect(&rows, NAME, Verdict::Unknown, &["never delivered", "ends within a batch"]);
    }

    #[test]
    fn is_unknown_when_not_drained_even_if_nothing_is_missing() {
        expect(&undrained(sample::healthy()), NAME, Verdict::Unknown, &["not drained"]);
    }

    #[test]
    fn is_unknown_when_scheduled_sends_are_not_in_the_history() {
        let mut rows = sample::healthy();
        rows.facts.workload.offered += 5;
        expect(&rows, NAME, Verdict::Unknown, &["5 of the schedule's 3205 sends"]);
    }

    #[test]
    fn passes_when_a_producer_died_before_it_began_them_and_all_that_it_began_is_in_the_history() {
        let mut rows = sample::healthy();
        rows.facts.workload.offered += 5;
        let end = |how| FileEnd { how, bytes: 0, rows: 0, digest: String::new() };
        let file = |writer, end| FileFacts { end, ..Writer::<Sends>::facts(writer) };
        let finished = file("producer-0", Some(end(WriterEnd::Finished)));
        let killed = file("producer-1", Some(end(WriterEnd::Killed { at: Nanos::from_secs(115) })));
        rows.facts.files = vec![finished.clone(), killed];
        expect(&rows, NAME, Verdict::Pass, &[]);
        rows.facts.files = vec![finished, file("producer-1", None)];
        expect(&rows, NAME, Verdict::Unknown, &["5 of the schedule's 3205 sends"]);
    }

    #[test]
    fn passes_when_only_messages_without_an_acknowledgement_are_missing() {
        let missing = sample::message(0, 1, 44);
        for outcome in [Outcome::Indeterminate, Outcome::Failed] {
            let mut rows = without(sample::healthy(), missing);
            rows.sends.iter_mut().filter(|send| send.message == missing).for_each(|send| send.outcome = outcome);
            expect(&rows, NAME, Verdict::Pass, &[]);
        }
    }

    #[test]
    fn a_delivery_with_a_wrong_payload_is_none() {
        let mut rows = sample::healthy();
        rows.deliveries[1000].payload_ok = false;
        expect(&rows, NAME, Verdict::Fail, &["seq 250"]);
    }

    #[test]
    fn the_limit_is_the_scenarios() {
        let mut rows = without(sample::healthy(), sample::message(1, 0, 300));
        rows.facts.limits.lost = 1;
        expect(&rows, NAME, Verdict::Pass, &[]);
    }
}
