//! The scenario files of a folder, and of the folders below it.

use crate::scenario::KNOWN_FILE;
use std::io;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// The `.toml` files of a folder and of those below it: each folder's files first, in the order of their names. Hidden folders,
/// and those of runs, which keep a copy of their scenario, are left out, and so is `known.toml`, which is no scenario.
///
/// # Errors
/// A folder cannot be read.
pub(super) fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let walk = WalkDir::new(folder).sort_by(|one, other| {
        let key = |entry: &DirEntry| (entry.file_type().is_dir(), entry.file_name().to_owned());
        key(one).cmp(&key(other))
    });
    let mut files = Vec::new();
    for entry in walk.into_iter().filter_entry(|entry| entry.depth() == 0 || is_looked_into(entry)) {
        let path = entry.map_err(io::Error::from)?.into_path();
        let is_scenario = path.file_name().is_none_or(|name| name != KNOWN_FILE);
        if is_scenario && path.extension().is_some_and(|extension| extension == "toml") && !path.is_dir() {
            files.push(path);
        }
    }
    Ok(files)
}

fn is_looked_into(entry: &DirEntry) -> bool {
    let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
    !entry.file_type().is_dir() || !(is_hidden || entry.path().join("result.json").exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_before_folders_and_neither_hidden_ones_nor_runs_are_looked_into() {
        let folder = tempfile::tempdir().expect("created");
        let all = [
            "known.toml",
            "b.toml",
            "a.toml",
            "notes.md",
            "a/c.toml",
            "a/deep/d.toml",
            ".git/e.toml",
            "run/scenario.toml",
        ];
        for file in all.iter().chain(&["run/result.json"]) {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
            std::fs::write(path, "").expect("written");
        }
        let found = below(folder.path()).expect("read");
        let names: Vec<_> = found.iter().map(|path| path.strip_prefix(folder.path()).expect("below")).collect();
        assert_eq!(names, ["a.toml", "b.toml", "a/c.toml", "a/deep/d.toml"].map(Path::new));
        assert!(below(&folder.path().join("nowhere")).is_err());
    }
}
