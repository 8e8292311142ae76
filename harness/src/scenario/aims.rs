//! Faults on nodes and on workers, against what the systems have.

use super::consumers;
use super::origin::TextPlace;
use super::problem::{Finding, all_of, did_you_mean};
use super::reading::ScenarioReading;
use super::unconsumed;
use super::validated::{Scenario, System};
use crate::fault::{Outage, PlannedFault, Select, ToldConsumers};
use crate::model::{AckMode, Role, Workload};

/// The node must be one that the harness starts.
pub(super) fn nodes(
    fault: &PlannedFault,
    select: &Select,
    path: &str,
    scenario: &Scenario,
    reading: &mut ScenarioReading,
) {
    let place = reading.place(&format!("{path}.node"));
    for system in scenario.met_by(fault) {
        let (name, known) = (&system.spec.name, system.broker.nodes(&system.spec));
        if let Some(why) = no_nodes(system, &known) {
            reading.find(
                Finding::at(place, format!("`{}` cannot touch a node of `{name}`, {why}", fault.name))
                    .note(format!("`{name}` has no node of the harness's own"))
                    .help("name the systems that the fault is for: systems = [\"…\"]"),
            );
            continue;
        }
        if system.spec.limits().disk.is_some() && matches!(fault.outage(), Some(Outage::Restart)) {
            let message = format!("`{}` starts nodes of `{name}` again, whose disks end with them", fault.name);
            let help = "leave `disk` out, or name the systems that the fault is for: systems = [\"…\"]";
            reading.find(Finding::at(place, message).note("nothing would be there any more").help(help));
        }
        let unknown = matches!(select, Select::Named(node) if !known.contains(node));
        if !fault.fault.links().is_empty() && !unknown {
            let place = place.or_else(|| reading.place(&format!("{path}.at")));
            separable(fault, select, system, place, reading);
        }
        if let Select::Named(node) = select
            && !known.contains(node)
        {
            let names = || known.iter().map(String::as_str);
            reading.find(
                Finding::at(place, format!("`{name}` has no node `{node}` for `{}` to be done to", fault.name))
                    .note(did_you_mean(node, names(), &format!("no node of `{name}`")))
                    .help(format!("`{name}` has {}; or write \"leader\" or \"any\"", all_of(names()))),
            );
        }
    }
}

/// A node that is to be cut off from others must have some, and paths of its own to them.
fn separable(
    fault: &PlannedFault,
    select: &Select,
    system: &System,
    place: Option<TextPlace>,
    reading: &mut ScenarioReading,
) {
    let (name, separable) = (&system.spec.name, system.broker.separable(&system.spec));
    if separable.is_empty() {
        reading.find(
            Finding::at(
                place,
                format!("`{}` cannot cut a node of `{name}` off from others, it has only one", fault.name),
            )
            .note(format!("`{name}` has one node"))
            .help("give it more nodes, or name the systems that the fault is for: systems = [\"…\"]"),
        );
        return;
    }
    let whom = match select {
        Select::Named(node) if !separable.contains(node) => format!("`{node}`"),
        Select::Any if separable.len() < system.broker.brokers(&system.spec) => "any node".to_owned(),
        _ => return,
    };
    reading.find(
        Finding::at(
            place,
            format!("`{}` cannot cut {whom} of `{name}` off: what it opens to others takes paths of all", fault.name),
        )
        .note("shares its paths with other nodes")
        .help("with Sentinels only the primary can be isolated: remove `node`, and whoever leads is meant"),
    );
}

/// The nodes at whose connections a fault on a link is must be ones that the harness starts.
pub(super) fn ends(
    fault: &PlannedFault,
    chosen: &[String],
    path: &str,
    scenario: &Scenario,
    reading: &mut ScenarioReading,
) {
    for system in scenario.met_by(fault) {
        let name = &system.spec.name;
        let known = if system.spec.external.is_some() { Vec::new() } else { system.broker.nodes(&system.spec) };
        let names = || known.iter().map(String::as_str);
        for (index, node) in chosen.iter().enumerate().filter(|(_, node)| !known.contains(node)) {
            let place = reading.place(&format!("{path}.nodes[{index}]"));
            reading.find(
                Finding::at(place, format!("`{}` is for `{node}`, which is no node of `{name}`", fault.name))
                    .note(did_you_mean(node, names(), "no node of this name"))
                    .help(match known.as_slice() {
                        [] => format!("the harness does not start the nodes of `{name}`; remove `nodes`"),
                        _ => format!("`{name}` has {}; or leave it out with systems = [\"…\"]", all_of(names())),
                    }),
            );
        }
    }
}

fn no_nodes(system: &System, known: &[String]) -> Option<&'static str> {
    if system.spec.external.is_some() {
        return Some("which somebody else runs");
    }
    known.is_empty().then_some("which lives in the harness's own process")
}

/// The workers must exist, and be processes.
pub(super) fn workers(
    fault: &PlannedFault,
    names: &[String],
    path: &str,
    scenario: &Scenario,
    reading: &mut ScenarioReading,
) {
    let worker = format!("{path}.worker");
    for system in scenario.met_by(fault).iter().filter(|system| system.broker.is_in_process()) {
        let name = &system.spec.name;
        reading.find(
            Finding::at(
                reading.place(&format!("{worker}[0]")),
                format!("`{}` cannot touch the workers of `{name}`, which are no processes", fault.name),
            )
            .note("a thread of the harness")
            .help("name the systems that the fault is for: systems = [\"…\"]"),
        );
    }
    match fault.fault.tells() {
        Some(ToldConsumers::Join | ToldConsumers::JoinForGood) => {
            consumers::join(fault, names, &worker, scenario, reading);
            return;
        }
        Some(told) => consumers::told(fault, told, (names, path), scenario, reading),
        None => {}
    }
    must_be_clients(fault, names, &worker, scenario, reading);
}

/// What is settled before its processing, or never, cannot be refused; and which messages are poisoned is known from the start.
pub(super) fn messages(fault: &PlannedFault, path: &str, scenario: &Scenario, reading: &mut ScenarioReading) {
    if fault.when.is_some() {
        let message = format!("`{}` marks messages by the times at which they fall due, and cannot wait", fault.name);
        reading.find(
            Finding::at(reading.place(&format!("{path}.when")), message)
                .note("has no meaning here")
                .help("write `at` instead of `when`"),
        );
    }
    if let Some(none) = unconsumed::who_has_none(scenario, &scenario.met_by(fault)) {
        let message = format!("consumers fail on what `{}` marks, and {none}", fault.name);
        let place = reading.place(&format!("{path}.at")).or_else(|| reading.place("workload.consumers"));
        reading.find(
            Finding::at(place, message)
                .note("nobody consumes")
                .help("set workload.consumers to 1 or more, or remove the fault"),
        );
        return;
    }
    if scenario.workload.ack == AckMode::AfterProcessing {
        return;
    }
    let place = reading.place("workload.ack").or_else(|| reading.place(&format!("{path}.at")));
    let message = format!("`{}` poisons messages that consumers settle before they fail on them, or never", fault.name);
    reading.find(
        Finding::at(place, message)
            .note("not after processing")
            .help("set ack = \"after-processing\", or remove the fault"),
    );
}

/// Each name is that of a client.
pub(super) fn must_be_clients(
    fault: &PlannedFault,
    chosen: &[String],
    path: &str,
    scenario: &Scenario,
    reading: &mut ScenarioReading,
) {
    let workload = &scenario.workload;
    let known: Vec<String> = workload.names(Role::Producer).chain(workload.names(Role::Consumer)).collect();
    for (index, client) in chosen.iter().enumerate().filter(|(_, client)| !known.contains(client)) {
        let names = || known.iter().map(String::as_str);
        reading.find(
            Finding::at(
                reading.place(&format!("{path}[{index}]")),
                format!("`{}` is for `{client}`, which is no client", fault.name),
            )
            .note(did_you_mean(client, names(), "no client of this name"))
            .help(format!(
                "clients are named by role and number: {} and {}",
                all_clients(workload, Role::Producer),
                all_clients(workload, Role::Consumer)
            )),
        );
    }
}

/// The names of a role's clients: `producer-0` to `producer-3`.
fn all_clients(workload: &Workload, role: Role) -> String {
    let names: Vec<String> = workload.names(role).collect();
    match names.as_slice() {
        [] => format!("no {}", role.name()),
        [only] => format!("`{only}`"),
        [first, .., last] => format!("`{first}` to `{last}`"),
    }
}
