//! The plan of a scenario and the dry run that prints it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod brokers;

use brokers::REGISTRY;
use harness::cli::{list, plan as dry_run};
use harness::plan::Plan;
use harness::scenario::{Loaded, Overrides, load, load_text};
use std::path::{Path, PathBuf};

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
    let text = dry_run::render(&failover, &Plan::of(&failover.scenario), dry_run::Origins::Shown);
    insta::assert_snapshot!("plan_failover", text);
    let whole = whole();
    let text = dry_run::render(&whole, &Plan::of(&whole.scenario), dry_run::Origins::Hidden);
    insta::assert_snapshot!("plan_whole", text);
}

#[test]
fn no_line_of_the_dry_run_is_longer_than_a_hundred_characters() {
    for path in own_scenarios() {
        let loaded = load(&path, &Overrides::default(), &harness::broker::REGISTRY).unwrap();
        let text = dry_run::render(&loaded, &Plan::of(&loaded.scenario), dry_run::Origins::Shown);
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
