//! What everything that a run starts is labelled with.

use super::owner::Owner;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The run's id. Whatever carries this label is ours; whatever does not is never touched.
pub(super) const RUN: &str = "harness.run";
const OWNER: &str = "harness.owner";
/// The node's name.
pub(super) const NODE: &str = "harness.node";
const LOG: &str = "harness.log";
const START: &str = "harness.start";

/// The labels that all nodes of a run share.
#[derive(Clone, Debug)]
pub(super) struct RunLabels {
    run: String,
    owner: String,
    starts: Arc<AtomicU32>,
}

/// The labels of one start of one node.
#[derive(Clone, Debug)]
pub(super) struct NodeLabels {
    all: HashMap<String, String>,
}

/// What a container's labels say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReadLabels {
    pub(super) run: String,
    pub(super) owner: Option<Owner>,
    pub(super) node: String,
    pub(super) log: Option<PathBuf>,
}

impl RunLabels {
    pub(super) fn new(run: &str, owner: &Owner) -> Self {
        Self { run: run.to_owned(), owner: owner.label(), starts: Arc::default() }
    }

    /// The run's id.
    pub(super) fn run(&self) -> &str {
        &self.run
    }

    /// Labels of something that no start brings about, and that has no log.
    pub(super) fn of_run(&self, name: &str) -> [(&'static str, String); 3] {
        [(RUN, self.run.clone()), (OWNER, self.owner.clone()), (NODE, name.to_owned())]
    }

    /// Labels for one more start.
    pub(super) fn node(&self, node: &str, log: &Path) -> NodeLabels {
        let start = self.starts.fetch_add(1, Ordering::Relaxed).to_string();
        let log = log.display().to_string();
        let pairs = [(RUN, self.run.as_str()), (OWNER, &self.owner), (NODE, node), (LOG, &log), (START, &start)];
        NodeLabels { all: pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect() }
    }
}

impl NodeLabels {
    pub(super) fn all(&self) -> HashMap<String, String> {
        self.all.clone()
    }

    /// Filters that only this start's container passes.
    pub(super) fn filters(&self) -> Vec<String> {
        self.all.iter().map(|(key, value)| format!("{key}={value}")).collect()
    }
}

impl ReadLabels {
    /// `None` when the run's label is absent: not ours.
    pub(super) fn read(labels: &HashMap<String, String>) -> Option<Self> {
        Some(Self {
            run: labels.get(RUN)?.clone(),
            owner: labels.get(OWNER).and_then(|label| Owner::parse(label)),
            node: labels.get(NODE).cloned().unwrap_or_default(),
            log: labels.get(LOG).map(PathBuf::from),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_back_as_written() {
        let owner = Owner::current().expect("readable");
        let written = RunLabels::new("run-1", &owner).node("redis-0", Path::new("/runs/a/logs/redis-0.log"));
        let read = ReadLabels::read(&written.all()).expect("ours");
        assert_eq!((read.run.as_str(), read.node.as_str()), ("run-1", "redis-0"));
        assert_eq!(read.owner, Some(owner));
        assert_eq!(read.log, Some(PathBuf::from("/runs/a/logs/redis-0.log")));
    }

    #[test]
    fn what_carries_no_run_is_not_ours() {
        let labels = HashMap::from([("harness.node".to_owned(), "redis-0".to_owned())]);
        assert_eq!(ReadLabels::read(&labels), None);
    }

    #[test]
    fn two_starts_of_one_node_differ() {
        let run = RunLabels::new("run-1", &Owner::current().expect("readable"));
        assert_ne!(run.node("redis-0", Path::new("log")).all(), run.node("redis-0", Path::new("log")).all());
    }
}
