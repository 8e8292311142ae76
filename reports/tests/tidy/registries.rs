//! Things that are listed: each in a file and a row of its own, and described where a reader looks.

use crate::Violations;
use crate::enforce;
use crate::tree::{Tree, stem};
use std::collections::BTreeMap;

/// Where each kind of thing is registered: its folder, the line that makes one, the file with the registry, the
/// registry's name, and what its row must hold (`{}` is the file's name, without its ending).
const REGISTRIES: &[(&str, &str, &str, &str, &str)] = &[
    ("reports/src/check/", "pub fn judge(", "reports/src/check/mod.rs", "CHECKS", "judge: {}::judge"),
    ("reports/src/render/chart/", "impl Chart for ", "reports/src/render/chart/mod.rs", "CHARTS", "&{}::"),
    ("reports/src/render/", "impl Renderer for ", "reports/src/render/mod.rs", "RENDERERS", "&{}::"),
    ("reports/src/history/", "impl HistoryTable for ", "reports/src/history/mod.rs", "TABLES", ""),
    ("harness/src/fault/", "const SPEC: FaultSpec", "harness/src/fault/mod.rs", "FAULTS", "{}::SPEC"),
    ("harness/src/broker/", "impl Broker for ", "harness/src/broker/mod.rs", "BROKERS", "&{}::"),
    ("harness/src/broker/client/", "impl ClientKind for ", "harness/src/broker/client/mod.rs", "CLIENTS", "&{}::"),
];

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
            ("harness/src/fault/mod.rs", "pub const FAULTS: &[FaultSpec] = &[\n    down::SPEC,\n];\n"),
            ("harness/src/fault/flap.rs", "//! Flaps.\npub(super) const SPEC: FaultSpec =\n"),
        ],
        "harness/src/fault/flap.rs:2",
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
        |tree| described(tree, "harness/src/fault/", "const NAME: &str = \"", "docs/scenario.md"),
        &[("harness/src/fault/flap.rs", "//! F.\nconst NAME: &str = \"flap\";\n"), ("docs/scenario.md", "None.\n")],
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
