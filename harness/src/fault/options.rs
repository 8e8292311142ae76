//! The keys that each fault takes in a scenario.

use super::FaultKind;
use crate::broker::{OptionKind, OptionSpec, OptionValue};
use std::collections::BTreeMap;
use std::time::Duration;

/// A fault as scenarios declare it.
#[derive(Debug)]
pub struct FaultSpec {
    /// Its key: `latency`.
    pub name: &'static str,
    /// One line for `harness list`.
    pub about: &'static str,
    /// Whether it works on one direction of a link's stream, or on the link as such.
    pub scope: Scope,
    /// Its keys. Here [`OptionValue::Unset`] as default means that the key is required.
    pub options: &'static [OptionSpec],
    /// From its options, all of them present, to the fault.
    pub build: fn(&Given) -> FaultKind,
}

/// What a network fault works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A stream: the scenario may choose its direction.
    Stream,
    /// The link: there is no direction to choose.
    Link,
}

/// Options as given, with their defaults.
pub type Given = BTreeMap<&'static str, OptionValue>;

/// Every fault that a scenario can ask for. To add one: a row here, beside its own file.
pub const FAULTS: &[FaultSpec] = &[
    FaultSpec {
        name: "down",
        about: "the link is cut: connections close, new ones are refused",
        scope: Scope::Link,
        options: &[],
        build: |_| FaultKind::Down,
    },
    FaultSpec {
        name: "latency",
        about: "everything on the link is late by delay ± jitter",
        scope: Scope::Stream,
        options: &[
            duration("delay", OptionValue::Unset, "by how much everything is late"),
            duration("jitter", OptionValue::Duration(Duration::ZERO), "by how much the delay varies, either way"),
        ],
        build: |given| FaultKind::Latency { delay: length(given, "delay"), jitter: length(given, "jitter") },
    },
    FaultSpec {
        name: "timeout",
        about: "nothing passes, connections stay open (a black hole), or are closed after a while",
        scope: Scope::Stream,
        options: &[duration(
            "after",
            OptionValue::Duration(Duration::ZERO),
            "when to close connections; \"0s\": not while the fault lasts",
        )],
        build: |given| FaultKind::Timeout { after: length(given, "after") },
    },
    FaultSpec {
        name: "reset-peer",
        about: "connections are reset, at once or after a while",
        scope: Scope::Stream,
        options: &[duration(
            "after",
            OptionValue::Duration(Duration::ZERO),
            "how long a connection lives before its reset",
        )],
        build: |given| FaultKind::ResetPeer { after: length(given, "after") },
    },
];

const fn duration(name: &'static str, default: OptionValue, about: &'static str) -> OptionSpec {
    OptionSpec { name, kind: OptionKind::Duration, default, about }
}

fn length(given: &Given, key: &str) -> Duration {
    match given.get(key) {
        Some(OptionValue::Duration(duration)) => *duration,
        _ => Duration::ZERO,
    }
}

/// The name of a fault's kind, as scenarios write it.
pub const fn name(kind: &FaultKind) -> &'static str {
    match kind {
        FaultKind::Down => "down",
        FaultKind::Latency { .. } => "latency",
        FaultKind::Timeout { .. } => "timeout",
        FaultKind::ResetPeer { .. } => "reset-peer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_builds_the_kind_of_its_name() {
        for spec in FAULTS {
            assert_eq!(name(&(spec.build)(&Given::new())), spec.name);
        }
    }
}
