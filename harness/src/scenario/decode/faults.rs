//! `[[faults]]`: what goes wrong, when, where; listed one by one, and drawn by `[chaos]`.

use super::aim;
use super::chaos;
use super::kind::{build, kinds, named_kind};
use super::systems::{fit_for_files, unique};
use super::trigger;
use crate::fault::{Lasts, PlannedFault};
use crate::model::Workload;
use crate::scenario::names::{Numbers, name_of};
use crate::scenario::node::{TreeNode, Value};
use crate::scenario::problem::Finding;
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use std::time::Duration;

/// The faults that a scenario lists, and those that its mix draws, in the order of their times.
pub(super) fn read(
    top: &mut Section<'_>,
    seed: u64,
    load: Duration,
    workload: &Workload,
    reading: &mut ScenarioReading,
) -> Vec<PlannedFault> {
    let mut numbers = Numbers::default();
    let mut faults = listed(top, &mut numbers, reading);
    let mix = chaos::read(top, seed, load, reading);
    let drawn = mix.map(|mut mix| {
        mix.fit(workload, reading);
        mix.draw(load, workload)
    });
    for drawn in drawn.unwrap_or_default() {
        let mut name = numbers.next(drawn.fault.name());
        while faults.iter().any(|other| other.name.eq_ignore_ascii_case(&name)) {
            name = numbers.next(drawn.fault.name());
        }
        reading.fault_paths.insert(name.clone(), drawn.path);
        faults.push(PlannedFault {
            name,
            at: drawn.at,
            when: None,
            lasts: drawn.lasts,
            target: drawn.target,
            fault: drawn.fault,
            systems: drawn.systems,
            after: None,
        });
    }
    faults.sort_by_key(|fault| fault.at);
    faults
}

fn listed(top: &mut Section<'_>, numbers: &mut Numbers, reading: &mut ScenarioReading) -> Vec<PlannedFault> {
    let Some(entry) = top.entry(reading, "faults") else { return Vec::new() };
    let items = match &entry.node.value {
        Value::Array(items) => items.as_slice(),
        Value::Broken => &[],
        _ => {
            reading.find(
                Finding::at(Some(entry.key_place), "`faults` is a list of tables")
                    .note("one pair of brackets too few")
                    .help("write [[faults]] and the keys of one fault below"),
            );
            &[]
        }
    };
    let mut seen: Vec<String> = Vec::new();
    let mut faults = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if let Some(fault) = one(top, index, item, numbers, reading) {
            unique(&seen, &fault.name, "faults", item, reading);
            seen.push(fault.name.clone());
            reading.fault_paths.insert(fault.name.clone(), format!("faults.{}", label(index, item)));
            faults.push(fault);
        }
    }
    faults
}

fn one(
    top: &Section<'_>,
    index: usize,
    item: &TreeNode,
    numbers: &mut Numbers,
    reading: &mut ScenarioReading,
) -> Option<PlannedFault> {
    if item.value.as_table().is_none() {
        reading.find(
            Finding::at(Some(item.place), "a fault is a table")
                .note("not a table")
                .help("write [[faults]] and its keys below"),
        );
        return None;
    }
    let label = label(index, item);
    let mut section = top.element("faults", &label, item);
    let spec = named_kind(&section);
    let name: Option<String> = section.get(reading, "name");
    let begins = trigger::read(&mut section, reading);
    let lasts = match spec.map(|spec| spec.lasts) {
        Some(Lasts::AtOnce) => Some(section.or(reading, "for", Duration::ZERO)),
        Some(Lasts::Given) | None => section.required(reading, "for"),
    };
    let target = aim::read(&mut section, spec, reading);
    let systems: Vec<String> = section.or(reading, "systems", Vec::new());
    let spec = section.tag(reading, "fault", &kinds()).and(spec);
    let built = spec.and_then(|spec| build(&mut section, spec, reading));
    let target = target.zip(built.as_ref()).map(|(target, fault)| aim::directed(target, &**fault, &section, reading));
    if let Some(name) = &name {
        fit_for_files(&section, name, reading);
    }
    section.finish(reading);
    let number = spec.map(|spec| numbers.next(spec.name));
    let (at, when) = begins?;
    Some(PlannedFault {
        name: name.or(number)?,
        at,
        when,
        lasts: lasts?,
        target: target?,
        fault: built?,
        systems,
        after: None,
    })
}

/// How paths name the fault: as it names itself, or by its place in the list.
fn label(index: usize, item: &TreeNode) -> String {
    name_of(item).map_or_else(|| index.to_string(), str::to_owned)
}
