//! The commit that a build names: found in a repository and in a worktree of one, with and without changes; unknown elsewhere.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

#[path = "../build/commit.rs"]
mod commit;

use commit::Built;
use std::path::Path;
use std::process::Command;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=test", "-c", "user.email=test@example.org"]).args(arguments);
    let output = command.env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE").output().expect("git");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
    std::fs::write(path, text).expect("written");
}

/// A repository with one commit, in `tree`.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let tree = folder.path().join("tree");
    write(&tree, "harness/src/lib.rs", "//! One.\n");
    write(&tree, "docs/README.md", "One.\n");
    git(&tree, &["init", "--quiet"]);
    git(&tree, &["add", "."]);
    git(&tree, &["commit", "--quiet", "--message", "One"]);
    folder
}

/// The commit, by git itself.
fn head(tree: &Path) -> String {
    git(tree, &["rev-parse", "HEAD"])[..12].to_owned()
}

#[test]
fn a_repository_and_a_worktree_name_their_commits() {
    let folder = repository();
    let tree = folder.path().join("tree");
    git(&tree, &["worktree", "add", "--quiet", "-b", "other", "../other"]);
    let other = folder.path().join("other");
    write(&other, "harness/src/lib.rs", "//! Two.\n");
    git(&other, &["commit", "--quiet", "--all", "--message", "Two"]);
    assert_ne!(head(&tree), head(&other));
    for tree in [&tree, &other] {
        assert_eq!(Built::of(tree).commit(), head(tree));
        assert_eq!(Built::of(tree).words(), format!("commit {}", head(tree)));
    }
}

#[test]
fn a_change_is_told_where_it_is_compiled_and_not_elsewhere() {
    let folder = repository();
    let tree = folder.path().join("tree");
    write(&tree, "docs/README.md", "Two.\n");
    assert_eq!(Built::of(&tree).commit(), head(&tree));
    write(&tree, "harness/src/new.rs", "//! New.\n");
    assert_eq!(Built::of(&tree).commit(), format!("{}, with changes", head(&tree)));
    git(&tree, &["add", "."]);
    assert_eq!(Built::of(&tree).commit(), format!("{}, with changes", head(&tree)), "added is not committed");
    git(&tree, &["commit", "--quiet", "--message", "Two"]);
    assert_eq!(Built::of(&tree).commit(), head(&tree));
}

#[test]
fn a_tree_without_git_and_one_within_another_repository_are_at_no_known_commit() {
    let plain = tempfile::tempdir().expect("a folder");
    write(plain.path(), "harness/src/lib.rs", "//! One.\n");
    let folder = repository();
    let within = folder.path().join("tree/vendor");
    write(&within, "harness/src/lib.rs", "//! One.\n");
    for tree in [plain.path(), &within] {
        let built = Built::of(tree);
        assert_eq!((built.commit(), built.words()), ("unknown".to_owned(), "unknown commit".to_owned()));
        let canonical = tree.canonicalize().expect("it is there");
        assert_eq!(
            built.watched(),
            [canonical.join("harness/src")],
            "a file that is not there would be new at each build"
        );
    }
}

/// What moved HEAD must be among what is watched: else the program names a commit that it is not built from.
#[test]
fn a_commit_changes_what_is_watched() {
    let folder = repository();
    let tree = folder.path().join("tree");
    git(&tree, &["worktree", "add", "--quiet", "-b", "other", "../other"]);
    for tree in [tree.clone(), folder.path().join("other")] {
        for pack in [false, true] {
            if pack {
                git(&tree, &["pack-refs", "--all"]);
            }
            let contents = || -> Vec<_> {
                let files = Built::of(&tree).watched().into_iter().filter(|path| path.is_file());
                files.map(|path| (path.clone(), std::fs::read(path).expect("readable"))).collect()
            };
            let before = contents();
            git(&tree, &["commit", "--quiet", "--allow-empty", "--message", "Empty"]);
            let moved = before.iter().any(|(path, was)| std::fs::read(path).is_ok_and(|is| is != *was));
            assert!(moved, "nothing of {before:?} has changed");
        }
    }
}
