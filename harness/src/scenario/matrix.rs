//! `[matrix]`: keys with several values each. Every choice of one value for each key is a cell, a scenario of its own.

use super::assign::{GivenKey, KeyPart, overlap, split_key, targets};
use super::node::{Entry, Table, TreeNode, Value};
use super::origin::TextPlace;
use super::problem::Finding;
use super::reading::ScenarioReading;
use super::written::in_one_way;
use std::collections::BTreeMap;

/// A matrix of more cells was hardly meant.
const MOST_CELLS: usize = 1000;

/// A key of the matrix.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// As `--set` takes it.
    pub(super) key: String,
    pub(super) parts: Vec<KeyPart>,
    pub(super) values: Vec<TreeNode>,
    /// Of the key, and of the whole list.
    pub(super) place: TextPlace,
    pub(super) list: TextPlace,
    /// Each value as the file has it, text without its quotes.
    pub(super) written: Vec<String>,
}

/// The keys that a scenario sweeps over.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// Of its header.
    pub(super) place: TextPlace,
    pub(super) axes: Vec<Axis>,
    /// Keys that something from outside the file sets, each with the words that do.
    pub(super) replaced: Vec<(String, String)>,
}

/// Takes `matrix` out of the file's tree. What is wrong with it itself is found; its values are not looked into.
pub(super) fn take(tree: &mut Table, outside: &[(String, GivenKey)], reading: &mut ScenarioReading) -> Option<Grid> {
    let entry = tree.take("matrix");
    only_in_the_file(outside, reading);
    let Entry { key_place: place, node, .. } = entry?;
    let Value::Table(table) = node.value else {
        if !matches!(node.value, Value::Broken) {
            let finding = Finding::at(Some(node.place), format!("`matrix` is a table, not {}", node.value.kind()));
            reading.find(finding.note("a table belongs here").help(HOW));
        }
        return None;
    };
    let mut axes = Vec::new();
    gather(&table, &[], &mut axes, reading);
    if table.entries.is_empty() {
        reading.find(Finding::at(Some(place), "the matrix names no key").note("empty").help(HOW));
    }
    must_differ(tree, &axes, reading);
    let mut replaced = Vec::new();
    axes.retain(|axis| match replacing(tree, axis, outside, &reading.kinds) {
        Some(words) => {
            replaced.push((axis.key.clone(), words.to_owned()));
            false
        }
        None => true,
    });
    let cells = axes.iter().fold(1_usize, |cells, axis| cells.saturating_mul(axis.values.len()));
    if cells > MOST_CELLS {
        reading.find(
            Finding::at(Some(place), format!("the matrix has {cells} cells"))
                .note("too many")
                .help(format!("leave out keys or values: at most {MOST_CELLS} cells are run")),
        );
        return None;
    }
    Some(Grid { place, axes, replaced })
}

const HOW: &str =
    "write [matrix], and below it a key in quotes with a list of its values: \"workload.partitions\" = [1, 6]";

/// A matrix from outside the file could not be kept in a run's folder.
fn only_in_the_file(outside: &[(String, GivenKey)], reading: &mut ScenarioReading) {
    let ours = outside.iter().filter(|(_, given)| given.parts.first().is_some_and(|part| part.name == "matrix"));
    for (words, _) in ours {
        reading.find(
            Finding::at(None, format!("{words}: a matrix stands in the scenario's file"))
                .note("not from outside")
                .help("to leave a key of the matrix out, set the key itself: --set workload.partitions=6"),
        );
    }
}

/// The axes of a table and of those within. Keys at its top are dotted paths; further in, each key is one part of one.
fn gather(table: &Table, above: &[KeyPart], axes: &mut Vec<Axis>, reading: &mut ScenarioReading) {
    for entry in &table.entries {
        let own = if above.is_empty() { parts_of(entry, reading) } else { Some(vec![single(entry)]) };
        let Some(own) = own else { continue };
        let parts = [above, &own].concat();
        match &entry.node.value {
            Value::Table(inner) if !inner.entries.is_empty() => gather(inner, &parts, axes, reading),
            Value::Array(values) => axes.extend(axis(entry, parts, values, reading)),
            Value::Broken => {}
            other => {
                let key = path(&parts);
                let written = reading.sources.slice(entry.node.place).to_owned();
                reading.find(
                    Finding::at(
                        Some(entry.node.place),
                        format!("`matrix` takes a list of values for `{key}`, not {}", other.kind()),
                    )
                    .note("a list belongs here")
                    .help(format!("write [{written}], with further values after commas")),
                );
            }
        }
    }
}

fn single(entry: &Entry) -> KeyPart {
    KeyPart { name: entry.key.clone(), place: entry.key_place }
}

/// The parts of a dotted key, each at its place where the file has it as it is.
fn parts_of(entry: &Entry, reading: &mut ScenarioReading) -> Option<Vec<KeyPart>> {
    let place = entry.key_place;
    let written = reading.sources.slice(place);
    let lead = [0, 1].into_iter().find(|lead| written.get(*lead..).is_some_and(|rest| rest.starts_with(&entry.key)));
    let parts = split_key(&format!("{}=", entry.key), place.source).map(|(parts, _)| parts);
    if parts.is_none() {
        reading.find(
            Finding::at(Some(place), format!("`{}` is no key of a scenario", entry.key))
                .note("parts with dots between them")
                .help("write it as --set takes it, in quotes: \"workload.message.size\""),
        );
    }
    let at = |part: KeyPart| {
        let moved = lead.map(|lead| TextPlace {
            start: place.start + lead + part.place.start,
            end: place.start + lead + part.place.end,
            ..place
        });
        KeyPart { place: moved.unwrap_or(place), ..part }
    };
    Some(parts?.into_iter().map(at).collect())
}

fn axis(entry: &Entry, parts: Vec<KeyPart>, values: &[TreeNode], reading: &mut ScenarioReading) -> Option<Axis> {
    let key = path(&parts);
    if let Some(first @ ("matrix" | "profile")) = parts.first().map(|part| part.name.as_str()) {
        let finding = Finding::at(Some(entry.key_place), format!("a matrix cannot be over `{first}`"));
        reading
            .find(finding.note("no key of a scenario").help("name a key as --set takes it: \"workload.partitions\""));
        return None;
    }
    if values.is_empty() {
        let finding = Finding::at(Some(entry.node.place), format!("`matrix` has no value for `{key}`"));
        reading.find(finding.note("empty").help("write at least one value, or leave the key out"));
        return None;
    }
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for value in values {
        let written = reading.sources.slice(value.place).to_owned();
        if let Some(before) = seen.insert(in_one_way(&written), written.clone()) {
            reading.find(
                Finding::at(Some(value.place), format!("`matrix` has one value of `{key}` twice"))
                    .note(format!("the same as {before}"))
                    .help("leave one of them out; to try a cell several times, set `repeats`"),
            );
        }
    }
    let shown = |value: &TreeNode| match &value.value {
        Value::String(text) => text.clone(),
        _ => reading.sources.slice(value.place).split_whitespace().collect::<Vec<_>>().join(" "),
    };
    let written = values.iter().map(shown).collect();
    Some(Axis { key, parts, values: values.to_vec(), place: entry.key_place, list: entry.node.place, written })
}

/// A key as `--set` takes it.
fn path(parts: &[KeyPart]) -> String {
    let shown =
        |part: &KeyPart| if part.name.contains(['.', '=']) { format!("\"{}\"", part.name) } else { part.name.clone() };
    parts.iter().map(shown).collect::<Vec<_>>().join(".")
}

/// No two keys set the same, else the later one would undo what the earlier one did.
fn must_differ(tree: &Table, axes: &[Axis], reading: &mut ScenarioReading) {
    let all: Vec<Vec<Vec<String>>> = axes.iter().map(|axis| axis.targets(tree, &reading.kinds)).collect();
    for (index, axis) in axes.iter().enumerate() {
        let same = |other: &usize| meet(&all[*other], &all[index]);
        if let Some(other) = (0..index).find(same) {
            let message = format!("the matrix sets the same by `{}` and by `{}`", axes[other].key, axis.key);
            let help = "leave one of the two out, or bring them together in one key with tables as values";
            reading.find(Finding::at(Some(axis.place), message).note("the second of the two").help(help));
        }
    }
}

fn meet(one: &[Vec<String>], other: &[Vec<String>]) -> bool {
    one.iter().any(|one| other.iter().any(|other| overlap(one, other)))
}

/// The words from outside the file that set a key of the matrix, or a part of it.
fn replacing<'o>(
    tree: &Table,
    axis: &Axis,
    outside: &'o [(String, GivenKey)],
    kinds: &[&'static str],
) -> Option<&'o str> {
    let own = axis.targets(tree, kinds);
    let sets = |(_, given): &&(String, GivenKey)| meet(&targets(tree, given, kinds), &own);
    outside.iter().rfind(sets).map(|(words, _)| words.as_str())
}

impl Axis {
    /// Gives the key one of its values.
    pub(super) fn assignment(&self, value: usize) -> Option<GivenKey> {
        Some(GivenKey { parts: self.parts.clone(), node: self.values.get(value)?.clone() })
    }

    fn targets(&self, tree: &Table, kinds: &[&'static str]) -> Vec<Vec<String>> {
        let each = (0..self.values.len()).filter_map(|value| self.assignment(value));
        each.flat_map(|assignment| targets(tree, &assignment, kinds)).collect()
    }

    /// Whether a place is that of its key, or within its list.
    pub(super) fn holds(&self, place: TextPlace) -> bool {
        let within =
            |whole: TextPlace| whole.source == place.source && whole.start <= place.start && place.start < whole.end;
        within(self.place) || within(self.list)
    }
}

impl Grid {
    /// Which value of each key a cell takes, for every cell in the order in which they are run: with each run the value of the
    /// first key is another one, and those of the others move on with it. So what changes on the machine meanwhile meets all
    /// values of each key, and not the last ones of one.
    pub(super) fn choices(&self) -> Vec<Vec<usize>> {
        let sizes: Vec<usize> = self.axes.iter().map(|axis| axis.values.len()).collect();
        let Some((first, rest)) = sizes.split_first() else { return vec![Vec::new()] };
        let shifts = rest.iter().fold(vec![Vec::new()], |shifts: Vec<Vec<usize>>, size| {
            let longer = |shift: Vec<usize>| (0..*size).map(move |more| [shift.as_slice(), &[more]].concat());
            shifts.into_iter().flat_map(longer).collect()
        });
        let cell = |at: usize, shift: &[usize]| {
            let others = shift.iter().zip(rest).map(|(shift, size)| (at + shift) % size);
            std::iter::once(at).chain(others).collect()
        };
        shifts.iter().flat_map(|shift| (0..*first).map(move |at| cell(at, shift))).collect()
    }

    /// One scenario is all that it is: no key has a choice.
    pub(super) fn is_single(&self) -> bool {
        self.axes.iter().all(|axis| axis.values.len() <= 1)
    }

    /// Short names of the keys: as few of their last parts as tell them apart.
    pub(super) fn names(&self) -> Vec<String> {
        let short = |axis: &Axis, parts: usize| path(&axis.parts[axis.parts.len().saturating_sub(parts)..]);
        let longest = self.axes.iter().map(|axis| axis.parts.len()).max().unwrap_or(0);
        let name = |axis: &Axis| {
            let is_alone = |parts: &usize| {
                self.axes.iter().filter(|other| short(other, *parts) == short(axis, *parts)).count() == 1
            };
            short(axis, (1..=longest).find(is_alone).unwrap_or(longest))
        };
        self.axes.iter().map(name).collect()
    }

    /// The file's text with the lists of the matrix narrowed to one cell: a scenario that is this cell alone.
    pub(super) fn narrowed(&self, text: &str, choice: &[usize], reading: &ScenarioReading) -> String {
        let mut lists: Vec<(TextPlace, String)> = self
            .axes
            .iter()
            .zip(choice)
            .filter_map(|(axis, value)| {
                let value = reading.sources.slice(axis.values.get(*value)?.place);
                Some((axis.list, format!("[{value}]")))
            })
            .collect();
        lists.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
        let mut text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        for (place, value) in lists {
            if text.get(place.start..place.end).is_some() {
                text.replace_range(place.start..place.end, &value);
            }
        }
        text
    }
}
