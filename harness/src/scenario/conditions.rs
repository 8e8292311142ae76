//! Conditions on gauges, against what is sampled of the systems.

use super::origin::TextPlace;
use super::problem::{Finding, all_of, did_you_mean};
use super::reading::ScenarioReading;
use super::validated::Scenario;
use crate::fault::PlannedFault;
use crate::model::{Condition, PARTITION, Role};

/// The gauge must be sampled of each system that meets the fault, and be one of something that is there.
pub(super) fn errors(fault: &PlannedFault, condition: &Condition, scenario: &Scenario, reading: &mut ScenarioReading) {
    let place = place(fault, reading);
    let gauge = condition.gauge.name;
    for system in scenario.met_by(fault) {
        let (name, sampled) = (&system.spec.name, system.broker.gauges());
        if !sampled.contains(&gauge) {
            reading.find(
                Finding::at(place, format!("`{}` waits for `{gauge}`, which is not sampled of `{name}`", fault.name))
                    .note("would never come true")
                    .help(format!(
                        "of `{name}` are sampled {}; or leave it out with systems = [\"…\"]",
                        all_of(sampled.iter().copied())
                    )),
            );
        }
    }
    let Some(of) = &condition.of else { return };
    let partitions = (0..scenario.workload.partitions).map(|partition| format!("{PARTITION}{partition}"));
    let consumers = scenario.workload.names(Role::Consumer);
    let joiners = scenario.met_by(fault).into_iter().flat_map(|system| scenario.joiners(system));
    let mut known: Vec<String> = partitions.collect();
    if condition.gauge.of_consumers {
        known.extend(consumers.chain(joiners));
    }
    if !known.contains(of) {
        let names = || known.iter().map(String::as_str);
        reading.find(
            Finding::at(place, format!("`{}` waits for `{gauge}` of `{of}`, which it is not sampled of", fault.name))
                .note(did_you_mean(of, names(), "would never come true"))
                .help("name a partition (`partition-0`), for `pending` and `oldest-pending-ms` also a consumer, or leave out `of`"),
        );
    }
}

/// Where a fault says what it waits for.
pub(super) fn place(fault: &PlannedFault, reading: &ScenarioReading) -> Option<TextPlace> {
    reading.place(&format!("{}.when", reading.fault_paths.get(&fault.name)?))
}
