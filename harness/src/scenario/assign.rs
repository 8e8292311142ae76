//! Puts values at their places in a scenario's tree: one by its path, or a table over another.

use super::names::names_in;
use super::node::{Builder, Entry, Table, TreeNode, Value};
use super::origin::TextPlace;
use super::problem::{Finding, all_of, did_you_mean};
use super::reading::ScenarioReading;
use toml::de::DeValue;

/// Stands for every element of a list, and below a system for the table of its broker.
const EVERY: &str = "*";

/// One `key=value` from outside the file's own tables.
#[derive(Clone, Debug)]
pub(super) struct GivenKey {
    pub(super) parts: Vec<KeyPart>,
    pub(super) node: TreeNode,
}

impl GivenKey {
    /// As it is written, without quotes.
    pub(super) fn key(&self) -> String {
        self.parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(".")
    }
}

/// One part of a dotted key.
#[derive(Clone, Debug)]
pub(super) struct KeyPart {
    pub(super) name: String,
    pub(super) place: TextPlace,
}

/// Tables of which only one kind may be present: naming another kind replaces the one below.
pub(super) fn is_choice(path: &[String]) -> bool {
    matches!(path, [workload, choice] if workload == "workload" && matches!(choice.as_str(), "rate" | "keys"))
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

/// Splits at dots up to the `=`; a part in double quotes may hold both.
pub(super) fn split_key(text: &str, source: usize) -> Option<(Vec<KeyPart>, usize)> {
    let mut parts = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        let (name, length) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find('"')?;
                (&quoted[..end], end + 2)
            }
            None => {
                let end = rest.find(['.', '='])?;
                (rest[..end].trim(), end)
            }
        };
        if name.is_empty() {
            return None;
        }
        parts.push(KeyPart { name: name.to_owned(), place: TextPlace { source, start: at, end: at + length } });
        at += length;
        match text.as_bytes().get(at) {
            Some(b'.') => at += 1,
            Some(b'=') => return Some((parts, at + 1)),
            _ => return None,
        }
    }
}

/// A TOML value where it is one, else the text itself: `4`, `[1, 2]`, `"10s"` and `10s` all do.
pub(super) fn value_of(text: &str, source: usize, offset: usize, reading: &mut ScenarioReading) -> TreeNode {
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

/// Puts a value at its path. Elements of `systems` and `faults` are reached by name, by place, from 0, or all at once by `*`.
pub(super) fn assign(tree: &mut Table, assignment: &GivenKey, reading: &mut ScenarioReading) {
    let all = expanded(tree, &assignment.parts, &reading.kinds);
    if all.is_empty() {
        in_no_element(tree, &assignment.parts, reading);
    }
    for parts in all {
        put(tree, &mut Vec::new(), &parts, &assignment.node, reading);
    }
}

fn put(table: &mut Table, path: &mut Vec<String>, parts: &[KeyPart], node: &TreeNode, reading: &mut ScenarioReading) {
    let Some((KeyPart { name, place }, rest)) = parts.split_first() else { return };
    if is_choice(path) && table.get(name).is_none() {
        table.entries.clear();
    }
    if rest.is_empty() {
        let entry = Entry { key: name.clone(), key_place: *place, node: node.clone() };
        return merge(table, Table { entries: vec![entry] }, path);
    }
    if table.get(name).is_none() {
        let node = TreeNode { value: Value::Table(Table::default()), place: *place };
        table.entries.push(Entry { key: name.clone(), key_place: *place, node });
    }
    let Some(entry) = table.get_mut(name) else { return };
    path.push(name.clone());
    match (&mut entry.node, rest) {
        (TreeNode { value: Value::Array(_), .. }, [_]) => whole_list_only(path, *place, reading),
        (TreeNode { value: Value::Array(items), .. }, [label, rest @ ..]) => {
            if let Some(index) = element(items, label, path, reading) {
                path.push(label.name.clone());
                put_within(&mut items[index], label.place, path, rest, node, reading);
                path.pop();
            }
        }
        (inner, rest) => put_within(inner, *place, path, rest, node, reading),
    }
    path.pop();
}

/// Puts a value within a node; what is no table becomes one, which came from `place`.
fn put_within(
    node: &mut TreeNode,
    place: TextPlace,
    path: &mut Vec<String>,
    parts: &[KeyPart],
    value: &TreeNode,
    reading: &mut ScenarioReading,
) {
    let mut inner = match std::mem::replace(&mut node.value, Value::Broken) {
        Value::Table(table) => table,
        _ => {
            node.place = place;
            Table::default()
        }
    };
    put(&mut inner, path, parts, value, reading);
    node.value = Value::Table(inner);
}

/// The path itself, or where it has `*` in place of an element, that of each element which has the table that is named next.
fn expanded(tree: &Table, parts: &[KeyPart], kinds: &[&'static str]) -> Vec<Vec<KeyPart>> {
    let [list, every, rest @ ..] = parts else { return vec![parts.to_vec()] };
    let items = match tree.get(&list.name).map(|entry| &entry.node.value) {
        Some(Value::Array(items)) if every.name == EVERY && !rest.is_empty() => items,
        _ => return vec![parts.to_vec()],
    };
    let names = names_in(&list.name, items);
    let each = items.iter().zip(names).enumerate().filter_map(|(index, (item, name))| {
        let rest = within_element(item.value.as_table()?, rest, kinds)?;
        let name = if name.is_empty() { index.to_string() } else { name };
        Some([vec![list.clone(), KeyPart { name, place: every.place }], rest].concat())
    });
    each.collect()
}

/// A path within an element, with the table of its broker for `*`. `None`: the element lacks the table that is named first.
fn within_element(element: &Table, path: &[KeyPart], kinds: &[&'static str]) -> Option<Vec<KeyPart>> {
    let mut path = path.to_vec();
    if let [table, _, ..] = path.as_mut_slice() {
        if table.name == EVERY {
            table.name = (*kinds.iter().find(|kind| element.get(kind).is_some())?).to_owned();
        }
        element.get(&table.name)?;
    }
    Some(path)
}

/// `*` is for elements with a table that none of them has.
fn in_no_element(tree: &Table, parts: &[KeyPart], reading: &mut ScenarioReading) {
    let [KeyPart { name: list, .. }, _, KeyPart { name: table, place }, ..] = parts else { return };
    let items = tree.get(list).map(|entry| &entry.node.value);
    let tables = match items {
        Some(Value::Array(items)) => items.iter().filter_map(|item| item.value.as_table()).collect(),
        _ => Vec::new(),
    };
    let keys = || tables.iter().flat_map(|table| &table.entries).map(|entry| entry.key.as_str());
    reading.find(
        Finding::at(Some(*place), format!("no element of `{list}` has `{table}`"))
            .note(did_you_mean(table, keys(), "in none of them"))
            .help(format!(
                "{list}.*.KEY is a key of each element, {list}.*.TABLE.KEY one of those that have the table"
            )),
    );
}

/// The keys that an assignment sets, each by its parts from the root; elements of lists go by their place.
pub(super) fn targets(tree: &Table, assignment: &GivenKey, kinds: &[&'static str]) -> Vec<Vec<String>> {
    let each = expanded(tree, &assignment.parts, kinds).into_iter().map(|parts| {
        let mut path: Vec<String> = parts.into_iter().map(|part| part.name).collect();
        if let [list, label, ..] = path.as_mut_slice()
            && let Some(Value::Array(items)) = tree.get(list).map(|entry| &entry.node.value)
            && let Some(place) = place_of(items, label, list)
        {
            *label = place.to_string();
        }
        path
    });
    each.flat_map(|path| leaves(&path, &assignment.node)).collect()
}

/// The paths of all that is in a value which stands at a path.
fn leaves(path: &[String], node: &TreeNode) -> Vec<Vec<String>> {
    match &node.value {
        Value::Table(table) if !table.entries.is_empty() => {
            let within = |entry: &Entry| leaves(&[path, std::slice::from_ref(&entry.key)].concat(), &entry.node);
            table.entries.iter().flat_map(within).collect()
        }
        _ => vec![path.to_vec()],
    }
}

/// Whether setting one key changes what stands at the other: one is the other or lies in it, or both choose the one kind that there
/// may be.
pub(super) fn overlap(one: &[String], other: &[String]) -> bool {
    let shared = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    shared == one.len() || shared == other.len() || is_choice(&one[..shared])
}

fn whole_list_only(path: &[String], place: TextPlace, reading: &mut ScenarioReading) {
    let path = path.join(".");
    reading.find(
        Finding::at(Some(place), format!("`{path}` is a list: its elements have names"))
            .note("which of them?")
            .help(format!("write {path}.NAME.key=value, or {path}.0.key=value for the first")),
    );
}

fn element(items: &[TreeNode], label: &KeyPart, path: &[String], reading: &mut ScenarioReading) -> Option<usize> {
    let list = path.first().cloned().unwrap_or_default();
    let KeyPart { name: label, place } = label;
    let index = place_of(items, label, &list);
    if index.is_none() {
        let names = names_in(&list, items);
        let given: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        reading.find(
            Finding::at(Some(*place), format!("`{list}` has no element `{label}`"))
                .note(did_you_mean(label, given.iter().copied(), "not in the list"))
                .help(format!("by name it has {}; by place, the first is {list}.0", all_of(given))),
        );
    }
    index
}

/// The place in a list of the element that goes by this name, or by this place.
fn place_of(items: &[TreeNode], label: &str, list: &str) -> Option<usize> {
    let names = names_in(list, items);
    let by_name = names.iter().position(|name| !name.is_empty() && name.eq_ignore_ascii_case(label));
    by_name.or_else(|| label.parse().ok().filter(|index| *index < items.len()))
}
