//! Figures over many runs: on the console, in Markdown and on a page.

use crate::html::assert_balanced;
use crate::sample::{self, HOSTILE};
use reports::render::console::{self, Style};
use reports::render::write_trend;
use reports::result::RunResult;
use reports::trend::{Trend, trend};
use unicode_width::UnicodeWidthStr as _;

/// Twelve nights of the failover; Redis is half as slow again in the last three, since its version changed.
fn nights() -> Vec<RunResult> {
    let night = |number: u64| {
        let mut run = sample::failover().result;
        run.run.id = format!("night-{number:02}");
        run.run.started = format!("2026-11-{:02}T02:00:00Z", number + 1);
        run.run.host.insert("cores".to_owned(), "2".to_owned());
        for trial in run.trials.iter_mut().filter(|trial| trial.system == "redis") {
            let service = &mut trial.latency_ns.service;
            service.p50 += number * 500;
            if number >= 9 {
                service.p50 = service.p50 * 3 / 2;
                trial.versions.insert("redis".to_owned(), "9.0.0".to_owned());
            }
        }
        run
    };
    (0..12).map(night).collect()
}

fn told(trend: &Trend) -> String {
    console::trend(trend, Style::Plain)
}

fn page(trend: &Trend) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    write_trend(trend, folder.path()).expect("written");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("it is there");
    serde_json::from_str::<Trend>(&read("trend.json")).expect("it can be read again");
    (read("trend.html"), read("trend.md"))
}

#[test]
fn a_slowdown_that_stays_is_told_with_the_version_that_came_with_it() {
    let trend = trend(&nights(), Vec::new());
    insta::assert_snapshot!(told(&trend));
    let (page, summary) = page(&trend);
    for text in [&page, &summary] {
        assert!(text.contains("1 confirmed change for the worse"), "{text}");
        assert!(text.contains("service p50 is worse since 2026-11-10"), "{text}");
        assert!(text.contains("9.0.0"), "{text}");
    }
    assert_balanced(&page);
}

#[test]
fn nothing_is_told_of_nights_that_are_alike() {
    let said = told(&trend(&nights()[..9], Vec::new()));
    assert!(said.starts_with("No figure changed for good in 2 trends of at most 9 runs."), "{said}");
}

#[test]
fn hostile_names_stay_text_and_lines_stay_short() {
    let mut runs = nights();
    for run in &mut runs {
        run.scenario.name = HOSTILE.to_owned();
        run.run.host.insert("cpu".to_owned(), HOSTILE.to_owned());
        run.trials[0].system = HOSTILE.to_owned();
    }
    let trend = trend(&runs, vec![HOSTILE.to_owned()]);
    let (page, _) = page(&trend);
    assert!(!page.contains("<script"));
    assert_balanced(&page);
    for line in told(&trend).lines() {
        assert!(line.width() <= 80 && !line.contains('\u{1b}'), "{line}");
    }
}

#[test]
fn no_run_makes_an_empty_page() {
    let (page, _) = page(&trend(&[], Vec::new()));
    assert!(page.contains("There is no run to show."));
}
