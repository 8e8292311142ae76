//! The workflow files are what GitHub's runner understands, by the linter of the field.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod binary;

use binary::skipped;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

/// Without what it would call where it happens to be installed: the answer is the same everywhere.
fn lint(files: &[PathBuf]) -> std::io::Result<Output> {
    Command::new("go").args(["run", ACTIONLINT, "-no-color", "-shellcheck=", "-pyflakes="]).args(files).output()
}

#[test]
fn the_workflows_pass_actionlint_and_a_broken_one_does_not() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.github/workflows");
    let entries = std::fs::read_dir(&folder).expect("listed").filter_map(|entry| Some(entry.ok()?.path()));
    let files: Vec<PathBuf> = entries.filter(|file| file.extension().is_some_and(|ending| ending == "yml")).collect();
    assert!(files.len() >= 2, "{files:?}");
    // Nothing else needs Go on this machine, so that not even a run that must be real installs it.
    let Ok(linted) = lint(&files) else { return skipped("the workflows pass actionlint", "there is no Go here") };
    assert!(linted.status.success(), "{}{}", text(&linted.stdout), text(&linted.stderr));

    let broken = tempfile::tempdir().expect("a folder");
    let nightly = std::fs::read_to_string(folder.join("nightly.yml")).expect("read");
    let file = broken.path().join("broken.yml");
    std::fs::write(&file, nightly.replace("github.run_id", "github.run_idd")).expect("written");
    let linted = lint(&[file]).expect("started");
    assert!(text(&linted.stdout).contains("run_idd"), "{}{}", text(&linted.stdout), text(&linted.stderr));
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What the workflows and the guide call is what the command line takes: an option that is gone breaks the night first.
#[test]
fn every_option_that_the_workflow_and_the_guide_give_exists() {
    let help = binary::harness().args(["nightly", "--help"]).output().expect("run");
    let help = text(&help.stdout);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut seen = 0;
    for file in [".github/workflows/nightly.yml", "docs/nightly.md"] {
        let text = std::fs::read_to_string(root.join(file)).expect("read");
        let lines: Vec<&str> = text.lines().collect();
        // A command may go on in the line below.
        for pair in lines.windows(2) {
            let Some((_, arguments)) = pair[0].split_once("harness nightly ") else { continue };
            for word in arguments.split_whitespace().chain(pair[1].split_whitespace()) {
                let Some(at) = word.find("--") else { continue };
                let name = word[at + 2..].chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '-');
                let option = format!("--{}", name.collect::<String>());
                let is_known = help.split_whitespace().any(|known| known.trim_end_matches(',') == option);
                assert!(is_known, "{file}: {word}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 6, "only {seen} options were found");
}
