//! The client's own settings, read back from the words that the fairness table shows.

use crate::broker::BrokerError;
use std::collections::BTreeMap;
use std::time::Duration;

/// How a stream is kept short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MaxLen {
    /// Entries to keep.
    pub(super) entries: u64,
    exact: Trim,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trim {
    Exactly,
    Roughly,
}

impl MaxLen {
    /// From `maxlen`: `~100000`, `=100000`, or absent.
    pub(super) fn from_settings(settings: &BTreeMap<String, String>) -> Result<Option<Self>, BrokerError> {
        let Some(text) = settings.get("maxlen") else { return Ok(None) };
        let (exact, digits) = match text.split_at_checked(1) {
            Some(("~", digits)) => (Trim::Roughly, digits),
            Some(("=", digits)) => (Trim::Exactly, digits),
            _ => (Trim::Roughly, text.as_str()),
        };
        let entries =
            digits.parse().map_err(|_| wrong("maxlen", text, "a number of entries, such as ~100000 or =100000"))?;
        Ok(Some(Self { entries, exact }))
    }

    /// `~` or `=`.
    pub(super) const fn operator(self) -> &'static str {
        match self.exact {
            Trim::Exactly => "=",
            Trim::Roughly => "~",
        }
    }
}

/// A consumer's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConsumerSettings {
    /// Entries in one read at most.
    pub(super) count: usize,
    /// How long a read waits for entries.
    pub(super) block: Duration,
    /// How often to look for entries to take over.
    pub(super) claim_every: Duration,
    /// How long an entry must have been idle to be taken over.
    pub(super) claim_idle: Duration,
}

impl ConsumerSettings {
    /// From `count`, `block-ms`, `claim-every-ms`, `claim-idle-ms`.
    pub(super) fn from_settings(settings: &BTreeMap<String, String>) -> Result<Self, BrokerError> {
        Ok(Self {
            count: number(settings, "count")? as usize,
            block: Duration::from_millis(number(settings, "block-ms")?),
            claim_every: Duration::from_millis(number(settings, "claim-every-ms")?),
            claim_idle: Duration::from_millis(number(settings, "claim-idle-ms")?),
        })
    }
}

fn number(settings: &BTreeMap<String, String>, name: &str) -> Result<u64, BrokerError> {
    let text = settings.get(name).ok_or_else(|| BrokerError(format!("the setting {name} is missing")))?;
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| wrong(name, text, "a whole number above 0"))
}

fn wrong(name: &str, text: &str, wanted: &str) -> BrokerError {
    BrokerError(format!("the setting {name} = {text:?} is not {wanted}"))
}
