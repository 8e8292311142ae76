//! The plan of a scenario and the dry run that prints it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod brokers;

use brokers::REGISTRY;
use harness::cli::{list, plan as dry_run};
use harness::plan::Plan;
use harness::scenario::{Loaded, Overrides, load_cells, load_text};
use std::path::{Path, PathBuf};

/// When the dry runs are.
const NOW: &str = "2026-06-15T12:00:00Z";

fn whole() -> Loaded {
    load_text("whole.toml", include_str!("whole.toml"), &Overrides::default(), REGISTRY).unwrap()
}

fn own_scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    list::scenarios(&folder).into_iter().map(|listed| listed.path.into()).collect()
}

#[test]
fn trials_are_interleaved_over_repeats() {
    let plan = Plan::of(&whole().scenario);
    let order: Vec<(&str, u32)> = plan.trials.iter().map(|trial| (trial.name.as_str(), trial.repeat)).collect();
    assert_eq!(order, [("redis", 1), ("kafka", 1), ("redis", 2), ("kafka", 2)]);
}

#[test]
fn the_dry_run_shows_timeline_systems_fairness_returns_and_origins() {
    let failover = load_text(
        "scenarios/failover.toml",
        include_str!("../../scenarios/failover.toml"),
        &Overrides::default(),
        REGISTRY,
    )
    .unwrap();
    let text = dry_run::render(&failover, &Plan::of(&failover.scenario), dry_run::Origins::Shown, NOW);
    insta::assert_snapshot!("plan_failover", text);
    let whole = whole();
    let text = dry_run::render(&whole, &Plan::of(&whole.scenario), dry_run::Origins::Hidden, NOW);
    insta::assert_snapshot!("plan_whole", text);
}

#[test]
fn the_dry_run_says_that_the_warm_up_climbs_and_when_it_settles() {
    let failover = include_str!("../../scenarios/failover.toml");
    let text = failover.replace("[phases]\n", "[phases]\nramp-up = true\nsettle = \"1s\"\n");
    let loaded = load_text("failover.toml", &text, &Overrides::default(), REGISTRY).unwrap();
    let shown = dry_run::render(&loaded, &Plan::of(&loaded.scenario), dry_run::Origins::Hidden, NOW);
    for part in ["warmup 3s (ramping up, its last 1s silent)", "let what waits be answered"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn the_dry_run_shows_which_failures_are_known_and_which_of_them_have_expired() {
    let entry = |keys: &str| format!("\n[[known]]\n{keys}\n");
    let entries = [
        entry("check = \"lost\"\nsystem = \"redis\"\nissue = \"ISSUE-17\"\nuntil = 2026-06-15\nreason = \"waits\""),
        entry("check = \"reconnected\"\nfault = \"down-1\"\nissue = \"ISSUE-18\"\nuntil = 2026-06-14"),
        entry("check = \"corrupted\"\nissue = \"ISSUE-19\""),
    ];
    let failover = include_str!("../../scenarios/failover.toml");
    let shown = |text: &str| {
        let loaded = load_text("failover.toml", text, &Overrides::default(), REGISTRY).unwrap();
        dry_run::render(&loaded, &Plan::of(&loaded.scenario), dry_run::Origins::Hidden, NOW)
    };
    assert!(!shown(failover).contains("Known failures"));
    let text = shown(&format!("{failover}{}", entries.concat()));
    let row = |issue: &str| {
        let line = text.lines().find(|line| line.contains(issue)).unwrap_or_else(|| panic!("no {issue}:\n{text}"));
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("ISSUE-17"), "lost redis any 2026-06-15 ISSUE-17");
    assert_eq!(row("ISSUE-18"), "reconnected any down-1 2026-06-14: has expired, excuses nothing ISSUE-18");
    assert_eq!(row("ISSUE-19"), "corrupted any any no end ISSUE-19");
    assert_eq!(row("waits"), "waits");
}

#[test]
fn no_line_of_the_dry_run_is_longer_than_a_hundred_characters() {
    for path in own_scenarios() {
        let all = load_cells(&path, &Overrides::default(), &harness::broker::REGISTRY).unwrap();
        let text = dry_run::render_all(&all, dry_run::Origins::Shown, NOW);
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}

#[test]
fn the_list_names_everything() {
    let question = "Who recovers faster?".to_owned();
    let scenarios = [list::ListedScenario { path: "scenarios/failover.toml".to_owned(), question }];
    let text = list::render(
        Path::new("scenarios"),
        &scenarios,
        REGISTRY.brokers,
        &[("lost", "acknowledged but never delivered")],
    );
    for name in ["failover.toml", "redis-streams", "kafka", "down", "reset-peer", "lost"] {
        assert!(text.contains(name), "{name} is not in\n{text}");
    }
}
