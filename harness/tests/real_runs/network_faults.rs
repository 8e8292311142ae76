//! Faults of the network on both brokers: what is shown of them, who comes back, and that nothing is lost.

use crate::binary::{Bench, Finished, check, checks, stretched};
use crate::engine::{containers, with_engine, workers};
use crate::faulted::{self, KAFKA, REDIS};
use reports::history::{Inspections, LogEntries};
use reports::result::{FaultResult, PhaseResult, TrialResult, Verdict};
use std::time::Duration;

const MILLISECOND: u64 = 1_000_000;

fn scenario(load: &str, faults: &str) -> String {
    faulted::scenario(load, "1s", &[REDIS, KAFKA], faults)
}

fn fault<'a>(trial: &'a TrialResult, name: &str) -> &'a FaultResult {
    trial.faults.iter().find(|fault| fault.name == name).unwrap_or_else(|| panic!("no {name}: {:#?}", trial.faults))
}

fn window<'a>(trial: &'a TrialResult, name: &str) -> &'a PhaseResult {
    trial.phases.iter().find(|phase| phase.name == name).unwrap_or_else(|| panic!("no {name}: {:#?}", trial.phases))
}

/// Every fault was read back and showed what it does.
fn faults_are_believed(trial: &TrialResult) {
    for fault in &trial.faults {
        assert!(fault.confirmed && fault.effect_seen, "{}: {fault:#?}", trial.system);
        assert!(fault.injected_ns < fault.healed_ns, "{}: {fault:#?}", trial.system);
    }
}

/// Nothing is lost, made up or changed, and all of it was sent.
fn everything_is_accounted_for(run: &Finished, trial: &TrialResult) {
    let counts = &trial.counts;
    assert_eq!(counts.offered, run.history(&trial.folder).facts().workload.offered, "{}", trial.system);
    assert_eq!((counts.lost, counts.phantom, counts.corrupted), (0, 0, 0), "{}: {counts:#?}", trial.system);
    assert_eq!((counts.resurrected, counts.out_of_order), (0, 0), "{}: {counts:#?}", trial.system);
    assert_eq!(counts.pending_at_end, Some(0), "{}: {counts:#?}", trial.system);
    assert_eq!(counts.offered, counts.acknowledged + counts.failed + counts.indeterminate, "{counts:#?}");
    for name in ["lost", "phantom", "corrupted", "unrecovered", "resurrected"] {
        assert_eq!(check(trial, name).verdict, Verdict::Pass, "{}: {:#?}", trial.system, check(trial, name));
    }
}

/// What the broker says of itself agrees with what the workers saw.
fn the_brokers_account_agrees(run: &Finished, trial: &TrialResult) {
    let history = run.history(&trial.folder);
    assert_eq!(history.rows::<Inspections>(), 2, "{}: one for each partition", trial.system);
    let rows = history.inspections().expect("read");
    let length: u64 = rows.iter().map(|row| row.length).sum();
    assert!(length >= trial.counts.acknowledged, "{}: {length} of {:?}", trial.system, trial.counts);
    assert!(length >= trial.counts.distinct && length <= trial.counts.offered, "{}: {length}", trial.system);
    assert!(rows.iter().all(|row| row.pending == 0 && row.lag == Some(0)), "{}: {rows:#?}", trial.system);
}

/// What another client read of the log is what the workers know of.
fn the_log_agrees(run: &Finished, trial: &TrialResult) {
    let log = trial.log.as_ref().expect("the log was read");
    assert!(log.complete && log.why.is_none(), "{}: {log:?}", trial.system);
    let rows = run.history(&trial.folder).rows::<LogEntries>();
    assert_eq!((log.entries, log.distinct), (rows, trial.counts.distinct), "{}: {log:?}", trial.system);
    let none = [log.missing, log.gone, log.trimmed, log.undelivered, log.unsent, log.corrupted];
    assert_eq!(none, [0; 6], "{}: {log:?}", trial.system);
}

fn bytes_passed_the_proxy(run: &Finished, trial: &TrialResult) {
    let end = run.history(&trial.folder).facts().end.clone().expect("an end");
    let (bytes, least) = (end.proxied_bytes.expect("known"), 256 * trial.counts.acknowledged);
    assert!(bytes >= least, "{}: {bytes} bytes for at least {least}", trial.system);
    let network = trial.network.expect("the proxy was asked");
    let (to, from) = (network.to_broker.bytes, network.from_broker.bytes);
    assert_eq!(to + from, bytes, "{}: only clients' paths, each way", trial.system);
    assert!(to >= least && from >= 256 * trial.counts.delivered, "{}: {network:?}", trial.system);
    assert!(end.drained && !end.interrupted && end.troubles.is_empty(), "{}: {end:#?}", trial.system);
}

#[test]
fn a_network_that_is_down_for_two_seconds_loses_nothing_on_either_broker() {
    with_engine("down", || {
        let bench = Bench::new(&scenario("12s", "[[faults]]\nat = \"4s\"\nfor = \"2s\"\ndown = {}"));
        let mut run = bench.start(&[]);
        run.wait_for("redis: driving the load");
        let crew = workers(run.pid());
        assert_eq!(crew.len(), 4, "two producers and two consumers, each a process");
        let nodes: Vec<_> = containers(&bench).into_iter().map(|(node, _)| node).collect();
        assert_eq!(nodes.len(), 2, "{nodes:?}");
        let run = run.finish();
        let result = run.result();
        assert_eq!(result.trials.len(), 2, "{}", run.said());
        for trial in &result.trials {
            faults_are_believed(trial);
            everything_is_accounted_for(&run, trial);
            assert_eq!(trial.counts.duplicated, 0, "{}: {:?}", trial.system, trial.counts);
            assert_eq!(checks(trial, Verdict::Fail), [""; 0], "{}: {:#?}", trial.system, trial.checks);
            the_brokers_account_agrees(&run, trial);
            the_log_agrees(&run, trial);
            bytes_passed_the_proxy(&run, trial);
            all_processes_were_watched(trial);
            everybody_came_back(trial);
            the_wait_is_charged_to_the_response_time(trial);
        }
        assert_ne!(run.code(), 1, "{}", run.said());
        assert_eq!(containers(&bench), []);
        assert!(crew.iter().all(|worker| !worker.runs()), "{crew:?}");
    });
}

/// Two of each kind of worker; the broker and the proxy have a process each.
fn all_processes_were_watched(trial: &TrialResult) {
    let roles = |role: &str| trial.resources.iter().filter(|row| row.role == role && row.rss_max > 0).count();
    assert_eq!((roles("broker"), roles("proxy"), roles("generator")), (1, 1, 4), "{:#?}", trial.resources);
}

fn everybody_came_back(trial: &TrialResult) {
    assert_eq!(trial.clients.len(), 4, "{}", trial.system);
    for client in &trial.clients {
        let back = client.reconnects.first().expect("one for the fault");
        assert!(back.affected && !back.never_returned, "{}: {client:#?}", trial.system);
        assert!(!back.attempts.is_empty(), "{}: {client:#?}", trial.system);
        assert!(back.attempts.iter().any(|attempt| attempt.succeeded), "{}: {client:#?}", trial.system);
        assert!(back.first_success_ns.is_some(), "{}: {client:#?}", trial.system);
    }
}

/// What was due when the network went down waited for the two seconds; half of all messages never met the fault.
fn the_wait_is_charged_to_the_response_time(trial: &TrialResult) {
    let latency = &trial.latency_ns;
    assert!(latency.response.max >= 1500 * MILLISECOND, "{}: {latency:#?}", trial.system);
    assert!(latency.service.p50 * 5 < latency.response.max, "{}: {latency:#?}", trial.system);
    assert!(trial.recovery.longest_gap_ns.0 >= 1500 * MILLISECOND, "{}: {:#?}", trial.system, trial.recovery);
    let most = stretched(Duration::from_secs(12)).as_nanos();
    assert!(u128::from(trial.recovery.longest_gap_ns.0) <= most, "{}: {:#?}", trial.system, trial.recovery);
}

const DELAY: u64 = 150 * MILLISECOND;

#[test]
fn a_slow_a_silent_and_a_resetting_network_lose_nothing_on_either_broker() {
    with_engine("latency, timeout and reset", || {
        let faults = r#"
[[faults]]
name    = "slow"
at      = "2s"
for     = "3s"
latency = { delay = "150ms" }

[[faults]]
name    = "silent"
at      = "7s"
for     = "3s"
timeout = {}

[[faults]]
name       = "reset"
at         = "14s"
for        = "1s"
reset-peer = {}
"#;
        let bench = Bench::new(&scenario("18s", faults));
        let run = bench.run(&[]);
        let result = run.result();
        assert_eq!(result.trials.len(), 2, "{}", run.said());
        for trial in &result.trials {
            assert_eq!(trial.faults.len(), 3, "{}", run.said());
            faults_are_believed(trial);
            everything_is_accounted_for(&run, trial);
            the_brokers_account_agrees(&run, trial);
            the_log_agrees(&run, trial);
            bytes_passed_the_proxy(&run, trial);
            a_delay_shows_in_the_service_time(trial);
            nothing_is_acknowledged_in_silence(&run, trial);
        }
        assert_eq!(containers(&bench), []);
    });
}

fn a_delay_shows_in_the_service_time(trial: &TrialResult) {
    let during = window(trial, "during slow");
    assert!(during.latency_ns.service.p50 >= DELAY * 8 / 10, "{}: {during:#?}", trial.system);
    assert!(during.latency_ns.end_to_end.p50 >= DELAY * 8 / 10, "{}: {during:#?}", trial.system);
}

/// From when what was under way has passed until the healing was asked for.
fn nothing_is_acknowledged_in_silence(run: &Finished, trial: &TrialResult) {
    let history = run.history(&trial.folder);
    let rows = history.faults().expect("read");
    let silent = rows.iter().find(|row| row.name == "silent").expect("a row");
    let on_its_way = u64::try_from(stretched(Duration::from_secs(1)).as_nanos()).expect("short");
    let (from, to) = (silent.injected.expect("confirmed").0 + on_its_way, silent.heal_requested.expect("asked").0);
    assert!(from < to);
    let sends = history.sends().map(|batch| batch.expect("read"));
    let heard: usize = sends
        .map(|batch| {
            batch
                .rows()
                .filter(|send| send.outcome == reports::history::Outcome::Ok)
                .filter(|send| (from..to).contains(&send.settled.0))
                .count()
        })
        .sum();
    assert_eq!(heard, 0, "{}: {:#?}", trial.system, fault(trial, "silent"));
}

#[test]
fn a_fault_on_one_consumer_leaves_all_others_connected_on_either_broker() {
    with_engine("one-client", || {
        let fault = "[[faults]]\nat = \"4s\"\nfor = \"2s\"\nclients = [\"consumer-1\"]\ndown = {}";
        let bench = Bench::new(&scenario("12s", fault));
        let run = bench.start(&[]).finish();
        let result = run.result();
        assert_eq!(result.trials.len(), 2, "{}", run.said());
        for trial in &result.trials {
            faults_are_believed(trial);
            everything_is_accounted_for(&run, trial);
            for client in &trial.clients {
                let affected = client.reconnects.iter().any(|reconnect| reconnect.affected);
                assert_eq!(affected, client.client == "consumer-1", "{}: {client:#?}", trial.system);
            }
            let facts = run.history(&trial.folder).facts().clone();
            let paths = facts.end.expect("an end").paths;
            assert_eq!(paths.len(), 2, "{}: {paths:#?}", trial.system);
            assert!(paths.iter().all(|path| path.bytes > Some(0)), "{}: {paths:#?}", trial.system);
            assert_eq!(facts.faults[0].paths.len(), 1, "{}: {:#?}", trial.system, facts.faults);
            assert!(facts.faults[0].paths[0].ends_with("consumer-1"), "{}: {:#?}", trial.system, facts.faults);
        }
        assert_ne!(run.code(), 1, "{}", run.said());
    });
}

/// Where a cut begins the instant another one is healed, each is in force for its own time.
#[test]
fn cuts_that_follow_one_another_closely_are_told_apart() {
    with_engine("close cuts", || {
        let cut = |at: &str, lasts: &str| format!("[[faults]]\nat = \"{at}\"\nfor = \"{lasts}\"\ndown = {{}}\n");
        let faults = [cut("1s", "1s"), cut("3s", "1s"), cut("4s", "1s")].concat();
        let bench = Bench::new(&scenario("8s", &faults));
        let run = bench.run(&["--system", "redis"]);
        let trial = run.trial();
        assert_eq!(checks(&trial, Verdict::Fail), [""; 0], "{}", run.said());
        faults_are_believed(&trial);
        for client in &trial.clients {
            for reconnect in &client.reconnects {
                assert!(!reconnect.never_returned, "{} after {}: {}", client.client, reconnect.fault, run.said());
            }
        }
        let faults = run.history("redis-1").faults().expect("read");
        for pair in faults.windows(2) {
            assert!(pair[0].healed < Some(pair[1].inject_requested), "{faults:#?}");
        }
    });
}
