//! What differs between two runs: on the console, in Markdown and on a page.

use crate::html::assert_balanced;
use crate::sample::{self, HOSTILE};
use reports::compare::{Change, CompareVerdict, Differing, Rerun, RunComparison, compare, confirm};
use reports::facts::ScenarioFacts;
use reports::judge::Judged;
use reports::render::console::{self, Style};
use reports::render::write_comparison;
use std::collections::BTreeMap;

/// The failover, each system twice, and of a scenario that is known.
fn run() -> Judged {
    let mut judged = sample::repeated();
    let given = BTreeMap::from([("workload.producers".to_owned(), "2".to_owned())]);
    judged.result.run.scenario = ScenarioFacts { given, ..ScenarioFacts::default() };
    judged
}

/// Another run of it, in which Redis is five times as slow and loses messages.
fn slow() -> Judged {
    let mut judged = run();
    judged.result.run.id = "8d2f10".to_owned();
    judged.result.run.versions.insert("harness".to_owned(), "0.2.0".to_owned());
    for trial in judged.result.trials.iter_mut().filter(|trial| trial.system == "redis") {
        let latency = &mut trial.latency_ns.service;
        (latency.p50, latency.p99, latency.p99_9) = (latency.p50 * 5, latency.p99 * 5, latency.p99_9 * 5);
        trial.counts.lost = 40;
    }
    judged.result.run.scenario.compare.run_to_run = Some(0.0);
    judged
}

fn regression() -> RunComparison {
    compare(&run(), &slow(), Differing::Refuse)
}

fn refused() -> RunComparison {
    let mut other = slow();
    other.result.run.scenario.given.insert("workload.producers".to_owned(), "3".to_owned());
    compare(&run(), &other, Differing::Refuse)
}

fn hostile() -> RunComparison {
    let mut judged = sample::hostile();
    judged.result.run.scenario = run().result.run.scenario;
    let mut other = judged.clone();
    other.result.run.scenario.given.insert(HOSTILE.to_owned(), HOSTILE.to_owned());
    other.result.scenario.name = HOSTILE.to_owned();
    other.result.run.versions.insert(HOSTILE.to_owned(), "other".to_owned());
    compare(&judged, &other, Differing::Anyway)
}

/// The three files of a comparison.
fn files(comparison: &RunComparison) -> (String, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("compare");
    write_comparison(comparison, &place).expect("written");
    let read = |name: &str| std::fs::read_to_string(place.join(name)).expect(name);
    (read("compare.json"), read("compare.md"), read("compare.html"))
}

#[test]
fn a_regression_on_the_console() {
    let comparison = regression();
    assert_eq!(comparison.verdict, CompareVerdict::Regression, "{}", comparison.why);
    insta::assert_snapshot!(console::differences(&comparison, Style::Plain));
}

#[test]
fn runs_that_cannot_be_compared_on_the_console() {
    insta::assert_snapshot!(console::differences(&refused(), Style::Plain));
}

#[test]
fn a_regression_in_markdown() {
    insta::assert_snapshot!(files(&regression()).1);
}

#[test]
fn no_line_of_the_console_is_wider_than_eighty_columns() {
    for comparison in [regression(), refused(), hostile()] {
        for line in console::differences(&comparison, Style::Plain).lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn the_file_for_programmes_reads_back_as_it_was() {
    for comparison in [regression(), refused(), hostile()] {
        let read: RunComparison = serde_json::from_str(&files(&comparison).0).expect("a comparison");
        assert_eq!(read, comparison);
    }
}

#[test]
fn every_row_has_as_many_cells_as_its_heading_and_no_text_leaves_its_cell() {
    for comparison in [regression(), refused(), hostile()] {
        let (_, markdown, _) = files(&comparison);
        for table in markdown.split("\n\n").filter(|part| part.starts_with('|')) {
            let cells = |line: &str| line.replace("\\|", "").matches('|').count();
            let heading = table.lines().next().map(cells);
            assert!(table.lines().all(|line| Some(cells(line)) == heading), "{table}");
        }
        assert!(!markdown.contains("<script") && !markdown.contains('\u{1b}'), "{markdown}");
    }
}

#[test]
fn the_page_is_whole_needs_nothing_else_and_names_every_answer() {
    for comparison in [regression(), refused(), hostile()] {
        let (_, _, page) = files(&comparison);
        assert_balanced(&page);
        for foreign in ["<script", "<link", "<img", "@import", "url(", " href="] {
            assert!(!page.contains(foreign), "{foreign}");
        }
        for (_, found) in comparison.differences() {
            assert!(page.contains(found.change.word()), "{}", found.change.word());
        }
        for table in page.split("<table").skip(1) {
            assert!(table.contains("scope=\"col\"") && table.contains("scope=\"row\""));
        }
    }
}

#[test]
fn what_was_run_again_is_in_the_answer() {
    let (base, judged) = (run(), slow());
    let rerun = Rerun { controls: vec![run(), run()], candidates: vec![run()] };
    let comparison = confirm(regression(), &base, &judged, &rerun, Differing::Refuse);
    assert_eq!(comparison.with(Change::Worse).count(), 0);
    let shown = console::differences(&comparison, Style::Plain);
    assert!(shown.starts_with("NOTHING CONFIRMED"), "{shown}");
}
