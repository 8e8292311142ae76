//! Whose return it is: histories by hand with several faults, nested, adjacent, overlapping, or on one client.

use super::reconnected::NAME;
use super::trial::{answer, answers, expect, result};
use crate::facts::{Cut, Effect, FaultFacts};
use crate::history::{ConnectionEvent, Fault};
use crate::measure::{Rows, sample};
use crate::result::{Reconnect, Verdict};
use crate::units::Nanos;
use ConnectionEvent::{AttemptFailed, Connected, Connecting, Lost};

/// A history with these faults and stalls, and a limit on returns.
fn story(faults: impl IntoIterator<Item = (FaultFacts, Fault)>, stalls: &[(u64, u64)], limit_ms: u64) -> Rows {
    let mut rows = sample::stalled(stalls);
    for (plan, row) in faults {
        rows.facts.faults.push(plan);
        rows.faults.push(row);
    }
    rows.facts.limits.reconnected = Some(Nanos::from_millis(limit_ms));
    rows
}

fn down(name: &str, from_ms: u64, to_ms: u64) -> (FaultFacts, Fault) {
    sample::fault(name, Effect::ConnectionsLost, Some(Cut::Refused), from_ms, to_ms)
}

fn latency(name: &str, by_ms: u64, from_ms: u64, to_ms: u64) -> (FaultFacts, Fault) {
    sample::fault(name, Effect::Slower { by: Nanos::from_millis(by_ms) }, None, from_ms, to_ms)
}

fn hole(name: &str, from_ms: u64, to_ms: u64) -> (FaultFacts, Fault) {
    sample::fault(name, Effect::Silence, Some(Cut::Silent), from_ms, to_ms)
}

/// What happens to the connection `main` of a client: losses, attempts that fail at once, and returns.
fn happens(rows: &mut Rows, client: &str, events: &[(ConnectionEvent, u64)]) {
    for (event, millis) in events {
        if matches!(event, AttemptFailed | Connected) {
            rows.connections.push(sample::connection(client, Connecting, *millis));
        }
        rows.connections.push(sample::connection(client, *event, *millis));
    }
}

fn all(rows: &mut Rows, events: &[(ConnectionEvent, u64)]) {
    sample::CLIENTS.iter().for_each(|client| happens(rows, client, events));
}

/// Waits of 100 ms, doubled up to one second.
fn quick(rows: &mut Rows) {
    for client in &mut rows.facts.clients {
        client.envelope.first = Nanos::from_millis(100);
        client.envelope.max = Nanos::SECOND;
    }
}

/// Sends begun within a stretch of time take longer.
fn slow(rows: &mut Rows, by_ms: u64, from_ms: u64, to_ms: u64) {
    let slowed = |at: Nanos| (from_ms..to_ms).contains(&(at.0 / 1_000_000));
    for send in rows.sends.iter_mut().filter(|send| slowed(send.started)) {
        send.settled = send.settled.plus(Nanos::from_millis(by_ms));
    }
}

fn reconnect(rows: &Rows, client: &str, fault: &str) -> Reconnect {
    let clients = result(rows).clients.into_iter();
    let client = clients.filter(|result| result.client == client).flat_map(|result| result.reconnects);
    client.into_iter().find(|reconnect| reconnect.fault == fault).unwrap()
}

/// A black hole of three seconds within a delay of eight; clients are back 0.65 s after its heal.
fn hole_in_latency() -> Rows {
    let faults = [latency("latency-1", 100, 105_000, 113_000), hole("timeout-1", 107_000, 110_000)];
    let mut rows = story(faults, &[(107_000, 110_660)], 4_000);
    slow(&mut rows, 100, 105_000, 106_900);
    slow(&mut rows, 100, 110_660, 113_000);
    all(&mut rows, &[(Lost, 108_000), (AttemptFailed, 108_900), (Connected, 110_650)]);
    rows
}

#[test]
fn a_return_from_a_black_hole_within_a_delay_is_the_black_holes() {
    let rows = hole_in_latency();
    assert_eq!(result(&rows).verdict, Verdict::Pass, "{:#?}", result(&rows).checks);
    let from_hole = reconnect(&rows, "consumer-0", "timeout-1");
    assert!(from_hole.affected && !from_hole.never_returned);
    assert_eq!(from_hole.connected_ns, Some(Nanos::from_millis(650)));
    assert_eq!(from_hole.attempts.len(), 2);
    let from_latency = reconnect(&rows, "consumer-0", "latency-1");
    assert!(!from_latency.affected && from_latency.attempts.is_empty(), "{from_latency:?}");
    assert_eq!(from_latency.first_error_ns, None);
}

#[test]
fn older_histories_that_do_not_say_what_cuts_are_judged_alike() {
    let mut rows = hole_in_latency();
    rows.facts.faults.iter_mut().for_each(|fault| fault.cut = None);
    assert_eq!(result(&rows), result(&hole_in_latency()));
}

/// Three cuts: a gap of a second, then none. Clients are back between the first two, and after the last.
fn three_cuts() -> Rows {
    let faults = [down("down-1", 103_000, 105_000), down("down-2", 106_000, 108_000), down("down-3", 108_000, 109_000)];
    let mut rows = story(faults, &[(103_000, 105_510), (106_000, 109_510)], 2_000);
    quick(&mut rows);
    let first = [(Lost, 103_000), (AttemptFailed, 103_100), (AttemptFailed, 103_300), (AttemptFailed, 103_700)];
    let between = [(AttemptFailed, 104_500), (Connected, 105_500), (Lost, 106_000), (AttemptFailed, 106_100)];
    let last = [(AttemptFailed, 106_300), (AttemptFailed, 106_700), (AttemptFailed, 107_500), (AttemptFailed, 108_500)];
    all(&mut rows, &[&first[..], &between, &last].concat());
    rows
}

#[test]
fn a_return_between_two_cuts_is_one_and_who_is_kept_away_by_the_next_returns_from_that() {
    let mut rows = three_cuts();
    all(&mut rows, &[(Connected, 109_500)]);
    assert_eq!(result(&rows).verdict, Verdict::Pass, "{:#?}", result(&rows).checks);
    let connected = |fault| reconnect(&rows, "producer-1", fault).connected_ns;
    assert_eq!(connected("down-1"), Some(Nanos::from_millis(500)));
    assert_eq!(connected("down-2"), None);
    assert_eq!(connected("down-3"), Some(Nanos::from_millis(500)));
    let second = reconnect(&rows, "producer-1", "down-2");
    assert!(!second.never_returned);
    assert_eq!(second.cut_short.as_deref(), Some("down-3 was in force when it healed"));
    let third = reconnect(&rows, "producer-1", "down-3");
    assert!(third.affected);
    assert_eq!((third.attempts.len(), third.outside_envelope), (2, 0));
    let effect = &result(&rows).faults[2];
    assert!(effect.effect_seen && effect.effect.contains("4 attempts failed of who was away already"), "{effect:?}");
    expect(&rows, NAME, Verdict::Pass, &["counted from the next heal", "producer-1, down-2: down-3 was in force"]);
    assert!(result(&rows).notes.iter().any(|note| note.contains("is counted from the heal of down-3")));
}

#[test]
fn who_does_not_come_back_after_the_last_of_several_cuts_fails() {
    let rows = three_cuts();
    expect(&rows, NAME, Verdict::Fail, &["producer-0, down-3: not back", "still down: main"]);
    assert!(!answer(&rows, NAME).why.contains("down-2: not back"));
}

#[test]
fn who_had_the_whole_limit_before_the_next_cut_and_was_not_back_fails() {
    let faults = [down("down-1", 103_000, 105_000), down("down-2", 108_000, 110_000)];
    let mut rows = story(faults, &[(103_000, 111_010)], 2_000);
    all(&mut rows, &[(Lost, 103_000), (AttemptFailed, 104_000), (AttemptFailed, 108_500), (Connected, 111_000)]);
    expect(&rows, NAME, Verdict::Fail, &["consumer-0, down-1: not back 3.00 s after the heal", "down-2 began 3.00 s"]);
}

#[test]
fn a_silence_before_which_nobody_was_back_is_returned_from_once() {
    let faults = [hole("timeout-1", 103_000, 105_000), hole("timeout-2", 105_500, 107_000)];
    let mut rows = story(faults, &[(103_000, 107_300)], 2_000);
    rows.connections.retain(|row| row.client.starts_with("producer"));
    expect(&rows, NAME, Verdict::Pass, &["producer-0, timeout-1: timeout-2 began 500 ms after its heal"]);
}

#[test]
fn a_cut_all_of_whose_time_is_another_ones_cannot_be_told_apart() {
    let faults = [down("down-1", 103_000, 109_000), hole("timeout-1", 105_000, 107_000)];
    let mut rows = story(faults, &[(103_000, 110_510)], 4_000);
    all(&mut rows, &[(Lost, 103_000), (AttemptFailed, 104_000), (AttemptFailed, 106_000), (Connected, 110_500)]);
    expect(&rows, NAME, Verdict::Unknown, &["timeout-1 did not show its effect", "cannot be told apart"]);
    assert_eq!(reconnect(&rows, "producer-0", "down-1").connected_ns, Some(Nanos::from_millis(1_500)));
    assert!(!reconnect(&rows, "producer-0", "timeout-1").never_returned);
}

#[test]
fn of_two_cuts_that_overlap_each_shows_in_its_own_time() {
    let faults = [down("down-1", 103_000, 106_000), down("down-2", 105_000, 108_000)];
    let mut rows = story(faults, &[(103_000, 110_110)], 4_000);
    all(&mut rows, &[(Lost, 103_000), (AttemptFailed, 104_000), (AttemptFailed, 106_100), (Connected, 110_100)]);
    expect(&rows, NAME, Verdict::Pass, &["producer-1, down-1: down-2 was in force when it healed"]);
}

#[test]
fn a_delay_within_a_cut_cannot_be_shown() {
    let faults = [down("down-1", 103_000, 108_000), latency("latency-1", 100, 104_000, 107_000)];
    let mut rows = story(faults, &[(103_000, 109_010)], 4_000);
    all(&mut rows, &[(Lost, 103_000), (AttemptFailed, 104_000), (AttemptFailed, 106_000), (Connected, 109_000)]);
    expect(&rows, NAME, Verdict::Unknown, &["latency-1 did not show its effect", "a cut was in force whenever"]);
}

#[test]
fn of_two_delays_at_once_both_must_show() {
    for (by_ms, verdict) in [(300, Verdict::Pass), (200, Verdict::Unknown)] {
        let faults = [latency("latency-1", 200, 103_000, 110_000), latency("latency-2", 100, 105_000, 107_000)];
        let mut rows = story(faults, &[], 4_000);
        slow(&mut rows, 200, 103_000, 105_000);
        slow(&mut rows, by_ms, 105_000, 107_000);
        slow(&mut rows, 200, 107_000, 110_000);
        assert_eq!(answer(&rows, NAME).verdict, verdict, "{by_ms}");
    }
}

/// A cut of one producer.
fn on_one(loser: &str) -> Rows {
    let (mut plan, row) = down("down-1", 103_000, 105_000);
    plan.clients = vec!["producer-0".to_owned()];
    let mut rows = story([(plan, row)], &[(103_000, 106_010)], 4_000);
    happens(&mut rows, loser, &[(Lost, 103_000), (AttemptFailed, 104_000), (Connected, 106_000)]);
    rows
}

#[test]
fn a_fault_on_one_client_asks_nothing_of_the_others() {
    let rows = on_one("producer-0");
    expect(&rows, NAME, Verdict::Pass, &["producer-0, down-1"]);
    assert!(!reconnect(&rows, "producer-1", "down-1").affected);
}

#[test]
fn a_fault_on_one_client_that_touches_another_is_said_and_has_not_shown() {
    let rows = on_one("producer-1");
    expect(&rows, NAME, Verdict::Unknown, &["down-1 did not show its effect"]);
    let note = "producer-1 lost a connection during down-1, which was done to producer-0 only";
    assert!(result(&rows).notes.iter().any(|said| said == note), "{:?}", result(&rows).notes);
}

#[test]
fn connections_that_are_lost_again_at_once_a_thousand_times_are_a_storm_whether_or_not_it_is_asked() {
    for limit in [None, Some(Nanos::SECOND)] {
        let mut rows = sample::failover();
        rows.facts.limits.reconnected = limit;
        for millis in 125_000..126_000 {
            happens(&mut rows, "consumer-0", &[(Lost, millis), (Connected, millis)]);
        }
        expect(&rows, NAME, Verdict::Fail, &["consumer-0: a storm of 1000 attempts to main", "explains at most 3"]);
    }
}

#[test]
fn a_storm_needs_no_fault_and_no_return_to_be_found() {
    let mut rows = sample::healthy();
    (110_000..110_400).for_each(|millis| happens(&mut rows, "producer-0", &[(Lost, millis), (AttemptFailed, millis)]));
    expect(&rows, NAME, Verdict::Fail, &["producer-0: a storm of 400 attempts"]);
}

#[test]
fn connections_that_are_closed_again_and_again_bind_their_client_to_its_waits() {
    let closed = || sample::fault("reset-peer-1", Effect::ConnectionsLost, Some(Cut::Closed), 103_000, 108_000);
    let patient: Vec<_> =
        (0..5).flat_map(|n| [(Lost, 103_000 + n * 1_000), (Connected, 104_000 + n * 1_000)]).collect();
    let mut rows = story([closed()], &[(103_000, 108_010)], 4_000);
    all(&mut rows, &patient);
    expect(&rows, NAME, Verdict::Pass, &[]);
    let hasty: Vec<_> = (0..5).flat_map(|n| [(Lost, 103_000 + n * 200), (Connected, 103_100 + n * 200)]).collect();
    let mut rows = story([closed()], &[(103_000, 108_010)], 4_000);
    all(&mut rows, &hasty);
    expect(&rows, NAME, Verdict::Fail, &["consumer-0, reset-peer-1: 4 attempts outside the declared backoff"]);
}

/// Down from 103, 106 and 109 s for a second each, healed at 112 s. The second refusal and a connection of a moment are all
/// that a patient client meets; a hasty one does not count them.
#[test]
fn who_flaps_with_its_link_is_back_at_the_heal_and_its_waits_go_on_over_connections_of_a_moment() {
    let flap = || sample::fault("flap-1", Effect::ConnectionsLost, Some(Cut::Closed), 103_000, 112_000);
    let begin = [(Lost, 103_000), (Connected, 104_000), (Lost, 106_000), (AttemptFailed, 106_900)];
    let patient = [(Connected, 108_900), (Lost, 109_000), (AttemptFailed, 109_800), (Connected, 111_800)];
    let mut rows = story([flap()], &[(103_000, 112_010)], 1_000);
    all(&mut rows, &[&begin[..], &patient].concat());
    expect(&rows, NAME, Verdict::Pass, &[]);
    let back = reconnect(&rows, "consumer-0", "flap-1");
    assert_eq!((back.connected_ns, back.attempts.len()), (Some(Nanos::ZERO), 5), "{back:#?}");
    let hasty = [(Connected, 108_900), (Lost, 109_000), (AttemptFailed, 109_010), (AttemptFailed, 109_020)];
    let mut rows = story([flap()], &[(103_000, 112_010)], 1_000);
    all(&mut rows, &[&begin[..], &hasty, &[(Connected, 111_800)]].concat());
    expect(&rows, NAME, Verdict::Fail, &["consumer-0, flap-1: 3 attempts outside the declared backoff"]);
}

#[test]
fn time_in_which_nothing_was_to_be_sent_is_no_part_of_a_producers_return() {
    let mut rows = story([down("down-1", 103_000, 105_000)], &[], 2_000);
    all(&mut rows, &[(Lost, 103_000), (AttemptFailed, 104_000), (Connected, 106_000)]);
    let quiet = |at: Nanos| (103_000..118_000).contains(&(at.0 / 1_000_000));
    rows.sends.retain(|send| !quiet(send.intended));
    rows.deliveries.retain(|delivery| !quiet(delivery.intended));
    let kept: std::collections::BTreeSet<_> = rows.deliveries.iter().map(|delivery| delivery.position).collect();
    rows.settlements.truncate(kept.len());
    expect(&rows, NAME, Verdict::Fail, &["producer-0, down-1: back"]);
    rows.facts.workload.offered = rows.sends.len() as u64;
    expect(&rows, NAME, Verdict::Pass, &["the last 1.00 s after the heal"]);
}

#[test]
fn nothing_is_asked_of_who_keeps_to_its_backoff_where_no_limit_is_set() {
    let mut rows = three_cuts();
    rows.facts.limits.reconnected = None;
    assert_eq!(answers(&rows, NAME), []);
}
