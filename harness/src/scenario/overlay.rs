//! Lays the sources over each other: file, then profile, then `HARNESS_…` variables, then `--set`; the later one wins.

use super::names::names_in;
use super::node::{Builder, Entry, Table, TreeNode, Value};
use super::origin::{SourceKind, TextPlace};
use super::problem::{Finding, all_of, did_you_mean};
use super::reading::ScenarioReading;
use toml::de::DeValue;

/// The keys outside any section that a variable may set; every other variable needs `__`.
const TOP_LEVEL: [&str; 3] = ["TITLE", "REPEATS", "SEED"];

/// Tables of which only one kind may be present: naming another kind replaces the one below.
fn is_choice(path: &[String]) -> bool {
    path.iter().map(String::as_str).eq(["workload", "rate"])
}

/// Lays one table over another: tables are merged key by key, everything else is replaced.
pub(super) fn merge(base: &mut Table, over: Table, path: &mut Vec<String>) {
    if is_choice(path) && over.entries.iter().any(|entry| base.get(&entry.key).is_none()) {
        base.entries.clear();
    }
    for entry in over.entries {
        path.push(entry.key.clone());
        match (base.get_mut(&entry.key), entry) {
            (
                Some(Entry { node: TreeNode { value: Value::Table(below), .. }, .. }),
                Entry { node: TreeNode { value: Value::Table(above), .. }, .. },
            ) => {
                merge(below, above, path);
            }
            (Some(below), above) => *below = above,
            (None, above) => base.entries.push(above),
        }
        path.pop();
    }
}

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

/// One `key=value` from outside the file.
struct Assignment {
    segments: Vec<(String, TextPlace)>,
    node: TreeNode,
}

/// `HARNESS_SECTION__KEY` variables, in the order of their names. Names without `__` belong to the harness itself.
pub(super) fn variables(tree: &mut Table, reading: &mut ScenarioReading) {
    let chosen: Vec<(String, String)> = reading
        .variables
        .iter()
        .filter(|(name, _)| {
            name.strip_prefix("HARNESS_").is_some_and(|rest| rest.contains("__") || TOP_LEVEL.contains(&rest))
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    mistyped(reading);
    for (name, value) in chosen {
        let text = format!("{name}={value}");
        let source = reading.sources.add(SourceKind::Variable(name.clone()), name.clone(), text.as_str());
        let mut start = "HARNESS_".len();
        let mut segments = Vec::new();
        for segment in name["HARNESS_".len()..].split("__") {
            let place = TextPlace { source, start, end: start + segment.len() };
            segments.push((segment.to_lowercase().replace('_', "-"), place));
            start += segment.len() + 2;
        }
        let node = value_of(&value, source, name.len() + 1, reading);
        assign(tree, Assignment { segments, node }, reading);
    }
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
    for (flag, text) in sets {
        let source = reading.sources.add(SourceKind::Set, flag, text);
        let whole = TextPlace { source, start: 0, end: text.len() };
        let Some((segments, value_at)) = split_key(text, source) else {
            reading.find(
                Finding::at(Some(whole), format!("`--set {text}` is not key=value"))
                    .note("a dotted key, = and a value")
                    .help("write it as in --set workload.producers=4"),
            );
            continue;
        };
        let node = value_of(&text[value_at..], source, value_at, reading);
        assign(tree, Assignment { segments, node }, reading);
    }
}

/// Splits at dots up to the `=`; a segment in double quotes may hold both.
fn split_key(text: &str, source: usize) -> Option<(Vec<(String, TextPlace)>, usize)> {
    let mut segments = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        let (segment, length) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find('"')?;
                (&quoted[..end], end + 2)
            }
            None => {
                let end = rest.find(['.', '='])?;
                (rest[..end].trim(), end)
            }
        };
        if segment.is_empty() {
            return None;
        }
        segments.push((segment.to_owned(), TextPlace { source, start: at, end: at + length }));
        at += length;
        match text.as_bytes().get(at) {
            Some(b'.') => at += 1,
            Some(b'=') => return Some((segments, at + 1)),
            _ => return None,
        }
    }
}

/// A TOML value where it is one, else the text itself: `4`, `[1, 2]`, `"10s"` and `10s` all do.
fn value_of(text: &str, source: usize, offset: usize, reading: &mut ScenarioReading) -> TreeNode {
    let place = TextPlace { source, start: offset, end: offset + text.len() };
    let lead = text.len() - text.trim_start().len();
    match DeValue::parse(text.trim()) {
        Ok(value) => {
            let mut findings = Vec::new();
            let node = Builder { source, offset: offset + lead, findings: &mut findings }.node(&value);
            reading.findings.append(&mut findings);
            node
        }
        Err(error) if text.trim_start().starts_with(['{', '[', '"', '\'']) => {
            reading.find(
                Finding::at(Some(place), format!("this value is not TOML: {}", error.message()))
                    .note("not TOML")
                    .help("close every bracket and quote; in a shell, put single quotes around the whole"),
            );
            TreeNode { value: Value::Broken, place }
        }
        Err(_) => TreeNode { value: Value::String(text.trim().to_owned()), place },
    }
}

/// Puts a value at its path. Elements of `systems` and `faults` are reached by name or by place, from 0.
fn assign(tree: &mut Table, assignment: Assignment, reading: &mut ScenarioReading) {
    let Some(((last, last_place), above)) = assignment.segments.split_last() else { return };
    let mut path = Vec::new();
    let mut table = tree;
    let mut above = above.iter();
    while let Some((segment, place)) = above.next() {
        path.push(segment.clone());
        if table.get(segment).is_none() {
            let node = TreeNode { value: Value::Table(Table::default()), place: *place };
            table.entries.push(Entry { key: segment.clone(), key_place: *place, node });
        }
        let Some(entry) = table.get_mut(segment) else { return };
        let value = match &mut entry.node.value {
            Value::Array(items) => {
                let Some((label, label_place)) = above.next() else {
                    return whole_list_only(&path, *place, reading);
                };
                path.push(label.clone());
                match element(items, label, *label_place, &path, reading) {
                    Some(node) => &mut node.value,
                    None => return,
                }
            }
            other => other,
        };
        if !matches!(value, Value::Table(_)) {
            *value = Value::Table(Table::default());
        }
        let Value::Table(inner) = value else { return };
        let next = path.len();
        if is_choice(&path) && assignment.segments.get(next).is_some_and(|(kind, _)| inner.get(kind).is_none()) {
            inner.entries.clear();
        }
        table = inner;
    }
    let over = Table { entries: vec![Entry { key: last.clone(), key_place: *last_place, node: assignment.node }] };
    merge(table, over, &mut path);
}

fn whole_list_only(path: &[String], place: TextPlace, reading: &mut ScenarioReading) {
    let path = path.join(".");
    reading.find(
        Finding::at(Some(place), format!("`{path}` is a list: its elements have names"))
            .note("which of them?")
            .help(format!("write {path}.NAME.key=value, or {path}.0.key=value for the first")),
    );
}

fn element<'n>(
    items: &'n mut [TreeNode],
    label: &str,
    place: TextPlace,
    path: &[String],
    reading: &mut ScenarioReading,
) -> Option<&'n mut TreeNode> {
    let list = path.first().cloned().unwrap_or_default();
    let names = names_in(&list, items);
    let by_name = names.iter().position(|name| !name.is_empty() && name.eq_ignore_ascii_case(label));
    let index = by_name.or_else(|| label.parse().ok().filter(|index| *index < items.len()));
    if index.is_none() {
        let given: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        reading.find(
            Finding::at(Some(place), format!("`{list}` has no element `{label}`"))
                .note(did_you_mean(label, given.iter().copied(), "not in the list"))
                .help(format!("by name it has {}; by place, the first is {list}.0", all_of(given))),
        );
    }
    index.and_then(|index| items.get_mut(index))
}
