//! The tree of a scenario's values, each with its place.

use super::origin::TextPlace;
use super::problem::Finding;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct TreeNode {
    pub(super) value: Value,
    pub(super) place: TextPlace,
}

/// What TOML can say.
#[derive(Clone, Debug)]
pub(super) enum Value {
    String(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Datetime,
    Array(Vec<TreeNode>),
    Table(Table),
    /// Already reported as wrong; whoever reads it stays silent.
    Broken,
}

/// Keys in the order of the text.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
}

/// A key with its place, and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_place: TextPlace,
    pub(super) node: TreeNode,
}

impl Table {
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.key == key)
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Entry> {
        let index = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(index))
    }
}

impl Value {
    /// As errors name it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::String(_) => "a string",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number with a fraction",
            Self::Boolean(_) => "true or false",
            Self::Datetime => "a date",
            Self::Array(_) => "a list",
            Self::Table(_) => "a table",
            Self::Broken => "a broken value",
        }
    }

    pub(super) fn as_table(&self) -> Option<&Table> {
        match self {
            Self::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

/// Builds the tree from what the parser read. `offset` is where the parsed text begins within its source.
pub(super) struct Builder<'f> {
    pub(super) source: usize,
    pub(super) offset: usize,
    pub(super) findings: &'f mut Vec<Finding>,
}

impl Builder<'_> {
    fn place(&self, span: &std::ops::Range<usize>) -> TextPlace {
        TextPlace { source: self.source, start: self.offset + span.start, end: self.offset + span.end }
    }

    pub(super) fn table(&mut self, table: &DeTable<'_>) -> Table {
        let mut entries: Vec<Entry> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref().to_string(),
                key_place: self.place(&key.span()),
                node: self.node(value),
            })
            .collect();
        entries.sort_by_key(|entry| entry.key_place.start);
        Table { entries }
    }

    pub(super) fn node(&mut self, value: &Spanned<DeValue<'_>>) -> TreeNode {
        let place = self.place(&value.span());
        let value = match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Integer(number) => self.integer(number.as_str(), number.radix(), place),
            DeValue::Float(number) => self.float(number.as_str(), place),
            DeValue::Boolean(truth) => Value::Boolean(*truth),
            DeValue::Datetime(_) => Value::Datetime,
            DeValue::Array(items) => Value::Array(items.iter().map(|item| self.node(item)).collect()),
            DeValue::Table(table) => Value::Table(self.table(table)),
        };
        TreeNode { value, place }
    }

    fn integer(&mut self, text: &str, radix: u32, place: TextPlace) -> Value {
        match i64::from_str_radix(text, radix) {
            Ok(number) => Value::Integer(number),
            Err(_) => self.broken(place, "this whole number is too large", "64 bits are not enough for it"),
        }
    }

    fn float(&mut self, text: &str, place: TextPlace) -> Value {
        match text.parse() {
            Ok(number) => Value::Float(number),
            Err(_) => self.broken(place, "this number cannot be read", "not a number"),
        }
    }

    fn broken(&mut self, place: TextPlace, message: &str, note: &str) -> Value {
        self.findings.push(Finding::at(Some(place), message).note(note).help("write it as in 2000 or 0.5"));
        Value::Broken
    }
}
