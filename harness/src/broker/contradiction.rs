//! Settings that cannot work together, found before anything is started.

use super::refusal::Refusal;

/// Settings of one system that contradict each other, or what the harness needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The keys of the broker's table that it is about: `acks`, or `["settings", "producer.acks"]`. The first that the scenario
    /// gives is shown.
    pub keys: Vec<Key>,
    /// What is wrong, and what to write.
    pub refusal: Refusal,
}

impl Contradiction {
    /// Of a broker's own options.
    pub fn of_options(keys: &[&'static str], why: String, instead: &str) -> Self {
        let refusal = Refusal { why, instead: instead.to_owned() };
        Self { keys: keys.iter().map(|key| Key::Option(key)).collect(), refusal }
    }
}

/// A key of a broker's table in a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// One of the broker's options: `acks`.
    Option(&'static str),
    /// A raw setting: `producer.acks`.
    Raw(String),
}

/// How many messages a consumer takes into its hands at once, and how long it may keep them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadBudget {
    /// What one read may bring at most.
    pub messages: u64,
    /// After this long others are given what it has not settled, or its place.
    pub taken_after: std::time::Duration,
    /// The key that bounds `messages`: `read-count`. `None`: no key does.
    pub bounds_messages: Option<&'static str>,
    /// The key that sets `taken_after`: `claim-idle`.
    pub sets_time: &'static str,
    /// A message that is settled on receipt is safe from that.
    pub ends_with_settling: bool,
}
