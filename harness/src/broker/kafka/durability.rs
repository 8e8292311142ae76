//! Durability in Kafka's words: whether a broker flushes each message, and which raw setting contradicts that.

use crate::broker::contradiction::{Contradiction, Key};
use crate::broker::refusal::Refusal;
use crate::model::{Durability, SystemSpec};

/// After how many messages a log is flushed. Unset, the kernel flushes when it likes.
pub(super) const FLUSH: &str = "log.flush.interval.messages";

/// A raw setting that gives the broker another durability than the scenario declares.
pub(super) fn contradiction(system: &SystemSpec) -> Option<Contradiction> {
    let key = format!("server.{FLUSH}");
    if system.durability == Durability::Replicated {
        // Other brokers keep what this one has not flushed.
        return None;
    }
    let flushes_each = system.settings.get(&key)?.trim() == "1";
    let given = if flushes_each { Durability::Fsync } else { Durability::OsCache };
    (flushes_each != (system.durability == Durability::Fsync))
        .then(|| Contradiction { keys: vec![Key::Raw(key)], refusal: Refusal::durability(system.durability, given) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;

    fn found(durability: Durability, messages: &str) -> Option<Contradiction> {
        let mut system = scenario("kafka = {}").systems.remove(0).spec;
        system.durability = durability;
        system.settings.insert(format!("server.{FLUSH}"), messages.to_owned());
        contradiction(&system)
    }

    #[test]
    fn a_flush_interval_that_changes_the_durability_is_a_contradiction() {
        for (durability, messages, would_be) in
            [(Durability::Fsync, "100", "os-cache"), (Durability::OsCache, "1", "fsync")]
        {
            let found = found(durability, messages).unwrap_or_else(|| panic!("{messages} is taken"));
            assert!(found.refusal.instead.contains(would_be), "{messages}: {found:?}");
        }
    }

    #[test]
    fn a_flush_interval_that_keeps_the_durability_is_taken() {
        assert_eq!(found(Durability::Fsync, "1"), None);
        assert_eq!(found(Durability::Memory, "1000"), None);
        assert_eq!(found(Durability::Replicated, "1"), None, "other brokers have it, flushed or not");
    }
}
