//! `[[systems]]`: what is tried.

use super::external;
use super::options::{self, Without};
use crate::broker::client::ClientKind;
use crate::broker::{Broker, Client, Program, Registry};
use crate::model::{Demands, Durability, SystemSpec};
use crate::scenario::System;
use crate::scenario::names::name_of;
use crate::scenario::node::{TreeNode, Value};
use crate::scenario::problem::{Finding, all_of, listed};
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use crate::scenario::value::FromNode;
use reports::facts::Path;
use std::collections::BTreeMap;

const PATHS: [(&str, Path); 2] = [("proxied", Path::Proxied), ("direct", Path::Direct)];
/// How raw settings begin that go to the broker and not to its clients.
const BROKERS_OWN: &str = "server.";
const LONGEST_NAME: usize = 64;
const DURABILITIES: [(&str, Durability); 4] =
    [named(Durability::Memory), named(Durability::OsCache), named(Durability::Fsync), named(Durability::Replicated)];

const fn named(durability: Durability) -> (&'static str, Durability) {
    (durability.name(), durability)
}

pub(super) fn read(
    top: &mut Section<'_>,
    registry: &Registry,
    demands: &Demands,
    reading: &mut ScenarioReading,
) -> Vec<System> {
    let entry = top.entry(reading, "systems");
    let items = match entry.map(|entry| &entry.node.value) {
        Some(Value::Array(items)) if !items.is_empty() => items.as_slice(),
        Some(Value::Broken) => &[],
        _ => {
            let place = entry.map(|entry| entry.key_place);
            let kinds = listed(registry.brokers.iter().map(|broker| broker.kind()));
            reading.find(
                Finding::at(place, "a scenario needs systems: what is to be tried?")
                    .note("no system in here")
                    .help(format!("add [[systems]] with a name and one of {kinds}, as in redis-streams = {{}}")),
            );
            &[]
        }
    };
    let mut seen: Vec<String> = Vec::new();
    let mut systems = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if let Some(system) = one(top, index, item, registry, demands, reading) {
            unique(&seen, &system.spec.name, &top.child("systems"), item, reading);
            seen.push(system.spec.name.clone());
            systems.push(system);
        }
    }
    reading.systems_broken = systems.is_empty() || systems.len() < items.len();
    systems
}

fn one(
    top: &Section<'_>,
    index: usize,
    item: &TreeNode,
    registry: &Registry,
    demands: &Demands,
    reading: &mut ScenarioReading,
) -> Option<System> {
    if item.value.as_table().is_none() {
        reading.find(
            Finding::at(Some(item.place), "a system is a table")
                .note("not a table")
                .help("write [[systems]] and its keys below"),
        );
        return None;
    }
    let label = name_of(item).map_or_else(|| index.to_string(), str::to_owned);
    let mut section = top.element("systems", &label, item);
    let name: Option<String> = section.required(reading, "name");
    if let Some(name) = &name {
        fit_for_files(&section, name, reading);
    }
    let path = section.word(reading, "path", &PATHS, 0);
    let external = external::read(&mut section, reading);
    let kinds: Vec<&'static str> = registry.brokers.iter().map(|broker| broker.kind()).collect();
    let kind = section.tag(reading, "broker", &kinds);
    let broker = registry.brokers.iter().find(|broker| Some(broker.kind()) == kind);
    let system = broker.and_then(|broker| {
        let client = client(&mut section, *broker, registry, reading);
        let mut inner = section.section(reading, broker.kind());
        let name = name.clone().unwrap_or(label);
        let mut system = broker_table(&mut inner, (*broker, client?), name, path, demands, reading);
        if let Some(external) = external {
            external::refuse(&inner, *broker, reading);
            external::must_lead_through_the_proxy(&section, &external, *broker, path, reading);
            system.spec.external = Some(external);
        }
        inner.finish(reading);
        Some(system)
    });
    section.finish(reading);
    system
}

/// The client that the scenario names, or the broker's default. `None`: nothing speaks to this broker.
fn client(
    section: &mut Section<'_>,
    broker: &dyn Broker,
    registry: &Registry,
    reading: &mut ScenarioReading,
) -> Option<Client> {
    if let Some(Value::Table(_)) = section.entry(reading, "client").map(|entry| &entry.node.value) {
        return program(section, broker, reading).map(Client::Program);
    }
    let clients: Vec<(&str, &'static dyn ClientKind)> =
        registry.clients_of(broker.kind()).map(|client| (client.name(), client)).collect();
    if clients.is_empty() {
        let help = "choose another broker: this build of the harness has no client for it";
        section.blame(reading, broker.kind(), "no client speaks to this broker", "nobody to send or receive", help);
        return None;
    }
    Some(Client::Library(section.word(reading, "client", &clients, 0)))
}

/// The program that the scenario names as client. `None`: it names none, or one that cannot reach this broker.
fn program(section: &mut Section<'_>, broker: &dyn Broker, reading: &mut ScenarioReading) -> Option<Program> {
    let mut inner = section.section(reading, "client");
    let command: Option<Vec<String>> = inner.required(reading, "program");
    let program = command.and_then(Program::new);
    if program.is_none() && reading.is_sound(&inner.child("program")) {
        let help = "write program = [\"python3\", \"docs/worker.py\"]: the program, and its arguments";
        inner.blame(reading, "program", "a client that is a program needs its name", "no name", help);
    }
    inner.finish(reading);
    if broker.is_in_process() {
        let help = "leave `client` out, or choose another broker";
        let why = format!("`{}` lives in the harness's own process, where no other program reaches it", broker.kind());
        section.blame(reading, "client", why, "out of reach", help);
        return None;
    }
    program
}

fn broker_table(
    section: &mut Section<'_>,
    (broker, client): (&'static dyn Broker, Client),
    name: String,
    path: Path,
    demands: &Demands,
    reading: &mut ScenarioReading,
) -> System {
    let durability = durability(section, broker, reading);
    let image = section.get(reading, "image");
    let brokers = section.or(reading, "brokers", 1_u16);
    if brokers == 0 {
        section.blame(reading, "brokers", "a system needs a broker", "at least one", "write brokers = 1 or more");
    } else if brokers > broker.most_nodes() {
        let most = broker.most_nodes();
        let so_many = if most == 1 { "one broker".to_owned() } else { format!("at most {most} brokers") };
        let message = format!("`{}` can be started with {so_many}, not with {brokers}", broker.kind());
        section.blame(reading, "brokers", message, "too many", &format!("write brokers = {most}, or leave it out"));
    }
    let settings = settings(section, broker, &*client, reading);
    let options = options::read(section, broker.options(), Without::Unset, reading);
    let demands = demands.clone();
    let spec = SystemSpec { name, durability, path, external: None, image, brokers, options, settings, demands };
    System { spec, broker, client }
}

fn durability(section: &mut Section<'_>, broker: &dyn Broker, reading: &mut ScenarioReading) -> Durability {
    let able = broker.durabilities();
    let default = DURABILITIES
        .iter()
        .position(|(_, durability)| *durability == Durability::OsCache && able.contains(durability))
        .or_else(|| DURABILITIES.iter().position(|(_, durability)| able.contains(durability)))
        .unwrap_or(1);
    let chosen = section.word(reading, "durability", &DURABILITIES, default);
    if !able.contains(&chosen) {
        let names = DURABILITIES.iter().filter(|(_, durability)| able.contains(durability)).map(|(name, _)| *name);
        section.blame(
            reading,
            "durability",
            format!("`{}` has no such durability", broker.kind()),
            "not on offer",
            &format!("`{}` gives {}", broker.kind(), all_of(names)),
        );
    }
    chosen
}

/// Raw settings: text, numbers and truths are passed on as text, where somebody takes them.
fn settings(
    section: &mut Section<'_>,
    broker: &dyn Broker,
    client: &dyn ClientKind,
    reading: &mut ScenarioReading,
) -> BTreeMap<String, String> {
    let mut inner = section.section(reading, "settings");
    let keys: Vec<String> = inner.present().map(|entry| entry.key.clone()).collect();
    let mut settings = BTreeMap::new();
    for key in keys {
        if let Some(Setting(value)) = inner.raw(reading, &key) {
            let is_brokers = key.starts_with(BROKERS_OWN);
            let refusal = if is_brokers { broker.refusal(&key, &value) } else { client.refusal(&key, &value) };
            if let Some(refusal) = refusal {
                // A library may repeat the value, which a secret can be.
                let why = reading.secrets.mask(&refusal.why);
                inner.blame(reading, &key, why, "not accepted", &refusal.instead);
            }
            settings.insert(key, value);
        }
    }
    settings
}

/// The text of a raw setting.
struct Setting(String);

impl FromNode for Setting {
    const EXAMPLE: &'static str = "\"5\"";

    fn from_node(node: &TreeNode, path: &str, reading: &mut ScenarioReading) -> Option<Self> {
        match &node.value {
            Value::String(_) => String::from_node(node, path, reading).map(Self),
            Value::Integer(number) => Some(Self(number.to_string())),
            Value::Float(number) => Some(Self(number.to_string())),
            Value::Boolean(truth) => Some(Self(truth.to_string())),
            other => {
                reading.find(
                    Finding::at(Some(node.place), format!("`{path}` takes a string, a number, true or false"))
                        .note(format!("{} cannot be passed on", other.kind()))
                        .help("a setting with dots is one key in quotes, as in \"linger.ms\" = 5"),
                );
                None
            }
        }
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// A name becomes the name of folders and containers.
pub(super) fn fit_for_files(section: &Section<'_>, name: &str, reading: &mut ScenarioReading) {
    let letters = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
    let begins = name.starts_with(|letter: char| letter.is_ascii_alphanumeric());
    if letters && begins && name.len() <= LONGEST_NAME {
        return;
    }
    section.blame(
        reading,
        "name",
        format!("{name:?} cannot name a folder"),
        "not fit for file names",
        "use up to 64 letters, digits, -, _ and dots, beginning with a letter or digit",
    );
}

/// Reports a name that was already given.
pub(super) fn unique(seen: &[String], name: &str, list: &str, item: &TreeNode, reading: &mut ScenarioReading) {
    if !seen.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return;
    }
    let place = item.value.as_table().and_then(|table| table.get("name")).map_or(item.place, |entry| entry.node.place);
    reading.find(
        Finding::at(Some(place), format!("two of `{list}` are named `{name}`"))
            .note("the second of this name")
            .help("give each its own name: results and folders are named after them"),
    );
}
