//! Every wrong scenario is answered with its place, the reason and the way out, all errors at once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod brokers;

use brokers::REGISTRY;
use harness::scenario::{Overrides, ScenarioErrors, load, load_text};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use std::path::{Path, PathBuf};

const GOOD: &str = r#"
[workload]
rate = { constant = { per-second = 1000 } }

[[systems]]
name = "redis"
redis-streams = {}

[profile.ci]
phases = { load = "10s" }
"#;

fn report(errors: &dyn Diagnostic) -> String {
    let mut text = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(100)
        .with_links(false)
        .render_report(&mut text, errors)
        .unwrap();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad-scenarios")
}

/// Reads a file under the name that it has within its folder, so that snapshots hold no paths of a machine.
fn errors_of(path: &Path) -> ScenarioErrors {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    match std::fs::read_to_string(path) {
        Ok(text) => load_text(&name, &text, &Overrides::default(), REGISTRY).expect_err(&name),
        Err(_) => load(path, &Overrides::default(), REGISTRY).expect_err(&name),
    }
}

#[test]
fn every_wrong_file_is_reported_with_its_places_and_the_way_out() {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 20, "only {} wrong files", paths.len());
    for path in paths {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = report(&errors_of(&path)).replace(&format!("{}/", folder().display()), "");
        insta::assert_snapshot!(stem, text);
    }
}

#[test]
fn every_error_says_what_to_do() {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        for problem in errors_of(&path).problems {
            assert!(problem.help.is_some(), "{}: {problem}", path.display());
        }
    }
}

#[test]
fn what_is_no_readable_file_is_an_error_too() {
    let folder = tempfile::tempdir().unwrap();
    let message = |path: &Path| load(path, &Overrides::default(), REGISTRY).unwrap_err().problems[0].to_string();
    assert!(message(&folder.path().join("absent.toml")).ends_with("there is no such file"));
    assert!(message(folder.path()).ends_with("is a folder, not a scenario"));
    let large = folder.path().join("large.toml");
    std::fs::write(&large, vec![b'#'; 2 << 20]).unwrap();
    assert!(message(&large).ends_with("is larger than 1 MiB"));
}

fn overridden(overrides: &Overrides) -> String {
    report(&load_text("good.toml", GOOD, overrides, REGISTRY).unwrap_err())
}

fn set(assignments: &[&str]) -> Overrides {
    Overrides { set: assignments.iter().map(|text| (*text).to_owned()).collect(), ..Overrides::default() }
}

#[test]
fn errors_of_the_command_line_point_into_the_command_line() {
    let wrong = [
        "workload.prodcers=4",
        "workload.producers=0",
        "phases.load=20 parsecs",
        "systems.reddis.path=direct",
        "systems.7.path=direct",
        "systems.path=direct",
        "workload.message={ size = ",
        "no-assignment",
        "=5",
    ];
    insta::assert_snapshot!("set", overridden(&set(&wrong)));
}

#[test]
fn errors_of_variables_point_into_the_variable() {
    let variables = [
        ("HARNESS_WORKLOAD__PRODCERS", "4"),
        ("HARNESS_PHASES__LOAD", "20"),
        ("HARNESS_SYSTEMS__REDDIS__PATH", "direct"),
    ];
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    insta::assert_snapshot!("variables", overridden(&Overrides { variables, ..Overrides::default() }));
}

#[test]
fn an_unknown_profile_or_system_names_the_nearest() {
    let profile = Overrides { profile: Some("cl".to_owned()), ..Overrides::default() };
    let system = Overrides { systems: vec!["reddis".to_owned()], ..Overrides::default() };
    insta::assert_snapshot!("profile", overridden(&profile));
    insta::assert_snapshot!("system", overridden(&system));
}

#[test]
fn no_text_makes_the_reader_panic() {
    use proptest::prelude::*;
    let whole = include_str!("../../scenarios/failover.toml");
    let config = ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(from in 0..whole.len(), length in 0..40_usize, patch in "[\\[\\]{}=\",.a-z0-9\\n -]{0,6}")| {
        let to = (from + length).min(whole.len());
        prop_assume!(whole.is_char_boundary(from) && whole.is_char_boundary(to));
        let text = format!("{}{patch}{}", &whole[..from], &whole[to..]);
        if let Err(errors) = load_text("mangled.toml", &text, &Overrides::default(), REGISTRY) {
            prop_assert!(!errors.problems.is_empty());
            prop_assert!(!report(&errors).is_empty());
        }
    });
}
