//! The house rules, held to the whole source tree. Every failure names a file and a line.
//!
//! Each rule is a pure function from a tree to its violations, and first has to find the one in a small tree that
//! breaks it.

mod documents;
mod imports;
mod layers;
mod names;
mod registries;
mod tree;
mod words;

use std::fmt::Write;
use std::sync::LazyLock;
use tree::Tree;

static WORKSPACE: LazyLock<Tree> = LazyLock::new(Tree::on_disk);

/// What breaks a rule, as `file:line: why`.
#[derive(Default)]
struct Violations(Vec<String>);

impl Violations {
    fn add(&mut self, path: &str, line: usize, why: impl std::fmt::Display) {
        self.0.push(format!("{path}:{line}: {why}"));
    }
}

/// A rule must find what breaks it at `expected`, and nothing in the source tree.
#[track_caller]
fn enforce(rule: impl Fn(&Tree) -> Violations, broken: &[(&str, &str)], expected: &str) {
    let found = rule(&Tree::of(broken)).0;
    assert!(found.iter().any(|line| line.starts_with(&format!("{expected}: "))), "the rule finds only {found:?}");
    let found = rule(&WORKSPACE).0;
    let list = found.iter().fold(String::new(), |mut list, line| {
        let _ = writeln!(list, "  {line}");
        list
    });
    assert!(found.is_empty(), "{} violations:\n{list}", found.len());
}
