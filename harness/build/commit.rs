//! Which commit a source tree is at, and whether what is compiled of it was changed since.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What the program is compiled from, relative to the source tree's root.
const COMPILED: [&str; 9] = [
    "Cargo.toml",
    "Cargo.lock",
    "docker/versions.env",
    "harness/Cargo.toml",
    "harness/build.rs",
    "harness/build",
    "harness/src",
    "reports/Cargo.toml",
    "reports/src",
];
/// Of a commit's name, so many digits are shown.
const DIGITS: &str = "--short=12";
/// A hook of git sets these, and they would name another tree.
const OTHER_TREES: [&str; 3] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"];

/// What a program is built from.
#[derive(Debug)]
pub(crate) struct Built {
    root: PathBuf,
    /// `None`: the tree is no repository's, or git is not here or refuses it.
    at: Option<At>,
}

#[derive(Debug)]
struct At {
    commit: String,
    changed: bool,
}

impl Built {
    /// The source tree of this root.
    pub(crate) fn of(root: &Path) -> Self {
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let at = at(&root);
        Self { root, at }
    }

    /// The commit: `69751e3abcde`, with `, with changes` where it is not all; `unknown`.
    pub(crate) fn commit(&self) -> String {
        match &self.at {
            None => "unknown".to_owned(),
            Some(At { commit, changed: false }) => commit.clone(),
            Some(At { commit, changed: true }) => format!("{commit}, with changes"),
        }
    }

    /// The same in words: `commit 69751e3abcde`, `unknown commit`.
    pub(crate) fn words(&self) -> String {
        if self.at.is_some() { format!("commit {}", self.commit()) } else { "unknown commit".to_owned() }
    }

    /// The files and folders that exist and whose change can change the answer.
    pub(crate) fn watched(&self) -> Vec<PathBuf> {
        let mut watched: Vec<PathBuf> = COMPILED.iter().map(|path| self.root.join(path)).collect();
        if self.at.is_some() {
            let branch = git(&self.root, &["symbolic-ref", "--quiet", "HEAD"]);
            // Where the branch has no file of its own, it stands among the packed ones.
            let of_git = ["HEAD", "logs/HEAD", "packed-refs"].into_iter().chain(branch.as_deref());
            let paths = of_git.filter_map(|name| git(&self.root, &["rev-parse", "--git-path", name]));
            watched.extend(paths.map(|path| self.root.join(path)));
        }
        watched.retain(|path| path.exists());
        watched
    }
}

fn at(root: &Path) -> Option<At> {
    // A tree that was unpacked within another repository is not at that one's commit.
    let top = PathBuf::from(git(root, &["rev-parse", "--show-toplevel"])?).canonicalize().ok()?;
    if top != root {
        return None;
    }
    let commit = git(root, &["rev-parse", DIGITS, "HEAD"])?;
    let status: Vec<&str> = ["status", "--porcelain", "--"].into_iter().chain(COMPILED).collect();
    let changed = !git(root, &status)?.is_empty();
    Some(At { commit, changed })
}

/// What git prints. It writes nothing: not even the index, which `git status` would refresh.
fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    for name in OTHER_TREES {
        command.env_remove(name);
    }
    let output = command.current_dir(root).arg("--no-optional-locks").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
