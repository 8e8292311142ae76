//! **dead-lettered**: the dead-letter queue holds exactly the poisoned messages and those that their producers gave up, each once,
//! with its identity and its retry count. Asked only where the scenario poisons messages, lets producers give messages up to the
//! queue, or sets a limit.
//!
//! Which messages are poisoned follows from the fault's plan, the seed and the message alone (`facts/poison.rs`), so the
//! answer hangs on no worker's word. A poisoned message belongs into the queue if its send was acknowledged, or if it was
//! delivered. A message that its producer gave up belongs into it if the broker acknowledged its dead letter, and may stand there
//! if nobody knows. What is counted: a message that belongs into the queue and is not there; an entry whose message is neither
//! poisoned nor given up, or stands in the queue already, or is not named as it should be; and an entry that was given up after fewer deliveries than the
//! delivery limit, or that does not say after how many. More of all these than the limit (default 0) is a fail.
//! A missing message is a counterexample only if the queue was read to its end, nothing can come any more, and consumers
//! failed on any of the poisoned messages at all; an entry that should not be there always is one.
//! Unknown: the queue could not be read, or not all that was read is in the history; the trial was not drained; rows of sends
//! or dead letters are missing; anything that concerns every check, such as a fault that poisoned nothing.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::{Evidence, messages};
use crate::measure::Table;
use crate::plural::plural;
use crate::result::{CheckResult, Quantity};

/// Its name.
pub const NAME: &str = "dead-lettered";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let Some(limit) = evidence.facts.limits.dead_lettered else { return Vec::new() };
    let account = &evidence.measures.dead_letters;
    let wrong = [&account.strangers, &account.repeated, &account.misnamed, &account.early];
    let surplus: u64 = wrong.iter().map(|finding| finding.count).sum();
    let mut answer = Answer {
        limit: Demanded::count(limit),
        observed: Observed::told(
            format!("{} missing, {surplus} wrong, of {} entries", account.missing.count, account.entries),
            Quantity::messages(account.missing.count + surplus),
        ),
        doubts: doubt::standing(evidence, &[Table::Sends, Table::DeadLetters]),
        held: format!(
            "{}{}, {} in the dead-letter queue{}",
            plural(account.poisoned, "poisoned message"),
            given_up(account.given_up),
            plural(account.entries, "entry"),
            retries(evidence)
        ),
        ..Answer::default()
    };
    answer.doubts.extend(doubt::unrecorded(evidence));
    answer.doubts.extend(doubt::undrained(evidence));
    answer.doubts.extend(unread(evidence));
    if surplus > limit {
        answer.broken.extend(surpluses(evidence));
    }
    if account.missing.count + surplus > limit && account.missing.count > 0 {
        let what = format!(
            "{} to be in the dead-letter queue and not there{}",
            messages(account.missing.count, ("was", "were")),
            evidence.examples(&account.missing.examples, "sent")
        );
        let artefact = doubt::cut(evidence, &[Table::DeadLetters]).or_else(|| unread(evidence));
        answer.break_unless(artefact.or_else(|| doubt::undrained(evidence)).or_else(|| unfelt(evidence)), what);
    }
    vec![answer.settle(NAME)]
}

fn surpluses(evidence: &Evidence<'_>) -> Vec<String> {
    let account = &evidence.measures.dead_letters;
    let limit = evidence.facts.limits.delivery_limit.unwrap_or(1);
    let each = [
        (&account.strangers, "in the dead-letter queue, and neither poisoned nor given up".to_owned()),
        (&account.repeated, "in the dead-letter queue more than once".to_owned()),
        (&account.misnamed, "in the dead-letter queue under a wrong identity".to_owned()),
        (&account.early, format!("given up without having been delivered {limit} times")),
    ];
    let found = each.into_iter().filter(|(finding, _)| finding.count > 0);
    found
        .map(|(finding, what)| {
            let examples = evidence.examples(&finding.examples, "read");
            format!("{} {what}{examples}", messages(finding.count, ("is", "are")))
        })
        .collect()
}

fn given_up(messages: u64) -> String {
    if messages == 0 { String::new() } else { format!(" and {messages} that their producers gave up") }
}

/// `; retries: 4 × 25`.
fn retries(evidence: &Evidence<'_>) -> String {
    let each = evidence.measures.dead_letters.retries.iter();
    let each: Vec<_> = each.map(|(retries, entries)| format!("{entries} after {retries} retries")).collect();
    if each.is_empty() { String::new() } else { format!(": {}", each.join(", ")) }
}

fn unread(evidence: &Evidence<'_>) -> Option<String> {
    let account = &evidence.measures.dead_letters;
    match account.read {
        None => Some("the dead-letter queue was not read".into()),
        Some(read) if read != account.entries => Some(format!(
            "{read} entries of the dead-letter queue were read, and {} are in the history",
            account.entries
        )),
        Some(_) => None,
    }
}

/// Nobody failed on any poisoned message: then none was poisoned.
fn unfelt(evidence: &Evidence<'_>) -> Option<String> {
    let unseen = |fault: &&crate::measure::FaultMeasures| fault.window.plan.poison.is_some() && !fault.seen.seen;
    let fault = evidence.measures.faults.iter().find(unseen)?;
    Some(format!("the fault {} did not show its effect ({})", fault.window.plan.name, fault.seen.what))
}

#[cfg(test)]
mod tests {
    use super::super::trial::{answers, cut, expect, undrained};
    use super::*;
    use crate::facts::{Effect, Poison, PoisonRule};
    use crate::history::{DeadLetter, Outcome, SettlementKind};
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;
    use crate::units::{MessageId, Nanos, Position};

    /// A healthy trial in which a hundredth of the messages due from +10 s to +20 s is poisoned, tried three times, and ends in
    /// the dead-letter queue.
    fn poisoned() -> Rows {
        let mut rows = sample::healthy();
        let (mut plan, row) = sample::fault("poison-1", Effect::Nothing, None, 110_000, 120_000);
        plan.poison = Some(Poison { share: 0.01 });
        let rule = PoisonRule::new("poison-1", Poison { share: 0.01 }, rows.facts.workload.seed, (plan.at, plan.until));
        rows.facts.faults.push(plan);
        rows.faults.push(row);
        rows.facts.limits.dead_lettered = Some(0);
        rows.facts.limits.delivery_limit = Some(3);
        let taken = |message: MessageId, intended: Nanos| rule.takes(message, intended);
        let sends: Vec<_> = rows.sends.iter().filter(|send| taken(send.message, send.intended)).cloned().collect();
        assert!(sends.len() > 3, "{}", sends.len());
        for (place, send) in (0..).zip(&sends) {
            let index = rows.deliveries.iter().position(|delivery| delivery.message == send.message).unwrap();
            let first = rows.deliveries[index].clone();
            rows.settlements[index].kind = SettlementKind::DeadLetter;
            for retry in 1..3 {
                let mut again = sample::again(&first, first.consumer.0, first.received.0 / 1_000_000 + retry * 10);
                again.delivery_count = u16::try_from(retry + 1).unwrap();
                let mut nack = sample::ack_of(&again);
                nack.kind = SettlementKind::Nack;
                (nack.requested, nack.settled) = (again.received, again.received);
                rows.settlements[index].requested = again.received.plus(Nanos(1));
                rows.settlements[index].settled = again.received.plus(Nanos(2));
                rows.deliveries.push(again);
                rows.settlements.push(nack);
            }
            rows.dead_letters.push(DeadLetter {
                at: Nanos::from_secs(131),
                position: Position(place),
                message: send.message,
                intended: send.intended,
                payload_ok: true,
                message_id: Some(send.message.to_string()),
                trace_id: Some(send.message.trace(rows.facts.trial_id)),
                retries: Some(2),
            });
        }
        rows.facts.end.as_mut().unwrap().dead_letters = Some(rows.dead_letters.len() as u64);
        rows
    }

    fn read_again(mut rows: Rows) -> Rows {
        rows.facts.end.as_mut().unwrap().dead_letters = Some(rows.dead_letters.len() as u64);
        rows
    }

    #[test]
    fn is_not_asked_where_nothing_is_poisoned() {
        assert_eq!(answers(&sample::healthy(), NAME), []);
    }

    #[test]
    fn passes_when_the_queue_holds_exactly_the_poisoned_messages_and_they_are_neither_lost_nor_unrecovered() {
        let mut rows = poisoned();
        // What is in the messages needs no proxy.
        rows.facts.end.as_mut().unwrap().proxied_bytes = None;
        expect(&rows, NAME, Verdict::Pass, &["after 2 retries"]);
        rows.facts.limits.stolen = Some(0);
        for check in ["lost", "phantom", "corrupted", "unrecovered", "resurrected", "duplicated", "stolen"] {
            expect(&rows, check, Verdict::Pass, &[]);
        }
    }

    #[test]
    fn fails_when_a_poisoned_message_is_not_in_the_queue() {
        let mut rows = poisoned();
        rows.dead_letters.remove(1);
        expect(&read_again(rows), NAME, Verdict::Fail, &["1 message was to be in the dead-letter queue and not there"]);
    }

    #[test]
    fn fails_when_a_message_is_in_the_queue_that_nobody_poisoned() {
        let mut rows = poisoned();
        let stranger = rows.sends[0].clone();
        rows.dead_letters[0].message = stranger.message;
        rows.dead_letters[0].intended = stranger.intended;
        expect(
            &rows,
            NAME,
            Verdict::Fail,
            &["1 message is in the dead-letter queue, and neither poisoned nor given up", "seq 0"],
        );
    }

    #[test]
    fn fails_when_a_message_is_in_the_queue_twice_even_if_nothing_else_is_known() {
        let mut rows = poisoned();
        rows.dead_letters.push(rows.dead_letters[0].clone());
        let rows = read_again(rows);
        expect(&rows, NAME, Verdict::Fail, &["more than once"]);
        expect(&cut(undrained(rows), Table::DeadLetters), NAME, Verdict::Fail, &["more than once"]);
    }

    #[test]
    fn fails_when_it_was_given_up_early_or_does_not_say_after_how_many_retries() {
        for (retries, words) in [(Some(1), "after 1 retries"), (None, "no retry count")] {
            let mut rows = poisoned();
            rows.dead_letters[0].retries = retries;
            expect(&rows, NAME, Verdict::Fail, &["without having been delivered 3 times", words]);
        }
        let mut rows = poisoned();
        rows.dead_letters[0].retries = Some(7);
        expect(&rows, NAME, Verdict::Pass, &["1 after 7 retries"]);
    }

    #[test]
    fn fails_when_an_entry_names_another_message_or_trace_or_is_damaged() {
        let broken: [fn(&mut DeadLetter); 3] = [
            |letter| letter.message_id = Some("producer-9/9/9".to_owned()),
            |letter| letter.trace_id = None,
            |letter| letter.payload_ok = false,
        ];
        for (index, change) in broken.iter().enumerate() {
            let mut rows = poisoned();
            change(&mut rows.dead_letters[0]);
            expect(&rows, NAME, Verdict::Fail, &["under a wrong identity"]);
            assert_eq!(index == 2, rows.dead_letters.iter().any(|letter| !letter.payload_ok));
        }
    }

    #[test]
    fn a_poisoned_message_that_nobody_acknowledged_or_received_need_not_be_there() {
        let mut rows = poisoned();
        let gone = rows.dead_letters.remove(0).message;
        rows.deliveries.retain(|delivery| delivery.message != gone);
        rows.settlements
            .retain(|ack| ack.message != Some((gone.producer, gone.seq)) || ack.partition != gone.partition);
        rows.sends
            .iter_mut()
            .filter(|send| send.message == gone)
            .for_each(|send| send.outcome = Outcome::Indeterminate);
        expect(&read_again(rows), NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn is_unknown_when_the_queue_was_not_read_or_not_kept() {
        let mut rows = poisoned();
        rows.dead_letters.remove(0);
        expect(&rows, NAME, Verdict::Unknown, &["entries of the dead-letter queue were read"]);
        rows.facts.end.as_mut().unwrap().dead_letters = None;
        rows.dead_letters.clear();
        expect(&rows, NAME, Verdict::Unknown, &["was not read"]);
    }

    #[test]
    fn is_unknown_when_tables_are_cut_or_the_trial_was_not_drained() {
        expect(&cut(poisoned(), Table::DeadLetters), NAME, Verdict::Unknown, &["cut"]);
        expect(&cut(poisoned(), Table::Sends), NAME, Verdict::Unknown, &["cut"]);
        expect(&undrained(poisoned()), NAME, Verdict::Unknown, &["not drained"]);
        let mut rows = poisoned();
        rows.dead_letters.remove(0);
        expect(&undrained(read_again(rows)), NAME, Verdict::Unknown, &["not there", "not drained"]);
    }

    #[test]
    fn is_unknown_when_no_consumer_failed_on_any_poisoned_message() {
        let mut rows = poisoned();
        rows.settlements.retain(|row| row.kind != SettlementKind::Nack);
        rows.settlements.iter_mut().for_each(|row| row.kind = SettlementKind::Ack);
        rows.dead_letters.clear();
        expect(&read_again(rows), NAME, Verdict::Unknown, &["did not show its effect", "failed on 0 of"]);
    }

    /// The same trial, in which the producer gave up its last message after four attempts, which nobody received.
    fn given_up(acknowledged: bool) -> Rows {
        let mut rows = poisoned();
        rows.facts.limits.producer_attempts = Some(4);
        let send = rows.sends.last_mut().unwrap();
        (send.outcome, send.attempts, send.dead_letter) = (Outcome::Indeterminate, 4, Some(acknowledged));
        let send = send.clone();
        rows.deliveries.retain(|delivery| delivery.message != send.message);
        let of_send = Some((send.message.producer, send.message.seq));
        rows.settlements.retain(|row| row.message != of_send || row.partition != send.message.partition);
        rows.dead_letters.push(DeadLetter {
            position: Position(10_000),
            message: send.message,
            intended: send.intended,
            message_id: Some(send.message.to_string()),
            trace_id: Some(send.message.trace(rows.facts.trial_id)),
            retries: Some(3),
            ..rows.dead_letters[0].clone()
        });
        read_again(rows)
    }

    #[test]
    fn what_its_producer_gave_up_belongs_into_the_queue_if_that_was_acknowledged() {
        expect(&given_up(true), NAME, Verdict::Pass, &["and 1 that their producers gave up"]);
        let lacking = |acknowledged| {
            let mut rows = given_up(acknowledged);
            rows.dead_letters.pop();
            read_again(rows)
        };
        expect(&lacking(true), NAME, Verdict::Fail, &["1 message was to be in the dead-letter queue and not there"]);
        expect(&lacking(false), NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn what_its_producer_gave_up_is_there_once_and_says_after_how_many_attempts() {
        let mut rows = given_up(true);
        rows.dead_letters.push(rows.dead_letters.last().unwrap().clone());
        expect(&read_again(rows), NAME, Verdict::Fail, &["more than once"]);
        let mut rows = given_up(true);
        rows.dead_letters.last_mut().unwrap().retries = Some(1);
        expect(&rows, NAME, Verdict::Fail, &["after 1 retries"]);
    }

    #[test]
    fn who_may_have_been_killed_while_it_gave_a_message_up_leaves_no_stranger() {
        let mut rows = given_up(true);
        (rows.sends.last_mut().unwrap().attempts, rows.sends.last_mut().unwrap().dead_letter) = (1, None);
        expect(&rows, NAME, Verdict::Pass, &[]);
        rows.facts.limits.producer_attempts = None;
        expect(&rows, NAME, Verdict::Fail, &["neither poisoned nor given up"]);
    }

    #[test]
    fn the_limit_is_the_scenarios() {
        let mut rows = poisoned();
        rows.dead_letters.remove(0);
        rows.facts.limits.dead_lettered = Some(1);
        expect(&read_again(rows), NAME, Verdict::Pass, &[]);
    }
}
