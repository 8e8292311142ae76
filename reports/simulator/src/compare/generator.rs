//! The load generator: whether it kept its schedule while nothing but itself can have kept it from it.

use super::known::{Disagreement, Known};
use super::times::Times;
use reports::result::TrialResult;
use reports::units::Nanos;

/// Lag is counted in times of two significant digits.
const DIGITS: f64 = 0.02;

/// Whether the schedule was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    No,
    /// There is no time in which it shows.
    Unmeasured,
    /// It depends on which seconds after a fault were steady again.
    Open,
}

/// The lags of the sends of the load that were due before the first fault, and of those that were due later.
fn lags(known: &Known<'_>) -> (Vec<Nanos>, Vec<Nanos>) {
    let load = &known.plan.load;
    let faults_from = known.plan.faults.iter().map(|fault| fault.at).min().unwrap_or(load.to);
    let recorded = load.schedule.iter().zip(&known.truth.sends).filter(|(_, send)| send.ended.is_some());
    let in_load = recorded.filter(|(due, _)| load.from <= due.at && due.at < load.to);
    let each = in_load.map(|(due, send)| (due.at, send.started.unwrap_or(due.at).since(due.at)));
    let (before, later): (Vec<_>, Vec<_>) = each.partition(|(at, _)| *at < faults_from);
    let lags = |sends: Vec<(Nanos, Nanos)>| sends.into_iter().map(|(_, lag)| lag).collect();
    (lags(before), lags(later))
}

/// Too little of the load is free of faults for sure: less than a second of it is no measurement.
fn is_brief(known: &Known<'_>) -> bool {
    let first = known.plan.faults.iter().map(|fault| fault.at).min();
    first.is_some_and(|at| at.since(known.plan.load.from) < Nanos::SECOND)
}

pub(super) fn kept(known: &Known<'_>) -> Kept {
    let limit = known.limits.generator_lag.0 as f64;
    let (before, later) = lags(known);
    let above = |lags: &[Nanos], limit: f64| lags.iter().filter(|lag| lag.0 as f64 > limit).count();
    if known.plan.faults.is_empty() {
        return match Times::of(before.into_iter()).bounds("p99") {
            None => Kept::Unmeasured,
            Some((low, _)) if low > limit => Kept::No,
            Some((_, high)) if high <= limit => Kept::Yes,
            Some(_) => Kept::Open,
        };
    }
    if is_brief(known) || before.is_empty() {
        let (from, to) = (known.plan.load.from, known.plan.load.to);
        let whole = known.plan.faults.iter().any(|fault| fault.at <= from && fault.healed() >= to);
        let never = known.plan.load.length() < Nanos::SECOND;
        return if whole || never || later.is_empty() { Kept::Unmeasured } else { Kept::Open };
    }
    let most_late = above(&before, limit * (1.0 - DIGITS)) + above(&later, limit * (1.0 - DIGITS));
    let surely_late = above(&before, limit * (1.0 + DIGITS));
    if most_late * 100 < before.len() {
        Kept::Yes
    } else if surely_late * 100 > (before.len() + later.len()) + 100 {
        Kept::No
    } else {
        Kept::Open
    }
}

/// The generator's own figures.
pub(super) fn compare(known: &Known<'_>, result: &TrialResult) -> Vec<Disagreement> {
    let said = &result.generator;
    let (before, later) = lags(known);
    let least = if is_brief(known) { 0 } else { before.len() as u64 };
    let most = (before.len() + later.len()) as u64;
    let exact = known.plan.faults.is_empty().then(|| Times::of(before.into_iter()));
    let answer = match kept(known) {
        Kept::Yes => vec![Some(false)],
        Kept::No => vec![Some(true)],
        Kept::Unmeasured => vec![None],
        Kept::Open => vec![Some(false), Some(true), None],
    };
    let lag = &said.lag_ns;
    let measured = lag.count > 0;
    let wrong = if !(least..=most).contains(&lag.count) {
        Some(format!("{least} to {most} lags"))
    } else if !answer.contains(&said.saturated) {
        Some(format!("saturated {answer:?}"))
    } else if said.saturated != measured.then_some(lag.p99 > said.limit_ns.0) {
        Some("saturated is what the p99 says".to_owned())
    } else {
        exact.and_then(|times| times.contradicts(lag))
    };
    let disagreement = wrong.map(|truth| Disagreement {
        about: "generator".to_owned(),
        truth,
        judge: format!("{:?}, p99 {}, {} lags", said.saturated, lag.p99, lag.count),
    });
    disagreement.into_iter().collect()
}
