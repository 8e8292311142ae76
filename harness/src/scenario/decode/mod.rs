//! From the tree to the model: one file for each section of a scenario.
//! From here only the reading and the declared options of brokers and faults may be touched.
//! To add a section: copy `phases.rs`, and add its line to `scenario` below.

mod aim;
mod chaos;
mod client;
mod compare;
mod cores;
mod expect;
mod external;
mod faults;
mod keys;
mod kind;
mod known;
mod message;
mod options;
mod phases;
mod records;
mod systems;
mod trigger;
mod workload;

pub(super) use expect::{RATES, key};

use super::beside::Beside;
use super::node::Table;
use super::reading::ScenarioReading;
use super::section::Section;
use super::validated::Scenario;
use crate::broker::Registry;
use crate::model::Demands;

/// Reads the whole tree. What it returns is only a scenario if the reading found nothing wrong.
pub(super) fn scenario(
    tree: &Table,
    (name, source): (&str, &str),
    beside: Option<&Beside>,
    registry: &Registry,
    reading: &mut ScenarioReading,
) -> Scenario {
    let mut top = Section::top(tree);
    let title = top.or(reading, "title", name.to_owned());
    let tags: Vec<String> = top.or(reading, "tags", Vec::new());
    let repeats = top.or(reading, "repeats", 1_u32);
    if !(1..=1000).contains(&repeats) {
        top.blame(reading, "repeats", format!("`repeats` cannot be {repeats}"), "out of bounds", "write 1 to 1000");
    }
    let seed = top.or(reading, "seed", 1_u64);
    let workload = workload::read(&mut top, reading);
    let phases = phases::read(&mut top, reading);
    let client = client::read(&mut top, reading);
    let demands = Demands { message_bytes: workload.message_bytes, seed, heartbeat: client.heartbeat.clone() };
    let systems = systems::read(&mut top, registry, &demands, reading);
    let faults = faults::read(&mut top, seed, phases.load, &workload, reading);
    let expect = expect::read(&mut top, reading);
    let compare = compare::read(&mut top, reading);
    let nameable = known::Nameable {
        systems: Some(systems.as_slice()).filter(|_| !reading.systems_broken),
        faults: Some(faults.as_slice()).filter(|_| reading.findings.is_empty()),
    };
    let mut known = known::read(&mut top, nameable, reading);
    top.finish(reading);
    if let Some(beside) = beside {
        known.extend(known::read_beside(&beside.tree, (name, &beside.scenarios), nameable, reading));
    }
    Scenario {
        name: name.to_owned(),
        title,
        tags,
        repeats,
        seed,
        workload,
        phases,
        client,
        systems,
        faults,
        expect,
        compare,
        known,
        source: source.to_owned(),
    }
}
