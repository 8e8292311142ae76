//! Lays the sources over each other: file, then profile, then `HARNESS_…` variables, then `--set`; the later one wins.

use super::assign::{GivenKey, KeyPart, assign, split_key, value_of};
use super::node::{Entry, Table, TreeNode, Value};
use super::origin::{SourceKind, TextPlace};
use super::problem::{Finding, all_of, did_you_mean};
use super::reading::ScenarioReading;

/// The keys outside any section that a variable may set; every other variable needs `__`.
const TOP_LEVEL: [&str; 3] = ["TITLE", "REPEATS", "SEED"];

/// Takes `profile` out of the file's tree, and returns the chosen one.
pub(super) fn profile(tree: &mut Table, chosen: Option<&str>, reading: &mut ScenarioReading) -> Option<Table> {
    let all = tree.take("profile");
    if let Some(Entry { key_place, node: TreeNode { value, .. }, .. }) = &all
        && !matches!(value, Value::Table(_))
    {
        reading.find(
            Finding::at(Some(*key_place), "`profile` holds named tables")
                .note("not a table")
                .help("write [profile.NAME] and the keys to replace below"),
        );
        return None;
    }
    let name = chosen?;
    let mut profiles = match all.map(|entry| entry.node.value) {
        Some(Value::Table(table)) => table,
        _ => Table::default(),
    };
    let names: Vec<String> = profiles.entries.iter().map(|entry| entry.key.clone()).collect();
    match profiles.take(name) {
        Some(Entry { node: TreeNode { value: Value::Table(mut table), place }, .. }) => {
            let source = reading.sources.get(place).map(|source| (source.name.clone(), source.text.clone()));
            if let Some((file, text)) = source {
                let profile = reading.sources.add(SourceKind::Profile(name.to_owned()), file, text);
                move_to(&mut table, profile);
            }
            Some(table)
        }
        Some(entry) => {
            reading.find(
                Finding::at(Some(entry.node.place), format!("the profile `{name}` is not a table"))
                    .note("a table belongs here")
                    .help(format!("write [profile.{name}] and the keys to replace below")),
            );
            None
        }
        None => {
            let help = if names.is_empty() {
                format!("add [profile.{name}] to the file, or leave --profile away")
            } else {
                format!("it has {}", all_of(names.iter().map(String::as_str)))
            };
            let text = format!("--profile {name}");
            let source = reading.sources.add(SourceKind::Set, "command line", text.as_str());
            let place = TextPlace { source, start: "--profile ".len(), end: text.len() };
            reading.find(
                Finding::at(Some(place), format!("the file has no profile `{name}`"))
                    .note(did_you_mean(name, names.iter().map(String::as_str), "not in the file"))
                    .help(help),
            );
            None
        }
    }
}

/// The same text under another source, so that origins can tell a profile's values from the file's.
fn move_to(table: &mut Table, source: usize) {
    for entry in &mut table.entries {
        entry.key_place.source = source;
        move_node(&mut entry.node, source);
    }
}

fn move_node(node: &mut TreeNode, source: usize) {
    node.place.source = source;
    match &mut node.value {
        Value::Table(table) => move_to(table, source),
        Value::Array(items) => items.iter_mut().for_each(|item| move_node(item, source)),
        _ => {}
    }
}

/// `HARNESS_SECTION__KEY` variables, in the order of their names. Names without `__` belong to the harness itself.
pub(super) fn variables(tree: &mut Table, reading: &mut ScenarioReading) {
    mistyped(reading);
    for (_, assignment) in assigned_by_variables(reading) {
        assign(tree, &assignment, reading);
    }
}

/// What variables assign, each with its name.
fn assigned_by_variables(reading: &mut ScenarioReading) -> Vec<(String, GivenKey)> {
    let chosen: Vec<(String, String)> = reading
        .variables
        .iter()
        .filter(|(name, _)| {
            name.strip_prefix("HARNESS_").is_some_and(|rest| rest.contains("__") || TOP_LEVEL.contains(&rest))
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let assignment = |(name, value): (String, String)| {
        let text = format!("{name}={value}");
        let source = reading.sources.add(SourceKind::Variable(name.clone()), name.clone(), text.as_str());
        let mut start = "HARNESS_".len();
        let mut parts = Vec::new();
        for part in name["HARNESS_".len()..].split("__") {
            let place = TextPlace { source, start, end: start + part.len() };
            parts.push(KeyPart { name: part.to_lowercase().replace('_', "-"), place });
            start += part.len() + 2;
        }
        let node = value_of(&value, source, name.len() + 1, reading);
        (name, GivenKey { parts, node })
    };
    chosen.into_iter().map(assignment).collect()
}

/// A variable that is nearly one of the top level's sets nothing, and whoever gave it believes that it does.
fn mistyped(reading: &mut ScenarioReading) {
    const NEAR: f64 = 0.9;
    let near = |rest: &str| TOP_LEVEL.into_iter().find(|known| strsim::jaro_winkler(rest, known) >= NEAR);
    let names = reading.variables.keys().filter_map(|name| Some((name.clone(), name.strip_prefix("HARNESS_")?)));
    let wrong: Vec<(String, &str)> = names
        .filter(|(_, rest)| !TOP_LEVEL.contains(rest))
        .filter_map(|(name, rest)| near(rest).map(|known| (name, known)))
        .collect();
    for (name, known) in wrong {
        let source = reading.sources.add(SourceKind::Variable(name.clone()), name.clone(), name.as_str());
        let place = TextPlace { source, start: 0, end: name.len() };
        reading.find(
            Finding::at(Some(place), format!("the variable {name} sets nothing"))
                .note(format!("did you mean `HARNESS_{known}`?"))
                .help("unset it, or write its name right"),
        );
    }
}

/// `--set key=value`, in this order, each with the flag that gave it.
pub(super) fn sets<'s>(
    tree: &mut Table,
    sets: impl Iterator<Item = (&'static str, &'s str)>,
    reading: &mut ScenarioReading,
) {
    for (_, assignment) in assigned_by_sets(sets, reading) {
        assign(tree, &assignment, reading);
    }
}

/// What `--set` and the flags that stand for one assign, each as it was given.
fn assigned_by_sets<'s>(
    sets: impl Iterator<Item = (&'static str, &'s str)>,
    reading: &mut ScenarioReading,
) -> Vec<(String, GivenKey)> {
    let assignment = |(flag, text): (&'static str, &'s str)| {
        let source = reading.sources.add(SourceKind::Set, flag, text);
        let whole = TextPlace { source, start: 0, end: text.len() };
        let Some((parts, value_at)) = split_key(text, source) else {
            reading.find(
                Finding::at(Some(whole), format!("`--set {text}` is not key=value"))
                    .note("a dotted key, = and a value")
                    .help("write it as in --set workload.producers=4"),
            );
            return None;
        };
        let node = value_of(&text[value_at..], source, value_at, reading);
        Some((format!("{flag} {text}"), GivenKey { parts, node }))
    };
    sets.filter_map(assignment).collect()
}

/// What is assigned from outside the file, each with the words that gave it; what is wrong with it is not told here.
pub(super) fn from_outside<'s>(
    given: impl Iterator<Item = (&'static str, &'s str)>,
    reading: &ScenarioReading,
) -> Vec<(String, GivenKey)> {
    let mut scratch = ScenarioReading::with(reading.variables.clone());
    let mut all = assigned_by_variables(&mut scratch);
    all.extend(assigned_by_sets(given, &mut scratch));
    all
}
