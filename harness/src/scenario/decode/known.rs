//! `[[known]]`: failures that are known, in a scenario and in the file beside it.

use crate::fault::PlannedFault;
use crate::scenario::System;
use crate::scenario::node::{Table, TreeNode, Value};
use crate::scenario::problem::{Finding, all_of, did_you_mean, listed};
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use crate::scenario::value::FromNode;
use reports::facts::{CHECK_NAMES, Judges, KnownFailure, is_day};

/// What an entry may name. `None`: not known here, because another part of the scenario is wrong or the entry is another one's.
#[derive(Clone, Copy)]
pub(super) struct Nameable<'s> {
    pub(super) systems: Option<&'s [System]>,
    pub(super) faults: Option<&'s [PlannedFault]>,
}

/// The scenario's own entries.
pub(super) fn read(top: &mut Section<'_>, nameable: Nameable<'_>, reading: &mut ScenarioReading) -> Vec<KnownFailure> {
    let items = items(top, reading);
    let each = items.iter().enumerate().filter_map(|(index, item)| {
        let mut section = element(top, index, item, reading)?;
        let known = one(&mut section, nameable, reading);
        section.finish(reading);
        known
    });
    each.collect()
}

/// The entries for a scenario in the file beside it. Those of others are looked at too, as far as they can be.
pub(super) fn read_beside(
    tree: &Table,
    (scenario, neighbours): (&str, &[String]),
    nameable: Nameable<'_>,
    reading: &mut ScenarioReading,
) -> Vec<KnownFailure> {
    let mut top = Section::top(tree);
    let mut known = Vec::new();
    for (index, item) in items(&mut top, reading).iter().enumerate() {
        let Some(mut section) = element(&top, index, item, reading) else { continue };
        let scenarios: Vec<String> = section.required(reading, "scenarios").unwrap_or_default();
        for (index, name) in scenarios.iter().enumerate().filter(|(_, name)| !neighbours.contains(name)) {
            let names = || neighbours.iter().map(String::as_str);
            let place = reading.place(&format!("{}[{index}]", section.child("scenarios")));
            reading.find(
                Finding::at(place.or(section.place()), format!("no scenario `{name}` is beside this file"))
                    .note(did_you_mean(name, names(), "not in this folder"))
                    .help(format!("beside it are {}", all_of(names()))),
            );
        }
        let is_for_it = scenarios.iter().any(|name| name == scenario);
        let nameable = if is_for_it { nameable } else { Nameable { systems: None, faults: None } };
        let one = one(&mut section, nameable, reading);
        section.finish(reading);
        known.extend(one.filter(|_| is_for_it));
    }
    top.finish(reading);
    known
}

fn items<'n>(top: &mut Section<'n>, reading: &mut ScenarioReading) -> &'n [TreeNode] {
    let Some(entry) = top.entry(reading, "known") else { return &[] };
    match &entry.node.value {
        Value::Array(items) => items,
        Value::Broken => &[],
        _ => {
            reading.find(
                Finding::at(Some(entry.key_place), "`known` is a list of tables")
                    .note("not a list")
                    .help("write [[known]] in two brackets, and its keys below"),
            );
            &[]
        }
    }
}

fn element<'n>(
    top: &Section<'n>,
    index: usize,
    item: &'n TreeNode,
    reading: &mut ScenarioReading,
) -> Option<Section<'n>> {
    if item.value.as_table().is_none() {
        let finding = Finding::at(Some(item.place), "a known failure is a table").note("not a table");
        reading.find(finding.help("write [[known]] and its keys below: check = \"lost\", issue = \"https://…\""));
        return None;
    }
    Some(top.element("known", &index.to_string(), item))
}

fn one(section: &mut Section<'_>, nameable: Nameable<'_>, reading: &mut ScenarioReading) -> Option<KnownFailure> {
    let check: Option<String> = section.required(reading, "check");
    let system: Option<String> = section.get(reading, "system");
    let fault: Option<String> = section.get(reading, "fault");
    let issue: Option<String> = section.required(reading, "issue");
    let until = section.get::<Day>(reading, "until").map(|day| day.0);
    let reason = section.get(reading, "reason");
    if let Some(check) = &check {
        let names = || CHECK_NAMES.iter().map(|(name, _)| *name);
        must_be_one_of(section, "check", "check", check, &names().collect::<Vec<_>>(), reading);
    }
    if let (Some(system), Some(systems)) = (&system, nameable.systems) {
        let names: Vec<&str> = systems.iter().map(|system| system.spec.name.as_str()).collect();
        must_be_one_of(section, "system", "system", system, &names, reading);
    }
    if let (Some(fault), Some(check)) = (&fault, &check) {
        at_a_fault(section, fault, check, nameable.faults, reading);
    }
    if issue.as_ref().is_some_and(|issue| issue.trim().is_empty()) {
        let help = "write what people find it by: issue = \"https://tracker.example/issues/17\"";
        section.blame(reading, "issue", "a known failure is tracked somewhere", "nothing in it", help);
    }
    let known = KnownFailure { check: check?, system, fault, issue: issue?, until, reason };
    reading.note_known(&known, reading.place(&section.child("check")));
    Some(known)
}

fn must_be_one_of(
    section: &Section<'_>,
    key: &str,
    what: &str,
    name: &str,
    known: &[&str],
    reading: &mut ScenarioReading,
) {
    if known.contains(&name) {
        return;
    }
    let near = did_you_mean(name, known.iter().copied(), &format!("no {what} of this name"));
    let help = match known {
        [] => format!("there is no {what}: leave `{key}` out"),
        _ => format!("write {}", listed(known.iter().copied())),
    };
    section.blame(reading, key, format!("there is no {what} `{name}`"), &near, &help);
}

fn at_a_fault(
    section: &Section<'_>,
    fault: &str,
    check: &str,
    faults: Option<&[PlannedFault]>,
    reading: &mut ScenarioReading,
) {
    let judges = CHECK_NAMES.iter().find(|(name, _)| *name == check).map(|(_, judges)| *judges);
    if judges == Some(Judges::Trial) {
        let each = CHECK_NAMES.iter().filter(|(_, judges)| *judges == Judges::EachFault).map(|(name, _)| *name);
        let help = format!("leave `fault` out; of single faults speak {}", all_of(each));
        let message = format!("`{check}` judges the whole trial, not one fault");
        section.blame(reading, "fault", message, "says nothing here", &help);
    } else if let Some(faults) = faults {
        let names: Vec<&str> = faults.iter().map(|fault| fault.name.as_str()).collect();
        must_be_one_of(section, "fault", "fault", fault, &names, reading);
    }
}

/// A day of the calendar, as a date of TOML or as text.
struct Day(String);

impl FromNode for Day {
    const EXAMPLE: &'static str = "2026-12-31";

    fn from_node(node: &TreeNode, path: &str, reading: &mut ScenarioReading) -> Option<Self> {
        let written = reading.sources.slice(node.place).to_owned();
        let day = match &node.value {
            Value::Broken => return None,
            Value::String(text) => text.clone(),
            _ => written.clone(),
        };
        if is_day(&day) {
            return Some(Self(day));
        }
        reading.find(
            Finding::at(Some(node.place), format!("`{path}` is a day, not {written}"))
                .note("no day of the calendar")
                .help("write the last day on which the entry excuses anything: until = 2026-12-31"),
        );
        None
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}
