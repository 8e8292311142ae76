//! What consumers can be told by faults, against what the scenario and its systems have.

use super::problem::{Finding, all_of};
use super::reading::ScenarioReading;
use super::validated::Scenario;
use crate::fault::{PlannedFault, ToldConsumers};
use crate::model::duration::show;
use crate::model::{AckMode, Parting, Role};

/// Only consumers can be told, and only what they can do here.
pub(super) fn told(
    fault: &PlannedFault,
    told: ToldConsumers,
    (names, path): (&[String], &str),
    scenario: &Scenario,
    reading: &mut ScenarioReading,
) {
    let producers: Vec<String> = scenario.workload.names(Role::Producer).collect();
    for (index, name) in names.iter().enumerate().filter(|(_, name)| producers.contains(name)) {
        let message = format!("`{}` is for `{name}`, and only consumers can do what it asks", fault.name);
        reading.find(
            Finding::at(reading.place(&format!("{path}.worker[{index}]")), message)
                .note("not a consumer")
                .help("name consumers: worker = \"consumer-0\""),
        );
    }
    match told {
        ToldConsumers::Work(processing) => {
            let place = reading.place(&format!("{path}.slow.processing"));
            let assigned = scenario.workload.processing;
            // None at all is missing, which has been said.
            if !processing.is_zero() && processing <= assigned {
                let message = format!("with {} on each message `{}` slows nobody down", show(processing), fault.name);
                reading.find(
                    Finding::at(place, message)
                        .note(format!("consumers work {} on each message already", show(assigned)))
                        .help("write a longer time, or shorten `workload.processing`"),
                );
            }
            if scenario.workload.ack != AckMode::AfterProcessing {
                let place = reading.place("workload.ack").or(place);
                let message = format!(
                    "`{}` cannot be shown: consumers settle messages before they work on them, or never",
                    fault.name
                );
                reading.find(
                    Finding::at(place, message)
                        .note("not after processing")
                        .help("set ack = \"after-processing\", or remove the fault"),
                );
            }
        }
        ToldConsumers::Leave(Parting::DeleteConsumer) => names_kept(fault, path, scenario, reading),
        ToldConsumers::Leave(Parting::KeepName) | ToldConsumers::Join | ToldConsumers::JoinForGood => {}
    }
}

/// Who joins has a name of a consumer that the workload does not have.
pub(super) fn join(
    fault: &PlannedFault,
    names: &[String],
    path: &str,
    scenario: &Scenario,
    reading: &mut ScenarioReading,
) {
    let first = scenario.workload.consumers;
    for (index, name) in names.iter().enumerate() {
        let (message, note) = match Role::Consumer.number(name) {
            Some(number) if number >= first => continue,
            Some(_) => (format!("`{}` is for `{name}`, which is there from the start", fault.name), "cannot join"),
            None => (format!("`{}` is for `{name}`, which is no name of a consumer", fault.name), "no consumer"),
        };
        reading.find(
            Finding::at(reading.place(&format!("{path}[{index}]")), message)
                .note(note)
                .help(format!("the workload has {first} consumers, so the first further one is `consumer-{first}`")),
        );
    }
}

/// A name can be deleted only where the broker keeps one.
fn names_kept(fault: &PlannedFault, path: &str, scenario: &Scenario, reading: &mut ScenarioReading) {
    let without: Vec<&str> = scenario
        .met_by(fault)
        .into_iter()
        .filter(|system| !system.broker.keeps_consumers())
        .map(|system| system.spec.name.as_str())
        .collect();
    if without.is_empty() {
        return;
    }
    let message =
        format!("`{}` cannot delete a consumer of {}, which keeps no names of consumers", fault.name, all_of(without));
    reading.find(
        Finding::at(reading.place(&format!("{path}.leave.delete-consumer")), message)
            .note("nothing to delete")
            .help("name the systems that the fault is for: systems = [\"…\"]"),
    );
}
