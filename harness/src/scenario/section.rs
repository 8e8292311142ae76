//! Reads one table of the tree: notes every key that is asked for, and reports those that nobody asks for.

use super::node::{Entry, Table, TreeNode, Value};
use super::origin::TextPlace;
use super::problem::{Finding, all_of, did_you_mean, listed};
use super::reading::ScenarioReading;
use super::value::FromNode;

/// A table that is being read. Keys that nobody asked for are reported by [`Section::finish`].
pub(super) struct Section<'n> {
    /// Its path, as `--set` takes it; empty at the top.
    pub(super) path: String,
    /// As the reference knows it: `systems.name` whatever the system.
    pattern: String,
    table: Option<&'n Table>,
    place: Option<TextPlace>,
    asked: Vec<String>,
}

impl<'n> Section<'n> {
    pub(super) fn top(table: &'n Table) -> Self {
        Self { path: String::new(), pattern: String::new(), table: Some(table), place: None, asked: Vec::new() }
    }

    /// One table of a list, known by a label in paths.
    pub(super) fn element(&self, key: &str, label: &str, node: &'n TreeNode) -> Self {
        Self {
            path: format!("{}.{label}", self.child(key)),
            pattern: self.child_pattern(key),
            table: node.value.as_table(),
            place: Some(node.place),
            asked: Vec::new(),
        }
    }

    /// The path of one of its keys.
    pub(super) fn child(&self, key: &str) -> String {
        let key = if key.contains(['.', '=']) { format!("\"{key}\"") } else { key.to_owned() };
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    fn child_pattern(&self, key: &str) -> String {
        if self.pattern.is_empty() { key.to_owned() } else { format!("{}.{key}", self.pattern) }
    }

    /// Where to point when something of it is missing.
    pub(super) fn place(&self) -> Option<TextPlace> {
        self.place
    }

    /// Asks for a key: from now on it is known.
    pub(super) fn entry(&mut self, reading: &mut ScenarioReading, key: &str) -> Option<&'n Entry> {
        reading.keys.insert(self.child_pattern(key));
        self.asked.push(key.to_owned());
        self.table.and_then(|table| table.get(key))
    }

    /// It is there, but no table: that has been reported, and nothing in it is missing.
    pub(super) fn is_broken(&self, reading: &ScenarioReading) -> bool {
        self.table.is_none() && !reading.is_sound(&self.path)
    }

    /// All keys that are present.
    pub(super) fn present(&self) -> impl Iterator<Item = &'n Entry> + use<'n> {
        self.table.into_iter().flat_map(|table| table.entries.iter())
    }

    /// A section within; empty where it is absent or, after an error, where it is no table.
    pub(super) fn section(&mut self, reading: &mut ScenarioReading, key: &str) -> Section<'n> {
        self.section_like(reading, key, "{ … }")
    }

    /// As `section`; `example` shows how it may look.
    pub(super) fn section_like(&mut self, reading: &mut ScenarioReading, key: &str, example: &str) -> Section<'n> {
        let entry = self.entry(reading, key);
        let mut table = None;
        if let Some(entry) = entry {
            match &entry.node.value {
                Value::Table(found) => table = Some(found),
                Value::Broken => {
                    reading.failed.insert(self.child(key));
                }
                other => {
                    reading.failed.insert(self.child(key));
                    reading.find(
                        Finding::at(
                            Some(entry.node.place),
                            format!("`{}` is a table, not {}", self.child(key), other.kind()),
                        )
                        .note("a table belongs here")
                        .help(format!("write [{0}] and its keys below, or {key} = {example}", self.child(key))),
                    );
                }
            }
        }
        Section {
            path: self.child(key),
            pattern: self.child_pattern(key),
            table,
            place: entry.map(|entry| entry.key_place),
            asked: Vec::new(),
        }
    }

    /// A value, if it is there and fits.
    pub(super) fn get<T: FromNode>(&mut self, reading: &mut ScenarioReading, key: &str) -> Option<T> {
        let entry = self.entry(reading, key);
        self.read(reading, key, &entry?.node)
    }

    /// A value, or its default.
    pub(super) fn or<T: FromNode>(&mut self, reading: &mut ScenarioReading, key: &str, default: T) -> T {
        match self.entry(reading, key) {
            Some(entry) => self.read(reading, key, &entry.node).unwrap_or(default),
            None => {
                reading.note(self.child(key), default.show(), None);
                default
            }
        }
    }

    /// A value that has no default.
    pub(super) fn required<T: FromNode>(&mut self, reading: &mut ScenarioReading, key: &str) -> Option<T> {
        match self.entry(reading, key) {
            Some(entry) => self.read(reading, key, &entry.node),
            None if self.is_broken(reading) => None,
            None => {
                let place = if self.path.is_empty() { None } else { self.place };
                reading.find(
                    Finding::at(place, format!("`{}` is missing", self.child(key)))
                        .note(format!("`{key}` belongs in here"))
                        .help(format!("add {key} = {}", T::EXAMPLE)),
                );
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(
        &mut self,
        reading: &mut ScenarioReading,
        key: &str,
        words: &[(&str, T)],
        default: usize,
    ) -> T {
        let fallback = words[default].1;
        let Some(entry) = self.entry(reading, key) else {
            reading.note(self.child(key), format!("\"{}\"", words[default].0), None);
            return fallback;
        };
        let Some(word) = self.read::<String>(reading, key, &entry.node) else { return fallback };
        match words.iter().find(|(name, _)| *name == word) {
            Some((_, value)) => *value,
            None => {
                let names = || words.iter().map(|(name, _)| *name);
                reading.find(
                    Finding::at(Some(entry.node.place), format!("`{}` cannot be {word:?}", self.child(key)))
                        .note(did_you_mean(&word, names(), "not one of its words"))
                        .help(format!("write {}", listed(names()))),
                );
                reading.failed.insert(self.child(key));
                fallback
            }
        }
    }

    fn read<T: FromNode>(&self, reading: &mut ScenarioReading, key: &str, node: &TreeNode) -> Option<T> {
        let path = self.child(key);
        let shown = reading.sources.slice(node.place).to_owned();
        reading.note(path.clone(), shown, Some(node.place));
        let value = T::from_node(node, &path, reading);
        if value.is_none() {
            reading.failed.insert(path);
        }
        value
    }

    /// Says what is wrong with a key's value, at the value, or at the section where it is a default.
    pub(super) fn blame(
        &self,
        reading: &mut ScenarioReading,
        key: &str,
        message: impl Into<String>,
        note: &str,
        help: &str,
    ) {
        let place = reading.place(&self.child(key)).or(self.place);
        reading.find(Finding::at(place, message).note(note).help(help));
    }

    /// The one kind of an externally tagged table: `constant` in `rate = { constant = { … } }`. The kind is asked for.
    pub(super) fn tag(
        &mut self,
        reading: &mut ScenarioReading,
        what: &str,
        kinds: &[&'static str],
    ) -> Option<&'static str> {
        let mut found: Vec<(&'static str, TextPlace)> = Vec::new();
        for kind in kinds {
            if let Some(entry) = self.entry(reading, kind) {
                found.push((kind, entry.key_place));
            }
        }
        match found.as_slice() {
            [] if self.is_broken(reading) => None,
            [] => {
                let stray = self.present().find(|entry| !self.asked.contains(&entry.key));
                let place = stray.map(|entry| entry.key_place).or(self.place);
                let note = stray.map_or_else(
                    || format!("no kind of {what}"),
                    |entry| did_you_mean(&entry.key, kinds.iter().copied(), &format!("no kind of {what}")),
                );
                if let Some(stray) = stray {
                    self.asked.push(stray.key.clone());
                }
                reading.find(
                    Finding::at(place, format!("`{}` names no kind of {what}", self.path))
                        .note(note)
                        .help(format!("give one of {}", listed(kinds.iter().copied()))),
                );
                None
            }
            [(kind, _)] => Some(kind),
            [.., (last, place)] => {
                let names = all_of(found.iter().map(|(kind, _)| *kind));
                reading.find(
                    Finding::at(Some(*place), format!("`{}` is of one kind only, and here are {names}", self.path))
                        .note("one too many")
                        .help(format!(
                            "remove {} or `{last}`",
                            listed(found[..found.len() - 1].iter().map(|(kind, _)| *kind))
                        )),
                );
                None
            }
        }
    }

    /// A value under a key that only the scenario knows, such as a raw setting.
    pub(super) fn raw<T: FromNode>(&mut self, reading: &mut ScenarioReading, key: &str) -> Option<T> {
        let entry = self.table.and_then(|table| table.get(key))?;
        self.read(reading, key, &entry.node)
    }

    /// Asks for a key without reading it.
    pub(super) fn know(&mut self, reading: &mut ScenarioReading, key: &str) {
        self.entry(reading, key);
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(self, reading: &mut ScenarioReading) {
        for entry in self.present() {
            if self.asked.contains(&entry.key) {
                continue;
            }
            let known = || self.asked.iter().map(String::as_str);
            let whole = if self.path.is_empty() { "a scenario".to_owned() } else { format!("`{}`", self.path) };
            let help = if self.asked.is_empty() {
                format!("{whole} takes no keys")
            } else {
                format!("{whole} takes {}", all_of(known()))
            };
            reading.find(
                Finding::at(Some(entry.key_place), format!("unknown key `{}`", self.child(&entry.key)))
                    .note(did_you_mean(&entry.key, known(), "not known here"))
                    .help(help),
            );
        }
    }
}
