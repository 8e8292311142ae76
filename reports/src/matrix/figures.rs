//! The figures of a system in a cell, each with how sure it is.

use crate::result::{Distribution, TrialResult, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A figure over the load phase of a system's trials in one cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CellFigure {
    /// The median over the trials.
    pub value: f64,
    /// No trial's interval begins below; the trial's own value where it has no interval.
    pub low: f64,
    /// No trial's interval ends above.
    pub high: f64,
    /// Of what.
    pub unit: Unit,
}

/// How a figure is read from a trial. `None`: it was not measured.
type ReadFigure = fn(&TrialResult) -> Option<f64>;

/// The figures of a system in a cell: the name, which is also that of its interval, the unit, and how it is read.
pub const FIGURES: &[(&str, Unit, ReadFigure)] = &[
    ("offered", Unit::MessagesPerSecond, |trial| rate(trial.rates.offered.msg_per_s)),
    ("throughput", Unit::MessagesPerSecond, |trial| measured(trial).then_some(trial.rates.acknowledged.msg_per_s)),
    ("service-p50", Unit::Nanoseconds, |trial| time(&trial.latency_ns.service, |times| times.p50)),
    ("service-p99", Unit::Nanoseconds, |trial| time(&trial.latency_ns.service, |times| times.p99)),
    ("response-p50", Unit::Nanoseconds, |trial| time(&trial.latency_ns.response, |times| times.p50)),
    ("response-p99", Unit::Nanoseconds, |trial| time(&trial.latency_ns.response, |times| times.p99)),
    ("end-to-end-p50", Unit::Nanoseconds, |trial| time(&trial.latency_ns.end_to_end, |times| times.p50)),
    ("end-to-end-p99", Unit::Nanoseconds, |trial| time(&trial.latency_ns.end_to_end, |times| times.p99)),
    ("broker-cpu", Unit::CpuSecondsPerMillion, broker_cpu),
];

fn measured(trial: &TrialResult) -> bool {
    trial.rates.seconds > 0.0 && trial.counts.offered > 0
}

fn rate(per_second: f64) -> Option<f64> {
    (per_second > 0.0).then_some(per_second)
}

fn time(times: &Distribution, pick: fn(&Distribution) -> u64) -> Option<f64> {
    (times.count > 0).then(|| pick(times) as f64)
}

/// CPU seconds of all of the broker's processes for a million messages acknowledged.
fn broker_cpu(trial: &TrialResult) -> Option<f64> {
    let used = trial.resources.iter().filter(|process| process.role == "broker");
    let seconds: f64 = used.map(|process| process.cpu_ns.as_secs_f64()).sum();
    let messages = trial.rates.acknowledged.msg_per_s * trial.rates.seconds;
    (seconds > 0.0 && messages >= 1.0).then(|| seconds * 1e6 / messages)
}

impl CellFigure {
    /// Of the trials of one system. `None`: no trial measured it.
    pub(super) fn of(name: &str, unit: Unit, read: ReadFigure, trials: &[&TrialResult]) -> Option<Self> {
        let mut values = Vec::new();
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for trial in trials {
            let Some(value) = read(trial) else { continue };
            let (from, to) = trial.intervals.get(name).map_or((value, value), |interval| (interval.low, interval.high));
            (low, high) = (low.min(from), high.max(to));
            values.push(value);
        }
        values.sort_by(f64::total_cmp);
        let value = match values.as_slice() {
            [] => return None,
            odd if odd.len() % 2 == 1 => odd[odd.len() / 2],
            even => f64::midpoint(even[even.len() / 2 - 1], even[even.len() / 2]),
        };
        Some(Self { value, low, high, unit })
    }

    /// Whether its interval is more than the value itself.
    pub fn has_interval(&self) -> bool {
        self.low < self.value || self.high > self.value
    }
}
