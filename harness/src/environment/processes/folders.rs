//! The folders of local nodes: each holds a recipe's files, the broker's data, and the labels by which it is found again.

use super::launch::Process;
use super::recognised::FoundProcess;
use crate::environment::EnvironmentError;
use crate::environment::labels::{NODE, NodeLabels, RUN};
use crate::environment::leftover::Leftover;
use crate::environment::owner::Owner;
use std::collections::HashMap;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The labels of a folder's node, `key=value` a line.
const LABELS: &str = ".harness-labels";
/// Its process, as `FoundProcess` writes it.
const PROCESS: &str = ".harness-process";

/// Where data lies. Not in `/tmp`, which is memory on many systems: there no flush would mean anything.
pub(super) fn base() -> PathBuf {
    let place = std::env::var_os("TMPDIR").filter(|place| !place.is_empty());
    let place = place.map_or_else(|| PathBuf::from("/var/tmp"), PathBuf::from);
    place.join(format!("harness-nodes-{}", rustix::process::getuid().as_raw()))
}

/// A node's folder. Dropping it removes it.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    stays: bool,
}

impl Folder {
    /// A new one, for this node of this run.
    pub(super) fn create(labels: &NodeLabels) -> Result<Self, EnvironmentError> {
        let all = labels.all();
        let label = |key: &str| all.get(key).map_or("", String::as_str);
        let name = format!("{}-{}-{:08x}", label(RUN), label(NODE), rand::random::<u32>());
        let folder = Self { path: base().join(name), stays: false };
        let lines: String = all.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
        let created = DirBuilder::new().recursive(true).mode(0o700).create(&folder.path);
        let created = created.and_then(|()| std::fs::write(folder.path.join(LABELS), lines));
        created.map_err(|error| cannot("create", &folder.path, &error))?;
        Ok(folder)
    }

    /// Its path, absolute.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a recipe's files.
    pub(super) fn fill(&self, files: &[(String, String)]) -> Result<(), EnvironmentError> {
        for (name, text) in files {
            let path = self.path.join(name);
            let written = path.parent().map_or(Ok(()), std::fs::create_dir_all);
            written.and_then(|()| std::fs::write(&path, text)).map_err(|error| cannot("write", &path, &error))?;
        }
        Ok(())
    }

    /// Notes which process works in it: without that it is found by its environment alone.
    pub(super) fn note(&self, process: &Process) {
        let found = process.pid().and_then(|pid| FoundProcess::of(i32::try_from(pid).ok()?));
        if let Some(found) = found {
            let _ = std::fs::write(self.path.join(PROCESS), found.to_string());
        }
    }

    /// Leaves it where it is.
    pub(super) fn leave(mut self) {
        self.stays = true;
    }

    /// Removes it with all that is in it.
    pub(super) fn remove(mut self) -> Result<(), EnvironmentError> {
        self.stays = true;
        remove(&self.path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.stays
            && let Err(error) = remove(&self.path)
        {
            tracing::warn!("{error}");
        }
    }
}

/// Removes a node's folder; one that is gone is fine.
pub(super) fn remove(path: &Path) -> Result<(), EnvironmentError> {
    match std::fs::remove_dir_all(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(cannot("remove", path, &error)),
    }
}

/// The folders of all runs. One that tells of no run is not ours.
pub(super) fn leftovers(me: &Owner) -> Vec<Leftover> {
    let read = |path: PathBuf| Leftover::read("folder", path.display().to_string(), &labels(&path)?, me);
    all().into_iter().filter_map(read).collect()
}

/// The processes that work, or worked, in the folders of all runs, with the folders' labels.
pub(super) fn noted() -> Vec<(FoundProcess, HashMap<String, String>)> {
    let read = |path: PathBuf| {
        let process = std::fs::read_to_string(path.join(PROCESS)).ok()?;
        Some((FoundProcess::parse(&process)?, labels(&path)?))
    };
    all().into_iter().filter_map(read).collect()
}

fn all() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(base()).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).collect()
}

fn labels(folder: &Path) -> Option<HashMap<String, String>> {
    let text = std::fs::read_to_string(folder.join(LABELS)).ok()?;
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    Some(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> EnvironmentError {
    EnvironmentError::step(
        format!("cannot {what} {}, where a broker's data lies: {error}", path.display()),
        "set TMPDIR to a folder on a disk that can be written",
    )
}
