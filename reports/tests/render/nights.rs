//! Nights of scenarios: the index, the summary and JUnit, and that no text can leave its place in them.

use crate::sample;
use crate::sample::nights::night;
use reports::night::Night;
use reports::render::nights::{Links, ShownNight, index, junit, sentence, several, summary};
use roxmltree::Document;

#[test]
fn a_night_is_told_in_one_sentence() {
    let told = sentence(&night());
    let expected = "8 scenarios: 1 failed, 1 regressed, 1 could not be carried out, 1 not tried, 2 unknown, 2 passed";
    assert_eq!(told, expected);
    assert!(sentence(&Night { ended: None, ..night() }).ends_with("; the night has not ended"));
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
fn a_run_of_several_scenarios_has_one_row_for_each_and_no_comparison_where_none_was_made() {
    let mut run = ShownNight { night: night(), links: vec![Links::default(); 8] };
    run.links[4].report = Some("broken/report.html".to_owned());
    let page = several(&run);
    assert_eq!((page.matches("<tr><td>").count(), page.matches("<a href=").count()), (8, 1));
    assert!(page.contains("1 failed") && page.contains("Compared with its baseline"));
    assert!(!page.contains("<script") && !page.contains('\u{1b}') && page.contains("&lt;script&gt;"));
    run.night.interrupted = true;
    run.night.scenarios.iter_mut().for_each(|scenario| scenario.compared = None);
    let page = several(&run);
    assert!(page.contains("the run was interrupted") && !page.contains("Compared with"));
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
