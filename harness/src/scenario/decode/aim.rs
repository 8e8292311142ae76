//! What a fault is aimed at: one of `link`, `node` and `worker`.

use crate::fault::{Aim, Fault, FaultSpec, Select, Target};
use crate::model::{Direction, Link, Selection};
use crate::scenario::problem::{Finding, all_of};
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use crate::scenario::value::Names;

const AIMS: [Aim; 3] = [Aim::Link, Aim::Node, Aim::Worker];
const LINKS: [(&str, Link); 3] =
    [(Link::Client.name(), Link::Client), (Link::Peer.name(), Link::Peer), (Link::Controller.name(), Link::Controller)];
const DIRECTIONS: [(&str, Direction); 3] =
    [("downstream", Direction::Downstream), ("upstream", Direction::Upstream), ("both", Direction::Both)];
/// Words for a node by what it does, beside names.
const ROLES: [(&str, Select); 3] = [("primary", Select::Leader), ("leader", Select::Leader), ("any", Select::Any)];

/// Whether a fault says what it is done to.
pub(super) fn is_given(section: &Section<'_>) -> bool {
    AIMS.into_iter().any(|aim| section.present().any(|entry| entry.key == aim.key()))
}

/// The one target of a fault. `None`: it has none, and that has been reported; or its kind is not known.
pub(super) fn read(
    section: &mut Section<'_>,
    spec: Option<&FaultSpec>,
    reading: &mut ScenarioReading,
) -> Option<Target> {
    let given: Vec<Aim> =
        AIMS.into_iter().filter(|aim| section.present().any(|entry| entry.key == aim.key())).collect();
    let aim = match (spec, given.as_slice()) {
        (_, [_, .., last]) => {
            several(section, &given, *last, reading);
            None
        }
        (Some(spec), [one]) if !spec.aims.contains(one) => {
            unfit(section, spec, *one, reading);
            None
        }
        (_, [one]) => Some(*one),
        (Some(spec), []) if spec.aims.contains(&Aim::Messages) => Some(Aim::Messages),
        (Some(spec), []) if spec.aims.contains(&Aim::Leader) => Some(Aim::Leader),
        (Some(spec), []) if spec.aims.contains(&Aim::Each) => Some(Aim::Each),
        (Some(spec), []) if !spec.aims.contains(&Aim::Link) => {
            missing(section, spec, reading);
            None
        }
        (_, []) => Some(Aim::Link),
    };
    if aim.is_some_and(|aim| aim != Aim::Link) {
        only_links_have(section, reading);
    }
    match aim {
        Some(Aim::Link) => Some(link(section, reading)),
        Some(Aim::Node) => node(section, reading),
        Some(Aim::Leader) => {
            know(section, &["link", "direction", "clients", "nodes", "node", "worker"], reading);
            Some(Target::Node(Select::Leader))
        }
        Some(Aim::Each) => {
            know(section, &["link", "direction", "clients", "nodes", "node", "worker"], reading);
            Some(Target::Node(Select::Each))
        }
        Some(Aim::Worker) => workers(section, reading),
        Some(Aim::Messages) => {
            know(section, &["link", "direction", "clients", "nodes", "node", "worker"], reading);
            Some(Target::Messages)
        }
        None => {
            know(section, &["link", "direction", "clients", "nodes", "node", "worker"], reading);
            None
        }
    }
}

/// A kind that works on a link as such has no direction, and says so where the scenario gives one.
pub(super) fn directed(
    target: Target,
    fault: &dyn Fault,
    section: &Section<'_>,
    reading: &mut ScenarioReading,
) -> Target {
    match target {
        Target::Link { link, clients, nodes, .. } if !fault.is_directed() => {
            if section.present().any(|entry| entry.key == "direction") {
                section.blame(
                    reading,
                    "direction",
                    "this fault works on the whole link and has no direction",
                    "has no meaning here",
                    "remove `direction`",
                );
            }
            Target::Link { link, direction: Direction::Both, clients, nodes }
        }
        other => other,
    }
}

fn link(section: &mut Section<'_>, reading: &mut ScenarioReading) -> Target {
    let link = section.word(reading, "link", &LINKS, 0);
    let direction = section.word(reading, "direction", &DIRECTIONS, 0);
    let clients: Vec<String> = section.or(reading, "clients", Vec::new());
    let nodes: Vec<String> = section.or(reading, "nodes", Vec::new());
    know(section, &["node", "worker"], reading);
    Target::Link { link, direction, clients: Selection::of(clients), nodes: Selection::of(nodes) }
}

fn node(section: &mut Section<'_>, reading: &mut ScenarioReading) -> Option<Target> {
    know(section, &["link", "direction", "clients", "nodes"], reading);
    let name: Option<String> = section.get(reading, "node");
    know(section, &["worker"], reading);
    let name = name?;
    let role = ROLES.into_iter().find(|(word, _)| *word == name).map(|(_, select)| select);
    Some(Target::Node(role.unwrap_or(Select::Named(name))))
}

fn workers(section: &mut Section<'_>, reading: &mut ScenarioReading) -> Option<Target> {
    know(section, &["link", "direction", "clients", "nodes", "node"], reading);
    let Names(names) = section.get(reading, "worker")?;
    if names.is_empty() {
        let why = format!("`{}` names no worker", section.child("worker"));
        section.blame(reading, "worker", why, "nobody", "name at least one: worker = \"consumer-0\"");
        return None;
    }
    Some(Target::Worker(names))
}

/// Asks for keys without reading them, so that none is reported as unknown beside what is wrong with it.
fn know(section: &mut Section<'_>, keys: &[&str], reading: &mut ScenarioReading) {
    keys.iter().for_each(|key| section.know(reading, key));
}

fn several(section: &Section<'_>, given: &[Aim], last: Aim, reading: &mut ScenarioReading) {
    let place = section.present().find(|entry| entry.key == last.key()).map(|entry| entry.key_place);
    let names = all_of(given.iter().map(|aim| aim.key()));
    reading.find(
        Finding::at(place, format!("`{}` has one aim only, and here are {names}", section.path))
            .note("one too many")
            .help("keep one of them, and write another fault for the other"),
    );
}

fn unfit(section: &Section<'_>, spec: &FaultSpec, aim: Aim, reading: &mut ScenarioReading) {
    let place = section.present().find(|entry| entry.key == aim.key()).map(|entry| entry.key_place);
    if matches!(spec.aims, [Aim::Leader | Aim::Each]) {
        let message = format!("`{}` is done to {}, and takes no `{}`", spec.name, any_of(spec), aim.key());
        let help = format!("remove `{}`; of a node that you choose, write another fault: `kill`, `restart`", aim.key());
        reading.find(Finding::at(place, message).note("has no meaning here").help(help));
        return;
    }
    let message = format!("`{}` is done to {}, not to {}", spec.name, any_of(spec), words(aim));
    reading.find(Finding::at(place, message).note("no aim of this fault").help(format!("write {}", examples(spec))));
}

fn missing(section: &Section<'_>, spec: &FaultSpec, reading: &mut ScenarioReading) {
    let place = section.present().find(|entry| entry.key == spec.name).map(|entry| entry.key_place);
    let message = format!("`{}` does not say what `{}` is done to", section.path, spec.name);
    reading.find(
        Finding::at(place, message)
            .note(format!("it is done to {}", any_of(spec)))
            .help(format!("add {}", examples(spec))),
    );
}

fn only_links_have(section: &Section<'_>, reading: &mut ScenarioReading) {
    for key in ["direction", "clients", "nodes"] {
        if let Some(entry) = section.present().find(|entry| entry.key == key) {
            let message = format!("`{}` is for faults on a link", section.child(key));
            reading.find(
                Finding::at(Some(entry.key_place), message).note("has no meaning here").help(format!("remove `{key}`")),
            );
        }
    }
}

const fn words(aim: Aim) -> &'static str {
    match aim {
        Aim::Link => "a link",
        Aim::Node => "a node",
        Aim::Worker => "workers",
        Aim::Messages => "messages",
        Aim::Leader => "the node that leads when it begins",
        Aim::Each => "all brokers, one after another",
    }
}

fn any_of(spec: &FaultSpec) -> String {
    spec.aims.iter().map(|aim| words(*aim)).collect::<Vec<_>>().join(" or ")
}

fn examples(spec: &FaultSpec) -> String {
    let example = |aim: &Aim| match aim {
        Aim::Link => "link = \"client\"",
        Aim::Node => "node = \"leader\" or the name of one",
        Aim::Worker => "worker = \"consumer-0\", or a list of names",
        Aim::Messages => "no aim at all",
        Aim::Leader => "no aim, for the node that leads",
        Aim::Each => "no aim at all",
    };
    spec.aims.iter().map(example).collect::<Vec<_>>().join("; or ")
}
