//! `known.toml`: the file beside scenarios that holds failures which are known.

use super::file;
use super::node::Table;
use super::reading::ScenarioReading;
use std::path::Path;

/// Its name. It is no scenario.
pub const KNOWN_FILE: &str = "known.toml";

/// The file beside a scenario.
pub(super) struct Beside {
    pub(super) tree: Table,
    /// The scenarios that it may name: all of its folder.
    pub(super) scenarios: Vec<String>,
}

/// The file beside a scenario, where there is one. What is wrong with it has been found.
pub(super) fn read(scenario: &Path, reading: &mut ScenarioReading) -> Option<Beside> {
    let path = scenario.with_file_name(KNOWN_FILE);
    if !path.exists() {
        return None;
    }
    let text = file::read(&path, reading)?;
    let tree = file::tree(&path.display().to_string(), &text, reading);
    Some(Beside { tree, scenarios: neighbours(&path) })
}

fn neighbours(path: &Path) -> Vec<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let files = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let scenarios = files
        .filter(|file| file.extension().is_some_and(|ending| ending == "toml") && file.file_name() != path.file_name());
    let mut names: Vec<String> =
        scenarios.filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned())).collect();
    names.sort();
    names
}
