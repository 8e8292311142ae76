//! `harness list`: scenarios, systems, faults and checks, with one line each.

use super::table::TextTable;
use super::{Exit, answer, scenario_files};
use crate::broker::Broker;
use crate::fault::FAULTS;
use crate::scenario::question;
use std::path::{Path, PathBuf};

/// What it takes.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Where the scenarios are
    #[arg(default_value = "scenarios")]
    scenarios: PathBuf,
}

pub(super) fn list(options: &Options) -> Exit {
    let checks: Vec<(&str, &str)> = reports::check::CHECKS.iter().map(|check| (check.name, check.about)).collect();
    let listed = render(&options.scenarios, &scenarios(&options.scenarios), crate::broker::BROKERS, &checks);
    answer::print(listed.trim_end())
}

/// A scenario file and the question that its first line asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedScenario {
    /// Its path as `harness run` takes it.
    pub path: String,
    /// Its first comment line, without the `#`; empty where it has none.
    pub question: String,
}

/// The scenarios of a folder and of those below it. A folder that cannot be read has none.
pub fn scenarios(folder: &Path) -> Vec<ListedScenario> {
    let files = scenario_files::below(folder).unwrap_or_default().into_iter();
    files
        .map(|path| ListedScenario {
            question: std::fs::read_to_string(&path).map(|text| question(&text)).unwrap_or_default(),
            path: path.display().to_string(),
        })
        .collect()
}

/// The lists, as text. Scenarios are those of `folder`; checks are pairs of a name and a line.
pub fn render(
    folder: &Path,
    scenarios: &[ListedScenario],
    brokers: &[&'static dyn Broker],
    checks: &[(&str, &str)],
) -> String {
    let scenario_rows = scenarios.iter().map(|scenario| (scenario.path.as_str(), scenario.question.as_str()));
    let mut parts = vec![
        section("Scenarios", scenario_rows, &format!("none in {}", folder.display())),
        section("Systems", brokers.iter().map(|broker| (broker.kind(), broker.about())), "none"),
        section("Faults", FAULTS.iter().map(|fault| (fault.name, fault.about)), "none"),
    ];
    if !checks.is_empty() {
        parts.push(section("Checks", checks.iter().copied(), "none"));
    }
    parts.join("\n")
}

fn section<'r>(title: &str, rows: impl Iterator<Item = (&'r str, &'r str)>, none: &str) -> String {
    let mut table = TextTable::new(vec!["name".to_owned(), "what".to_owned()]);
    let mut count = 0;
    for (name, about) in rows {
        table.row(vec![name.to_owned(), about.to_owned()]);
        count += 1;
    }
    if count == 0 {
        return format!("{title}\n  {none}\n");
    }
    format!("{title}\n{}", table.render_rows())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_found_by_name_and_other_files_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("b.toml", "# B?\n"), ("a.toml", "# A?\n"), ("notes.md", "# no")] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let questions: Vec<String> = scenarios(folder.path()).into_iter().map(|listed| listed.question).collect();
        assert_eq!(questions, ["A?", "B?"]);
        assert_eq!(scenarios(&folder.path().join("absent")), []);
    }

    #[test]
    fn every_fault_has_its_line() {
        let text = render(Path::new("scenarios"), &[], &[], &[("lost", "acknowledged but never delivered")]);
        for fault in FAULTS {
            assert!(text.contains(fault.name) && text.contains(&fault.about[..20]), "{text}");
        }
        assert!(text.contains("none in scenarios"));
        assert!(text.contains("lost"));
    }
}
