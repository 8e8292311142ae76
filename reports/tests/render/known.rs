//! Failures that are known: shown everywhere with their issue, and counted nowhere.

use crate::sample;
use reports::facts::KnownFailure;
use reports::judge::Judged;
use reports::render::console::{Style, summary};
use reports::render::{Renderer as _, html::Html, junit::Junit, markdown::Markdown};
use reports::result::{KnownFailureResult, KnownStanding, Verdict};
use roxmltree::Document;

const ISSUE: &str = "https://tracker.example/17?a=1&b=<2>";

/// The failover whose one failure is known, and a known failure that passed.
pub(crate) fn judged() -> Judged {
    let mut judged = sample::failover();
    let entry = |check: &str| KnownFailure {
        check: check.to_owned(),
        system: None,
        fault: None,
        issue: ISSUE.to_owned(),
        until: Some("2026-12-31".to_owned()),
        reason: Some("the client <waits> too long".to_owned()),
    };
    for trial in &mut judged.result.trials {
        for check in trial.checks.iter_mut().filter(|check| check.verdict == Verdict::Fail) {
            check.known = Some(entry(&check.name));
        }
        trial.verdict = Verdict::worst(trial.checks.iter().map(|check| check.counts_as()));
    }
    judged.result.verdict = Verdict::worst(judged.result.trials.iter().map(|trial| trial.verdict));
    let words = "known failure phantom passed: remove the entry".to_owned();
    judged.result.known = vec![KnownFailureResult { entry: entry("phantom"), standing: KnownStanding::Passed, words }];
    judged
}

#[test]
fn the_console_names_the_issue_and_says_that_it_does_not_count() {
    let text = summary(&judged(), Style::Plain);
    assert!(text.starts_with("PASS  ") && !text.contains("\nfail "), "{text}");
    assert!(text.contains("failed as known, which does not count"), "{text}");
    assert!(text.contains("\nknown    ") && text.contains("https://tracker.example/17"), "{text}");
    assert!(text.contains("! known failure phantom passed: remove the entry"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn the_markdown_has_a_mark_of_its_own() {
    let text = Markdown.render(&judged()).expect("rendered");
    assert!(text.contains("| 🔕 known | ") && text.contains("b=&lt;2&gt;"), "{text}");
    assert!(text.starts_with("## ✅ PASS") && text.contains("> known failure phantom passed"), "{text}");
}

#[test]
fn junit_skips_the_case_with_a_message() {
    let text = Junit.render(&judged()).expect("rendered");
    let document = Document::parse(&text).expect("JUnit is well-formed");
    let named = |tag: &'static str| document.descendants().filter(move |node| node.has_tag_name(tag));
    let skipped: Vec<_> = named("skipped").collect();
    assert_eq!((skipped.len(), named("failure").count(), named("error").count()), (1, 0, 0), "{text}");
    let message = skipped[0].attribute("message").expect("a message");
    assert!(message.contains(ISSUE) && message.contains("<waits>"), "{message}");
    assert!(text.contains("passed: remove the entry"), "{text}");
}

#[test]
fn the_page_shows_it_among_what_did_not_hold() {
    let text = Html.render(&judged()).expect("rendered");
    assert!(text.contains("</span>known</span>") && text.contains("b=&lt;2&gt;"), "the mark and the issue");
    assert!(text.contains("known failure phantom passed: remove the entry"));
    assert!(!text.contains("<waits>"));
}
