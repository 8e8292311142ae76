//! **reconnected**: after a fault's heal, a client that was touched by it was not back within the limit, or one of its
//! attempts came earlier or later than the backoff that it declares. Asked only where the scenario sets a limit; but a
//! storm of attempts fails it in any trial, with or without a limit or a fault.
//! `measure/reconnect.rs` defines *touched* and *back*, `measure/envelope.rs` what a backoff allows, `measure/storm.rs`
//! what a storm is.
//!
//! Who is still away when the next cut begins, sooner than the limit, is awaited after that one's heal instead.
//!
//! The memory broker has no connections; of it nothing is demanded.
//! Unknown: the scenario has no fault; a fault was not confirmed or did not show; a client was not back when the trial,
//! or the load (for producers), ended, and that was before the limit; rows of connections are missing; a producer's
//! connections were back, and rows of sends are missing, its first success perhaps among them; a system with connections
//! recorded none; anything that concerns every check.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::Evidence;
use crate::measure::reconnect::Return;
use crate::measure::storm::Storm;
use crate::measure::{FaultMeasures, Table};
use crate::plural::plural;
use crate::result::{Attempt, CheckResult, Quantity};
use crate::units::Nanos;

/// Its name.
pub const NAME: &str = "reconnected";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let storms = evidence.measures.storms.iter().map(|storm| words(evidence, storm)).collect();
    let Some(limit) = evidence.facts.limits.reconnected else { return stormy(storms) };
    let mut answer = Answer {
        limit: Demanded::within("", limit),
        doubts: doubt::standing(evidence, &[Table::Connections]),
        broken: storms,
        ..Answer::default()
    };
    if evidence.measures.faults.is_empty() {
        answer.doubts.push("the scenario has no fault, so there is nothing to return from".into());
    } else if evidence.measures.connection_rows == 0 && evidence.facts.system.broker == "memory" {
        answer.held = "the memory broker has no connections, so no return is demanded".into();
    } else {
        returns(evidence, limit, &mut answer);
    }
    vec![answer.settle(NAME)]
}

/// The answer that nobody asked for: that there is a storm.
fn stormy(storms: Vec<String>) -> Vec<CheckResult> {
    if storms.is_empty() {
        return Vec::new();
    }
    let observed = Observed::words(format!("{} of attempts", if storms.len() == 1 { "a storm" } else { "storms" }));
    let limit = Demanded::other("no storm".into(), None);
    vec![Answer { limit, observed, broken: storms, ..Answer::default() }.settle(NAME)]
}

fn words(evidence: &Evidence<'_>, storm: &Storm) -> String {
    let Storm { client, peer, at, attempts, allowed } = storm;
    let at = evidence.instant(*at);
    format!(
        "{client}: a storm of {attempts} attempts to {peer} within one second from {at} on; its declared backoff explains \
         at most {allowed}"
    )
}

fn returns(evidence: &Evidence<'_>, limit: Nanos, answer: &mut Answer) {
    if evidence.measures.connection_rows == 0 {
        answer.doubts.push("no client recorded a connection".into());
    }
    // Of a fault that may not have been, no return can be measured.
    let artefact = doubt::faults(evidence).into_iter().next();
    let incomplete = artefact.clone().or(doubt::cut(evidence, &[Table::Connections])).or(doubt::ending(evidence));
    // A producer is back with its first success, which may stand among the missing sends.
    let unseen = |client: &Return| {
        let by_sends = client.client.starts_with("producer-") && client.still_down.is_empty();
        doubt::cut(evidence, &[Table::Sends]).filter(|_| by_sends)
    };
    let mut slowest: Option<(Nanos, String)> = None;
    let (mut away, mut deferred) = (Vec::new(), Vec::new());
    for fault in &evidence.measures.faults {
        for client in fault.returns.iter().filter(|client| client.awaited) {
            let name = format!("{}, {}", client.client, fault.window.plan.name);
            match (client.back, &client.reconnect.cut_short) {
                (Some(back), _) => {
                    let late = format!("{}: back {back} after the heal, limit {limit}", with_peer(client, &name));
                    slowest = slowest.max(Some((back, with_peer(client, &name))));
                    if back > limit {
                        let artefact = artefact.clone().or_else(|| unseen(client));
                        answer.break_at(&fault.window.plan.name, artefact, late);
                    }
                }
                (None, Some(why)) if client.watched <= limit => deferred.push(format!("{name}: {why}")),
                (None, _) => {
                    away.push(format!("{name}: not within {}", client.watched));
                    let incomplete = incomplete.clone().or_else(|| unseen(client));
                    missing(fault, client, limit, incomplete, answer);
                }
            }
            breaches(fault, client, &name, incomplete.clone(), answer);
        }
    }
    answer.observed = match (&slowest, away.is_empty()) {
        (_, false) => Observed::words(away.join("; ")),
        (Some((back, name)), true) => Observed::told(format!("{back} ({name})"), Quantity::time(*back)),
        (None, true) => Observed::words("no client lost a connection".into()),
    };
    answer.held = slowest.map_or_else(
        || "no client lost a connection".into(),
        |(back, name)| format!("every client was back, the last {back} after the heal ({name})"),
    );
    if !deferred.is_empty() {
        let told = deferred.join("; ");
        answer.held.push_str(&format!("; returns counted from the next heal, as the client was still away ({told})"));
    }
}

/// The slowest of the client's connections beside its name, where it has several.
fn with_peer(client: &Return, name: &str) -> String {
    match client.reconnect.slowest_peer.as_deref() {
        None | Some("main") => name.to_owned(),
        Some(peer) => format!("{name}, connection {peer}"),
    }
}

fn missing(fault: &FaultMeasures, client: &Return, limit: Nanos, incomplete: Option<String>, answer: &mut Answer) {
    let fault = &fault.window.plan.name;
    let name = format!("{}, {fault}", client.client);
    let down = match client.still_down.as_slice() {
        [] => String::new(),
        peers => format!(", still down: {}", peers.join(", ")),
    };
    let next = client.reconnect.cut_short.as_ref().map_or_else(String::new, |why| format!(", when {why}"));
    let what = format!("{name}: not back {} after the heal{down}{next}", client.watched);
    let early = (client.watched < limit).then(|| format!("it was watched for less than the limit of {limit}"));
    answer.break_at(fault, incomplete.or(early), what);
}

fn breaches(fault: &FaultMeasures, client: &Return, name: &str, incomplete: Option<String>, answer: &mut Answer) {
    let outside: Vec<_> = client.reconnect.attempts.iter().filter(|attempt| !attempt.within).collect();
    let Some(first) = outside.first() else { return };
    let count = outside.len();
    let what = format!(
        "{name}: {} outside the declared backoff, the first {}",
        plural(count as u64, "attempt"),
        attempt(fault, first)
    );
    answer.break_at(&fault.window.plan.name, incomplete, what);
}

fn attempt(fault: &FaultMeasures, attempt: &Attempt) -> String {
    let waited = attempt.wait_ns.unwrap_or_default();
    let (earliest, latest) = attempt.allowed_ns.unwrap_or_default();
    let (peer, name) = (&attempt.peer, &fault.window.plan.name);
    format!(
        "to {peer} {} after {name} began, having waited {waited}; {earliest} to {latest} are declared",
        attempt.at_ns
    )
}

#[cfg(test)]
mod tests {
    use super::super::trial::{answer, answers, cut, expect, result};
    use super::*;
    use crate::facts::Effect;
    use crate::history::{Connection, ConnectionEvent};
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;

    fn without(mut rows: Rows, client: &str, from_ms: u64) -> Rows {
        rows.connections.retain(|row| row.client != client || row.at < Nanos::from_millis(from_ms));
        rows
    }

    #[test]
    fn passes_when_every_client_is_back_in_time_within_its_backoff() {
        expect(&sample::failover(), NAME, Verdict::Pass, &["every client was back, the last"]);
        let seen = result(&sample::failover());
        let reconnect = &seen.clients[0].reconnects[0];
        assert!(reconnect.affected && !reconnect.never_returned);
        assert_eq!(reconnect.outside_envelope, 0);
        assert_eq!(reconnect.attempts.len(), 3);
        assert_eq!(reconnect.connected_ns, Some(Nanos::from_millis(1_995)));
        assert_eq!(seen.recovery.peak_attempts_per_second, 4);
        assert_eq!(seen.recovery.faults[0].peak_attempts_per_second, 4);
    }

    #[test]
    fn is_not_asked_without_a_limit() {
        assert_eq!(answers(&sample::healthy(), NAME), []);
    }

    #[test]
    fn fails_when_a_client_is_back_too_late() {
        let mut rows = sample::failover();
        rows.facts.limits.reconnected = Some(Nanos::SECOND);
        expect(&rows, NAME, Verdict::Fail, &["producer-1, down-1: back", "limit 1.00 s"]);
    }

    #[test]
    fn fails_when_a_consumer_never_comes_back() {
        let mut rows = without(sample::failover(), "consumer-1", sample::BACK_MS);
        rows.deliveries.retain(|row| row.consumer.0 == 0 || row.received < Nanos::from_secs(110));
        expect(&rows, NAME, Verdict::Fail, &["consumer-1, down-1: not back", "still down: main"]);
        assert!(answer(&rows, NAME).observed.starts_with("consumer-1, down-1: not within"));
    }

    #[test]
    fn fails_when_a_producer_is_connected_and_never_succeeds_again() {
        let mut rows = sample::failover();
        rows.sends.retain(|send| send.message.producer.0 == 1 || send.settled < Nanos::from_secs(110));
        expect(&rows, NAME, Verdict::Fail, &["producer-0, down-1: not back"]);
    }

    #[test]
    fn is_unknown_when_the_load_ended_before_the_limit() {
        let mut rows = sample::failover();
        rows.sends.retain(|send| send.message.producer.0 == 1 || send.settled < Nanos::from_secs(110));
        rows.facts.limits.reconnected = Some(Nanos::from_secs(20));
        expect(&rows, NAME, Verdict::Unknown, &["watched for less than the limit"]);
    }

    #[test]
    fn fails_when_a_client_tries_sooner_than_it_declares() {
        let mut rows = sample::failover();
        rows.connections.push(sample::connection("consumer-0", ConnectionEvent::Connecting, 111_200));
        rows.connections.push(sample::connection("consumer-0", ConnectionEvent::AttemptFailed, 111_201));
        let why = ["consumer-0, down-1: ", "outside the declared backoff", "having waited 194 ms"];
        expect(&rows, NAME, Verdict::Fail, &why);
    }

    #[test]
    fn fails_when_a_client_waits_longer_than_it_declares() {
        let mut rows = sample::failover();
        let second = |row: &crate::history::Connection| {
            row.client == "producer-0" && (113_005..=113_006).contains(&(row.at.0 / 1_000_000))
        };
        rows.connections.retain(|row| !second(row));
        expect(&rows, NAME, Verdict::Fail, &["producer-0, down-1: 1 attempt outside", "having waited 6.00 s"]);
    }

    #[test]
    fn an_attempt_at_the_coordinator_may_be_late_but_not_early() {
        let of_coordinator = |waited_ms: u64| {
            let mut rows = sample::failover();
            for (event, at_ms) in [
                (ConnectionEvent::Lost, 110_006),
                (ConnectionEvent::Connecting, 110_010),
                (ConnectionEvent::AttemptFailed, 110_010),
                (ConnectionEvent::Connecting, 110_010 + waited_ms),
                (ConnectionEvent::Connected, 110_011 + waited_ms),
            ] {
                let mut row = sample::connection("consumer-0", event, at_ms);
                row.peer = "coordinator".into();
                rows.connections.push(row);
            }
            rows
        };
        expect(&of_coordinator(7_000), NAME, Verdict::Pass, &[]);
        expect(&of_coordinator(100), NAME, Verdict::Fail, &["consumer-0, down-1: 1 attempt outside"]);
    }

    /// As a library does that has one connection for each broker, and opens it when there is something to fetch from it.
    #[test]
    fn an_attempt_may_be_late_but_not_early_while_the_client_has_another_connection() {
        let of_consumer = |peer: &str, waited_ms: u64| {
            let events = [
                (ConnectionEvent::Lost, 110_006),
                (ConnectionEvent::Connecting, 110_010),
                (ConnectionEvent::AttemptFailed, 110_010),
                (ConnectionEvent::Connecting, 110_010 + waited_ms),
                (ConnectionEvent::Connected, 110_011 + waited_ms),
            ];
            let row =
                |(event, at_ms)| Connection { peer: peer.into(), ..sample::connection("consumer-0", event, at_ms) };
            events.map(row)
        };
        let with = |others: &[(&str, u64)]| {
            let mut rows = sample::failover();
            rows.connections.extend(others.iter().flat_map(|(peer, waited_ms)| of_consumer(peer, *waited_ms)));
            rows
        };
        let outside = &["consumer-0, down-1: 1 attempt outside"];
        expect(&with(&[("1", 7_000)]), NAME, Verdict::Fail, outside);
        expect(&with(&[("1", 7_000), ("2", 1_000)]), NAME, Verdict::Pass, &[]);
        expect(&with(&[("1", 100), ("2", 1_000)]), NAME, Verdict::Fail, outside);
    }

    #[test]
    fn nobody_waits_for_a_bootstrap_connection() {
        let mut rows = sample::failover();
        for client in sample::CLIENTS {
            let mut lost = sample::connection(client, ConnectionEvent::Lost, 110_006);
            lost.peer = "bootstrap".into();
            rows.connections.push(lost);
        }
        expect(&rows, NAME, Verdict::Pass, &[]);
        let counted = "producer-0 did not reopen bootstrap after down-1; it works without, so it counts as back";
        assert!(result(&rows).notes.iter().any(|note| note == counted));
    }

    #[test]
    fn a_second_connection_that_stays_down_does_not_keep_a_client_away_that_works_again() {
        let mut rows = sample::failover();
        let mut lost = sample::connection("producer-0", ConnectionEvent::Lost, 110_006);
        lost.peer = "2".into();
        rows.connections.push(lost);
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    /// As a library does whose broker is gone for good: what it led, others lead now.
    #[test]
    fn a_client_that_lost_one_of_several_connections_for_good_is_back_when_it_works_over_another() {
        let (client, other) = ("consumer-0", |at_ms: u64, event| Connection {
            peer: "kafka-1".into(),
            ..sample::connection("consumer-0", event, at_ms)
        });
        let with = |others: &[(ConnectionEvent, u64)]| {
            let mut rows = without(sample::failover(), client, 111_006);
            rows.connections.extend(others.iter().map(|(event, at_ms)| other(*at_ms, *event)));
            rows
        };
        let (begun, open) = ((ConnectionEvent::Connecting, 90_000), (ConnectionEvent::Connected, 90_001));
        expect(&with(&[begun, open]), NAME, Verdict::Pass, &[]);
        let lost_too = (ConnectionEvent::Lost, 110_007);
        expect(&with(&[begun, open, lost_too]), NAME, Verdict::Fail, &["consumer-0, down-1: not back"]);
        let mut silent = with(&[begun, open]);
        silent.deliveries.retain(|row| row.consumer.0 == 1 || row.received < Nanos::from_secs(110));
        expect(&silent, NAME, Verdict::Fail, &["consumer-0, down-1: not back"]);
    }

    #[test]
    fn a_loss_long_after_the_heal_is_another_storys() {
        let mut rows = sample::failover();
        rows.connections.push(sample::connection("consumer-0", ConnectionEvent::Lost, 125_000));
        expect(&rows, NAME, Verdict::Pass, &[]);
    }

    #[test]
    fn is_unknown_when_connections_are_cut_and_one_seems_not_to_be_back() {
        let rows = without(sample::failover(), "consumer-1", 111_006);
        expect(&cut(rows, Table::Connections), NAME, Verdict::Unknown, &["cut"]);
    }

    #[test]
    fn is_unknown_when_sends_are_cut_and_only_the_success_of_a_producer_is_missing() {
        let mut rows = sample::failover();
        rows.sends.retain(|send| send.message.producer.0 != 0 || send.settled < Nanos::from_secs(115));
        expect(&cut(rows.clone(), Table::Sends), NAME, Verdict::Unknown, &["producer-0", "cut"]);
        rows.connections.retain(|row| row.client != "producer-0" || row.at < Nanos::from_secs(115));
        expect(&cut(rows, Table::Sends), NAME, Verdict::Fail, &["producer-0"]);
    }

    #[test]
    fn is_unknown_without_a_fault() {
        let mut rows = sample::healthy();
        rows.facts.limits.reconnected = Some(Nanos::SECOND);
        expect(&rows, NAME, Verdict::Unknown, &["no fault"]);
    }

    #[test]
    fn is_unknown_when_a_late_return_follows_a_fault_that_was_not_confirmed() {
        let mut rows = sample::failover();
        rows.facts.limits.reconnected = Some(Nanos::SECOND);
        rows.faults[0].confirmed = false;
        expect(&rows, NAME, Verdict::Unknown, &["not confirmed"]);
    }

    #[test]
    fn nothing_is_demanded_of_the_memory_broker_and_connections_of_every_other() {
        let mut rows = sample::failover();
        rows.facts.faults[0].effect = Effect::Nothing;
        rows.connections.clear();
        expect(&rows, NAME, Verdict::Unknown, &["no client recorded a connection"]);
        rows.facts.system.broker = "memory".into();
        expect(&rows, NAME, Verdict::Pass, &["memory broker"]);
    }

    #[test]
    fn a_fault_that_only_slows_leaves_nobody_to_return() {
        let mut rows = sample::failover();
        rows.facts.faults[0].effect = Effect::Nothing;
        rows.connections.retain(|row| row.at < Nanos::from_secs(sample::LOAD_S));
        expect(&rows, NAME, Verdict::Pass, &["no client lost a connection"]);
    }
}
