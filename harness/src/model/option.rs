//! Options: the keys that brokers and faults declare for their tables in a scenario.

use super::cores::Cores;
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

impl OptionSpec {
    /// A key that takes a length of time.
    pub const fn duration(name: &'static str, default: OptionValue, about: &'static str) -> Self {
        Self { name, kind: OptionKind::Duration, default, about }
    }

    /// A key that takes a size within limits.
    pub const fn bytes(name: &'static str, limits: (u64, u64), default: OptionValue, about: &'static str) -> Self {
        Self { name, kind: OptionKind::Bytes(limits.0, limits.1), default, about }
    }
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
    /// A size within these limits in bytes, both included: `"1KiB"`.
    Bytes(u64, u64),
    /// A share within these limits, both included: `0.1`.
    Share(f64, f64),
    /// Cores of this machine: `[0, 1]`.
    Cores,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// The option of all brokers that the harness starts: a disk that can become full.
pub const DISK: OptionSpec = OptionSpec {
    name: "disk",
    kind: OptionKind::Bytes(4 << 20, 1 << 40),
    default: OptionValue::Unset,
    about: "each node keeps its data on a disk of its own of this size, which is in memory and ends with the container",
};

/// The same: how much of the machine's cores each node may use.
pub const CPUS: OptionSpec = OptionSpec {
    name: "cpus",
    kind: OptionKind::Share(0.01, 1024.0),
    default: OptionValue::Unset,
    about: "each node may use so much CPU time a second, in cores: 0.5 is half of one (a container's limit)",
};

/// The same: on which of the machine's cores its nodes may run.
pub const CORES: OptionSpec = OptionSpec {
    name: "cores",
    kind: OptionKind::Cores,
    default: OptionValue::Unset,
    about: "its nodes run on these cores of the machine alone, by their numbers: [0, 1]",
};

/// The same: how much memory each node may use.
pub const MEMORY: OptionSpec = OptionSpec {
    name: "memory",
    kind: OptionKind::Bytes(16 << 20, 1 << 44),
    default: OptionValue::Unset,
    about: "each node may use so much memory, its page cache included, and no swap; what wants more is killed (a container's limit)",
};

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
    /// A size in bytes.
    Bytes(u64),
    /// A share.
    Share(f64),
    /// Cores.
    Cores(Cores),
    /// A word.
    Choice(&'static str),
}

impl OptionValue {
    /// The length of time that it is.
    pub fn duration(&self) -> Option<Duration> {
        match self {
            Self::Duration(duration) => Some(*duration),
            _ => None,
        }
    }

    /// The share that it is.
    pub fn share(&self) -> Option<f64> {
        match self {
            Self::Share(share) => Some(*share),
            _ => None,
        }
    }

    /// The cores that it is.
    pub fn cores(&self) -> Option<Cores> {
        match self {
            Self::Cores(cores) => Some(*cores),
            _ => None,
        }
    }

    /// The size that it is, in bytes.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(*bytes),
            _ => None,
        }
    }
}

/// Options as given, with their defaults: each declared key is there.
pub type OptionValues = BTreeMap<&'static str, OptionValue>;
