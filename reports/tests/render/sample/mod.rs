//! Judged runs made by hand: what a failover and a baseline look like, with figures in the order of real ones.
//! A little model of an outage stands behind them, so that charts, tables and counts tell the same story.
//! To add one: copy `repeated`.

pub(crate) mod matrix;
pub(crate) mod nights;
mod result;
pub(crate) mod search;
mod series;
mod system;

use reports::check::{CHECKS, Subject};
use reports::facts::{RunFacts, ScenarioFacts, Setting, WorkloadFacts};
use reports::judge::Judged;
use reports::result::{
    AckRecovery, CheckResult, Counts, FaultResult, Fingerprint, Generator, Latencies, RESULT_SCHEMA, Rates, Recovery,
    RunResult, ScenarioSummary, Verdict,
};
use reports::series::TrialSeries;
use result::map;
use std::collections::BTreeMap;
use system::{KAFKA, LOAD, NATS, RABBITMQ, RATE, REDIS, System};

/// Redis and Kafka, five seconds without a network; Kafka breaks a limit.
pub(crate) fn failover() -> Judged {
    let mut judged =
        run("failover", "Who recovers faster, and is anything lost, when the network dies for five seconds?");
    for system in [REDIS, KAFKA] {
        add(&mut judged, system, 1);
    }
    let kafka = &mut judged.result.trials[1];
    if let Some(limit) = kafka.checks.iter_mut().find(|check| check.name == "reconnected") {
        limit.verdict = Verdict::Fail;
        limit.limit = "≤ 3.00 s".to_owned();
        limit.observed = "3.40 s (consumer-2)".to_owned();
        limit.why =
            "consumer-2 was connected 3.40 s after down-1 had healed; its backoff allowed between 0.00 s and 4.80 s, \
                 so the limit cannot always be met with these settings"
                .to_owned();
    }
    settle(judged)
}

/// The failover, of producers alone. Of what consumers did there are figures all the same, which no report may show.
pub(crate) fn unconsumed() -> Judged {
    let mut judged = run("producers-alone", "What does each broker take where nobody reads?");
    for system in [REDIS, KAFKA] {
        add(&mut judged, system, 1);
    }
    judged.result.scenario.workload.consumers = 0;
    for trial in &mut judged.result.trials {
        trial.has_consumers = false;
        trial.clients.retain(|client| client.client.starts_with("producer-"));
        trial
            .checks
            .retain(|check| !CHECKS.iter().any(|one| one.name == check.name && one.subject == Subject::Consuming));
        trial.recovery.ack = AckRecovery::default();
        trial.notes.clear();
    }
    settle(judged)
}

/// The failover, cut short on Kafka: nothing of it can be judged.
pub(crate) fn interrupted() -> Judged {
    let mut judged = failover();
    let kafka = &mut judged.result.trials[1];
    for check in &mut kafka.checks {
        check.verdict = Verdict::Unknown;
        check.observed = "–".to_owned();
        check.why = "the trial was interrupted 17 s into the load, before it was drained".to_owned();
    }
    kafka.notes =
        vec!["interrupted by a signal".to_owned(), "history/sends.producer-1.arrows ends in half a batch".to_owned()];
    kafka.recovery.faults[0].steady_ns = None;
    kafka.counts.pending_at_end = None;
    judged.series[1].seconds.truncate(17);
    for gauge in &mut judged.series[1].gauges {
        gauge.points.retain(|(at, _)| *at < 17.0);
    }
    settle(judged)
}

/// Four systems without a fault; the load generator did not keep up on one.
pub(crate) fn baseline() -> Judged {
    let mut judged = run("baseline", "How fast is each broker when nothing goes wrong?");
    for system in [REDIS, KAFKA, RABBITMQ, NATS] {
        add(&mut judged, System { returns_after: None, ..system }, 1);
    }
    let slow = &mut judged.result.trials[2];
    slow.generator.saturated = Some(true);
    slow.generator.lag_ns.p99 = 18_400_000;
    slow.checks.push(CheckResult {
        name: "latency".to_owned(),
        verdict: Verdict::Unknown,
        limit: "response p99 ≤ 50.0 ms".to_owned(),
        observed: "3.10 ms".to_owned(),
        why: "the load generator was saturated: the p99 of its lag was 18.4 ms, the limit is 5.00 ms".to_owned(),
        limit_quantity: None,
        observed_quantity: None,
        faults: Vec::new(),
        known: None,
    });
    settle(judged)
}

/// The failover, each system twice, interleaved.
pub(crate) fn repeated() -> Judged {
    let mut judged = run("failover", "Network failover, twice");
    for repeat in [1, 2] {
        for system in [REDIS, KAFKA] {
            let later = 0.3 * f64::from(repeat - 1);
            let returns_after = system.returns_after.map(|after| after + later);
            add(&mut judged, System { returns_after, ..system }, repeat);
        }
    }
    settle(judged)
}

/// A run that was over before any trial was.
pub(crate) fn nothing() -> Judged {
    let mut judged = run("failover", "Network failover");
    judged.result.verdict = Verdict::Unknown;
    judged
}

/// A trial of which nothing was recorded: no series, no values, no checks, no faults.
pub(crate) fn empty() -> Judged {
    let mut judged = failover();
    judged.result.trials.truncate(1);
    let trial = &mut judged.result.trials[0];
    trial.counts = Counts::default();
    trial.latency_ns = Latencies::default();
    trial.rates = Rates::default();
    trial.generator = Generator::default();
    trial.phases.clear();
    trial.faults.clear();
    trial.clients.clear();
    trial.recovery = Recovery::default();
    trial.resources.clear();
    trial.checks.clear();
    trial.fairness.clear();
    trial.verdict = Verdict::Unknown;
    judged.result.verdict = Verdict::Unknown;
    judged.series = vec![TrialSeries::default()];
    judged
}

/// What every text of [`hostile`] holds.
pub(crate) const HOSTILE: &str =
    "x</svg><script src=\"http://evil.example/a.js\"></script>|`&\"'*_[a](b)\n\u{1b}[31m\u{0}\u{202e}end";

/// The failover with texts that try to leave their place in every format.
pub(crate) fn hostile() -> Judged {
    let mut judged = failover();
    let hostile = || HOSTILE.to_owned();
    judged.result.scenario.title = hostile();
    judged.result.scenario.workload.rate = hostile();
    judged.result.run.command = vec![hostile()];
    judged.result.run.versions = BTreeMap::from([(hostile(), hostile())]);
    let trial = &mut judged.result.trials[1];
    trial.system = hostile();
    trial.client = hostile();
    trial.folder = hostile();
    trial.notes = vec![hostile()];
    for setting in &mut trial.fairness {
        *setting = Setting::new(&hostile(), &hostile(), hostile(), Some(&hostile()));
    }
    for check in &mut trial.checks {
        *check =
            CheckResult { name: hostile(), limit: hostile(), observed: hostile(), why: hostile(), ..check.clone() };
    }
    for fault in &mut trial.faults {
        *fault = FaultResult {
            kind: hostile(),
            target: hostile(),
            detail: hostile(),
            evidence: hostile(),
            effect: hostile(),
            ..fault.clone()
        };
    }
    for client in &mut trial.clients {
        client.client = hostile();
        for attempt in client.reconnects.iter_mut().flat_map(|reconnect| &mut reconnect.attempts) {
            attempt.peer = hostile();
            attempt.error = Some(hostile());
        }
    }
    for point in &mut judged.series[1].connections {
        point.client = hostile();
        point.peer = hostile();
    }
    for line in &mut judged.series[1].ack.pending {
        line.subject = hostile();
    }
    for crash in &mut judged.series[1].ack.crashes {
        crash.consumer = hostile();
    }
    for crash in &mut judged.result.trials[1].recovery.ack.crashes {
        crash.consumer = hostile();
    }
    for band in &mut judged.series[1].faults {
        band.name = hostile();
    }
    judged
}

fn settle(mut judged: Judged) -> Judged {
    for trial in &mut judged.result.trials {
        trial.verdict = Verdict::worst(trial.checks.iter().map(|check| check.verdict));
    }
    judged.result.verdict = Verdict::worst(judged.result.trials.iter().map(|trial| trial.verdict));
    judged
}

fn run(name: &str, title: &str) -> Judged {
    let workload = WorkloadFacts {
        rate: "constant 2000/s".to_owned(),
        offered: RATE * (LOAD + 3),
        even: Some(true),
        message_bytes: 1024,
        producers: 2,
        consumers: 3,
        partitions: 4,
        seed: 42,
        ..WorkloadFacts::default()
    };
    let run = RunFacts {
        id: "7c1f09".to_owned(),
        started: "2026-11-20T14:03:11Z".to_owned(),
        command: ["harness", "run", "scenarios/failover.toml"].map(str::to_owned).to_vec(),
        versions: map(&[("harness", "0.1.0"), ("toxiproxy", "2.12.0")]),
        planned: Vec::new(),
        scenario: ScenarioFacts::default(),
        host: map(&[
            ("cpu", "Example 3000"),
            ("cores", "2"),
            ("memory", "24 GiB"),
            ("kernel", "6.12"),
            ("environment", "containers"),
        ]),
    };
    let scenario = ScenarioSummary { name: name.to_owned(), title: title.to_owned(), workload };
    let result = RunResult {
        schema: RESULT_SCHEMA.to_owned(),
        scenario,
        fingerprint: Fingerprint::default(),
        run,
        verdict: Verdict::Pass,
        trials: Vec::new(),
        missing: Vec::new(),
        known: Vec::new(),
    };
    Judged { result, series: Vec::new() }
}

fn add(judged: &mut Judged, system: System, repeat: u32) {
    judged.result.trials.push(result::trial(system, repeat));
    judged.series.push(series::of(system, repeat));
}
