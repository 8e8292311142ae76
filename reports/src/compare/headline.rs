//! The figures that are compared: what each is, which way is better, and how its differences are taken.

use super::comparison::Direction;
use super::scale::Scale;
use crate::facts::LatencyKind;
use crate::result::{TrialResult, Unit};
use crate::uncertainty::Quantile;

/// A figure of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Headline {
    /// Sends acknowledged a second.
    Throughput,
    /// A quantile of one of the three latencies.
    Latency(LatencyKind, Quantile),
    /// CPU per message of all processes of a role.
    Cpu(Processes),
    /// Largest memory of all processes of a role together.
    Memory(Processes),
    /// A fault's heal → the slowest client is connected.
    Connected(String),
    /// A fault's heal → service is steady.
    Steady(String),
    /// Messages of a trial.
    Messages(Counted),
}

/// Whose resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Processes {
    Broker,
    Clients,
}

/// Which messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    Lost,
    Duplicated,
    Redelivered,
}

impl Headline {
    /// All figures of a system, in the order in which they are shown. Recoveries are those of the faults that its trials have.
    pub(crate) fn all<'t>(trials: impl Iterator<Item = &'t TrialResult>) -> Vec<Self> {
        let mut faults: Vec<&str> = Vec::new();
        for fault in trials.flat_map(|trial| &trial.faults) {
            if !faults.contains(&fault.name.as_str()) {
                faults.push(&fault.name);
            }
        }
        let kinds = [LatencyKind::Response, LatencyKind::Service, LatencyKind::EndToEnd];
        let latencies = kinds.into_iter().flat_map(|kind| Quantile::ALL.map(|quantile| Self::Latency(kind, quantile)));
        let costs = [Self::Cpu(Processes::Broker), Self::Cpu(Processes::Clients), Self::Memory(Processes::Broker)];
        let returns =
            faults.iter().flat_map(|fault| [Self::Connected((*fault).to_owned()), Self::Steady((*fault).to_owned())]);
        let counts = [Counted::Lost, Counted::Duplicated, Counted::Redelivered].map(Self::Messages);
        std::iter::once(Self::Throughput).chain(latencies).chain(costs).chain(returns).chain(counts).collect()
    }

    pub(crate) fn key(&self) -> String {
        match self {
            Self::Latency(kind, quantile) => format!("{}-{}", kind.name(), quantile.key()),
            Self::Cpu(processes) => format!("{}-cpu", processes.word()),
            Self::Memory(processes) => format!("{}-memory", processes.word()),
            Self::Connected(fault) | Self::Steady(fault) => format!("{}-{fault}", self.threshold_name()),
            Self::Throughput | Self::Messages(_) => self.threshold_name().to_owned(),
        }
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Throughput => "throughput".to_owned(),
            Self::Latency(kind, quantile) => format!("{} {}", kind.name(), quantile.name()),
            Self::Cpu(processes) => format!("{} CPU / 1M", processes.word()),
            Self::Memory(processes) => format!("{} memory", processes.word()),
            Self::Connected(fault) => format!("{fault}: → connected"),
            Self::Steady(fault) => format!("{fault}: → steady"),
            Self::Messages(counted) => counted.word().to_owned(),
        }
    }

    /// By which its threshold is set.
    pub(crate) const fn threshold_name(&self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Latency(_, quantile) => quantile.key(),
            Self::Cpu(_) => "cpu",
            Self::Memory(_) => "memory",
            Self::Connected(_) => "connected",
            Self::Steady(_) => "steady",
            Self::Messages(counted) => counted.word(),
        }
    }

    pub(crate) const fn unit(&self) -> Unit {
        match self {
            Self::Throughput => Unit::MessagesPerSecond,
            Self::Latency(..) | Self::Connected(_) | Self::Steady(_) => Unit::Nanoseconds,
            Self::Cpu(_) => Unit::CpuSecondsPerMillion,
            Self::Memory(_) => Unit::Bytes,
            Self::Messages(_) => Unit::Messages,
        }
    }

    pub(crate) const fn better(&self) -> Direction {
        match self {
            Self::Throughput => Direction::Higher,
            _ => Direction::Lower,
        }
    }

    pub(crate) const fn scale(&self) -> Scale {
        match self {
            Self::Connected(_) | Self::Steady(_) => Scale::Length,
            Self::Messages(_) => Scale::Count,
            _ => Scale::Ratio,
        }
    }

    /// Whether it is about speed, cost and return, and not about what became of messages.
    pub(crate) const fn is_of_speed(&self) -> bool {
        !matches!(self, Self::Messages(_))
    }

    /// Whether it follows how busy the machine is. Throughput under an open loop, memory and returns hardly do.
    pub(super) const fn follows_machine(&self) -> bool {
        matches!(self, Self::Latency(..) | Self::Cpu(_))
    }

    /// By which share two runs of one build, made at different times, differ beyond what their trials show: one standard
    /// deviation, as measured on a busy machine (docs/compare.md).
    pub(crate) const fn of_hours(&self) -> f64 {
        match self {
            Self::Throughput => 0.01,
            Self::Memory(_) => 0.03,
            Self::Connected(_) | Self::Steady(_) => 0.10,
            Self::Cpu(_) | Self::Latency(_, Quantile::P50) => 0.15,
            Self::Latency(_, Quantile::P99) => 0.30,
            Self::Latency(_, Quantile::P999) => 0.40,
            // Chance alone makes counts vary, and checks judge them.
            Self::Messages(_) => 0.0,
        }
    }

    /// The same for single trials, of which neither side has a second one that would tell: generous on purpose.
    pub(super) const fn assumed(&self) -> f64 {
        match self {
            Self::Throughput => 0.05,
            Self::Memory(_) => 0.10,
            Self::Cpu(_) => 0.20,
            Self::Latency(_, Quantile::P50) => 0.30,
            Self::Latency(_, Quantile::P99) => 0.60,
            Self::Latency(_, Quantile::P999) => 0.80,
            Self::Connected(_) | Self::Steady(_) => 0.50,
            Self::Messages(_) => 1.00,
        }
    }
}

impl Processes {
    /// As resources of a result name it.
    pub(super) const fn role(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Clients => "generator",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Clients => "clients",
        }
    }
}

impl Counted {
    const fn word(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Duplicated => "duplicated",
            Self::Redelivered => "redelivered",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::THRESHOLDS;
    use std::collections::BTreeSet;

    #[test]
    fn every_figure_has_a_key_of_its_own_and_a_threshold_that_can_be_set() {
        let mut trial = crate::judge::judge_history(&crate::measure::sample::failover(), "one").unwrap().result;
        trial.faults.push(trial.faults[0].clone());
        let all = Headline::all(std::iter::once(&trial));
        let keys: BTreeSet<String> = all.iter().map(Headline::key).collect();
        assert_eq!(keys.len(), all.len());
        assert!(keys.contains("end-to-end-p99-9") && keys.contains("steady-down-1"), "{keys:?}");
        let named: BTreeSet<&str> = all.iter().map(Headline::threshold_name).collect();
        assert_eq!(named, THRESHOLDS.iter().map(|(name, _)| *name).collect());
    }
}
