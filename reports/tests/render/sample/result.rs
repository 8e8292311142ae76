//! The result of a trial, from the model.

use super::series::percentiles;
use super::system::{DOWN, LOAD, RATE, System, attempts, back, clients, faults, noise, seconds_of};
use reports::facts::{Path, Setting, Yardstick};
use reports::result::{
    AckRecovery, Attempt, CheckResult, ClientResult, ConsumerPending, Counts, CrashRecovery, Distribution, Doubts,
    FaultRecovery, FaultResult, Generator, Interval, Latencies, LogResult, NetworkDirection, NetworkResult,
    PhaseResult, Rate, Rates, Reason, Reasons, Reconnect, Recovery, ResourceResult, Takeover, TrialResult, Unit,
    Verdict, WarmUp,
};
use reports::series::Percentiles;
use reports::units::Nanos;
use std::collections::BTreeMap;

pub(super) fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

pub(super) fn distribution(values: &[(f64, Nanos)], count: u64) -> Distribution {
    let at = |quantile: f64| values.iter().find(|(place, _)| *place >= quantile).map_or(0, |(_, value)| value.0);
    Distribution {
        count,
        mean: at(0.5) as f64 * 1.2,
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        p99_9: at(0.999),
        p99_99: at(0.9999),
        max: at(1.0),
    }
}

/// A tenth to either side of what is compared.
fn intervals(latencies: &Latencies) -> BTreeMap<String, Interval> {
    let figures = [("response-p50", latencies.response.p50), ("response-p99", latencies.response.p99)];
    let around = |value: u64| Interval { low: value as f64 / 1.1, high: value as f64 * 1.1, unit: Unit::Nanoseconds };
    figures.into_iter().map(|(figure, value)| (figure.to_owned(), around(value))).collect()
}

pub(super) fn latencies(percentiles: &Percentiles, count: u64) -> Latencies {
    Latencies {
        response: distribution(&percentiles.response, count),
        service: distribution(&percentiles.service, count),
        end_to_end: distribution(&percentiles.end_to_end, count),
        refused: Distribution::default(),
    }
}

pub(super) fn rates(seconds: f64, share: f64) -> Rates {
    let rate = |messages: f64| Rate { msg_per_s: messages, mib_per_s: messages / 1024.0 };
    let full = RATE as f64;
    Rates {
        seconds,
        offered: rate(full),
        sent: rate(full),
        acknowledged: rate(full * share),
        consumed: rate(full * share),
    }
}

pub(super) fn phase_results(system: System) -> Vec<PhaseResult> {
    let calm = latencies(&percentiles(System { returns_after: None, ..system }), RATE * 10);
    let whole = latencies(&percentiles(system), RATE * LOAD);
    let phase = |name: &str, from: f64, to: f64, latency_ns, share| PhaseResult {
        name: name.to_owned(),
        from_ns: seconds_of(from),
        to_ns: seconds_of(to),
        latency_ns,
        rates: rates(to - from, share),
    };
    let mut phases = vec![phase("all", 0.0, LOAD as f64, whole, 1.0)];
    if faults(system).is_some() {
        phases.push(phase("before down-1", 0.0, DOWN.0, calm, 1.0));
        phases.push(phase("during down-1", DOWN.0, DOWN.1, outage(system, &calm), 0.0));
        phases.push(phase("after down-1", DOWN.1, LOAD as f64, calm, 1.333));
    }
    phases
}

/// Messages meant for the outage: their service is as ever, but all of them wait for its end.
pub(super) fn outage(system: System, calm: &Latencies) -> Latencies {
    let length = back(system) - DOWN.0;
    let waits = |quantile: f64| seconds_of(length - 5.0 * 0.69 * (1.0 - quantile));
    let values: Vec<(f64, Nanos)> = [0.5, 0.9, 0.99, 0.999, 0.9999, 1.0].map(|place| (place, waits(place))).to_vec();
    let waited = distribution(&values, RATE * 5);
    Latencies { response: waited, service: calm.service, end_to_end: waited, refused: Distribution::default() }
}

pub(super) fn trial(system: System, repeat: u32) -> TrialResult {
    let offered = RATE * (LOAD + 3);
    let indeterminate = if faults(system).is_some() { 14 } else { 0 };
    let redelivered = if faults(system).is_some() { 23 } else { 0 };
    TrialResult {
        system: system.name.to_owned(),
        broker: system.broker.to_owned(),
        client: system.client.to_owned(),
        path: Path::Proxied,
        repeat,
        folder: format!("{}-{repeat}", system.name),
        verdict: Verdict::Pass,
        has_consumers: true,
        versions: map(&[system.version, ("image", "harness/broker")]),
        fairness: fairness(system),
        counts: Counts {
            offered,
            acknowledged: offered - indeterminate,
            indeterminate,
            delivered: offered + redelivered,
            distinct: offered,
            redelivered,
            pending_at_end: Some(0),
            ..Counts::default()
        },
        log: Some(LogResult {
            complete: true,
            entries: offered,
            distinct: offered,
            happened: indeterminate,
            ..LogResult::default()
        }),
        reasons: Reasons {
            failed: Vec::new(),
            indeterminate: (indeterminate > 0)
                .then(|| Reason { words: "connection lost".to_owned(), sends: indeterminate, explained: 0 })
                .into_iter()
                .collect(),
        },
        nodes: Vec::new(),
        retries: None,
        pool: None,
        latency_ns: latencies(&percentiles(system), RATE * LOAD),
        intervals: intervals(&latencies(&percentiles(system), RATE * LOAD)),
        rates: rates(LOAD as f64, 1.0),
        warm_up: Some(warm_up()),
        phases: phase_results(system),
        generator: Generator {
            own_lag_ns: None,
            lag_ns: Distribution {
                count: RATE * LOAD,
                mean: 21_000.0,
                p50: 14_000,
                p90: 38_000,
                p99: 142_000,
                p99_9: 390_000,
                p99_99: 800_000,
                max: 1_200_000,
            },
            limit_ns: Nanos::from_millis(5),
            saturated: Some(false),
        },
        faults: fault_results(system),
        clients: client_results(system),
        recovery: recovery(system),
        resources: resources(system),
        network: Some(network(system)),
        checks: checks(system),
        notes: Vec::new(),
        yardstick: Some(Yardstick { early: Nanos(980_000), late: Nanos(975_000), work: 1 }),
        doubts: Doubts::default(),
    }
}

pub(super) fn fairness(system: System) -> Vec<Setting> {
    let setting = |topic: &str, setting: &str, value: &str, note: Option<&str>| Setting {
        read_back: topic == "durability" && setting != "acks",
        ..Setting::new(topic, setting, value.to_owned(), note)
    };
    match system.broker {
        "kafka" => vec![
            setting("durability", "acks", "1", None),
            setting("durability", "flush.messages", "unset", Some("the page cache survives a killed process")),
            setting("request-timeout", "socket.timeout.ms", "1000", None),
            setting("backoff", "reconnect.backoff.ms", "1000", Some("−25 % to +50 %, by the library")),
            setting("backoff", "reconnect.backoff.max.ms", "16000", None),
            setting("batching", "linger.ms", "5", None),
        ],
        _ => vec![
            setting("durability", "appendfsync", "everysec", Some("the page cache survives a killed process")),
            setting("request-timeout", "response_timeout", "1 s", Some("readers: 1 s more than their BLOCK")),
            setting("backoff", "own loop", "1 s × 2, at most 16 s, ± 20 %", None),
        ],
    }
}

pub(super) fn fault_results(system: System) -> Vec<FaultResult> {
    faults(system)
        .map(|()| FaultResult {
            name: "down-1".to_owned(),
            kind: "down".to_owned(),
            target: "link client".to_owned(),
            detail: String::new(),
            injected_ns: Some(seconds_of(DOWN.0 + 0.004)),
            healed_ns: Some(seconds_of(DOWN.1 + 0.003)),
            confirmed: true,
            evidence: "enabled = false read back, then enabled = true".to_owned(),
            effect_seen: true,
            effect_demanded: true,
            effect: format!("{} connections lost", clients().len() * system.peers.len()),
        })
        .into_iter()
        .collect()
}

pub(super) fn client_results(system: System) -> Vec<ClientResult> {
    let results = clients().into_iter().enumerate().map(|(index, client)| {
        let mut all = Vec::new();
        for (place, peer) in system.peers.iter().enumerate() {
            let tried = attempts(system, (index * 2 + place) as u64);
            for (number, (at, _, wait)) in tried.iter().enumerate() {
                let base = system.first_wait * 2f64.powi(number as i32);
                let succeeded = number + 1 == tried.len();
                all.push(Attempt {
                    peer: (*peer).to_owned(),
                    at_ns: seconds_of(*at),
                    wait_ns: Some(seconds_of(*wait)),
                    allowed_ns: Some((seconds_of(base * 0.8), seconds_of(base * 1.2))),
                    within: true,
                    succeeded,
                    error: (!succeeded).then(|| "connection refused".to_owned()),
                });
            }
        }
        all.sort_by_key(|attempt| attempt.at_ns);
        let last = all.last().map_or(0.0, |attempt| attempt.at_ns.as_secs_f64());
        let connected = (last - (DOWN.1 - DOWN.0)).max(0.0);
        let reconnects = faults(system).map(|()| Reconnect {
            fault: "down-1".to_owned(),
            affected: true,
            first_error_ns: Some(seconds_of(0.02 + 0.1 * noise(index as u64 * 2))),
            attempts: all,
            outside_envelope: 0,
            connected_ns: Some(seconds_of(connected)),
            first_success_ns: Some(seconds_of(connected + 0.012)),
            slowest_peer: system.peers.last().map(|peer| (*peer).to_owned()),
            never_returned: false,
            watched_ns: seconds_of(20.0),
            cut_short: None,
        });
        ClientResult { client, reconnects: reconnects.into_iter().collect() }
    });
    results.collect()
}

fn ack() -> AckRecovery {
    let takeover = |by: &str, messages| Takeover { from: Some("consumer-1".to_owned()), by: by.to_owned(), messages };
    AckRecovery {
        takeovers: vec![takeover("consumer-0", 30), takeover("consumer-2", 12)],
        crashes: vec![CrashRecovery {
            consumer: "consumer-1".to_owned(),
            at_ms: 3000,
            held: 42,
            unseen: 0,
            first_taken_over_ns: Some(Nanos::from_millis(2600)),
            recovered_ns: Some(Nanos::from_millis(3100)),
            left: 0,
        }],
        pending: vec![ConsumerPending { consumer: "consumer-1".to_owned(), most: 42.0, last: 0.0 }],
        longest_idle_ms: Some(2600),
        ..AckRecovery::default()
    }
}

pub(super) fn recovery(system: System) -> Recovery {
    let Some(after) = system.returns_after else {
        return Recovery { ack: ack(), drained_ns: Some(Nanos::from_millis(240)), ..Recovery::default() };
    };
    Recovery {
        faults: vec![FaultRecovery {
            fault: "down-1".to_owned(),
            first_success_ns: Some(seconds_of(after)),
            sending_steady_ns: Some(seconds_of(after + 3.0)),
            consuming_steady_ns: Some(seconds_of(after + 2.4)),
            steady_ns: Some(seconds_of(after + 3.0)),
            peak_attempts_per_second: (clients().len() * system.peers.len()) as u64,
            not_shown: None,
        }],
        longest_gap_ns: seconds_of(back(system) - DOWN.0),
        unavailable_ns: seconds_of(back(system) - DOWN.0),
        longest_gap_by_producer_ns: map(&[("producer-0", ""), ("producer-1", "")])
            .into_keys()
            .map(|producer| (producer, seconds_of(back(system) - DOWN.0)))
            .collect(),
        peak_attempts_per_second: (clients().len() * system.peers.len()) as u64,
        delivery_counts: BTreeMap::from([(1, 65_977), (2, 23)]),
        redelivered_by_cause: BTreeMap::from([("reconnect".to_owned(), 23)]),
        unsettled: 0,
        ack: ack(),
        drained_ns: Some(Nanos::from_millis(310)),
    }
}

/// Ten seconds before the fault, or the whole load, of which every one is like the others.
fn warm_up() -> WarmUp {
    WarmUp { warm_after_ns: Some(Nanos::ZERO), looked_at_ns: Nanos::from_secs(10), signs: Vec::new(), why: None }
}

/// Of messages of 1 KiB, with a protocol that adds as many bytes as the median is long in µs.
fn network(system: System) -> NetworkResult {
    let way = |added: u64| {
        let each = (1_024 + added) as f64;
        NetworkDirection {
            bytes: (1_024 + added) * RATE * (LOAD + 3),
            bytes_per_message: Some(each),
            bytes_per_s: Some(each * RATE as f64),
            payload_share: Some(1_024.0 / each),
        }
    };
    NetworkResult { to_broker: way(system.calm_us.0 / 5), from_broker: way(system.calm_us.0 / 3) }
}

pub(super) fn resources(system: System) -> Vec<ResourceResult> {
    let process = |role: &str, name: String, cpu_ms: u64, rss_mib: u64, growth: i64| ResourceResult {
        role: role.to_owned(),
        process: name,
        cpu_ns: Nanos::from_millis(cpu_ms),
        cpu_s_per_million: Some(cpu_ms as f64 / 60.0),
        rss_max: rss_mib << 20,
        rss_per_hour: None,
        rss_growth: growth,
        written: cpu_ms * 40_000,
        idle_cores: None,
        cpu_s_per_million_busy: None,
    };
    vec![
        process("broker", format!("{}-0", system.name), 1_400 + system.calm_us.0, 120, 4 << 20),
        process("generator", "producer-0".to_owned(), 610, 21, 0),
        process("generator", "consumer-0".to_owned(), 540, 19, -(96 << 10)),
        process("proxy", "toxiproxy".to_owned(), 900, 31, 0),
    ]
}

pub(super) fn checks(system: System) -> Vec<CheckResult> {
    let check = |name: &str, limit: &str, observed: &str, why: &str| CheckResult {
        name: name.to_owned(),
        verdict: Verdict::Pass,
        limit: limit.to_owned(),
        observed: observed.to_owned(),
        why: why.to_owned(),
        limit_quantity: None,
        observed_quantity: None,
        faults: Vec::new(),
        known: None,
    };
    let counted = "the trial was drained, and every acknowledged message was delivered";
    let mut checks = vec![
        check("lost", "0", "0", counted),
        check("phantom", "0", "0", "every delivery matches a send"),
        check("corrupted", "0", "0", "every checksum and identity is right"),
        check("duplicated", "0", "0", "no message stands at two positions"),
        check("out-of-order", "0", "0", "first deliveries are in sequence"),
        check("unrecovered", "0", "0", "nothing is pending, by the history and by the broker"),
        check("resurrected", "0", "0", "no settled message came again"),
    ];
    if let Some(after) = system.returns_after {
        checks.push(check(
            "reconnected",
            "≤ 6.00 s",
            &format!("{after:.2} s (consumer-2)"),
            "every client came back, within its envelope",
        ));
        checks.push(check("recovered", "≤ 15.0 s", &format!("{:.2} s", after + 3.0), "steady again, held for 5.00 s"));
    }
    checks
}
