//! Local nodes that are found rather than started: by the labels in their environment, and by what their folder says, because
//! a program that sets its title (Redis does) writes over its environment.

use super::folders;
use super::recognised::FoundProcess;
use crate::environment::labels::RUN;
use crate::environment::leftover::Leftover;
use crate::environment::owner::Owner;
use procfs::process::Process;
use std::collections::{BTreeMap, HashMap};

/// What leftovers of this kind are called.
pub(super) const PROCESS: &str = "process";

/// The processes of all runs: nodes, and what they have started themselves.
pub(super) fn processes(me: &Owner) -> Vec<Leftover> {
    let Ok(all) = procfs::process::all_processes() else { return Vec::new() };
    let labelled = all.filter_map(Result::ok).filter_map(|process| {
        let labels = labels_of(&process)?;
        Some((FoundProcess::of(process.pid)?, labels))
    });
    let noted = folders::noted().into_iter().filter(|(process, _)| process.runs());
    let found: BTreeMap<FoundProcess, HashMap<String, String>> = noted.chain(labelled).collect();
    let read = |(process, labels): (FoundProcess, HashMap<String, String>)| {
        Leftover::read(PROCESS, process.to_string(), &labels, me)
    };
    found.into_iter().filter_map(read).collect()
}

/// `None`: it carries none, or may not be looked at.
fn labels_of(process: &Process) -> Option<HashMap<String, String>> {
    let label = |(key, value): (std::ffi::OsString, std::ffi::OsString)| {
        let key = key.to_str()?.strip_prefix("HARNESS_")?.to_lowercase();
        Some((format!("harness.{key}"), value.to_str()?.to_owned()))
    };
    let labels: HashMap<String, String> = process.environ().ok()?.into_iter().filter_map(label).collect();
    labels.contains_key(RUN).then_some(labels)
}
