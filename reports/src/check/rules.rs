//! What holds for every check: when all is well it passes, and each general doubt makes every pass unknown.

use super::trial::{cut, result, told, unsent};
use crate::facts::{LatencyKind, LatencyLimit, PathFacts, RateKind, SoakLimits, ThroughputLimit};
use crate::history::{NodeChange, NodeEvent};
use crate::measure::{Rows, Table, sample};
use crate::result::Verdict;
use crate::units::Nanos;

/// A failover in which everything is asked for.
fn everything() -> Rows {
    let mut rows = sample::settled_first(sample::failover());
    let limits = &mut rows.facts.limits;
    (limits.redelivered, limits.stolen) = (Some(0), Some(0));
    (limits.failed, limits.indeterminate) = (Some(0), Some(0));
    limits.dead_lettered = Some(0);
    rows.facts.end.as_mut().unwrap().dead_letters = Some(0);
    let limits = &mut rows.facts.limits;
    limits.latency =
        vec![LatencyLimit { kind: LatencyKind::Response, statistic: "p50".into(), limit: Nanos::from_millis(50) }];
    limits.throughput = vec![ThroughputLimit { kind: RateKind::Acknowledged, limit: 99.0 }];
    limits.soak = SoakLimits { slowdown: Some(1e6), ..SoakLimits::default() };
    rows
}

#[track_caller]
fn all(rows: &Rows, verdict: Verdict) {
    let result = result(rows);
    assert_eq!(result.checks.len(), super::CHECKS.len());
    for answer in &result.checks {
        assert_eq!(answer.verdict, verdict, "{answer:#?}");
        assert!(!answer.why.is_empty() && !answer.observed.is_empty(), "{answer:#?}");
    }
    assert_eq!(result.verdict, verdict);
}

#[test]
fn all_pass_when_all_is_well() {
    all(&everything(), Verdict::Pass);
}

#[test]
fn a_quiet_trial_without_limits_passes_what_is_always_asked() {
    for rows in [sample::healthy(), sample::committed()] {
        let result = result(&rows);
        assert_eq!(result.verdict, Verdict::Pass, "{:#?}", result.checks);
        assert_eq!(result.checks.len(), 7);
    }
}

#[test]
fn nothing_passes_when_nobody_lived_to_say_how_it_ended() {
    let mut rows = everything();
    rows.facts.end = None;
    all(&rows, Verdict::Unknown);
}

#[test]
fn nothing_passes_when_it_was_interrupted() {
    let mut rows = everything();
    rows.facts.end.as_mut().unwrap().interrupted = true;
    all(&rows, Verdict::Unknown);
}

#[test]
fn nothing_passes_when_it_was_not_the_trial_that_was_planned() {
    let mut rows = everything();
    rows.facts.end.as_mut().unwrap().unplanned = vec!["producer-0 ended before it was told to".into()];
    all(&rows, Verdict::Unknown);
    assert!(result(&rows).checks.iter().all(|answer| answer.why.contains("producer-0 ended before")));
}

#[test]
fn nothing_passes_when_the_fault_was_not_confirmed() {
    let mut rows = everything();
    rows.faults[0].confirmed = false;
    all(&rows, Verdict::Unknown);
}

#[test]
fn nothing_passes_when_the_fault_left_no_row() {
    let mut rows = everything();
    rows.faults.clear();
    all(&rows, Verdict::Unknown);
}

#[test]
fn nothing_passes_when_the_fault_did_not_show() {
    let mut rows = everything();
    rows.connections.retain(|row| row.at < Nanos::from_secs(sample::LOAD_S));
    all(&rows, Verdict::Unknown);
}

#[test]
fn nothing_passes_when_no_byte_passed_the_proxy_or_nobody_knows() {
    for bytes in [Some(0), None] {
        let mut rows = everything();
        rows.facts.end.as_mut().unwrap().proxied_bytes = bytes;
        all(&rows, Verdict::Unknown);
    }
}

#[test]
fn nothing_passes_when_no_byte_passed_the_path_of_a_fault_or_nobody_knows() {
    let passed = |bytes| {
        let mut rows = everything();
        rows.facts.faults[0].paths = vec!["client-redis-0-consumer-1".into()];
        let path = |name: &str, bytes| PathFacts { name: name.into(), bytes, ..PathFacts::default() };
        let paths = vec![path("client-redis-0", Some(1)), path("client-redis-0-consumer-1", bytes)];
        rows.facts.end.as_mut().unwrap().paths = paths;
        rows
    };
    all(&passed(Some(0)), Verdict::Unknown);
    all(&passed(None), Verdict::Unknown);
    all(&passed(Some(1)), Verdict::Pass);
}

/// Clients of several nodes have to do with those that lead.
#[test]
fn of_the_paths_of_the_same_clients_to_several_nodes_bytes_must_have_passed_one() {
    let passed = |bytes: [u64; 3]| {
        let mut rows = everything();
        let names = ["client-redis-0", "client-redis-1", "client-redis-0-consumer-1"];
        rows.facts.faults[0].alternatives = vec![names[..2].iter().map(|name| (*name).to_owned()).collect()];
        rows.facts.faults[0].paths = vec![names[2].to_owned()];
        let paths = names.into_iter().zip(bytes);
        let paths =
            paths.map(|(name, bytes)| PathFacts { name: name.to_owned(), bytes: Some(bytes), ..PathFacts::default() });
        rows.facts.end.as_mut().unwrap().paths = paths.collect();
        rows
    };
    all(&passed([0, 0, 1]), Verdict::Unknown);
    all(&passed([0, 1, 0]), Verdict::Unknown);
    all(&passed([0, 1, 1]), Verdict::Pass);
}

/// Which of two nodes connects to the other is their own affair.
#[test]
fn between_nodes_bytes_must_have_passed_one_of_the_paths_of_a_fault() {
    let passed = |one, other| {
        let mut rows = everything();
        let names = ["peer-kafka-1-kafka-0", "peer-kafka-0-kafka-1"];
        rows.facts.faults[0].some_of = names.map(str::to_owned).to_vec();
        let paths = names.into_iter().zip([one, other]);
        let paths = paths.map(|(name, bytes)| PathFacts { name: name.to_owned(), bytes, ..PathFacts::default() });
        rows.facts.end.as_mut().unwrap().paths = paths.collect();
        rows
    };
    all(&passed(Some(0), Some(0)), Verdict::Unknown);
    all(&passed(Some(0), None), Verdict::Unknown);
    all(&passed(Some(0), Some(1)), Verdict::Pass);
}

#[test]
fn nothing_passes_when_there_was_no_load() {
    let mut rows = everything();
    let warmup = |at: Nanos| at < Nanos::from_secs(sample::LOAD_S);
    rows.sends.retain(|send| warmup(send.intended));
    rows.deliveries.retain(|delivery| warmup(delivery.intended));
    rows.settlements.truncate(rows.deliveries.len());
    assert!(result(&rows).checks.iter().all(|answer| answer.verdict != Verdict::Pass));
}

#[test]
fn what_became_of_messages_is_known_though_a_node_ended_by_itself_and_speed_is_not() {
    let mut rows = everything();
    rows.nodes.push(NodeChange {
        node: "broker-0".into(),
        event: NodeEvent::Ended,
        at: Nanos::from_millis(112_500),
        exit: Some(137),
        asked_for: false,
        words: Some("out of memory".into()),
    });
    let told = result(&rows);
    let unknown: Vec<_> = told.checks.iter().filter(|answer| answer.verdict == Verdict::Unknown).collect();
    let names: Vec<_> = unknown.iter().map(|answer| answer.name.as_str()).collect();
    assert_eq!(names, ["reconnected", "unavailable", "recovered", "latency", "throughput", "soak"]);
    assert!(unknown[0].why.starts_with("broker-0 ended by itself at +12.500 s (exit code 137: signal 9)"));
    assert!(told.checks.iter().all(|answer| answer.verdict != Verdict::Fail));
    assert!(told.notes[0].contains("broker-0 ended by itself") && told.notes[0].contains("out of memory"));
    rows.nodes[0].asked_for = true;
    all(&rows, Verdict::Pass);
}

#[test]
fn an_empty_history_proves_nothing() {
    let mut rows = everything();
    rows = Rows::new(rows.facts);
    assert!(result(&rows).checks.iter().all(|answer| answer.verdict != Verdict::Pass));
}

#[test]
fn a_file_of_which_nobody_knows_the_table_may_be_any() {
    let mut rows = cut(everything(), Table::Sends);
    rows.truncations[0].table = None;
    all(&rows, Verdict::Unknown);
}

#[test]
fn scheduled_sends_without_a_row_were_never_begun_if_every_file_of_sends_says_how_it_ended() {
    let unknown = |rows| -> Vec<String> {
        let checks = result(&rows).checks.into_iter();
        checks.filter(|answer| answer.verdict == Verdict::Unknown).map(|answer| answer.name).collect()
    };
    let speed = ["unavailable", "recovered", "latency", "throughput", "soak"];
    assert_eq!(unknown(told(unsent(everything()))), speed);
    assert_eq!(
        unknown(unsent(everything())),
        [["failed", "indeterminate", "lost", "dead-lettered"].as_slice(), &speed].concat()
    );
}

#[test]
fn only_the_checks_that_need_a_table_doubt_its_end() {
    let unknown = |table| -> Vec<String> {
        let checks = result(&cut(everything(), table)).checks.into_iter();
        checks.filter(|answer| answer.verdict == Verdict::Unknown).map(|answer| answer.name).collect()
    };
    assert_eq!(unknown(Table::Gauges), [""; 0]);
    assert_eq!(unknown(Table::Resources), [""; 0]);
    assert_eq!(unknown(Table::Connections), ["stolen", "reconnected"]);
    assert_eq!(unknown(Table::Settlements), ["unrecovered", "resurrected", "stolen", "unprocessed"]);
    assert_eq!(unknown(Table::DeadLetters), ["dead-lettered"]);
    let messages = ["failed", "indeterminate", "lost", "phantom", "unrecovered", "dead-lettered"];
    let speed = ["unavailable", "recovered", "latency", "throughput", "soak"];
    assert_eq!(unknown(Table::Sends), [messages.as_slice(), &speed].concat());
}
