//! The archive's limits: what is dropped, in which order, and what never is.
//!
//! The last good run of each scenario is never dropped, nor is anything of the newest night before everything older. First go
//! nights beyond the number that is kept; then histories, the oldest first; then whole runs, the oldest first; then the histories
//! of the newest night.

use super::archive::{Archive, NIGHT_FILE};
use reports::night::Night;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) bytes: u64,
    pub(super) nights: Option<u32>,
}

/// Drops what is above the limits; what remains, in bytes.
///
/// # Errors
/// Something could not be removed. What was removed before is gone.
pub(super) fn keep(archive: &Archive, limits: Limits) -> io::Result<u64> {
    let nights = archive.nights();
    let kept = last_good(archive, &nights);
    let older = match nights.split_last() {
        Some((_, older)) => older,
        None => return Ok(size(archive.folder())),
    };
    if let Some(most) = limits.nights {
        let surplus = nights.len().saturating_sub(most as usize);
        for night in older.iter().take(surplus) {
            runs(archive, night).filter(|run| !kept.contains(run)).try_for_each(|run| remove(&run))?;
            remove_if_empty(archive, night)?;
        }
    }
    let mut held = size(archive.folder());
    for run in older.iter().flat_map(|night| runs(archive, night)).filter(|run| !kept.contains(run)) {
        if held <= limits.bytes {
            return Ok(held);
        }
        held = held.saturating_sub(drop_histories(&run)?);
    }
    for night in older {
        for run in runs(archive, night).filter(|run| !kept.contains(run)) {
            if held <= limits.bytes {
                return Ok(held);
            }
            held = held.saturating_sub(size(&run));
            remove(&run)?;
        }
        remove_if_empty(archive, night)?;
    }
    let mut held = size(archive.folder());
    for run in nights.last().into_iter().flat_map(|night| runs(archive, night)).filter(|run| !kept.contains(run)) {
        if held > limits.bytes {
            held = held.saturating_sub(drop_histories(&run)?);
        }
    }
    Ok(held)
}

/// The folders of the last good run of each scenario, in nights that were carried through.
fn last_good(archive: &Archive, nights: &[Night]) -> BTreeSet<PathBuf> {
    let (mut seen, mut folders) = (BTreeSet::new(), BTreeSet::new());
    for night in nights.iter().rev().filter(|night| night.is_whole()) {
        for scenario in night.scenarios.iter().filter(|scenario| scenario.is_good()) {
            let folder = archive.run(&night.id, &scenario.name);
            if folder.is_dir() && seen.insert(scenario.name.as_str()) {
                folders.insert(folder);
            }
        }
    }
    folders
}

fn runs(archive: &Archive, night: &Night) -> impl Iterator<Item = PathBuf> {
    let folders = night.scenarios.iter().map(|scenario| archive.run(&night.id, &scenario.name));
    folders.filter(|folder| folder.is_dir()).collect::<Vec<_>>().into_iter()
}

/// Histories, logs of workers and nodes, and what was run again to confirm. Results and pages stay. How many bytes that were.
fn drop_histories(run: &Path) -> io::Result<u64> {
    let mut dropped = 0;
    let trials = std::fs::read_dir(run)?.filter_map(|entry| Some(entry.ok()?.path()));
    let of_trials = trials.flat_map(|trial| ["history", "logs"].map(|name| trial.join(name)));
    let again = std::fs::read_dir(run.join("compare")).into_iter().flatten();
    let again = again.filter_map(|entry| Some(entry.ok()?.path()));
    for folder in of_trials.chain(again).filter(|folder| folder.is_dir()) {
        dropped += size(&folder);
        remove(&folder)?;
    }
    Ok(dropped)
}

/// A night of which no run is left.
fn remove_if_empty(archive: &Archive, night: &Night) -> io::Result<()> {
    if runs(archive, night).next().is_some() {
        return Ok(());
    }
    let folder = archive.night(&night.id);
    // Its file goes first: what is cut off here is no night.
    match std::fs::remove_file(folder.join(NIGHT_FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => remove(&folder),
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Of all files below a folder.
fn size(folder: &Path) -> u64 {
    let files = WalkDir::new(folder).into_iter().filter_map(Result::ok);
    files.filter_map(|entry| entry.metadata().ok()).filter(|data| data.is_file()).map(|data| data.len()).sum()
}
