//! What only the whole scenario can tell: faults against phases, links, systems and each other.

use super::aims;
use super::conditions;
use super::problem::{Finding, all_of, did_you_mean};
use super::reading::ScenarioReading;
use super::unconsumed;
use super::validated::{Scenario, System};
use crate::fault::{FAULTS, Lasts, PlannedFault, Target};
use crate::model::duration::show;
use crate::model::{AckMode, Link};
use reports::facts::Path;
use std::time::Duration;

/// Finds what is wrong between the sections.
pub(super) fn errors(scenario: &Scenario, reading: &mut ScenarioReading) {
    for fault in &scenario.faults {
        let path = path(fault, reading);
        if reading.is_sound("phases.load") && !scenario.phases.load.is_zero() {
            times(fault, &path, scenario.phases.load, reading);
        }
        if !reading.systems_broken {
            known_systems(fault, &path, scenario, reading);
        }
        if let Some(condition) = &fault.when {
            conditions::errors(fault, condition, scenario, reading);
        }
        match &fault.target {
            Target::Link { link, clients, nodes, .. } => {
                links(fault, *link, &path, scenario, reading);
                known_clients(fault, clients.names(), &path, scenario, reading);
                aims::ends(fault, nodes.names(), &path, scenario, reading);
            }
            Target::Node(select) => aims::nodes(fault, select, &path, scenario, reading),
            Target::Worker(names) => aims::workers(fault, names, &path, scenario, reading),
            Target::Messages => aims::messages(fault, &path, scenario, reading),
        }
    }
    if !reading.systems_broken {
        for system in &scenario.systems {
            contradictions(system, scenario, reading);
        }
        cores_of_threads(scenario, reading);
    }
    if scenario.expect.unprocessed.is_some() && scenario.workload.ack != AckMode::BeforeProcessing {
        let message = "`expect.unprocessed` is asked only where messages are settled before they are processed";
        let place = reading.place("expect.unprocessed");
        reading.find(
            Finding::at(place, message)
                .note("can never be above zero")
                .help("leave it out, or choose ack = \"before-processing\" in [workload]"),
        );
    }
    unconsumed::errors(scenario, reading);
    for (index, fault) in scenario.faults.iter().enumerate() {
        for earlier in &scenario.faults[..index] {
            contradiction(earlier, fault, scenario, reading);
        }
    }
}

/// Only processes can be kept to cores, and the clients of some brokers are none.
fn cores_of_threads(scenario: &Scenario, reading: &mut ScenarioReading) {
    let here = scenario.systems.iter().find(|system| system.broker.is_in_process());
    let (Some(system), Some(_)) = (here, scenario.client.cores) else { return };
    let (name, kind) = (&system.spec.name, system.broker.kind());
    let message = format!(
        "the clients of `{name}` cannot be kept to cores: with `{kind}` they are threads of the harness itself"
    );
    reading.find(
        Finding::at(reading.place("client.cores"), message)
            .note("not to be had")
            .help(format!("leave it out, or try `{name}` in a scenario of its own")),
    );
}

/// Settings of a system that cannot work together.
fn contradictions(system: &System, scenario: &Scenario, reading: &mut ScenarioReading) {
    let table = format!("systems.{}.{}.", system.spec.name, system.broker.kind());
    if reading.failed.iter().any(|path| path.starts_with(&table)) {
        // A default stands in for what could not be read: nothing follows from it.
        return;
    }
    let mut all = system.broker.contradictions(&system.spec);
    all.extend(system.client.contradictions(&system.spec, &scenario.client, &scenario.workload));
    for found in all {
        let place = found.keys.iter().find_map(|key| reading.place(&system.key(key)));
        let place = place.or_else(|| reading.place(&format!("systems.{}.name", system.spec.name)));
        // A library may repeat a value, which a secret can be.
        let why = reading.secrets.mask(&found.refusal.why);
        reading.find(Finding::at(place, why).note("contradiction").help(found.refusal.instead));
    }
}

fn path(fault: &PlannedFault, reading: &ScenarioReading) -> String {
    reading.fault_paths.get(&fault.name).cloned().unwrap_or_default()
}

fn times(fault: &PlannedFault, path: &str, load: Duration, reading: &mut ScenarioReading) {
    let (at, lasts) = (reading.place(&format!("{path}.at")), reading.place(&format!("{path}.for")));
    let (name, load_words) = (&fault.name, show(load));
    let at_once = FAULTS.iter().any(|spec| spec.name == fault.fault.name() && spec.lasts == Lasts::AtOnce);
    if fault.lasts.is_zero() && !at_once {
        reading.find(
            Finding::at(lasts, format!("`{name}` lasts no time"))
                .note("zero")
                .help("write at least \"1s\", so that its effect can be seen"),
        );
    }
    if fault.at >= load {
        reading.find(
            Finding::at(at, format!("`{name}` begins after the load has ended"))
                .note(format!("the load lasts {load_words}"))
                .help(format!("times count from the start of the load: write less than \"{load_words}\", or lengthen `phases.load`")),
        );
    } else if fault.until() > load {
        let longest = show(load - fault.at);
        reading.find(
            Finding::at(lasts, format!("`{name}` outlasts the load"))
                .note(format!("it would end at {}, the load ends at {load_words}", show(fault.until())))
                .help(format!("write \"{longest}\" or less, or lengthen `phases.load`")),
        );
    }
}

fn known_systems(fault: &PlannedFault, path: &str, scenario: &Scenario, reading: &mut ScenarioReading) {
    let names = || scenario.systems.iter().map(|system| system.spec.name.as_str());
    for (index, system) in fault.systems.iter().enumerate() {
        if names().any(|name| name == system) {
            continue;
        }
        reading.find(
            Finding::at(
                reading.place(&format!("{path}.systems[{index}]")),
                format!("`{}` is for `{system}`, which is no system", fault.name),
            )
            .note(did_you_mean(system, names(), "no system of this name"))
            .help(format!("the scenario has {}", all_of(names()))),
        );
    }
}

/// A fault may be aimed at some clients, on their own link.
fn known_clients(
    fault: &PlannedFault,
    chosen: &[String],
    path: &str,
    scenario: &Scenario,
    reading: &mut ScenarioReading,
) {
    if !chosen.is_empty() && !fault.touches_clients() {
        let place = reading.place(&format!("{path}.clients"));
        reading.find(
            Finding::at(place, format!("`{}` is on the {}, which no client is on", fault.name, link_of(fault)))
                .note("has no meaning here")
                .help("remove `clients`, or set link = \"client\""),
        );
        return;
    }
    for system in scenario.met_by(fault).iter().filter(|system| !chosen.is_empty() && system.has_one_path()) {
        let name = &system.spec.name;
        reading.find(
            Finding::at(
                reading.place(&format!("{path}.clients")),
                format!(
                    "`{}` cannot tell the clients of `{name}` apart, which has one path for all of them",
                    fault.name
                ),
            )
            .note("some of them")
            .help("its listener advertises one address to all; remove `clients`, or let the harness start the broker"),
        );
    }
    aims::must_be_clients(fault, chosen, &format!("{path}.clients"), scenario, reading);
}

/// `link `peer``.
fn link_of(fault: &PlannedFault) -> String {
    fault.target.link().map_or_else(String::new, |link| format!("link `{link}`"))
}

fn links(fault: &PlannedFault, link: Link, path: &str, scenario: &Scenario, reading: &mut ScenarioReading) {
    let place = [format!("{path}.link"), format!("{path}.at")].iter().find_map(|key| reading.place(key));
    for system in scenario.met_by(fault) {
        if system.spec.path == Path::Direct && link == Link::Client {
            reading.find(
                Finding::at(
                    place,
                    format!("`{}` cannot touch `{}`, which is reached directly", fault.name, system.spec.name),
                )
                .note(format!("`{}` has no proxied link", system.spec.name))
                .help(format!(
                    "set path = \"proxied\" for `{}`, or name the systems that the fault is for: systems = [\"…\"]",
                    system.spec.name
                )),
            );
            continue;
        }
        let links = system.broker.links(&system.spec);
        if !links.contains(&link) {
            let has = all_of(links.iter().map(|link| link.name()));
            reading.find(
                Finding::at(
                    place,
                    format!("`{}` has no `{link}` link for `{}` to work on", system.spec.name, fault.name),
                )
                .note(format!("not a link of `{}`", system.spec.name))
                .help(format!("`{}` has {has}; or leave it out with systems = [\"…\"]", system.spec.name)),
            );
        }
    }
}

fn what(fault: &PlannedFault) -> &'static str {
    match fault.target {
        Target::Link { .. } => "link",
        Target::Node(_) => "node",
        Target::Worker(_) => "worker",
        Target::Messages => "messages",
    }
}

fn contradiction(earlier: &PlannedFault, later: &PlannedFault, scenario: &Scenario, reading: &mut ScenarioReading) {
    let shared = scenario
        .met_by(later)
        .iter()
        .any(|system| scenario.met_by(earlier).iter().any(|other| other.spec.name == system.spec.name));
    if !(shared && later.contradicts(earlier)) {
        return;
    }
    let place = ["at", "when"].iter().find_map(|key| reading.place(&format!("{}.{key}", path(later, reading))));
    let (note, help) = if earlier.when.is_some() || later.when.is_some() {
        let note = format!("`{}` may still last, on the same {}", earlier.name, what(earlier));
        (note, "nobody knows when it begins: name different systems for the two, or remove one".to_owned())
    } else {
        let free = show(earlier.until().max(earlier.at + Duration::from_secs(1)));
        let note = format!("`{}` still lasts, on the same {}", earlier.name, what(earlier));
        (note, format!("let it begin at \"{free}\" or later, or name different systems for the two"))
    };
    reading.find(
        Finding::at(place, format!("`{}` and `{}` contradict each other", earlier.name, later.name))
            .note(note)
            .help(help),
    );
}
