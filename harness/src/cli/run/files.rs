//! The files of a run: the scenarios that it reads, and the folder that it writes.

use crate::cli::{Exit, exit, scenario_files};
use crate::model::KEPT_SCENARIO;
use crate::scenario::Scenario;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files as they are; folders as the `.toml` files in them and below them.
pub(in crate::cli) fn scenario_files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Exit> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let unreadable = |error: std::io::Error| {
            exit::explain(&miette::diagnostic!("cannot list {}: {error}", path.display()), Exit::Usage)
        };
        let found = scenario_files::below(path).map_err(unreadable)?;
        if found.is_empty() {
            let help = "name a scenario file, or a folder with some";
            let error = miette::diagnostic!(help = help, "{} holds no scenario (*.toml)", path.display());
            return Err(exit::explain(&error, Exit::Usage));
        }
        files.extend(found);
    }
    Ok(files)
}

/// Below `out` each scenario's run has a folder of the scenario's name: two of one name would share it. `otherwise`: what can be
/// done about it beside renaming one.
pub(in crate::cli) fn distinct<'s>(
    out: &Path,
    names: impl Iterator<Item = &'s str>,
    otherwise: &str,
) -> Result<(), Exit> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            let help = format!("give one of the files another name, {otherwise}");
            let error = miette::diagnostic!(
                help = help,
                "two of the scenarios are called {name}, and both runs would be written to {}",
                out.join(name).display()
            );
            return Err(exit::explain(&error, Exit::Usage));
        }
    }
    Ok(())
}

/// A run's folder is new, or empty. An error has been shown.
pub(super) fn must_be_free(folder: &Path) -> Result<(), Exit> {
    if let Some(file) = folder.ancestors().find(|part| part.exists()).filter(|part| !part.is_dir()) {
        let help = "name a folder with --out, new or empty, or none for a new one under runs/";
        let error = miette::diagnostic!(
            help = help,
            "{} cannot be a run's folder: {} is a file",
            folder.display(),
            file.display()
        );
        return Err(exit::explain(&error, Exit::Usage));
    }
    let taken = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        let help = "name another folder with --out, or none for a new one under runs/";
        let error = miette::diagnostic!(
            help = help,
            "{} holds something already, and a run is never written over",
            folder.display()
        );
        return Err(exit::explain(&error, Exit::Usage));
    }
    Ok(())
}

/// Creates a run's folder, which must be empty, and keeps the scenario in it.
pub(super) fn create_folder(folder: &Path, scenario: &Scenario) -> Result<(), Exit> {
    must_be_free(folder)?;
    let keep = || {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join(KEPT_SCENARIO), &scenario.source)?;
        keep_records(folder, scenario)
    };
    keep().map_err(|error: std::io::Error| {
        let help = "is the disk full, or the folder not writable? choose another with --out";
        exit::explain(
            &miette::diagnostic!(help = help, "cannot create the run's folder {}: {error}", folder.display()),
            Exit::Environment,
        )
    })
}

/// Takes back what `create_folder` has put there, of a run that did not begin.
pub(super) fn remove_folder(folder: &Path, scenario: &Scenario) {
    let _ = std::fs::remove_file(folder.join(KEPT_SCENARIO));
    if let Some(copy) = scenario.workload.records.as_ref().and_then(|records| records.beside_a_copy(folder)) {
        let _ = std::fs::remove_file(&copy);
        for within in copy.ancestors().skip(1).take_while(|within| *within != folder) {
            let _ = std::fs::remove_dir(within);
        }
    }
    let _ = std::fs::remove_dir(folder);
}

/// The kept scenario is run again with the records that it had.
fn keep_records(folder: &Path, scenario: &Scenario) -> std::io::Result<()> {
    let Some(records) = &scenario.workload.records else { return Ok(()) };
    let Some(copy) = records.beside_a_copy(folder) else { return Ok(()) };
    copy.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    std::fs::copy(&records.path, copy).map(drop)
}

/// Where runs go when nobody says otherwise.
pub(super) fn default_runs() -> PathBuf {
    PathBuf::from("runs")
}
