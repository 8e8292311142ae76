//! Options: the keys that brokers and faults declare for their tables in a scenario.

use std::collections::BTreeMap;
use std::time::Duration;

/// One key of a table in a scenario.
#[derive(Clone, Debug)]
pub struct OptionSpec {
    /// Its key, kebab-case.
    pub name: &'static str,
    /// What it takes.
    pub kind: OptionKind,
    /// What it is when not given.
    pub default: OptionValue,
    /// One line.
    pub about: &'static str,
}

/// What an option takes.
#[derive(Clone, Copy, Debug)]
pub enum OptionKind {
    /// `true` or `false`.
    Boolean,
    /// A whole number within these limits, both included.
    Integer(i64, i64),
    /// A length of time: `"5ms"`.
    Duration,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// An option's value.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionValue {
    /// Not given and without a default.
    Unset,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A length of time.
    Duration(Duration),
    /// A word.
    Choice(&'static str),
}

/// Options as given, with their defaults: each declared key is there.
pub type Options = BTreeMap<&'static str, OptionValue>;
