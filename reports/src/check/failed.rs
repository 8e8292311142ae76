//! **failed**: more sends were certainly refused, outside of the faults that explain it, than the limit. Asked only where
//! the history names a limit; scenarios set 0 by default.
//!
//! A refused send is one that certainly did not happen: the broker said no, or the message never left the client. A fault
//! explains what the client refused because the fault kept it from the broker; what the broker itself said, no fault on the
//! network explains. `measure/refused.rs` says which is which. The reasons are counted in the words that were given.
//! What a worker withdrew because the trial ended, nobody refused.
//!
//! Too many is a fail, however much of the history is missing: each row is proof. Only where a fault was not confirmed, or
//! connections are cut while there were faults, the fault's hold on a producer is not known. For the same reason what is
//! explained only because no row shows that its producer came back is explained by nothing where connections are cut.
//! Unknown, where there are not too many: sends were withdrawn, of which nobody knows what would have become; rows of sends
//! are missing; scheduled sends are not in the history, unless every file of sends says how it ended, for then they were never
//! begun and nobody can have refused them; anything that concerns every check.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::{Evidence, messages, reasons};
use crate::measure::Table;
use crate::result::{CheckResult, Quantity};

/// Its name.
pub const NAME: &str = "failed";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let Some(limit) = evidence.facts.limits.failed else { return Vec::new() };
    let (counts, refused) = (&evidence.measures.account.counts, &evidence.measures.refused);
    let unexplained = refused.unexplained_count();
    let withdrawn = refused.withdrawn;
    let explained = counts.failed.saturating_sub(unexplained + withdrawn);
    let beside = if explained > 0 { format!("; {explained} more that a fault explains") } else { String::new() };
    let mut answer = Answer {
        limit: Demanded::count(limit),
        observed: Observed::told(format!("{unexplained}{beside}"), Quantity::messages(unexplained)),
        doubts: doubt::standing(evidence, &[Table::Sends]),
        held: format!("{} sends, {unexplained} of them refused{beside}{}", counts.offered, reasons(&refused.failed)),
        ..Answer::default()
    };
    if withdrawn > 0 {
        let count = messages(withdrawn, ("was", "were"));
        answer.doubts.push(format!("{count} withdrawn unsent because the trial ended"));
    }
    answer.doubts.extend(doubt::unrecorded(evidence));
    if unexplained + refused.presumed > limit
        && let Some(cut) = doubt::cut(evidence, &[Table::Connections]).filter(|_| refused.presumed > 0)
    {
        let count = messages(refused.presumed, ("was", "were"));
        answer.doubts.push(format!("{cut}, and {count} refused after a heal without a row of the producer's return"));
    }
    if unexplained > limit {
        let examples = evidence.examples(&refused.unexplained, "sent");
        let faults = doubt::faults(evidence).into_iter().next();
        let uncertain = faults
            .or_else(|| doubt::cut(evidence, &[Table::Connections]).filter(|_| !evidence.facts.faults.is_empty()));
        let what = format!(
            "{unexplained} of {} sends were refused and no fault explains it{beside}{}; the first{examples}",
            counts.offered,
            reasons(&refused.failed)
        );
        answer.break_unless(uncertain, what);
    }
    vec![answer.settle(NAME)]
}

#[cfg(test)]
mod tests {
    use super::super::trial::{answers, cut, expect, result};
    use super::*;
    use crate::facts::{Cut, Effect};
    use crate::history::{Connection, ConnectionEvent, Outcome};
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;
    use crate::units::Nanos;

    const OOM: &str = "OOM command not allowed when used memory > 'maxmemory'";

    /// Sends that began between two instants are refused a millisecond later, for this reason.
    fn refused(mut rows: Rows, between: std::ops::Range<u64>, reason: &str) -> Rows {
        rows.facts.limits.failed = Some(0);
        let between = Nanos::from_millis(between.start)..Nanos::from_millis(between.end);
        for send in rows.sends.iter_mut().filter(|send| between.contains(&send.started)) {
            (send.outcome, send.error, send.position) = (Outcome::Failed, Some(reason.to_owned()), None);
            send.settled = send.started.plus(Nanos::from_millis(1));
            rows.deliveries.retain(|delivery| delivery.message != send.message);
        }
        rows
    }

    #[test]
    fn passes_when_nothing_was_refused() {
        let mut rows = sample::healthy();
        rows.facts.limits.failed = Some(0);
        expect(&rows, NAME, Verdict::Pass, &["3200 sends, 0 of them refused"]);
    }

    #[test]
    fn fails_when_the_broker_refused_and_counts_the_reasons_in_its_words() {
        let rows = refused(refused(sample::healthy(), 110_000..112_000, OOM), 115_000..115_100, "READONLY");
        let seen = ["210 of 3200 sends were refused", "200 × OOM command not allowed", "10 × READONLY", "+10.000 s"];
        expect(&rows, NAME, Verdict::Fail, &seen);
        let told = result(&rows).reasons.failed;
        assert_eq!(told.iter().map(|reason| reason.sends).collect::<Vec<_>>(), [200, 10]);
        assert!(told.iter().all(|reason| reason.explained == 0));
    }

    #[test]
    fn the_limit_is_the_scenarios() {
        let mut rows = refused(sample::healthy(), 110_000..112_000, OOM);
        rows.facts.limits.failed = Some(200);
        expect(&rows, NAME, Verdict::Pass, &["200 of them refused: 200 × OOM"]);
    }

    #[test]
    fn what_a_client_refused_while_a_cut_kept_it_from_the_broker_is_explained() {
        // The cut began at 110 s, was healed at 115 s, and the producers were back at 117 s.
        let rows = refused(sample::failover(), 111_000..116_000, "not connected");
        expect(&rows, NAME, Verdict::Pass, &["0 of them refused; 500 more that a fault explains"]);
    }

    /// As when one of several brokers is gone for good: the client is back over its connection to another.
    #[test]
    fn a_connection_that_is_never_opened_again_explains_nothing_once_the_client_has_another() {
        let with_another = |opened_ms: u64| {
            let mut rows = refused(sample::failover(), 118_000..119_000, OOM);
            rows.connections.retain(|row| row.client != "producer-0" || row.at < Nanos::from_millis(112_000));
            let opened = sample::connection("producer-0", ConnectionEvent::Connected, opened_ms);
            rows.connections.push(Connection { peer: "kafka-1".into(), ..opened });
            rows.connections.sort_by_key(|row| row.at);
            answers(&rows, NAME).remove(0).observed
        };
        for opened_ms in [90_000, 116_000] {
            assert_eq!(with_another(opened_ms), "100", "another is open since {opened_ms}");
        }
        assert_eq!(with_another(120_000), "50; 50 more that a fault explains");
    }

    #[test]
    fn what_the_broker_said_before_a_cut_or_after_the_return_is_not_explained_by_it() {
        for between in [105_000..106_000, 118_000..119_000] {
            expect(&refused(sample::failover(), between, OOM), NAME, Verdict::Fail, &["100 × OOM"]);
        }
    }

    #[test]
    fn what_waited_in_the_client_for_longer_than_the_cut_is_explained_if_the_client_gives_that_reason_by_itself() {
        let mut rows = refused(sample::failover(), 116_000..116_500, "timed out in the queue");
        let late = |send: &mut crate::history::Send| send.settled = Nanos::from_millis(118_000);
        rows.sends.iter_mut().filter(|send| send.outcome == Outcome::Failed).for_each(late);
        expect(&rows, NAME, Verdict::Fail, &["50 × timed out in the queue"]);
        let rows = refused(rows, 112_000..112_100, "timed out in the queue");
        expect(&rows, NAME, Verdict::Pass, &["60 more that a fault explains"]);
    }

    #[test]
    fn a_slow_path_explains_what_never_left_the_client_and_nothing_else() {
        let slow = |reason: &str| {
            let mut rows = refused(sample::failover(), 112_000..112_500, reason);
            let plan = &mut rows.facts.faults[0];
            (plan.cut, plan.effect) = (None, Effect::Slower { by: Nanos(1) });
            rows
        };
        let answer = |reason: &str| answers(&slow(reason), NAME).remove(0).observed;
        assert_eq!(answer("never sent: timed out"), "0; 50 more that a fault explains");
        assert_eq!(answer(OOM), "50");
    }

    #[test]
    fn a_node_that_is_cut_off_from_the_others_explains_that_it_lacks_them_until_it_serves_again_and_nothing_else() {
        let lacking = |reason: &str, between: std::ops::Range<u64>| {
            let mut rows = refused(sample::healthy(), between, reason);
            let (plan, row) = sample::fault("isolate-1", Effect::Nothing, Some(Cut::Alone), 110_000, 115_000);
            rows.facts.faults.push(plan);
            rows.faults.push(row);
            answers(&rows, NAME).remove(0).observed
        };
        let reason = "NOREPLICAS Not enough good replicas to write";
        assert_eq!(lacking(reason, 111_000..113_000), "0; 200 more that a fault explains");
        assert_eq!(lacking(reason, 111_000..118_000), "0; 700 more that a fault explains", "served again at 118 s");
        assert_eq!(lacking(reason, 117_000..118_000), "100", "served since the heal");
        assert_eq!(lacking(reason, 108_000..111_000), "200; 100 more that a fault explains");
        assert_eq!(lacking(OOM, 111_000..113_000), "200");
    }

    #[test]
    fn what_was_withdrawn_because_the_trial_ended_nobody_refused_but_nobody_knows_what_would_have_become_of_it() {
        let withdrawn = refused(sample::healthy(), 119_000..121_000, crate::history::WITHDRAWN);
        expect(&withdrawn, NAME, Verdict::Unknown, &["withdrawn unsent because the trial ended"]);
        assert_eq!(answers(&withdrawn, NAME).remove(0).observed, "0");
        // It hides nothing that was refused.
        let both = refused(withdrawn, 110_000..112_000, OOM);
        expect(&both, NAME, Verdict::Fail, &["200 of 3200", "200 × OOM"]);
    }

    #[test]
    fn a_fault_on_another_client_explains_nothing() {
        let mut rows = refused(sample::failover(), 111_000..112_000, "not connected");
        rows.facts.faults[0].clients = vec!["producer-0".into()];
        assert_eq!(answers(&rows, NAME).remove(0).observed, "50; 50 more that a fault explains");
    }

    #[test]
    fn fails_even_in_a_history_that_is_cut() {
        let rows = cut(refused(sample::healthy(), 110_000..112_000, OOM), Table::Sends);
        expect(&rows, NAME, Verdict::Fail, &["200 of 3200"]);
    }

    #[test]
    fn is_unknown_when_none_was_refused_in_a_history_that_is_cut() {
        let mut rows = cut(sample::healthy(), Table::Sends);
        rows.facts.limits.failed = Some(0);
        expect(&rows, NAME, Verdict::Unknown, &["cut"]);
    }

    #[test]
    fn is_unknown_when_the_fault_that_may_explain_it_was_not_confirmed() {
        let mut rows = refused(sample::failover(), 118_000..119_000, OOM);
        rows.faults[0].confirmed = false;
        expect(&rows, NAME, Verdict::Unknown, &["100 of 3200", "not confirmed"]);
    }

    #[test]
    fn is_unknown_when_only_a_missing_return_explains_what_was_refused_after_the_heal() {
        let mut rows = refused(sample::failover(), 118_000..119_000, OOM);
        rows.connections.retain(|row| row.at < Nanos::from_millis(115_000));
        // In a whole history the producers never came back.
        expect(&rows, NAME, Verdict::Pass, &["100 more that a fault explains"]);
        let rows = cut(rows, Table::Connections);
        expect(&rows, NAME, Verdict::Unknown, &["100 messages were refused after a heal", "cut"]);
        // What was refused before the heal, the cut explains all the same.
        let before = cut(refused(sample::failover(), 111_000..112_000, OOM), Table::Connections);
        expect(&before, NAME, Verdict::Pass, &["100 more that a fault explains"]);
    }

    #[test]
    fn is_not_asked_of_a_history_without_a_limit() {
        assert_eq!(answers(&sample::healthy(), NAME), []);
    }

    #[test]
    fn refused_sends_are_drawn_in_the_second_in_which_they_were_begun() {
        let rows = refused(sample::healthy(), 110_000..112_000, OOM);
        let series = crate::judge::judge_history(&rows, "sample-1").unwrap().series;
        let refused: Vec<_> = series.outcomes.iter().map(|second| second.refused).collect();
        assert_eq!(refused, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 100]);
    }
}
