//! Warnings: limits that the policy cannot meet, expectations without a cause, load that nobody takes.

use super::decode::RATES;
use super::reading::Reading;
use super::returns;
use super::validate::systems_of;
use super::validated::Scenario;
use super::warning::Advice;
use crate::model::{AckMode, Curve};
use reports::facts::RateKind;
use std::time::Duration;

/// How long full speed must hold to count as recovered.
const STEADY: Duration = Duration::from_secs(5);

/// Warns of what a scenario may say but hardly means.
pub(super) fn warnings(scenario: &Scenario, reading: &mut Reading) {
    reconnection(scenario, reading);
    recovery(scenario, reading);
    throughput(scenario, reading);
    consumers(scenario, reading);
}

fn reconnection(scenario: &Scenario, reading: &mut Reading) {
    let Some(limit) = scenario.expect.reconnected.map(Duration::from) else { return };
    let mut cuts = false;
    for fault in &scenario.faults {
        for system in systems_of(fault, scenario) {
            let Some(back) = returns::of_system(fault, system, &scenario.client) else { continue };
            cuts = true;
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

fn recovery(scenario: &Scenario, reading: &mut Reading) {
    if scenario.faults.is_empty() {
        for (limit, given) in [("recovered", scenario.expect.recovered), ("unavailable", scenario.expect.unavailable)] {
            if given.is_some() {
                reading.warn(&format!("expect.{limit}"), Advice::NothingToRecoverFrom { limit });
            }
        }
        return;
    }
    let last = scenario.faults.iter().max_by_key(|fault| fault.until());
    if let (Some(fault), Some(_)) = (last, scenario.expect.recovered) {
        let remaining = scenario.phases.load.saturating_sub(fault.until());
        if remaining < STEADY {
            reading.warn("expect.recovered", Advice::NoTimeToRecover { fault: fault.name.clone(), remaining });
        }
    }
}

fn throughput(scenario: &Scenario, reading: &mut Reading) {
    let offered = Curve::of(&scenario.workload.rate, &scenario.phases).mean();
    for limit in &scenario.expect.throughput {
        if limit.limit > offered {
            let kind = word(limit.kind);
            let advice = Advice::MoreThanOffered { kind, limit: limit.limit, offered };
            reading.warn(&format!("expect.throughput.{kind}"), advice);
        }
    }
}

fn word(kind: RateKind) -> &'static str {
    RATES.iter().find(|(_, known)| *known == kind).map_or("offered", |(word, _)| *word)
}

fn consumers(scenario: &Scenario, reading: &mut Reading) {
    let (consumers, partitions) = (scenario.workload.consumers, scenario.workload.partitions);
    if consumers > partitions {
        reading.warn("workload.consumers", Advice::IdleConsumers { consumers, partitions });
    }
    if scenario.workload.ack == AckMode::Never && scenario.expect.unrecovered == 0 {
        reading.warn("workload.ack", Advice::NeverAcknowledged);
    }
}
