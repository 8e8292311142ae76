//! Nights of scenarios: the index, the summary and JUnit, and that no text can leave its place in them.

use crate::sample;
use reports::compare::CompareVerdict;
use reports::night::{NIGHT_SCHEMA, Night, NightComparison, NightOutcome, NightScenario};
use reports::render::nights::{Links, ShownNight, index, junit, sentence, summary};
use roxmltree::Document;

const HOSTILE: &str = "<script>alert(1)</script>]]>|\u{1b}[31m\"&";

fn scenario(name: &str, outcome: NightOutcome, compared: Option<CompareVerdict>) -> NightScenario {
    NightScenario {
        name: name.to_owned(),
        title: HOSTILE.to_owned(),
        outcome,
        why: HOSTILE.to_owned(),
        fingerprint: Some(reports::result::Fingerprint::default()),
        compared: compared.map(|verdict| {
            let (base, why) = ("20261126T020000Z".to_owned(), HOSTILE.to_owned());
            NightComparison { base, verdict, why }
        }),
        accepted: false,
    }
}

fn night() -> Night {
    use CompareVerdict::{NothingConfirmed, Regression, Unknown};
    Night {
        schema: NIGHT_SCHEMA.to_owned(),
        id: "20261127T020000Z".to_owned(),
        started: "2026-11-27T02:00:00Z".to_owned(),
        ended: Some("2026-11-27T03:00:00Z".to_owned()),
        interrupted: false,
        scenarios: vec![
            scenario("same", NightOutcome::Pass, Some(NothingConfirmed)),
            scenario("first", NightOutcome::Pass, None),
            scenario("slower", NightOutcome::Pass, Some(Regression)),
            scenario("undecided", NightOutcome::Pass, Some(Unknown)),
            scenario("broken", NightOutcome::Fail, None),
            scenario("doubtful", NightOutcome::Unknown, None),
            scenario("no-engine", NightOutcome::Stopped, None),
            scenario("late", NightOutcome::NotTried, None),
        ],
    }
}

#[test]
fn a_night_is_told_in_one_sentence() {
    let told = sentence(&night());
    let expected = "8 scenarios: 1 failed, 1 regressed, 1 could not be carried out, 1 not tried, 2 unknown, 2 passed";
    assert_eq!(told, expected);
    assert!(sentence(&Night { ended: None, ..night() }).ends_with("; the night did not end"));
    assert!(sentence(&Night { interrupted: true, ..night() }).ends_with("; the night was interrupted"));
}

#[test]
fn the_index_has_one_row_a_scenario_and_links_only_where_something_is() {
    let mut links = vec![Links::default(); 8];
    links[2] = Links { report: Some("n/slower/report.html".to_owned()), compare: Some("n/slower/c.html".to_owned()) };
    let page = index(&[ShownNight { night: night(), links }]);
    assert_eq!((page.matches("<tr><td>").count(), page.matches("<a href=").count()), (8, 2));
    assert!(page.contains("href=\"n/slower/report.html\"") && page.contains("<h1><span class=\"badge fail\">"));
    assert!(!page.contains("<script") && !page.contains('\u{1b}') && page.contains("&lt;script&gt;"));
    assert!(page.contains("default-src 'none'"), "the page loads nothing");
    assert!(index(&[]).contains("no night"));
}

#[test]
fn the_summary_puts_what_failed_first_and_keeps_every_text_in_its_cell() {
    let text = summary(&night());
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ") && line.contains("**")).collect();
    assert_eq!(rows.len(), 8, "{text}");
    assert!(rows[..2].iter().all(|row| row.starts_with("| ❌ ")) && rows[7].starts_with("| ✅ pass"), "{text}");
    assert!(text.starts_with("## ❌ Night of 2026-11-27") && !text.contains("<script"), "{text}");
    let bars = |row: &str| row.replace("\\|", "").matches('|').count();
    assert!(rows.iter().all(|row| bars(row) == 5), "{text}");
}

#[test]
fn junit_fails_what_failed_or_regressed_and_errs_where_nothing_is_known() {
    let text = junit(&night(), &[sample::failover().result, sample::hostile().result]).expect("rendered");
    let document = Document::parse(&text).expect("JUnit is well-formed");
    let own = document.descendants().find(|node| node.attribute("name") == Some("nightly")).expect("the night's suite");
    let count = |tag: &str| own.descendants().filter(|node| node.has_tag_name(tag)).count();
    assert_eq!((count("testcase"), count("failure"), count("error")), (8, 2, 4), "{text}");
    let suites = document.descendants().filter(|node| node.has_tag_name("testsuite")).count();
    assert!(suites > 3, "those of the runs are in it: {text}");
    assert_eq!(document.descendants().filter(|node| node.has_tag_name("script")).count(), 0);
}
