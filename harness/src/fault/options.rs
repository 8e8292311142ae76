//! How a fault declares the keys that it takes in a scenario.

use super::FaultKind;
use crate::model::{OptionKind, OptionSpec, OptionValue, Options};
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
    pub build: fn(&Options) -> FaultKind,
}

/// What a network fault works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A stream: the scenario may choose its direction.
    Stream,
    /// The link: there is no direction to choose.
    Link,
}

/// A key that takes a length of time.
pub(super) const fn duration(name: &'static str, default: OptionValue, about: &'static str) -> OptionSpec {
    OptionSpec { name, kind: OptionKind::Duration, default, about }
}

/// A length of time as given.
pub(super) fn length(given: &Options, key: &str) -> Duration {
    match given.get(key) {
        Some(OptionValue::Duration(duration)) => *duration,
        _ => Duration::ZERO,
    }
}
