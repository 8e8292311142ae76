//! Something of a run that is still there, recognised by its labels.

use super::labels::ReadLabels;
use super::owner::{Owner, OwnerState};
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Something that some run of the harness started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// The run's id.
    pub run: String,
    /// The node: `redis-0`.
    pub node: String,
    /// `container`, `process`, `folder` or `table` (of the packet filter).
    pub kind: &'static str,
    /// Its id with the engine, its process id and when it started, its path, or its name.
    pub id: String,
    /// Whether the process that started it lives.
    pub owner: OwnerState,
    /// The id of that process, where it can be read.
    pub process: Option<i32>,
    /// Where its log belongs.
    pub log: Option<PathBuf>,
}

/// As `harness clean` prints it.
impl fmt::Display for Leftover {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = match self.kind {
            "container" => self.id.get(..12).unwrap_or(&self.id),
            "process" => self.id.split(',').next().unwrap_or(&self.id),
            _ => &self.id,
        };
        let process = self.process.map_or_else(|| "?".to_owned(), |process| process.to_string());
        let state = match self.owner {
            OwnerState::Alive => "runs",
            OwnerState::Dead => "has ended",
            OwnerState::Elsewhere => "is not visible from here",
        };
        write!(out, "{} of run {} ({} {short}; its process {process} {state})", self.node, self.run, self.kind)
    }
}

impl Leftover {
    /// From the labels that it carries. `None`: not ours.
    pub(super) fn read(kind: &'static str, id: String, labels: &HashMap<String, String>, me: &Owner) -> Option<Self> {
        let labels = ReadLabels::read(labels)?;
        // An owner that cannot be read was not written by this version: hands off.
        let owner = labels.owner.as_ref().map_or(OwnerState::Elsewhere, |owner| owner.state(me));
        let process = labels.owner.as_ref().map(Owner::pid);
        Some(Self { run: labels.run, node: labels.node, kind, id, owner, process, log: labels.log })
    }

    /// Where its log belongs, if that folder still exists.
    pub(super) fn reachable_log(&self) -> Option<&Path> {
        self.log.as_deref().filter(|path| path.parent().is_some_and(Path::is_dir))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(labels: &[(&str, &str)], me: &Owner) -> Option<Leftover> {
        let labels = labels.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        Leftover::read("container", "0123456789abcdef".to_owned(), &labels, me)
    }

    #[test]
    fn a_container_without_the_runs_label_is_not_a_leftover() {
        let me = Owner::current().expect("readable");
        assert_eq!(read(&[], &me), None);
    }

    #[test]
    fn an_unreadable_owner_is_not_taken_for_dead() {
        let me = Owner::current().expect("readable");
        let leftover = read(&[("harness.run", "r"), ("harness.owner", "?")], &me).expect("ours");
        assert_eq!(leftover.owner, OwnerState::Elsewhere);
    }

    #[test]
    fn a_leftover_reads_as_a_line() {
        let me = Owner::current().expect("readable");
        let labels = [("harness.run", "r1"), ("harness.node", "redis-0"), ("harness.owner", &me.label())];
        let line = read(&labels, &me).expect("ours").to_string();
        assert!(line.starts_with("redis-0 of run r1 (container 0123456789ab; its process "), "{line}");
        assert!(line.ends_with(" runs)"), "{line}");
    }

    #[test]
    fn a_log_is_saved_only_where_its_folder_is_left() {
        let me = Owner::current().expect("readable");
        let of = |log: &str| read(&[("harness.run", "r"), ("harness.log", log)], &me).expect("ours");
        assert_eq!(of("/no/such/folder/redis-0.log").reachable_log(), None);
        assert!(of("/tmp/redis-0.log").reachable_log().is_some());
    }
}
