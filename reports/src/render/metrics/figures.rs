//! The figures of each trial, in base units: seconds, bytes, messages.

use super::family::{Family, Kind, Labels};
use super::labelled::{of_each, of_trial, with};
use crate::result::{
    Distribution, FaultRecovery, Latencies, Rate, Rates, Reconnect, ResourceResult, RunResult, TrialResult,
};
use crate::units::Nanos;

const MIB: f64 = 1_048_576.0;

pub(super) fn families(result: &RunResult) -> Vec<Family> {
    let mut families = vec![messages(result), redeliveries(result), latency(result), slowest(result)];
    families.extend(rates(result));
    families.extend(generator(result));
    families.extend(service(result));
    families.extend(faults(result));
    families.extend(clients(result));
    families.extend(processes(result));
    families.push(network(result));
    families.push(warm_up(result));
    families
}

fn seconds(nanos: Nanos) -> f64 {
    nanos.as_secs_f64()
}

fn messages(result: &RunResult) -> Family {
    let help = "Messages of the whole trial, warm-up included, by what became of them.";
    let mut family = Family::new("harness_messages_total", Kind::Counter, help);
    for trial in &result.trials {
        let counts = &trial.counts;
        let told = [
            ("offered", Some(counts.offered)),
            ("acknowledged", Some(counts.acknowledged)),
            ("failed", Some(counts.failed)),
            ("indeterminate", Some(counts.indeterminate)),
            ("delivered", Some(counts.delivered)),
            ("distinct", Some(counts.distinct)),
            ("lost", Some(counts.lost)),
            ("phantom", Some(counts.phantom)),
            ("corrupted", Some(counts.corrupted)),
            ("duplicated", Some(counts.duplicated)),
            ("redelivered", Some(counts.redelivered)),
            ("out-of-order", Some(counts.out_of_order)),
            ("resurrected", Some(counts.resurrected)),
            ("unprocessed", counts.unprocessed),
            ("pending-at-end", counts.pending_at_end),
        ];
        for (outcome, count) in told.into_iter().filter_map(|(outcome, count)| Some((outcome, count?))) {
            family.add(with(&of_trial(result, trial), [("outcome", outcome)]), count as f64);
        }
    }
    family
}

fn redeliveries(result: &RunResult) -> Family {
    let mut family = Family::new("harness_redeliveries_total", Kind::Counter, "Deliveries beyond the first, by cause.");
    for trial in &result.trials {
        for (cause, count) in &trial.recovery.redelivered_by_cause {
            family.add(with(&of_trial(result, trial), [("cause", cause)]), *count as f64);
        }
    }
    family
}

fn latencies(trial: &TrialResult) -> impl Iterator<Item = (&'static str, &Distribution)> {
    let Latencies { response, service, end_to_end, refused } = &trial.latency_ns;
    let all = [("response", response), ("service", service), ("end-to-end", end_to_end), ("refused", refused)];
    all.into_iter().filter(|(kind, _)| is_possible(kind, trial))
}

/// Whether there can be such a figure: consumers make some of them.
fn is_possible(kind: &str, trial: &TrialResult) -> bool {
    trial.has_consumers || !["end-to-end", "consumed"].contains(&kind)
}

fn latency(result: &RunResult) -> Family {
    let help = "Times of the load phase: response from the intended send, service from the actual one, end-to-end to the receipt.";
    let mut family = Family::new("harness_latency_seconds", Kind::Summary, help);
    for trial in &result.trials {
        for (kind, times) in latencies(trial) {
            summary(&mut family, &with(&of_trial(result, trial), [("kind", kind)]), times);
        }
    }
    family
}

/// Quantiles of no value are no number, as Prometheus has it.
fn summary(family: &mut Family, labels: &Labels, times: &Distribution) {
    let quantiles =
        [("0.5", times.p50), ("0.9", times.p90), ("0.99", times.p99), ("0.999", times.p99_9), ("0.9999", times.p99_99)];
    for (quantile, nanos) in quantiles {
        let value = if times.count == 0 { f64::NAN } else { nanos as f64 / 1e9 };
        family.add(with(labels, [("quantile", quantile)]), value);
    }
    family.add_ending("_sum", labels.clone(), times.mean * times.count as f64 / 1e9);
    family.add_ending("_count", labels.clone(), times.count as f64);
}

fn slowest(result: &RunResult) -> Family {
    let mut family = Family::new("harness_latency_max_seconds", Kind::Gauge, "The longest time of the load phase.");
    for trial in &result.trials {
        for (kind, times) in latencies(trial).filter(|(_, times)| times.count > 0) {
            family.add(with(&of_trial(result, trial), [("kind", kind)]), times.max as f64 / 1e9);
        }
    }
    family
}

fn rates(result: &RunResult) -> [Family; 2] {
    let help = "Messages a second in the load phase.";
    let mut messages = Family::new("harness_messages_per_second", Kind::Gauge, help);
    let help = "Payload bytes a second in the load phase.";
    let mut bytes = Family::new("harness_payload_bytes_per_second", Kind::Gauge, help);
    for trial in &result.trials {
        let Rates { offered, sent, acknowledged, consumed, .. } = &trial.rates;
        let told: [(&str, &Rate); 4] =
            [("offered", offered), ("sent", sent), ("acknowledged", acknowledged), ("consumed", consumed)];
        for (kind, rate) in told.into_iter().filter(|(kind, _)| is_possible(kind, trial)) {
            messages.add(with(&of_trial(result, trial), [("kind", kind)]), rate.msg_per_s);
            bytes.add(with(&of_trial(result, trial), [("kind", kind)]), rate.mib_per_s * MIB);
        }
    }
    [messages, bytes]
}

fn generator(result: &RunResult) -> [Family; 2] {
    let help = "How late sends began while nothing but the load generator held them up.";
    let mut lag = Family::new("harness_generator_lag_seconds", Kind::Summary, help);
    for trial in &result.trials {
        summary(&mut lag, &of_trial(result, trial), trial.generator.lag());
    }
    let help =
        "1 where the load generator did not keep up, so that speed cannot be judged; absent where that is not known.";
    let saturated = of_each(Family::new("harness_generator_saturated", Kind::Gauge, help), result, |trial| {
        trial.generator.saturated.map(|saturated| f64::from(u8::from(saturated)))
    });
    [lag, saturated]
}

fn service(result: &RunResult) -> [Family; 3] {
    let gauge = |name, help| Family::new(name, Kind::Gauge, help);
    [
        of_each(
            gauge("harness_longest_gap_seconds", "The longest time in which a send was due and none was acknowledged."),
            result,
            |trial| Some(seconds(trial.recovery.longest_gap_ns)),
        ),
        of_each(
            gauge("harness_unavailable_seconds", "The sum of all such gaps of at least a second."),
            result,
            |trial| Some(seconds(trial.recovery.unavailable_ns)),
        ),
        of_each(
            gauge("harness_drained_seconds", "From the load's end until everything was accounted for."),
            result,
            |trial| trial.recovery.drained_ns.map(seconds),
        ),
    ]
}

fn faults(result: &RunResult) -> [Family; 4] {
    let of = |name, help, figure: fn(&FaultRecovery) -> Option<Nanos>| {
        let mut family = Family::new(name, Kind::Gauge, help);
        for trial in &result.trials {
            for fault in &trial.recovery.faults {
                if let Some(time) = figure(fault) {
                    family.add(with(&of_trial(result, trial), [("fault", &fault.fault)]), seconds(time));
                }
            }
        }
        family
    };
    [
        of("harness_fault_first_success_seconds", "From the heal to the first acknowledged send.", |fault| {
            fault.first_success_ns
        }),
        of("harness_fault_sending_steady_seconds", "From the heal until sends are answered as before.", |fault| {
            fault.sending_steady_ns
        }),
        of("harness_fault_consuming_steady_seconds", "From the heal until messages are consumed as before.", |fault| {
            fault.consuming_steady_ns
        }),
        of("harness_fault_steady_seconds", "From the heal to full service; absent where it was not shown.", |fault| {
            fault.steady_ns
        }),
    ]
}

fn clients(result: &RunResult) -> [Family; 4] {
    let of = |name, kind, help, figure: fn(&Reconnect) -> Option<f64>| {
        let mut family = Family::new(name, kind, help);
        for trial in &result.trials {
            for client in &trial.clients {
                for reconnect in client.reconnects.iter().filter(|reconnect| reconnect.affected) {
                    let labels =
                        with(&of_trial(result, trial), [("client", &client.client), ("fault", &reconnect.fault)]);
                    if let Some(value) = figure(reconnect) {
                        family.add(labels, value);
                    }
                }
            }
        }
        family
    };
    [
        of(
            "harness_client_connected_seconds",
            Kind::Gauge,
            "From the heal until the last of a client's lost connections is back.",
            |reconnect| reconnect.connected_ns.map(seconds),
        ),
        of(
            "harness_client_first_success_seconds",
            Kind::Gauge,
            "From the heal to a client's first success.",
            |reconnect| reconnect.first_success_ns.map(seconds),
        ),
        of("harness_client_attempts_total", Kind::Counter, "A client's attempts to connect.", |reconnect| {
            Some(reconnect.attempts.len() as f64)
        }),
        of("harness_client_never_returned", Kind::Gauge, "1 for a client that did not come back.", |reconnect| {
            Some(f64::from(u8::from(reconnect.never_returned)))
        }),
    ]
}

fn processes(result: &RunResult) -> [Family; 4] {
    let of = |name, kind, help, figure: fn(&ResourceResult) -> Option<f64>| {
        let mut family = Family::new(name, kind, help);
        for trial in &result.trials {
            for process in &trial.resources {
                let labels = with(&of_trial(result, trial), [("role", &process.role), ("process", &process.process)]);
                if let Some(value) = figure(process) {
                    family.add(labels, value);
                }
            }
        }
        family
    };
    [
        of("harness_process_cpu_seconds_total", Kind::Counter, "CPU time over the load phase.", |process| {
            Some(seconds(process.cpu_ns))
        }),
        of(
            "harness_process_cpu_seconds_per_million_messages",
            Kind::Gauge,
            "CPU time for a million messages acknowledged in the load phase.",
            |process| process.cpu_s_per_million,
        ),
        of("harness_process_resident_memory_max_bytes", Kind::Gauge, "The largest resident memory.", |process| {
            Some(process.rss_max as f64)
        }),
        of(
            "harness_process_written_bytes_total",
            Kind::Counter,
            "Bytes written to storage over the load phase.",
            |process| Some(process.written as f64),
        ),
    ]
}

fn network(result: &RunResult) -> Family {
    let help = "Bytes between clients and broker over the whole trial, as the proxy counted them; absent without one.";
    let mut family = Family::new("harness_network_bytes_total", Kind::Counter, help);
    for trial in &result.trials {
        let Some(network) = &trial.network else { continue };
        for (direction, passed) in [("to-broker", network.to_broker), ("from-broker", network.from_broker)] {
            family.add(with(&of_trial(result, trial), [("direction", direction)]), passed.bytes as f64);
        }
    }
    family
}

fn warm_up(result: &RunResult) -> Family {
    let help = "How much of the load phase at its beginning was not like the rest; absent where that cannot be told.";
    of_each(Family::new("harness_warm_up_seconds", Kind::Gauge, help), result, |trial| {
        trial.warm_up.as_ref()?.warm_after_ns.map(seconds)
    })
}
