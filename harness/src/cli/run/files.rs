//! The files of a run: the scenarios that it reads, and the folder that it writes.

use crate::cli::{Exit, exit};
use crate::scenario::Scenario;
use std::path::{Path, PathBuf};

/// Files as they are; folders as the `.toml` files in them, in the order of their names.
pub(super) fn scenario_files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Exit> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let unreadable = |error: std::io::Error| {
            exit::explain(&miette::diagnostic!("cannot list {}: {error}", path.display()), Exit::Usage)
        };
        let mut found: Vec<PathBuf> = std::fs::read_dir(path)
            .map_err(unreadable)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|file| file.extension().is_some_and(|extension| extension == "toml"))
            .collect();
        if found.is_empty() {
            return Err(exit::explain(
                &miette::diagnostic!("{} holds no scenario (*.toml)", path.display()),
                Exit::Usage,
            ));
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}

/// Creates a run's folder, which must be empty, and keeps the scenario in it.
pub(super) fn create_folder(folder: &Path, scenario: &Scenario) -> Result<(), Exit> {
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
    let created =
        std::fs::create_dir_all(folder).and_then(|()| std::fs::write(folder.join("scenario.toml"), &scenario.source));
    created.map_err(|error| {
        let help = "is the disk full, or the folder not writable? choose another with --out";
        exit::explain(
            &miette::diagnostic!(help = help, "cannot create the run's folder {}: {error}", folder.display()),
            Exit::Environment,
        )
    })
}

/// Where runs go when nobody says otherwise.
pub(super) fn default_runs() -> PathBuf {
    PathBuf::from("runs")
}
