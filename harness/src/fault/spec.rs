//! How a fault declares itself, and the keys that it takes in a scenario.

use super::kind::Fault;
use crate::model::{OptionKind, OptionSpec, OptionValue, Options};
use std::sync::Arc;
use std::time::Duration;

/// A fault as scenarios declare it.
#[derive(Debug)]
pub struct FaultSpec {
    /// Its key: `latency`.
    pub name: &'static str,
    /// One line for `harness list`.
    pub about: &'static str,
    /// Its keys. Here [`OptionValue::Unset`] as default means that the key is required.
    pub options: &'static [OptionSpec],
    /// From its options, all of them present, to the fault.
    pub build: fn(&Options) -> Arc<dyn Fault>,
}

impl FaultSpec {
    /// The fault with these options, and all others at their defaults.
    pub fn with(&self, given: &[(&'static str, OptionValue)]) -> Arc<dyn Fault> {
        let mut options: Options = self.options.iter().map(|option| (option.name, option.default.clone())).collect();
        options.extend(given.iter().cloned());
        (self.build)(&options)
    }
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
