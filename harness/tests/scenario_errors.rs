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

/// Named as seen from this package, where its tests run: errors are wrapped, and a longer path would wrap them otherwise.
fn folder() -> PathBuf {
    PathBuf::from("tests/bad-scenarios")
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

#[test]
fn how_a_file_is_encoded_is_told_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.toml");
    let read = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        load(&file, &Overrides::default(), REGISTRY)
    };
    let utf_16: Vec<u8> = GOOD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, what) in [
        ([b"\xff\xfe".as_slice(), &utf_16].concat(), "is in UTF-16, as its byte-order mark says"),
        (utf_16, "byte 1 is zero, as in UTF-16"),
        (b"title = \"fine\"\ntitel = \"\xe4\"\n".to_vec(), "byte 24, in line 2, is not UTF-8"),
        (Vec::new(), "is empty"),
        (b"\xef\xbb\xbf\n".to_vec(), "is empty"),
    ] {
        let problems = read(&bytes).unwrap_err().problems;
        let (message, help) = (problems[0].to_string(), problems[0].help.clone().unwrap_or_default());
        assert!(problems.len() == 1 && message.contains(what) && !help.is_empty(), "{message} {help}");
    }
    // The mark of UTF-8 says nothing, and moves nothing: places are those of the text.
    assert!(read(format!("\u{feff}{GOOD}").as_bytes()).is_ok());
    let wrong = format!("\u{feff}{}", GOOD.replace("rate =", "rte ="));
    let marked = report(&read(wrong.as_bytes()).unwrap_err());
    assert!(marked.contains(":3:"), "{marked}");
}

/// What real brokers and their clients would refuse only once they run.
#[test]
fn settings_that_cannot_work_together_are_errors_at_their_place() {
    let with = |system: &str, workload: &str| {
        let text = format!(
            "[workload]\nrate = {{ constant = {{ per-second = 10 }} }}\n{workload}\n[[systems]]\nname = \"system\"\n{system}\n"
        );
        load_text("file.toml", &text, &Overrides::default(), &harness::broker::REGISTRY)
    };
    for (system, workload, place, what) in [
        ("kafka = { acks = \"1\" }", "", "acks = \"1\"", "contradict each other"),
        ("kafka = { settings = { \"producer.acks\" = 1 } }", "", "producer.acks", "contradict each other"),
        ("kafka = { linger = \"30s\" }", "", "linger = ", "given up after 30000 ms"),
        (
            "kafka = { settings = { \"group.instance.id\" = \"me\" } }",
            "consumers = 2",
            "group.instance.id",
            "static member",
        ),
        ("kafka = { settings = { \"client.id\" = \"me\" } }", "", "client.id", "tells clients apart"),
        ("kafka = { settings = { \"server.listeners\" = \"A://:1\" } }", "", "server.listeners", "would bypass the"),
        ("redis-streams = { settings = { \"server.port\" = 1 } }", "", "server.port", "could not connect"),
        (
            "kafka = { settings = { \"message.max.bytes\" = 9999 } }",
            "message = { size = \"1MiB\" }",
            "message.max.bytes",
            "all be refused",
        ),
    ] {
        let errors = with(system, workload).expect_err(system);
        let shown = report(&errors);
        assert_eq!(errors.problems.len(), 1, "{shown}");
        assert!(shown.contains(what) && shown.contains(place) && shown.contains("file.toml:"), "{shown}");
        assert!(errors.problems[0].span.is_some() && errors.problems[0].help.is_some(), "{shown}");
    }
    for system in
        ["kafka = { acks = \"1\", idempotent = false }", "kafka = { settings = { \"group.protocol\" = \"consumer\" } }"]
    {
        assert!(with(system, "consumers = 2\npartitions = 2").is_ok(), "{system}");
    }
}

/// Of cores, what no machine has, and where nothing of ours runs on one.
#[test]
fn cores_that_cannot_be_had_are_errors_at_their_place() {
    let with = |client: &str, system: &str| {
        let text = format!(
            "[workload]\nrate = {{ constant = {{ per-second = 10 }} }}\n\n[client]\n{client}\n\n[[systems]]\nname = \"system\"\n{system}\n"
        );
        load_text("file.toml", &text, &Overrides::default(), &harness::broker::REGISTRY)
    };
    let external = "external = { address = \"10.0.0.5:6379\" }\npath = \"direct\"\nredis-streams = { cores = [0] }";
    for (client, system, place, what) in [
        ("", "redis-streams = { cores = [] }", ":9:27]", "names no core"),
        ("", "kafka = { cores = [1023] }", ":9:20]", "names core 1023, which this machine does not have"),
        ("", "kafka = { cores = [-1] }", ":9:20]", "cannot be -1"),
        ("", "redis-streams = { cores = 0 }", ":9:27]", "takes a list"),
        ("", external, ":11:27]", "is started by somebody else"),
        ("", "memory = { cores = [0] }", ":9:12]", "unknown key `systems.system.memory.cores`"),
        ("cores = [7, 7]", "redis-streams = {}", ":5:13]", "names core 7 twice"),
    ] {
        let errors = with(client, system).expect_err(system);
        let shown = report(&errors);
        assert_eq!(errors.problems.len(), 1, "{shown}");
        assert!(shown.contains(what) && shown.contains(place), "{shown}");
        assert!(errors.problems[0].help.is_some(), "{shown}");
    }
    let free = harness::environment::MachineCores::now().expect("told").allowed.numbers().next().expect("one");
    let ours = format!("cores = [{free}]");
    let shown = report(&with(&ours, "memory = {}").expect_err("threads"));
    assert!(shown.contains("the clients of `system` cannot be kept to cores") && shown.contains(":5:9]"), "{shown}");
    let kept = with(&ours, &format!("redis-streams = {{ {ours} }}")).expect("valid").scenario;
    let cores = harness::model::Cores::of([free]);
    assert_eq!((kept.client.cores, kept.systems[0].spec.limits().cores), (cores, cores));
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
