//! The trials in their order, and the events within each.

use crate::fault::PlannedFault;
use crate::model::Schedule;
use crate::scenario::returns::{self, Return};
use crate::scenario::{Scenario, System};
use std::time::Duration;

/// What a run will do. All times count from the start of the load phase where they are signed, else they are lengths.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Interleaved: all systems once, then all again (A B A B), so that a machine's moods meet all alike.
    pub trials: Vec<TrialPlan>,
    /// Warm-up, load and drain; the same for every trial.
    pub phases: Vec<PlannedPhase>,
    /// Messages that one trial offers, warm-up included.
    pub offered: u64,
    /// When clients can be back, for each system and each fault that cuts connections.
    pub returns: Vec<ExpectedReturn>,
    /// Warm-up and load of all trials: it takes at least this.
    pub shortest: Duration,
    /// With every drain at its limit: the phases take at most this. Starting and stopping brokers comes on top.
    pub longest: Duration,
}

/// One scenario on one system, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialPlan {
    /// The system's place in `Scenario::systems`.
    pub system: usize,
    /// Its name.
    pub name: String,
    /// From 1.
    pub repeat: u32,
    /// What happens, in order.
    pub events: Vec<PlannedEvent>,
}

/// One phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedPhase {
    /// `warmup`, `load` or `drain`.
    pub name: &'static str,
    /// Its begin, from the start of the warm-up.
    pub from: Duration,
    /// Its end; for `drain`: at the latest.
    pub to: Duration,
}

/// Something that happens in a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedEvent {
    /// When, from the start of the warm-up.
    pub at: Duration,
    /// What: `inject down-1`.
    pub what: String,
}

/// When clients of a system can be back after a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedReturn {
    /// The system.
    pub system: String,
    /// The fault.
    pub fault: String,
    /// The bounds, from the heal.
    pub back: Return,
}

impl Plan {
    /// Of a validated scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let phases = phases(scenario);
        let trials = trials(scenario);
        let workload = &scenario.workload;
        let load = scenario.phases.idle + scenario.phases.warmup + scenario.phases.load;
        let count = u32::try_from(trials.len()).unwrap_or(u32::MAX);
        Self {
            offered: Schedule::offered(&workload.rate, &scenario.phases, workload.producers, scenario.seed),
            returns: returns(scenario),
            shortest: load.saturating_mul(count),
            longest: (load + scenario.phases.drain).saturating_mul(count),
            phases,
            trials,
        }
    }
}

fn phases(scenario: &Scenario) -> Vec<PlannedPhase> {
    let mut from = Duration::ZERO;
    [("warmup", scenario.phases.warmup), ("load", scenario.phases.load), ("drain", scenario.phases.drain)]
        .into_iter()
        .map(|(name, length)| {
            let phase = PlannedPhase { name, from, to: from + length };
            from += length;
            phase
        })
        .collect()
}

fn trials(scenario: &Scenario) -> Vec<TrialPlan> {
    (1..=scenario.repeats)
        .flat_map(|repeat| {
            scenario.systems.iter().enumerate().map(move |(index, system)| TrialPlan {
                system: index,
                name: system.spec.name.clone(),
                repeat,
                events: events(scenario, system),
            })
        })
        .collect()
}

fn events(scenario: &Scenario, system: &System) -> Vec<PlannedEvent> {
    let warmup = scenario.phases.warmup;
    let mut events = vec![
        PlannedEvent { at: Duration::ZERO, what: "warm up".to_owned() },
        PlannedEvent { at: warmup, what: "drive the load".to_owned() },
        PlannedEvent { at: warmup + scenario.phases.load, what: "drain".to_owned() },
    ];
    if !scenario.phases.settle.is_zero() {
        events
            .push(PlannedEvent { at: warmup - scenario.phases.settle, what: "let what waits be answered".to_owned() });
    }
    for fault in scenario.faults_of(system) {
        let inject = format!("inject {}: {}", fault.name, fault.in_words());
        if fault.when.is_some() {
            // When it comes true, and so when it heals, nobody knows before.
            events.push(PlannedEvent { at: warmup + fault.at, what: format!("from here on, {inject}") });
            continue;
        }
        events.push(PlannedEvent { at: warmup + fault.at, what: inject });
        events.push(PlannedEvent { at: warmup + fault.until(), what: format!("heal {}", fault.name) });
    }
    events.sort_by_key(|event| event.at);
    events
}

fn returns(scenario: &Scenario) -> Vec<ExpectedReturn> {
    let mut expected = Vec::new();
    for system in &scenario.systems {
        for fault in scenario.faults_of(system) {
            if let Some(back) = returns::of_system(fault, system, &scenario.client) {
                expected.push(ExpectedReturn { system: system.spec.name.clone(), fault: fault.name.clone(), back });
            }
        }
    }
    expected
}

impl Scenario {
    /// The faults that a system meets, in order of their injection.
    pub fn faults_of<'s>(&'s self, system: &'s System) -> impl Iterator<Item = &'s PlannedFault> {
        self.faults.iter().filter(|fault| fault.is_for(&system.spec.name))
    }
}
