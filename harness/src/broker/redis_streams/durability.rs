//! Durability in Redis's words: how the server appends and flushes, and which raw settings contradict that.

use crate::broker::contradiction::{Contradiction, Key};
use crate::broker::refusal::Refusal;
use crate::model::{Durability, SystemSpec};

/// The directives that decide what an acknowledgement survives.
const APPEND: &str = "appendonly";
const FLUSH: &str = "appendfsync";

/// The directives, and their values for this durability.
pub(super) const fn directives(durability: Durability) -> [(&'static str, &'static str); 2] {
    match durability {
        Durability::Memory => [(APPEND, "no"), (FLUSH, "no")],
        Durability::OsCache | Durability::Replicated => [(APPEND, "yes"), (FLUSH, "everysec")],
        Durability::Fsync => [(APPEND, "yes"), (FLUSH, "always")],
    }
}

/// Raw directives that give the server another durability than the scenario declares.
pub(super) fn contradiction(system: &SystemSpec) -> Option<Contradiction> {
    if system.durability == Durability::Replicated {
        // Another node keeps what this one has not written down.
        return None;
    }
    let raw = |name: &str| system.settings.get(&format!("server.{name}")).map(|value| value.to_ascii_lowercase());
    let [append, flush] =
        directives(system.durability).map(|(name, value)| raw(name).unwrap_or_else(|| value.to_owned()));
    let given = match (append.as_str(), flush.as_str()) {
        ("no", _) => Durability::Memory,
        (_, "always") => Durability::Fsync,
        _ => Durability::OsCache,
    };
    (given != system.durability).then(|| Contradiction {
        keys: [APPEND, FLUSH].map(|name| Key::Raw(format!("server.{name}"))).to_vec(),
        refusal: Refusal::durability(system.durability, given),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;

    fn found(durability: Durability, name: &str, value: &str) -> Option<Contradiction> {
        let mut system = scenario("redis-streams = {}").systems.remove(0).spec;
        system.durability = durability;
        system.settings.insert(format!("server.{name}"), value.to_owned());
        contradiction(&system)
    }

    #[test]
    fn a_directive_that_changes_the_durability_is_a_contradiction() {
        for (durability, name, value, would_be) in [
            (Durability::Fsync, APPEND, "no", "memory"),
            (Durability::Fsync, FLUSH, "everysec", "os-cache"),
            (Durability::OsCache, FLUSH, "Always", "fsync"),
            (Durability::Memory, APPEND, "yes", "os-cache"),
        ] {
            let found = found(durability, name, value).unwrap_or_else(|| panic!("{name} = {value} is taken"));
            assert!(found.refusal.instead.contains(would_be), "{name} = {value}: {found:?}");
        }
    }

    #[test]
    fn a_directive_that_keeps_the_durability_is_taken() {
        assert_eq!(found(Durability::OsCache, FLUSH, "no"), None, "a killed process still loses nothing");
        assert_eq!(found(Durability::Memory, FLUSH, "always"), None, "nothing is appended");
        assert_eq!(found(Durability::Fsync, "maxmemory", "12mb"), None);
        assert_eq!(found(Durability::Replicated, APPEND, "no"), None, "a replica has it, appended or not");
    }
}
