//! The errors that are put back into the judge by hand: each must still fit the judge as it is.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

#[test]
fn every_mutation_still_applies() {
    if Command::new("git").arg("--version").output().is_err() {
        eprintln!("git is missing, with which patches are applied: nothing is tested here");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join("reports/simulator/mutations");
    let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let patches: Vec<_> = files.filter(|file| file.extension().is_some_and(|kind| kind == "patch")).collect();
    assert!(patches.len() > 50, "{} patches in {}", patches.len(), folder.display());
    let stale = patches.iter().filter_map(|patch| {
        let mut git = Command::new("git");
        git.arg("-C").arg(&root).args(["apply", "--unidiff-zero", "--check"]).arg(patch);
        let answer = git.output().unwrap_or_else(|error| panic!("git could not be run: {error}"));
        let said = String::from_utf8_lossy(&answer.stderr).into_owned();
        (!answer.status.success()).then(|| format!("{}: {said}", patch.display()))
    });
    let stale: Vec<_> = stale.collect();
    assert!(stale.is_empty(), "make these patches again, for they no longer apply:\n{}", stale.join("\n"));
}
