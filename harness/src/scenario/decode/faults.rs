//! `[[faults]]`: what goes wrong, when, where.

use super::aim;
use super::options::{self, Without};
use super::systems::{fit_for_files, unique};
use crate::fault::{FAULTS, Fault, FaultSpec, Lasts, Misfit, PlannedFault};
use crate::scenario::node::{TreeNode, Value};
use crate::scenario::overlay::name_of;
use crate::scenario::problem::Finding;
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub(super) fn read(top: &mut Section<'_>, reading: &mut ScenarioReading) -> Vec<PlannedFault> {
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
    let mut numbers: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut seen: Vec<String> = Vec::new();
    let mut faults = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if let Some(fault) = one(top, index, item, &mut numbers, reading) {
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
    numbers: &mut BTreeMap<&'static str, usize>,
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
    let spec = FAULTS.iter().copied().find(|spec| section.present().any(|entry| entry.key == spec.name));
    let name: Option<String> = section.get(reading, "name");
    let at: Option<Duration> = section.required(reading, "at");
    let lasts = match spec.map(|spec| spec.lasts) {
        Some(Lasts::AtOnce) => Some(section.or(reading, "for", Duration::ZERO)),
        Some(Lasts::Given) | None => section.required(reading, "for"),
    };
    let target = aim::read(&mut section, spec, reading);
    let systems: Vec<String> = section.or(reading, "systems", Vec::new());
    let kinds: Vec<&'static str> = FAULTS.iter().map(|spec| spec.name).collect();
    let spec = section.tag(reading, "fault", &kinds).and(spec);
    let built = spec.and_then(|spec| build(&mut section, spec, reading));
    let target = target.zip(built.as_ref()).map(|(target, fault)| aim::directed(target, &**fault, &section, reading));
    if let Some(name) = &name {
        fit_for_files(&section, name, reading);
    }
    section.finish(reading);
    let number = spec.map(|spec| {
        let count = numbers.entry(spec.name).or_default();
        *count += 1;
        format!("{}-{count}", spec.name)
    });
    Some(PlannedFault { name: name.or(number)?, at: at?, lasts: lasts?, target: target?, fault: built?, systems })
}

/// The fault of this kind, with the options that its table gives.
fn build(section: &mut Section<'_>, spec: &FaultSpec, reading: &mut ScenarioReading) -> Option<Arc<dyn Fault>> {
    let mut inner = section.section(reading, spec.name);
    let given = options::read(&mut inner, spec.options, Without::Required, reading);
    let built = (spec.build)(&given);
    if let Err(Misfit { key, message, help }) = &built {
        inner.blame(reading, key, message.as_str(), "does not fit", help);
    }
    inner.finish(reading);
    built.ok()
}

/// How paths name the fault: as it names itself, or by its place in the list.
fn label(index: usize, item: &TreeNode) -> String {
    name_of(item).map_or_else(|| index.to_string(), str::to_owned)
}
