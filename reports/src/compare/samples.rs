//! What the trials of one side say of a figure.

use super::headline::{Counted, Headline, Processes};
use super::interval::Measured;
use crate::facts::{LatencyKind, Yardstick};
use crate::result::{Distribution, Known, NotShown, TrialResult};
use crate::uncertainty::Within;

/// A trial and what its own series says of its uncertainty.
pub(super) struct Tried<'t> {
    pub(super) trial: &'t TrialResult,
    pub(super) within: Within,
}

/// A figure over all trials of one side.
#[derive(Debug, Default)]
pub(super) struct Samples {
    /// On the figure's scale.
    pub(super) measured: Vec<Measured>,
    /// Why trials say nothing although they should: which trial, and why.
    pub(super) left_out: Vec<String>,
    /// Which part of each value is the load generator's own lag.
    lag: Vec<f64>,
    /// The generator's lag at the median, in nanoseconds: how late it was although nothing but the machine kept it.
    late: Vec<f64>,
    /// How fast the machine's cores were, where it was measured.
    yardsticks: Vec<Yardstick>,
}

/// A generator that is late by less at the median is on no busy machine.
const NOT_LATE: f64 = 100_000.0;

/// At most this share of a side's trials may say nothing of a figure. More, and what they would have said may be the change.
const MOST_LEFT_OUT: f64 = 0.2;

/// Why a trial has no value of a figure.
enum Missing {
    /// There is none: nothing of the kind was measured.
    NotMeasured,
    /// There should be one.
    Because(String),
}

impl Samples {
    /// Of the trials of one side. `missing`: why others of its trials are not there at all.
    pub(super) fn of(headline: &Headline, tried: &[Tried<'_>], missing: &[String]) -> Self {
        let mut samples = Self { left_out: missing.to_vec(), ..Self::default() };
        for one in tried {
            match measured(headline, one) {
                Ok(measured) => {
                    samples.measured.push(measured);
                    samples.lag.push(lag_share(headline, one.trial));
                    samples.late.push((one.trial.generator.lag().p50 as f64).max(1.0));
                    samples.yardsticks.extend(one.trial.yardstick);
                }
                Err(Missing::NotMeasured) => {}
                Err(Missing::Because(why)) => samples.left_out.push(format!("trial {}: {why}", one.trial.repeat)),
            }
        }
        samples
    }

    /// Its trials do not have such a figure at all.
    pub(super) fn is_absent(&self, missing: &[String]) -> bool {
        self.measured.is_empty() && self.left_out.len() == missing.len()
    }

    /// Why the figure cannot be told from these trials. `None`: it can.
    pub(super) fn unfit(&self) -> Option<&str> {
        let all = self.measured.len() + self.left_out.len();
        let too_many = self.left_out.len() as f64 > MOST_LEFT_OUT * all as f64;
        match self.left_out.first() {
            Some(why) if too_many => Some(why),
            _ if self.measured.is_empty() => Some("it was not measured"),
            _ => None,
        }
    }

    /// Most of it is the load generator's own lag: what the machine did, and not the broker.
    pub(super) fn is_mostly_lag(&self) -> bool {
        2.0 * self.lag.iter().sum::<f64>() > self.lag.len() as f64
    }

    /// How often as late the generator was as that of another side, whatever the broker did: the machine was busier. `None`: by
    /// less than twice, or so little that it says nothing.
    pub(super) fn times_as_late(&self, than: &Self) -> Option<f64> {
        let (late, other) = (geometric_mean(&self.late)?, geometric_mean(&than.late)?);
        (late >= 2.0 * other && late >= NOT_LATE).then_some(late / other)
    }

    /// How many times as long the machine took for the same piece of work as for another side. `None`: it was about as fast, or one
    /// of them does not tell.
    pub(super) fn times_as_slow(&self, than: &Self) -> Option<f64> {
        let work = self.yardsticks.first()?.work;
        let mean = |samples: &Self| {
            let same = samples.yardsticks.iter().filter(|one| one.work == work);
            geometric_mean(&same.filter_map(|one| one.mean()).collect::<Vec<_>>())
        };
        let times = mean(self)? / mean(than)?;
        (times >= Yardstick::STEADY).then_some(times)
    }

    /// The mean place on the scale.
    pub(super) fn mean(&self) -> f64 {
        self.measured.iter().map(|measured| measured.value).sum::<f64>() / self.measured.len().max(1) as f64
    }
}

/// `None`: there are none.
fn geometric_mean(values: &[f64]) -> Option<f64> {
    let logarithms: f64 = values.iter().map(|value| value.ln()).sum();
    (!values.is_empty()).then(|| (logarithms / values.len() as f64).exp())
}

fn measured(headline: &Headline, tried: &Tried<'_>) -> Result<Measured, Missing> {
    let trial = tried.trial;
    let (value, resolution) = undoubted(headline, trial)?;
    let scale = headline.scale();
    let place = scale.place(value).ok_or_else(|| Missing::Because("it is zero".to_owned()))?;
    let variance = match headline {
        Headline::Throughput => tried.within.throughput(),
        Headline::Latency(kind, quantile) => tried.within.latency(*kind, *quantile),
        _ => 0.0,
    };
    Ok(Measured { value: place, variance, least: scale.variance(value, resolution) })
}

/// A figure of one trial in its unit. `None`: it was not measured, or something makes it doubtful.
pub(crate) fn figure(headline: &Headline, trial: &TrialResult) -> Option<f64> {
    undoubted(headline, trial).ok().map(|(value, _)| value)
}

/// A value and how coarsely it is read, where nothing makes it doubtful.
fn undoubted(headline: &Headline, trial: &TrialResult) -> Result<(f64, f64), Missing> {
    let found = reading(headline, trial)?;
    let doubts = if headline.is_of_speed() { &trial.doubts.speed } else { &trial.doubts.messages };
    doubts.first().map_or(Ok(found), |doubt| Err(Missing::Because(doubt.clone())))
}

/// A value, and how coarsely it is read.
fn reading(headline: &Headline, trial: &TrialResult) -> Result<(f64, f64), Missing> {
    const CLOCK_TICK: f64 = 0.01;
    const PAGE: f64 = 4096.0;
    const RETURN: f64 = 1e8;
    match headline {
        Headline::Throughput => {
            let rate = trial.rates.acknowledged.msg_per_s;
            Ok((rate, 1.0 / trial.rates.seconds.max(1e-9)))
        }
        Headline::Latency(kind, quantile) => {
            let distribution = distribution(trial, *kind);
            if !quantile.is_shown_by(distribution.count) {
                return Err(Missing::NotMeasured);
            }
            let value = quantile.of(distribution) as f64;
            Ok((value, value / 1000.0))
        }
        Headline::Cpu(processes) => {
            let (cpu, messages) =
                (cpu_seconds(trial, *processes), trial.rates.acknowledged.msg_per_s * trial.rates.seconds);
            let seconds = cpu.filter(|_| messages >= 1.0).ok_or(Missing::NotMeasured)?;
            Ok((seconds * 1e6 / messages, CLOCK_TICK * 1e6 / messages))
        }
        Headline::Memory(processes) => {
            let bytes: Vec<u64> = of_role(trial, *processes).map(|used| used.rss_max).filter(|rss| *rss > 0).collect();
            if bytes.is_empty() { Err(Missing::NotMeasured) } else { Ok((bytes.iter().sum::<u64>() as f64, PAGE)) }
        }
        Headline::Connected(fault) => Ok((connected(trial, fault)?, RETURN)),
        Headline::Steady(fault) => {
            let recovery = trial.recovery.faults.iter().find(|recovery| recovery.fault == *fault);
            let recovery = recovery.ok_or(Missing::NotMeasured)?;
            let unshown = || match &recovery.not_shown {
                Some(NotShown { known: Known::Bad, why }) => Missing::Because(format!("service stayed bad: {why}")),
                // There was no time in which it could have been shown.
                _ => Missing::NotMeasured,
            };
            Ok((recovery.steady_ns.ok_or_else(unshown)?.0 as f64, RETURN))
        }
        Headline::Messages(counted) => Ok((count(trial, *counted) as f64, 1.0)),
    }
}

/// Response and end-to-end times begin when a message was due, and so hold what the generator was late by.
fn lag_share(headline: &Headline, trial: &TrialResult) -> f64 {
    match headline {
        Headline::Latency(kind @ (LatencyKind::Response | LatencyKind::EndToEnd), quantile) => {
            let (lag, all) = (quantile.of(trial.generator.lag()), quantile.of(distribution(trial, *kind)));
            lag as f64 / all.max(1) as f64
        }
        _ => 0.0,
    }
}

const fn distribution(trial: &TrialResult, kind: LatencyKind) -> &Distribution {
    match kind {
        LatencyKind::Response => &trial.latency_ns.response,
        LatencyKind::Service => &trial.latency_ns.service,
        LatencyKind::EndToEnd => &trial.latency_ns.end_to_end,
    }
}

const fn count(trial: &TrialResult, counted: Counted) -> u64 {
    match counted {
        Counted::Lost => trial.counts.lost,
        Counted::Duplicated => trial.counts.duplicated,
        Counted::Redelivered => trial.counts.redelivered,
    }
}

fn of_role(trial: &TrialResult, processes: Processes) -> impl Iterator<Item = &crate::result::ResourceResult> {
    trial.resources.iter().filter(move |used| used.role == processes.role())
}

/// Absent where nothing was read, or less than what a reading tells apart.
fn cpu_seconds(trial: &TrialResult, processes: Processes) -> Option<f64> {
    let seconds: f64 = of_role(trial, processes).map(|used| used.cpu_ns.as_secs_f64()).sum();
    (seconds > 0.0).then_some(seconds)
}

/// Of the slowest client that the fault kept away.
fn connected(trial: &TrialResult, fault: &str) -> Result<f64, Missing> {
    let of_fault = trial.clients.iter().flat_map(|client| {
        client.reconnects.iter().filter(|back| back.fault == fault && back.affected).map(move |back| (client, back))
    });
    let mut slowest = None;
    for (client, back) in of_fault {
        if back.never_returned {
            return Err(Missing::Because(format!("{} was not back by the end", client.client)));
        }
        slowest = slowest.max(back.connected_ns);
    }
    slowest.map(|slowest| slowest.0 as f64).ok_or(Missing::NotMeasured)
}
