//! Documents: numbered, listed, and with links that lead somewhere.

use crate::Violations;
use crate::enforce;
use crate::tree::{Tree, is_markdown};
use std::collections::BTreeSet;

#[test]
fn decisions_are_numbered_without_gaps() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            let decisions = tree.paths.iter().filter(|path| path.starts_with("docs/decisions/") && is_markdown(path));
            for (expected, path) in (1..).zip(decisions) {
                if !path.starts_with(&format!("docs/decisions/{expected:04}-")) {
                    found.add(path, 1, format!("should be number {expected:04}"));
                }
            }
            found
        },
        &[("docs/decisions/0001-one.md", "# One\n"), ("docs/decisions/0003-three.md", "# Three\n")],
        "docs/decisions/0003-three.md:1",
    );
}

#[test]
fn every_guide_and_decision_is_in_the_index() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            for path in tree.paths.iter().filter(|path| path.starts_with("docs/") && *path != "docs/README.md") {
                let link = format!("({})", path.trim_start_matches("docs/"));
                if is_markdown(path) && !tree.text("docs/README.md").contains(&link) {
                    found.add(path, 1, "is not linked from docs/README.md");
                }
            }
            found
        },
        &[("docs/README.md", "# Guides\n"), ("docs/checks.md", "# Checks\n")],
        "docs/checks.md:1",
    );
}

#[test]
fn every_relative_link_leads_somewhere() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            for path in tree.paths.iter().filter(|path| is_markdown(path)) {
                for (number, line) in prose(tree, path) {
                    for target in links(line).filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
                    {
                        let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                        let file = if file.is_empty() { path.clone() } else { resolve(path, file) };
                        if !tree.has(&file) && !tree.has_folder(&file) {
                            found.add(path, number, format!("{target} does not exist"));
                        } else if !anchor.is_empty() && !headings(tree, &file).contains(anchor) {
                            found.add(path, number, format!("{file} has no heading #{anchor}"));
                        }
                    }
                }
            }
            found
        },
        &[("docs/one.md", "# One\nSee [two](two.md).\n")],
        "docs/one.md:2",
    );
}

#[test]
fn every_path_in_backticks_exists() {
    const FOLDERS: [&str; 6] = ["docs/", "scenarios/", "harness/", "reports/", "benches/", "docker/"];
    const ENDINGS: [&str; 6] = [".rs", ".md", ".toml", ".sh", ".env", ".json"];
    enforce(
        |tree| {
            let mut found = Violations::default();
            for (path, number, line) in tree.all_lines().filter(|(path, ..)| is_markdown(path) || path.ends_with(".rs"))
            {
                for quoted in line.split('`').skip(1).step_by(2) {
                    let is_path = FOLDERS.iter().any(|folder| quoted.starts_with(folder))
                        && ENDINGS.iter().any(|ending| quoted.ends_with(ending))
                        && !quoted.contains(|letter: char| "*<>{}…$ \"".contains(letter) || letter == '\\');
                    if is_path && !quoted.contains("NNNN") && !tree.has(quoted) {
                        found.add(path, number, format!("{quoted} does not exist"));
                    }
                }
            }
            found
        },
        &[("docs/one.md", concat!("# One\nSee `harness/src/", "gone.rs`.\n"))],
        "docs/one.md:2",
    );
}

/// The lines of a Markdown file that are not in a code block.
fn prose<'a>(tree: &'a Tree, path: &str) -> impl Iterator<Item = (usize, &'a str)> {
    let mut is_code = false;
    tree.lines(path).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// The targets of a line's links and images.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let markdown = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let html = line.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
    markdown.chain(html)
}

/// A link's target from the root, for a link in `from`.
fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The anchors of a Markdown file's headings, as they are on the web.
fn headings(tree: &Tree, path: &str) -> BTreeSet<String> {
    let anchor = |line: &str| -> String {
        let kept = line.trim_start_matches('#').trim().to_lowercase();
        kept.chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    };
    prose(tree, path).filter(|(_, line)| line.starts_with('#')).map(|(_, line)| anchor(line)).collect()
}
