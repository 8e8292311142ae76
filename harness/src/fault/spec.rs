//! How a fault declares itself, and the keys that it takes in a scenario.

use super::kind::Fault;
use crate::model::{OptionSpec, OptionValue, OptionValues};
use std::sync::Arc;
use std::time::Duration;

/// A fault as scenarios declare it.
#[derive(Debug)]
pub struct FaultSpec {
    /// Its key: `latency`.
    pub name: &'static str,
    /// One line for `harness list`.
    pub about: &'static str,
    /// What it can be aimed at; of several, a scenario must name one.
    pub aims: &'static [Aim],
    /// Whether a scenario must say how long it lasts.
    pub lasts: Lasts,
    /// Its keys. Here [`OptionValue::Unset`] as default means that the key is required.
    pub options: &'static [OptionSpec],
    /// From its options, all of them present and each within its own limits, to the fault.
    pub build: fn(&OptionValues) -> Result<Arc<dyn Fault>, Misfit>,
}

/// What a fault can be aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// A network link.
    Link,
    /// A node of the system.
    Node,
    /// Workers.
    Worker,
    /// Messages, whoever sends and receives them: no key says so, for nothing else can be meant.
    Messages,
    /// The node that leads when the fault begins, where a scenario names no node.
    Leader,
    /// All brokers, one after another, where a scenario names no node.
    Each,
}

impl Aim {
    /// The key in a scenario that says which: of the node that leads, and of each node in turn, none is needed.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Node | Self::Leader | Self::Each => "node",
            Self::Worker => "worker",
            Self::Messages => "messages",
        }
    }
}

/// How long a fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// As long as the scenario says.
    Given,
    /// As long as the scenario says, or else it is healed as soon as it is confirmed.
    AtOnce,
}

/// Options that do not fit each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The key to mend.
    pub key: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to write.
    pub help: String,
}

impl Misfit {
    /// Of a fault that would change nothing, because the time at this key is zero.
    pub(super) fn does_nothing(key: &'static str) -> Self {
        Self {
            key,
            message: format!("with a {key} of zero the fault does nothing"),
            help: "write at least \"1ms\"".to_owned(),
        }
    }
}

impl FaultSpec {
    /// The fault with these options, and all others at their defaults.
    ///
    /// # Errors
    /// They do not fit each other.
    pub fn with(&self, given: &[(&'static str, OptionValue)]) -> Result<Arc<dyn Fault>, Misfit> {
        let mut options: OptionValues =
            self.options.iter().map(|option| (option.name, option.default.clone())).collect();
        options.extend(given.iter().cloned());
        (self.build)(&options)
    }
}

/// Whether a length of time is given, and is zero.
pub(super) fn is_zero(given: &OptionValues, key: &str) -> bool {
    given.get(key).and_then(OptionValue::duration).is_some_and(|length| length.is_zero())
}

/// A length of time as given.
pub(super) fn length(given: &OptionValues, key: &str) -> Duration {
    given.get(key).and_then(OptionValue::duration).unwrap_or_default()
}
