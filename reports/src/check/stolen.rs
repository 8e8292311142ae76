//! **stolen**: a pending entry was taken over while its owner was alive and still at work on it.
//!
//! The owner is the consumer that received the entry last, before the takeover was asked for. It was at work on it if it
//! asked to settle it only after the takeover had been answered; what overlaps is concurrent, and no theft. It was alive,
//! and could have settled it, if between its request for it and the takeover its process was not killed and did not stand
//! still, it lost no connection, and no fault kept it from the broker. (An answer that waited for a paused process is
//! received after the pause, though the broker counts its idle time from the pause on: so the request counts.) A fault that makes it slow is no excuse: that a slow consumer is robbed is what is
//! asked. A consumer that takes over its own entries steals nothing.
//!
//! Each is a fail, however the trial ended: the rows that prove it are there. Only a connection's loss that is missing from
//! the history could excuse it.
//! Unknown, where not too many were found: the owner was killed after the takeover, before it could say that it was done;
//! rows of deliveries, settlements or connections are missing; anything that concerns every check.
//! Not asked where the scenario sets no limit (older histories) and where positions are committed, for nobody takes anything
//! over there.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::{Evidence, messages};
use crate::facts::Settling;
use crate::measure::Table;
use crate::result::CheckResult;

/// Its name.
pub const NAME: &str = "stolen";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let Some(limit) = evidence.facts.limits.stolen else { return Vec::new() };
    if evidence.facts.system.settling == Settling::Position {
        return Vec::new();
    }
    let handover = &evidence.measures.account.handover;
    let (stolen, taken) = (handover.stolen, handover.takeovers.values().sum::<u64>());
    let mut answer = Answer {
        limit: Demanded::count(limit),
        observed: Observed::count(stolen),
        doubts: doubt::standing(evidence, &[Table::Deliveries, Table::Settlements, Table::Connections]),
        held: format!("{} taken over, {stolen} of them from the work of a consumer", messages(taken, ("was", "were"))),
        ..Answer::default()
    };
    if stolen > limit {
        let what = format!(
            "{} taken over while the owner was alive and at work on them{}",
            messages(stolen, ("was", "were")),
            evidence.examples(&handover.stolen_examples, "received")
        );
        answer.break_unless(doubt::cut(evidence, &[Table::Connections]), what);
    } else if stolen + handover.undecided > limit {
        answer.doubts.push(format!(
            "the owners of {} were killed before they could say whether they were done",
            messages(handover.undecided, ("taken over", "taken over"))
        ));
    }
    vec![answer.settle(NAME)]
}

#[cfg(test)]
mod tests {
    use super::super::trial::{answers, cut, expect, result};
    use super::*;
    use crate::facts::{Cut, Effect, FileEnd, FileFacts, WriterEnd};
    use crate::history::{ConnectionEvent, Deliveries, Outcome, SettlementKind, Writer};
    use crate::measure::{Rows, sample};
    use crate::result::{Takeover, Verdict};
    use crate::units::{ConsumerId, Nanos};

    /// Consumer 0 gets a message at +8.002 s and asks to settle it only this many milliseconds later; consumer 1 takes it
    /// over one second after consumer 0 got it, and settles it at once.
    fn taken_over(settled_after_ms: u64) -> Rows {
        let mut rows = sample::healthy();
        rows.facts.limits.stolen = Some(0);
        let first = rows.deliveries[1000].clone();
        let received = first.received.0 / 1_000_000;
        let second = sample::again(&first, 1, received + 1010);
        rows.settlements[1000].requested = first.received.plus(Nanos::from_millis(settled_after_ms));
        rows.settlements[1000].settled = first.received.plus(Nanos::from_millis(settled_after_ms + 1));
        rows.settlements[1000].outcome = Outcome::Failed;
        rows.settlements
            .push(crate::history::Settlement { message: None, ..sample::claim(&first, 1, received + 1000) });
        rows.settlements.push(sample::ack_of(&second));
        rows.deliveries.push(second);
        rows
    }

    #[test]
    fn passes_where_nothing_was_taken_over() {
        let mut rows = sample::healthy();
        rows.facts.limits.stolen = Some(0);
        expect(&rows, NAME, Verdict::Pass, &["0 messages were taken over"]);
    }

    #[test]
    fn fails_too_when_what_was_taken_over_came_in_the_instant_in_which_the_claim_was_answered() {
        let mut rows = taken_over(2000);
        let claim = rows.settlements.iter().find(|row| row.kind == SettlementKind::Claim).cloned().unwrap();
        let taken = rows.deliveries.last_mut().unwrap();
        (taken.asked, taken.received) = (Some(claim.requested), claim.settled);
        expect(&rows, NAME, Verdict::Fail, &["1 message was taken over"]);
    }

    #[test]
    fn fails_when_the_owner_asked_to_settle_it_after_it_had_been_taken_over() {
        let rows = taken_over(2000);
        let seen = ["1 message was taken over", "seq 250 (received at +8.002 s by consumer-0", "by consumer-1"];
        expect(&rows, NAME, Verdict::Fail, &seen);
        let ack = result(&rows).recovery.ack;
        let takeover = Takeover { from: Some("consumer-0".into()), by: "consumer-1".into(), messages: 1 };
        assert_eq!((ack.stolen, ack.takeovers), (1, vec![takeover]));
    }

    #[test]
    fn passes_within_the_limit() {
        let mut rows = taken_over(2000);
        rows.facts.limits.stolen = Some(1);
        expect(&rows, NAME, Verdict::Pass, &["1 message was taken over, 1 of them"]);
    }

    #[test]
    fn passes_when_the_owner_had_asked_to_settle_it_before_or_meanwhile() {
        expect(&taken_over(900), NAME, Verdict::Pass, &[]);
        let mut rows = taken_over(1001);
        rows.settlements[1000].requested = rows.deliveries[1000].received.plus(Nanos::from_millis(1000));
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn passes_when_the_owner_lost_its_connection_or_was_kept_from_the_broker() {
        let mut rows = taken_over(2000);
        rows.connections.push(sample::connection("consumer-0", ConnectionEvent::Lost, 108_500));
        expect(&rows, NAME, Verdict::Pass, &[]);
        let mut rows = taken_over(2000);
        let (mut plan, row) = sample::fault("timeout-1", Effect::Nothing, Some(Cut::Silent), 108_100, 108_900);
        plan.clients = vec!["consumer-0".into()];
        rows.facts.faults.push(plan.clone());
        rows.faults.push(row.clone());
        expect(&rows, NAME, Verdict::Pass, &[]);
        rows.facts.faults[0].clients = vec!["consumer-1".into()];
        expect(&rows, NAME, Verdict::Fail, &[]);
    }

    #[test]
    fn passes_when_the_owner_stood_still_even_where_the_answer_waited_for_it_to_go_on() {
        let mut rows = taken_over(2000);
        let received = rows.deliveries[1000].received;
        let (mut plan, row) = sample::fault("pause-1", Effect::Nothing, Some(Cut::Silent), 107_000, 107_990);
        assert!(row.healed.is_some_and(|healed| healed < received), "the pause is over when the answer is received");
        plan.clients = vec!["consumer-0".into()];
        plan.target = "worker consumer-0".into();
        rows.facts.faults.push(plan);
        rows.faults.push(row);
        rows.deliveries[1000].asked = Some(received);
        expect(&rows, NAME, Verdict::Fail, &[]);
        rows.deliveries[1000].asked = Some(Nanos::from_millis(107_500));
        expect(&rows, NAME, Verdict::Pass, &[]);
        rows.facts.faults[0].clients = vec!["consumer-1".into()];
        expect(&rows, NAME, Verdict::Fail, &[]);
    }

    #[test]
    fn a_consumer_that_takes_over_its_own_steals_nothing() {
        let mut rows = taken_over(2000);
        rows.settlements.iter_mut().for_each(|row| row.consumer = ConsumerId(0));
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn is_unknown_when_the_owner_was_killed_before_it_could_say() {
        let mut rows = taken_over(2000);
        rows.settlements.remove(1000);
        let at = Nanos::from_millis(110_000);
        let end = Some(FileEnd { how: WriterEnd::Killed { at }, bytes: 0, rows: 0, digest: String::new() });
        rows.facts.files = vec![FileFacts { end, ..Writer::<Deliveries>::facts("consumer-0") }];
        expect(&rows, NAME, Verdict::Unknown, &["killed before they could say"]);
        let killed = WriterEnd::Killed { at: Nanos::from_millis(108_500) };
        rows.facts.files[0].end.as_mut().unwrap().how = killed;
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn is_unknown_when_the_loss_that_would_excuse_it_may_be_missing() {
        expect(&cut(taken_over(2000), Table::Connections), NAME, Verdict::Unknown, &["at work"]);
    }

    #[test]
    fn is_not_asked_without_a_limit_nor_where_positions_are_committed() {
        assert_eq!(answers(&sample::healthy(), NAME), []);
        let mut rows = sample::committed();
        rows.facts.limits.stolen = Some(0);
        assert_eq!(answers(&rows, NAME), []);
    }
}
