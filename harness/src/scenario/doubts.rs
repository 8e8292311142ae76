//! Warnings: limits that the policy cannot meet, expectations without a cause, load that nobody takes.

use super::decode::{RATES, key};
use super::reading::ScenarioReading;
use super::returns;
use super::validated::Scenario;
use super::warning::Advice;
use crate::fault::PlannedFault;
use crate::model::{AckMode, Curve};
use reports::facts::{LatencyKind, MEMORY_STEP, RateKind, Settling};
use std::time::Duration;

/// How long full speed must hold to count as recovered.
const STEADY: Duration = Duration::from_secs(5);

/// Warns of what a scenario may say but hardly means.
pub(super) fn warnings(scenario: &Scenario, reading: &mut ScenarioReading) {
    reconnection(scenario, reading);
    recovery(scenario, reading);
    warm_up(scenario, reading);
    throughput(scenario, reading);
    soak(scenario, reading);
    consumers(scenario, reading);
    drain(scenario, reading);
    read_budgets(scenario, reading);
    late_messages(scenario, reading);
}

fn reconnection(scenario: &Scenario, reading: &mut ScenarioReading) {
    let Some(limit) = scenario.expect.reconnected.map(Duration::from) else { return };
    let mut cuts = false;
    for fault in &scenario.faults {
        for system in scenario.met_by(fault) {
            cuts |= fault.outage().is_some();
            let Some(back) = returns::of_system(fault, system, &scenario.client) else { continue };
            let latest = back.latest + back.resolution;
            let (system, fault, earliest) = (system.spec.name.clone(), fault.name.clone(), back.earliest);
            if limit < earliest {
                reading
                    .warn("expect.reconnected", Advice::ReconnectImpossible { system, fault, limit, earliest, latest });
            } else if limit < latest {
                reading
                    .warn("expect.reconnected", Advice::ReconnectUncertain { system, fault, limit, earliest, latest });
            }
        }
    }
    if !cuts {
        reading.warn("expect.reconnected", Advice::NothingCut);
    }
}

fn recovery(scenario: &Scenario, reading: &mut ScenarioReading) {
    if scenario.faults.is_empty() {
        for (limit, given) in [("recovered", scenario.expect.recovered), ("unavailable", scenario.expect.unavailable)] {
            if given.is_some() {
                reading.warn(&format!("expect.{limit}"), Advice::NothingToRecoverFrom { limit });
            }
        }
        return;
    }
    if scenario.expect.recovered.is_some() {
        hidden_recoveries(scenario, reading);
    }
    let last = scenario.faults.iter().filter(|fault| fault.when.is_none()).max_by_key(|fault| fault.until());
    if let (Some(fault), Some(_)) = (last, scenario.expect.recovered) {
        let remaining = scenario.phases.load.saturating_sub(fault.until());
        if remaining < STEADY {
            reading.warn("expect.recovered", Advice::NoTimeToRecover { fault: fault.name.clone(), remaining });
        }
    }
}

/// Each recovery must be held for a while before the next fault begins.
fn hidden_recoveries(scenario: &Scenario, reading: &mut ScenarioReading) {
    // When a condition comes true nobody knows.
    let timed = || scenario.faults.iter().filter(|fault| fault.when.is_none());
    for fault in timed() {
        let end = fault.until();
        let shares_system = |other: &&PlannedFault| {
            let others = scenario.met_by(other);
            scenario.met_by(fault).iter().any(|one| others.iter().any(|other| other.spec.name == one.spec.name))
        };
        // What ends earlier is shown, or hidden, on its own account.
        let outlasts = |other: &&PlannedFault| other.name != fault.name && other.until() > end;
        let next = timed().filter(outlasts).filter(shares_system).min_by_key(|other| other.at);
        let Some(next) = next.filter(|next| next.at < end + STEADY) else { continue };
        let gap = next.at.checked_sub(end);
        let (fault, next) = (fault.name.clone(), next.name.clone());
        reading.warn("expect.recovered", Advice::RecoveryHidden { fault, next, gap });
    }
}

/// What a consumer is given at once must be worked off before others are given it.
fn read_budgets(scenario: &Scenario, reading: &mut ScenarioReading) {
    let workload = &scenario.workload;
    for system in &scenario.systems {
        let Some(budget) = system.client.read_budget(&system.spec, &scenario.client, workload) else { continue };
        if budget.ends_with_settling && workload.ack == AckMode::BeforeProcessing {
            continue;
        }
        let work = workload.processing.saturating_mul(u32::try_from(budget.messages).unwrap_or(u32::MAX));
        if work > budget.taken_after {
            let advice = Advice::KeptTooLong {
                system: system.spec.name.clone(),
                messages: budget.messages,
                work,
                taken_after: budget.taken_after,
                bounds_messages: budget.bounds_messages,
                sets_time: budget.sets_time,
            };
            reading.warn("workload.processing", advice);
        }
    }
}

/// What falls due while nothing passes cannot be answered before the heal: where that is more than a percentile leaves room for,
/// its limit cannot hold.
fn late_messages(scenario: &Scenario, reading: &mut ScenarioReading) {
    if scenario.workload.rate.is_closed() {
        return;
    }
    let curve = Curve::of(&scenario.workload.rate, &scenario.phases);
    let begin = scenario.phases.warmup.as_secs_f64();
    let due = |from: f64, to: f64| curve.due(begin + to) - curve.due(begin + from);
    let all = due(0.0, scenario.phases.load.as_secs_f64());
    for limit in scenario.expect.latency.iter().filter(|limit| limit.kind != LatencyKind::Service) {
        let Some(room) = room(&limit.statistic) else { continue };
        let within = Duration::from(limit.limit);
        for system in &scenario.systems {
            // Everything that falls due in a cut and is further from its end than the limit.
            let mut late: Vec<(f64, f64)> = scenario
                .faults
                .iter()
                .filter(|fault| fault.when.is_none())
                .filter(|fault| scenario.met_by(fault).iter().any(|one| one.spec.name == system.spec.name))
                .filter(|fault| fault.stops_all(system.broker.nodes(&system.spec).len().max(1)) && fault.lasts > within)
                .map(|fault| (fault.at.as_secs_f64(), (fault.at + fault.lasts - within).as_secs_f64()))
                .collect();
            late.sort_by(|one, other| one.0.total_cmp(&other.0));
            let (mut messages, mut reached) = (0.0, 0.0_f64);
            for (from, to) in late {
                messages += due(from.max(reached), to.max(reached));
                reached = reached.max(to);
            }
            if messages / all > room && messages >= 1.0 {
                let key = key(limit);
                let path = format!("expect.latency.{key}");
                let (system, late) = (system.spec.name.clone(), messages / all);
                reading.warn(&path, Advice::LatencyImpossible { key, system, late, limit: within });
                break;
            }
        }
    }
}

/// The share of messages that may lie above a statistic. `None`: it is a mean.
fn room(statistic: &str) -> Option<f64> {
    match statistic.strip_prefix('p') {
        Some(percent) => percent.parse::<f64>().ok().map(|percent| 1.0 - percent / 100.0),
        None => (statistic == "max").then_some(0.0),
    }
}

/// An unlimited rate waits for answers, so nothing falls behind that could be kept small or be let go first.
fn warm_up(scenario: &Scenario, reading: &mut ScenarioReading) {
    let phases = scenario.phases;
    let given = [("phases.ramp-up", phases.ramp_up), ("phases.settle", !phases.settle.is_zero())];
    for (key, _) in given.into_iter().filter(|(_, given)| *given && scenario.workload.rate.is_closed()) {
        reading.warn(key, Advice::NoSchedule { key });
    }
}

fn throughput(scenario: &Scenario, reading: &mut ScenarioReading) {
    if scenario.workload.rate.is_closed() {
        return;
    }
    let offered = Curve::of(&scenario.workload.rate, &scenario.phases).mean();
    for limit in &scenario.expect.throughput {
        if limit.limit > offered {
            let kind = word(limit.kind);
            let advice = Advice::MoreThanOffered { kind, limit: limit.limit, offered };
            reading.warn(&format!("expect.throughput.{kind}"), advice);
        }
    }
}

fn soak(scenario: &Scenario, reading: &mut ScenarioReading) {
    let limits = scenario.expect.soak;
    let hours = scenario.phases.load.as_secs_f64() / 3600.0;
    for (key, limit) in [("broker-memory", limits.broker_memory), ("client-memory", limits.client_memory)] {
        if let Some(limit) = limit.filter(|limit| *limit as f64 * hours < MEMORY_STEP as f64) {
            let least = Duration::from_secs((MEMORY_STEP as f64 / limit as f64 * 3600.0).ceil() as u64);
            reading.warn(&format!("expect.soak.{key}"), Advice::TooShortToSoak { key, least });
        }
    }
}

fn word(kind: RateKind) -> &'static str {
    RATES.iter().find(|(_, known)| *known == kind).map_or("offered", |(word, _)| *word)
}

/// Somebody must be there when the drain begins.
fn drain(scenario: &Scenario, reading: &mut ScenarioReading) {
    for system in scenario.systems.iter().filter(|system| scenario.is_left_by_all(system)) {
        reading.warn("workload.consumers", Advice::NobodyToDrain { system: system.spec.name.clone() });
    }
}

fn consumers(scenario: &Scenario, reading: &mut ScenarioReading) {
    // Those that join later share the partitions with the others.
    let joiners = scenario.systems.iter().map(|system| scenario.joiners(system).len()).max().unwrap_or_default();
    let joiners = u16::try_from(joiners).unwrap_or(u16::MAX);
    let (consumers, partitions) = (scenario.workload.consumers.saturating_add(joiners), scenario.workload.partitions);
    // Where all consumers share every partition, none of them is idle.
    let owned = scenario.systems.iter().any(|system| system.broker.settling() == Settling::Position);
    if owned && consumers > partitions {
        reading.warn("workload.consumers", Advice::IdleConsumers { consumers, partitions });
    }
    let demanded = scenario.expect.damage.contains_key("unrecovered");
    let consumed = consumers > 0;
    if consumed && scenario.workload.ack == AckMode::Never && scenario.expect.unrecovered == 0 && !demanded {
        reading.warn("workload.ack", Advice::NeverAcknowledged);
    }
}
