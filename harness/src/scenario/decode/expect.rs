//! `[expect]`: the limits that the checks hold a trial to.

use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use crate::scenario::value::Bytes;
use reports::facts::{LatencyKind, LatencyLimit, Limits, RateKind, SoakLimits, ThroughputLimit};
use reports::units::Nanos;
use std::collections::BTreeMap;
use std::time::Duration;

/// Latencies by the first part of their key.
const LATENCIES: [(&str, LatencyKind); 3] =
    [("response", LatencyKind::Response), ("service", LatencyKind::Service), ("end-to-end", LatencyKind::EndToEnd)];

/// Statistics by the second part of their key, and as results name them.
const STATISTICS: [(&str, &str); 7] = [
    ("p50", "p50"),
    ("p90", "p90"),
    ("p99", "p99"),
    ("p99-9", "p99.9"),
    ("p99-99", "p99.99"),
    ("max", "max"),
    ("mean", "mean"),
];

pub(in crate::scenario) const RATES: [(&str, RateKind); 4] = [
    ("offered", RateKind::Offered),
    ("sent", RateKind::Sent),
    ("acknowledged", RateKind::Acknowledged),
    ("consumed", RateKind::Consumed),
];

/// A latency limit's key: `response-p99-9`.
pub(in crate::scenario) fn key(limit: &LatencyLimit) -> String {
    let prefix = LATENCIES.iter().find(|(_, kind)| *kind == limit.kind).map_or("", |(prefix, _)| prefix);
    let suffix =
        STATISTICS.iter().find(|(_, statistic)| *statistic == limit.statistic).map_or("", |(suffix, _)| suffix);
    format!("{prefix}-{suffix}")
}

pub(super) fn read(top: &mut Section<'_>, reading: &mut ScenarioReading) -> Limits {
    let mut section = top.section(reading, "expect");
    let mut damage = BTreeMap::new();
    let mut none_but = |key: &str| count(&mut section, reading, key, Some(0), &mut damage);
    let (failed, lost, phantom) = (none_but("failed"), none_but("lost"), none_but("phantom"));
    let (corrupted, duplicated) = (none_but("corrupted"), none_but("duplicated"));
    let (out_of_order, unrecovered) = (none_but("out-of-order"), none_but("unrecovered"));
    let (resurrected, stolen) = (none_but("resurrected"), none_but("stolen"));
    let mut if_given = |key: &str| count(&mut section, reading, key, None, &mut damage);
    let (indeterminate, redelivered) = (if_given("indeterminate"), if_given("redelivered"));
    let (dead_lettered, unprocessed) = (if_given("dead-lettered"), if_given("unprocessed"));
    let limits = Limits {
        failed,
        indeterminate,
        lost: lost.unwrap_or(0),
        phantom: phantom.unwrap_or(0),
        corrupted: corrupted.unwrap_or(0),
        duplicated: duplicated.unwrap_or(0),
        out_of_order: out_of_order.unwrap_or(0),
        unrecovered: unrecovered.unwrap_or(0),
        resurrected: resurrected.unwrap_or(0),
        stolen,
        redelivered,
        dead_lettered,
        unprocessed,
        damage,
        // The client's policy, and whether anything is poisoned, are known to the trial alone.
        delivery_limit: None,
        producer_attempts: None,
        reconnected: limit(&mut section, reading, "reconnected"),
        unavailable: limit(&mut section, reading, "unavailable"),
        recovered: limit(&mut section, reading, "recovered"),
        latency: latency(&mut section, reading),
        throughput: throughput(&mut section, reading),
        soak: soak(&mut section, reading),
        generator_lag: Nanos::from(section.or(reading, "generator-lag", Duration::from_millis(10))),
    };
    section.finish(reading);
    limits
}

/// At most so many, or, as a table, at least: then the check's limit is one less, and what exceeds it is the damage.
fn count(
    section: &mut Section<'_>,
    reading: &mut ScenarioReading,
    key: &str,
    otherwise: Option<u64>,
    damage: &mut BTreeMap<String, u64>,
) -> Option<u64> {
    if !section.present().any(|entry| entry.key == key && entry.node.value.as_table().is_some()) {
        return match otherwise {
            Some(most) => Some(section.or(reading, key, most)),
            None => section.get(reading, key),
        };
    }
    let mut inner = section.section(reading, key);
    let least: Option<u64> = inner.required(reading, "at-least");
    if least == Some(0) {
        let message = format!("`{}` of zero is always there", inner.child("at-least"));
        inner.blame(
            reading,
            "at-least",
            message,
            "no damage at all",
            "write 1 or more; or the most that is acceptable",
        );
    }
    inner.finish(reading);
    let least = least.unwrap_or(1).max(1);
    damage.insert(key.to_owned(), least);
    Some(least - 1)
}

fn limit(section: &mut Section<'_>, reading: &mut ScenarioReading, key: &str) -> Option<Nanos> {
    let length: Duration = section.get(reading, key)?;
    if length.is_zero() {
        let message = format!("`{}` of zero can never hold", section.child(key));
        section.blame(reading, key, message, "no time at all", "write the longest time that is acceptable");
    }
    Some(Nanos::from(length))
}

fn latency(expect: &mut Section<'_>, reading: &mut ScenarioReading) -> Vec<LatencyLimit> {
    let mut section = expect.section(reading, "latency");
    let mut limits = Vec::new();
    for (prefix, kind) in LATENCIES {
        for (suffix, statistic) in STATISTICS {
            if let Some(limit) = limit(&mut section, reading, &format!("{prefix}-{suffix}")) {
                limits.push(LatencyLimit { kind, statistic: statistic.to_owned(), limit });
            }
        }
    }
    section.finish(reading);
    limits
}

fn throughput(expect: &mut Section<'_>, reading: &mut ScenarioReading) -> Vec<ThroughputLimit> {
    let mut section = expect.section(reading, "throughput");
    let mut limits = Vec::new();
    for (key, kind) in RATES {
        let Some(limit) = section.get::<f64>(reading, key) else { continue };
        if !(limit.is_finite() && limit > 0.0) {
            let message = format!("`{}` must be above zero", section.child(key));
            section.blame(reading, key, message, "no limit at all", "write messages a second, as in 1900");
        }
        limits.push(ThroughputLimit { kind, limit });
    }
    section.finish(reading);
    limits
}

/// What may creep in an hour of load.
fn soak(expect: &mut Section<'_>, reading: &mut ScenarioReading) -> SoakLimits {
    let mut section = expect.section(reading, "soak");
    let mut memory = |key: &str| {
        let Bytes(limit) = section.get(reading, key)?;
        if limit == 0 {
            let message = format!("`{}` of zero can never be shown to hold", section.child(key));
            section.blame(
                reading,
                key,
                message,
                "no memory at all",
                "write how much may be taken in an hour: \"20MiB\"",
            );
        }
        Some(limit)
    };
    let (broker_memory, client_memory) = (memory("broker-memory"), memory("client-memory"));
    let slowdown: Option<f64> = section.get(reading, "slowdown");
    if let Some(limit) = slowdown.filter(|limit| !(limit.is_finite() && *limit > 0.0 && *limit < 1.0)) {
        let message = format!("`{}` is a share between 0 and 1, and this is {limit}", section.child("slowdown"));
        let help = "write which share of what is due may go unacknowledged more in an hour: 0.05 for 5 %";
        section.blame(reading, "slowdown", message, "no share", help);
    }
    section.finish(reading);
    SoakLimits { broker_memory, client_memory, slowdown }
}
