//! The house rules, held to the whole source tree. Every failure names a file and a line.
//!
//! Each rule is a pure function from a tree to its violations, and first has to find the one in a small tree that breaks it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// Files of more than 400 lines without their tests, and why they are not split.
const LONG_FILES: &[(&str, &str)] = &[];

/// Hosts that project text may name: standards, licences, and where the dependencies' sources are.
const HOSTS: &[&str] = &[
    "127.0.0.1",
    "arrow.apache.org",
    "github.com",
    "json-schema.org",
    "localhost",
    "maven.apache.org",
    "www.apache.org",
    "www.w3.org",
];

/// What may not be named from a room, because data flows one way.
const ROOMS: &[(&str, &[&str])] = &[
    ("reports/src/history/", &["crate::measure", "crate::check", "crate::render", "crate::judge", "crate::result"]),
    ("reports/src/measure/", &["crate::check", "crate::render", "crate::judge"]),
    ("reports/src/check/", &["crate::history", "crate::render", "crate::judge"]),
    ("reports/src/render/", &["crate::measure", "crate::check"]),
    ("harness/src/scenario/", &["crate::plan", "crate::environment", "crate::worker", "crate::trial", "crate::cli"]),
    ("harness/src/plan/", &["crate::environment", "crate::worker", "crate::trial", "crate::cli"]),
    ("harness/src/environment/", &["crate::broker", "crate::fault", "crate::worker", "crate::trial", "crate::cli"]),
    ("harness/src/fault/", &["crate::worker", "crate::plan", "crate::trial", "crate::cli"]),
    ("harness/src/broker/", &["crate::fault", "crate::plan", "crate::trial", "crate::cli"]),
    ("harness/src/worker/", &["crate::environment", "crate::fault", "crate::trial", "crate::cli"]),
    ("harness/src/trial/", &["crate::cli"]),
];

/// Only the command line may ask what a history means.
const JUDGING: &[&str] =
    &["reports::measure", "reports::check", "reports::judge", "reports::render", "reports::result"];

/// Where each kind of thing is registered: its folder, the line that makes one, the file with the registry, the
/// registry's name, and what its row must hold (`{}` is the file's name, without its ending).
const REGISTRIES: &[(&str, &str, &str, &str, &str)] = &[
    ("reports/src/check/", "pub fn judge(", "reports/src/check/mod.rs", "CHECKS", "judge: {}::judge"),
    ("reports/src/render/chart/", "impl Chart for ", "reports/src/render/chart/mod.rs", "CHARTS", "&{}::"),
    ("reports/src/render/", "impl Renderer for ", "reports/src/render/mod.rs", "RENDERERS", "&{}::"),
    ("reports/src/history/", "impl Table for ", "reports/src/history/mod.rs", "TABLES", ""),
    ("harness/src/fault/", "const KIND: Kind", "harness/src/fault/mod.rs", "KINDS", "{}::KIND"),
    ("harness/src/broker/", "impl Broker for ", "harness/src/broker/mod.rs", "REGISTRY", "&{}::"),
];

#[test]
fn the_pure_side_depends_on_nothing_live() {
    const LIVE: [&str; 7] = ["harness", "tokio", "reqwest", "redis", "rdkafka", "testcontainers", "bollard"];
    enforce(
        |tree| {
            let mut found = Violations::default();
            let mut section = "";
            for (number, line) in tree.lines("reports/Cargo.toml") {
                section = if line.starts_with('[') { line } else { section };
                let name = match section.split_once("dependencies.") {
                    Some((_, name)) => name.trim_end_matches(']'),
                    None => line.split(['.', '=', ' ']).next().unwrap_or_default(),
                };
                if section.contains("dependencies") && LIVE.contains(&name) {
                    found.add("reports/Cargo.toml", number, format!("`{name}` belongs to the live side"));
                }
            }
            found
        },
        &[("reports/Cargo.toml", "[dependencies]\nserde = \"1\"\ntokio.workspace = true\n")],
        "reports/Cargo.toml:3",
    );
}

#[test]
fn data_flows_one_way_from_room_to_room() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            for (path, number, line) in tree.code() {
                for (_, forbidden) in ROOMS.iter().filter(|(room, _)| path.starts_with(room)) {
                    for name in forbidden.iter().filter(|name| names(line, name)) {
                        found.add(path, number, format!("`{name}` may not be named from here"));
                    }
                }
                if path.starts_with("harness/src/") && !path.starts_with("harness/src/cli/") {
                    for name in JUDGING.iter().filter(|name| names(line, name)) {
                        found.add(path, number, format!("`{name}` may be named from `cli/` only"));
                    }
                }
            }
            found
        },
        &[("harness/src/worker/consume.rs", "//! Consumes.\nuse crate::environment::Ports;\n")],
        "harness/src/worker/consume.rs:2",
    );
}

#[test]
fn every_room_opens_with_three_lines_about_itself() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            for path in tree.rust().filter(|path| path.ends_with("/mod.rs")) {
                let opening = tree.lines(path).take(3).take_while(|(_, line)| line.starts_with("//! ")).count();
                if opening < 3 {
                    let what =
                        "should open with what lives here, what may be touched from here, what to copy for one more";
                    found.add(path, opening + 1, what);
                }
            }
            for folder in tree.rust().filter(|path| path.contains("/src/")).filter_map(folder_of) {
                if ["mod.rs", "lib.rs", "main.rs"].iter().all(|file| !tree.has(&format!("{folder}{file}"))) {
                    found.add(folder, 1, "has no mod.rs to say what lives here");
                }
            }
            found
        },
        &[("harness/src/room/mod.rs", "//! A room.\n//! Nothing is touched.\n\nmod thing;\n")],
        "harness/src/room/mod.rs:3",
    );
}

#[test]
fn no_file_is_too_long_for_one_head() {
    const LONGEST: usize = 400;
    enforce(
        |tree| {
            let mut lengths: BTreeMap<&str, usize> = BTreeMap::new();
            for (path, number, _) in tree.code() {
                lengths.insert(path, number);
            }
            let mut found = Violations::default();
            for (path, length) in &lengths {
                if *length > LONGEST && !LONG_FILES.iter().any(|(long, why)| long == path && !why.is_empty()) {
                    found.add(path, LONGEST + 1, format!("{length} lines without tests; split it by subject"));
                }
            }
            for (path, _) in LONG_FILES {
                if lengths.get(path).is_none_or(|length| *length <= LONGEST) {
                    found.add(path, 1, "needs no exception any more");
                }
            }
            found
        },
        &[("harness/src/long.rs", &"//\n".repeat(LONGEST + 1))],
        "harness/src/long.rs:401",
    );
}

#[test]
fn every_check_chart_renderer_table_fault_and_broker_has_a_file_and_a_row_of_its_own() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            for (folder, makes, registry_file, registry, row) in REGISTRIES {
                let rows = tree.registry(registry_file, registry);
                let mut makers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
                for (path, number, line) in tree.code() {
                    if path.starts_with(folder) && line.contains(makes) {
                        makers.entry(path).or_default().push(number);
                        let made = line.split(makes).nth(1).and_then(|rest| rest.split_whitespace().next());
                        let expected = match row.replace("{}", stem(path)) {
                            row if row.is_empty() => format!("<{}>", made.unwrap_or_default()),
                            row => row,
                        };
                        if !rows.contains(&expected) {
                            found.add(path, number, format!("has no row with `{expected}` in {registry}"));
                        }
                    }
                }
                for (path, lines) in makers.iter().filter(|(_, lines)| lines.len() > 1) {
                    found.add(path, lines[1], format!("makes a second row for {registry}: one a file"));
                }
                if makers.is_empty() && tree.has(registry_file) {
                    found.add(registry_file, 1, format!("no file in {folder} makes anything for {registry}"));
                }
            }
            found
        },
        &[
            ("harness/src/fault/mod.rs", "pub const KINDS: &[Kind] = &[\n    down::KIND,\n];\n"),
            ("harness/src/fault/flap.rs", "//! Flaps.\npub(super) const KIND: Kind =\n"),
        ],
        "harness/src/fault/flap.rs:2",
    );
}

#[test]
fn every_scenario_opens_with_the_question_that_it_answers() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            for path in tree.scenarios() {
                let first = tree.lines(path).next().map_or("", |(_, line)| line.trim_end());
                if !(first.starts_with("# ") && first.ends_with('?')) {
                    found.add(path, 1, "should be a comment that ends with a question mark");
                }
            }
            found
        },
        &[("scenarios/outage.toml", "# An outage.\ntitle = \"Outage\"\n")],
        "scenarios/outage.toml:1",
    );
}

#[test]
fn every_scenario_is_mentioned_where_a_reader_looks() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            for path in tree.scenarios() {
                if !tree.guides().any(|guide| tree.text(guide).contains(path)) {
                    found.add(path, 1, "is mentioned neither in README.md nor in docs/");
                }
            }
            found
        },
        &[("scenarios/outage.toml", "# What?\n"), ("README.md", "No scenario.\n")],
        "scenarios/outage.toml:1",
    );
}

#[test]
fn every_check_is_described() {
    enforce(
        |tree| described(tree, "reports/src/check/", "pub const NAME: &str = \"", "docs/checks.md"),
        &[
            ("reports/src/check/stolen.rs", "//! S.\npub const NAME: &str = \"stolen\";\n"),
            ("docs/checks.md", "None.\n"),
        ],
        "reports/src/check/stolen.rs:2",
    );
}

#[test]
fn every_fault_is_described() {
    enforce(
        |tree| described(tree, "harness/src/fault/", "Kind { name: \"", "docs/scenario.md"),
        &[("harness/src/fault/flap.rs", "//! F.\n    Kind { name: \"flap\" };\n"), ("docs/scenario.md", "None.\n")],
        "harness/src/fault/flap.rs:2",
    );
}

#[test]
fn every_command_is_in_the_readme() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            let path = "harness/src/cli/mod.rs";
            let commands = tree.lines(path).skip_while(|(_, line)| !line.starts_with("enum Command"));
            for (number, line) in commands.skip(1).take_while(|(_, line)| !line.starts_with('}')) {
                let variant = line.strip_prefix("    ").filter(|rest| rest.starts_with(char::is_uppercase));
                let Some(variant) = variant.and_then(|rest| rest.split([' ', '(', ',']).next()) else { continue };
                let command = format!("`harness {}", variant.to_lowercase());
                if !tree.text("README.md").contains(&command) {
                    found.add(path, number, format!("README.md does not say what {command}` does"));
                }
            }
            found
        },
        &[("harness/src/cli/mod.rs", "enum Command {\n    /// Runs.\n    Run(Options),\n}\n"), ("README.md", "")],
        "harness/src/cli/mod.rs:3",
    );
}

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
fn text_names_no_host_but_those_that_everybody_can_reach() {
    enforce(
        |tree| {
            let mut found = Violations::default();
            for (path, number, line) in tree.all_lines() {
                for (scheme, rest) in
                    line.match_indices("://").map(|(at, sign)| (&line[..at], &line[at + sign.len()..]))
                {
                    let host = rest.split(|letter: char| !(letter.is_alphanumeric() || ".-".contains(letter))).next();
                    let host = host.unwrap_or_default();
                    let is_known = host.is_empty() || host.ends_with(".example") || HOSTS.contains(&host);
                    if !is_known && ["http", "https"].iter().any(|web| scheme.ends_with(web)) {
                        found.add(path, number, format!("{host} is not on the list of hosts"));
                    }
                }
            }
            found
        },
        &[("Cargo.lock", concat!("source = \"registry+https", "://mirror.internal/crates\"\n"))],
        "Cargo.lock:1",
    );
}

#[test]
fn text_names_no_folder_of_one_machine() {
    // In pieces, so that this file does not break its own rule.
    const HOMES: [&str; 4] =
        [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];
    enforce(
        |tree| {
            let mut found = Violations::default();
            for (path, number, line) in tree.all_lines() {
                for home in HOMES {
                    let starts_here = |(at, _): (usize, &str)| {
                        !line[..at].ends_with(|c: char| c.is_alphanumeric() || "_-.}".contains(c))
                    };
                    if line.match_indices(home).any(starts_here) {
                        found.add(path, number, format!("{home} is a folder of one machine"));
                    }
                }
            }
            found
        },
        &[("docs/notes.md", concat!("# Notes\nSee /wo", "rk/notes.\n"))],
        "docs/notes.md:2",
    );
}

#[test]
fn nothing_pretends_to_be_finished() {
    const UNFINISHED: [&str; 4] =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("todo", "!("), concat!("unimplemented", "!(")];
    const IGNORED: &str = concat!("#[ign", "ore");
    enforce(
        |tree| {
            let mut found = Violations::default();
            for path in tree.rust() {
                for (number, line) in tree.lines(path) {
                    for word in UNFINISHED.iter().filter(|word| line.contains(**word)) {
                        found.add(path, number, format!("`{word}` marks what is not finished"));
                    }
                    // A test that another one runs in a process of its own is not left out.
                    if line.contains(IGNORED) && !line.contains(&format!("{IGNORED} = \"run by ")) {
                        found.add(path, number, "leaves a test out");
                    }
                }
            }
            found
        },
        &[("harness/src/new.rs", concat!("//! New.\nfn new() { todo", "!() }\n"))],
        "harness/src/new.rs:2",
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

#[test]
fn no_module_is_called_after_nothing_in_particular() {
    const EMPTY_NAMES: [&str; 9] =
        ["utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "shared"];
    enforce(
        |tree| {
            let mut found = Violations::default();
            for path in tree.rust() {
                if path.split(['/', '.']).any(|part| EMPTY_NAMES.contains(&part)) {
                    found.add(path, 1, "name it after what lives in it");
                }
                for (number, line) in tree.lines(path) {
                    let line = line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ");
                    let module = line.strip_prefix("mod ").map(|rest| rest.trim_end_matches([' ', '{', ';']));
                    if module.is_some_and(|module| EMPTY_NAMES.contains(&module)) {
                        found.add(path, number, "name it after what lives in it");
                    }
                }
            }
            found
        },
        &[("harness/src/lib.rs", "//! Lib.\nmod utils;\n")],
        "harness/src/lib.rs:2",
    );
}

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

/// A source tree: all its paths, relative to its root, and the text of those that are text.
#[derive(Default)]
struct Tree {
    paths: BTreeSet<String>,
    texts: BTreeMap<String, String>,
}

impl Tree {
    fn of(files: &[(&str, &str)]) -> Self {
        let texts: BTreeMap<_, _> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        Self { paths: texts.keys().cloned().collect(), texts }
    }

    /// The workspace without what is built or downloaded: what `.gitignore` names as folders.
    fn on_disk() -> Self {
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

    fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    fn has_folder(&self, path: &str) -> bool {
        let prefix = format!("{}/", path.trim_end_matches('/'));
        self.paths.iter().any(|path| path.starts_with(&prefix))
    }

    fn text(&self, path: &str) -> &str {
        self.texts.get(path).map_or("", String::as_str)
    }

    fn lines(&self, path: &str) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text(path).lines())
    }

    fn all_lines(&self) -> impl Iterator<Item = (&str, usize, &str)> {
        self.texts
            .iter()
            .flat_map(|(path, text)| (1..).zip(text.lines()).map(move |(number, line)| (path.as_str(), number, line)))
    }

    fn rust(&self) -> impl Iterator<Item = &String> {
        self.texts.keys().filter(|path| path.ends_with(".rs"))
    }

    fn scenarios(&self) -> impl Iterator<Item = &String> {
        self.texts.keys().filter(|path| path.starts_with("scenarios/") && path.ends_with(".toml"))
    }

    fn guides(&self) -> impl Iterator<Item = &String> {
        self.texts.keys().filter(|path| is_markdown(path) && (path.starts_with("docs/") || *path == "README.md"))
    }

    /// Lines of Rust code in `src/` folders, up to the tests beside it; modules of tests are left out.
    fn code(&self) -> impl Iterator<Item = (&str, usize, &str)> {
        let tests = self.test_modules();
        let is_code =
            move |path: &&String| path.contains("/src/") && !tests.iter().any(|module| path.starts_with(module));
        self.rust().filter(is_code).flat_map(|path| {
            let text = self.text(path);
            let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
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
    fn registry(&self, path: &str, name: &str) -> String {
        let declared = self.text(path).split(&format!(" {name}: &")).nth(1).unwrap_or_default();
        declared.split("];").next().unwrap_or_default().to_owned()
    }
}

fn described(tree: &Tree, folder: &str, before_name: &str, guide: &str) -> Violations {
    let mut found = Violations::default();
    let mut count = 0;
    for (path, number, line) in tree.code().filter(|(path, ..)| path.starts_with(folder)) {
        let Some(name) = line.split(before_name).nth(1).and_then(|rest| rest.split('"').next()) else { continue };
        count += 1;
        if !tree.text(guide).contains(&format!("\n| `{name}` |")) {
            found.add(path, number, format!("{guide} has no row for `{name}`"));
        }
    }
    if count == 0 {
        found.add(folder, 1, format!("nothing here has a name that {guide} could describe"));
    }
    found
}

fn names(line: &str, name: &str) -> bool {
    line.match_indices(name)
        .any(|(at, _)| !line[at + name.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

fn is_markdown(path: &str) -> bool {
    path.ends_with(".md")
}

fn folder_of(path: &String) -> Option<&str> {
    path.rfind('/').map(|at| &path[..=at])
}

/// What a module is called: its file without the ending, or its folder.
fn stem(path: &str) -> &str {
    let path = path.trim_end_matches("/mod.rs").trim_end_matches(".rs");
    path.rsplit('/').next().unwrap_or(path)
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
