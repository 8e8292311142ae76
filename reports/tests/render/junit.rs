//! `junit.xml`.

use crate::sample;
use reports::judge::Judged;
use reports::render::Renderer as _;
use reports::render::junit::Junit;
use reports::result::Verdict;
use roxmltree::Document;

fn rendered(judged: &Judged) -> String {
    Junit.render(judged).expect("checks can be written as JUnit")
}

fn count(document: &Document<'_>, tag: &str) -> usize {
    document.descendants().filter(|node| node.has_tag_name(tag)).count()
}

#[test]
fn a_failover_in_junit() {
    insta::assert_snapshot!(rendered(&sample::failover()));
}

#[test]
fn an_unknown_check_is_an_error_and_a_failed_one_a_failure() {
    let text = rendered(&sample::interrupted());
    let document = Document::parse(&text).expect("JUnit is well-formed");
    assert_eq!((count(&document, "error"), count(&document, "failure")), (9, 0));
    let text = rendered(&sample::failover());
    let document = Document::parse(&text).expect("JUnit is well-formed");
    assert_eq!((count(&document, "error"), count(&document, "failure")), (0, 1));
    assert_eq!(count(&document, "testcase"), 18);
}

#[test]
fn a_run_that_shows_nothing_does_not_pass() {
    for judged in [sample::nothing(), sample::empty()] {
        let text = rendered(&judged);
        let document = Document::parse(&text).expect("JUnit is well-formed");
        assert_eq!(count(&document, "error"), 1, "{text}");
    }
}

#[test]
fn a_verdict_that_no_check_explains_does_not_pass() {
    let mut judged = sample::failover();
    judged.result.trials[0].verdict = Verdict::Unknown;
    let text = rendered(&judged);
    assert!(
        text.contains("the trial&apos;s verdict is worse than any check&apos;s")
            || text.contains("worse than any check"),
        "{text}"
    );
}

#[test]
fn checks_of_one_name_are_told_apart() {
    let mut judged = sample::baseline();
    let checks = &mut judged.result.trials[2].checks;
    let mut other = checks.last().expect("the sample has a latency check").clone();
    other.limit = "service p99 ≤ 10.0 ms".to_owned();
    checks.push(other);
    let text = rendered(&judged);
    assert!(text.contains("latency response p99") && text.contains("latency service p99"), "{text}");
}

#[test]
fn hostile_texts_stay_text() {
    let text = rendered(&sample::hostile());
    let document = Document::parse(&text).expect("JUnit is well-formed");
    assert_eq!(count(&document, "script"), 0);
    assert_eq!(count(&document, "testcase"), 18);
}

#[test]
fn a_reader_of_junit_counts_the_same_whatever_texts_hold() {
    for judged in [sample::failover(), sample::interrupted(), sample::baseline(), sample::hostile(), sample::nothing()]
    {
        let text = rendered(&judged);
        let read = junit_parser::from_reader(text.as_bytes()).expect("a reader of JUnit takes it");
        let document = Document::parse(&text).expect("JUnit is well-formed");
        let cases = read.suites.iter().map(|suite| suite.cases.len()).sum::<usize>();
        assert_eq!(cases, count(&document, "testcase"));
        assert_eq!(read.failures as usize, count(&document, "failure"));
        assert_eq!(read.errors as usize, count(&document, "error"));
        assert_eq!(read.skipped as usize, count(&document, "skipped"));
    }
}
