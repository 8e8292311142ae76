//! The processes of a trial whose use of the machine is recorded: those that run at the moment.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A process to be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Watched {
    /// `broker`, `generator` or `proxy`.
    pub(super) role: &'static str,
    /// `redis-0`, `producer-1`.
    pub(super) name: String,
    /// Its process id on this host.
    pub(super) pid: u32,
}

/// One process for each name; clones are the same roster.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster(Arc<Mutex<BTreeMap<String, Watched>>>);

impl Roster {
    /// From now on it is this process that goes by this name.
    pub(super) fn enter(&self, role: &'static str, name: &str, pid: u32) {
        self.lock().insert(name.to_owned(), Watched { role, name: name.to_owned(), pid });
    }

    /// All, by name.
    pub(super) fn all(&self) -> Vec<Watched> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Watched>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_takes_the_place_of_who_went_by_its_name() {
        let roster = Roster::default();
        roster.enter("broker", "redis-0", 1);
        roster.enter("generator", "consumer-0", 2);
        roster.clone().enter("broker", "redis-0", 3);
        let pids: Vec<u32> = roster.all().iter().map(|watched| watched.pid).collect();
        assert_eq!(pids, [2, 3]);
    }
}
