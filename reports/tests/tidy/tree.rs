//! The source tree: its paths, its text, its code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// How the tests beside code begin.
const TESTS: [&str; 3] =
    ["#[cfg(test)]\nmod tests {", "#[cfg(test)]\npub(crate) mod tests {", "#[cfg(test)]\npub(super) mod tests {"];

/// A source tree: all its paths, relative to its root, and the text of those that are text.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) paths: BTreeSet<String>,
    texts: BTreeMap<String, String>,
}

impl Tree {
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let texts: BTreeMap<_, _> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        Self { paths: texts.keys().cloned().collect(), texts }
    }

    /// The workspace without what is built or downloaded: what `.gitignore` names as folders.
    pub(crate) fn on_disk() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| panic!("the workspace has a root"));
        let ignored = fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
        let mut skipped: BTreeSet<String> = ignored
            .lines()
            .filter_map(|line| line.strip_suffix('/'))
            .map(|line| line.trim_matches('/').to_owned())
            .collect();
        skipped.insert(".git".to_owned());
        let mut tree = Self::default();
        tree.walk(root, "", &skipped);
        assert!(tree.has("Cargo.toml") && tree.rust().count() > 100, "{} is not the workspace", root.display());
        tree
    }

    fn walk(&mut self, folder: &Path, prefix: &str, skipped: &BTreeSet<String>) {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if skipped.contains(&name) {
                continue;
            }
            let path = format!("{prefix}{name}");
            if entry.path().is_dir() {
                self.walk(&entry.path(), &format!("{path}/"), skipped);
            } else {
                if let Ok(text) = fs::read_to_string(entry.path()) {
                    self.texts.insert(path.clone(), text);
                }
                self.paths.insert(path);
            }
        }
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    pub(crate) fn has_folder(&self, path: &str) -> bool {
        let prefix = format!("{}/", path.trim_end_matches('/'));
        self.paths.iter().any(|path| path.starts_with(&prefix))
    }

    pub(crate) fn text(&self, path: &str) -> &str {
        self.texts.get(path).map_or("", String::as_str)
    }

    pub(crate) fn lines(&self, path: &str) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text(path).lines())
    }

    pub(crate) fn all_lines(&self) -> impl Iterator<Item = (&str, usize, &str)> {
        self.texts
            .iter()
            .flat_map(|(path, text)| (1..).zip(text.lines()).map(move |(number, line)| (path.as_str(), number, line)))
    }

    pub(crate) fn rust(&self) -> impl Iterator<Item = &String> {
        self.texts.keys().filter(|path| path.ends_with(".rs"))
    }

    pub(crate) fn scenarios(&self) -> impl Iterator<Item = &String> {
        self.texts.keys().filter(|path| path.starts_with("scenarios/") && path.ends_with(".toml"))
    }

    pub(crate) fn guides(&self) -> impl Iterator<Item = &String> {
        self.texts.keys().filter(|path| is_markdown(path) && (path.starts_with("docs/") || *path == "README.md"))
    }

    /// Lines of Rust code in `src/` folders, up to the tests beside it; modules of tests are left out.
    pub(crate) fn code(&self) -> impl Iterator<Item = (&str, usize, &str)> {
        let tests = self.test_modules();
        let is_code =
            move |path: &&String| path.contains("/src/") && !tests.iter().any(|module| path.starts_with(module));
        self.rust().filter(is_code).flat_map(|path| {
            let text = self.text(path);
            let end = TESTS.iter().filter_map(|tests| text.find(tests)).min().unwrap_or(text.len());
            (1..).zip(text[..end].lines()).map(move |(number, line)| (path.as_str(), number, line))
        })
    }

    /// The paths of modules that only tests have, without their ending: of `#[cfg(test)] mod rules;`, `…/rules`.
    fn test_modules(&self) -> Vec<String> {
        let mut modules = Vec::new();
        for path in self.rust() {
            for declared in self.text(path).split("#[cfg(test)]\nmod ").skip(1) {
                let name: String = declared.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if declared[name.len()..].starts_with(';') {
                    let folder = folder_of(path).unwrap_or_default();
                    modules.extend([format!("{folder}{name}.rs"), format!("{folder}{name}/")]);
                }
            }
        }
        modules
    }

    /// The text of a registry, from its name to the `];` that ends it.
    pub(crate) fn registry(&self, path: &str, name: &str) -> String {
        let declared = self.text(path).split(&format!(" {name}: &")).nth(1).unwrap_or_default();
        declared.split("];").next().unwrap_or_default().to_owned()
    }
}

pub(crate) fn is_markdown(path: &str) -> bool {
    path.ends_with(".md")
}

pub(crate) fn folder_of(path: &str) -> Option<&str> {
    path.rfind('/').map(|at| &path[..=at])
}

/// What a module is called: its file without the ending, or its folder.
pub(crate) fn stem(path: &str) -> &str {
    let path = path.trim_end_matches("/mod.rs").trim_end_matches(".rs");
    path.rsplit('/').next().unwrap_or(path)
}
