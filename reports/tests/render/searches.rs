//! A search on the console, in Markdown, as JSON and on a page.

use crate::html::assert_balanced;
use crate::sample;
use reports::render::console::{self, Style};
use reports::render::write_search;
use reports::search::Search;
use roxmltree::Document;

#[test]
fn the_console_says_what_holds_what_did_not_and_what_was_at_its_limit_in_80_columns() {
    let told = console::search(&sample::search::search("redis"), Style::Plain);
    assert!(told.starts_with("UNKNOWN Highest sustained rate: redis "), "{told}");
    for part in [
        "kafka at least ",
        " on a machine whose speed changed",
        "took 975 µs of CPU time at one time, and 2.01 ms at another",
        "stopped unknown",
        "2 searches, each from the beginning, found",
        "did not hold: of what was due",
        "the harness was at its limit there",
    ] {
        assert!(told.replace("\n  ", " ").replace('\n', " ").contains(part), "{part}: {told}");
    }
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
}

#[test]
fn a_rate_beyond_the_answer_of_which_nobody_knows_is_not_told_as_one_that_did_not_hold() {
    let mut search = sample::search::search("redis");
    for found in search.systems.iter_mut().flat_map(|system| &mut system.walks).filter_map(|walk| walk.found.as_mut()) {
        found.limited_by = None;
    }
    let told = console::search(&search, Style::Plain).replace("\n  ", " ").replace('\n', " ");
    assert!(
        told.contains("is not known to hold: of what was due") && !told.contains("did not hold: of what"),
        "{told}"
    );
}

#[test]
fn the_page_has_a_chart_for_each_system_that_was_measured_and_a_link_for_each_step() {
    let (search, folder) = (sample::search::search("redis"), tempfile::tempdir().expect("a folder"));
    write_search(&search, folder.path()).expect("written");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("read");
    let page = read("search.html");
    assert_balanced(&page);
    let steps: usize = search.systems.iter().flat_map(|system| &system.walks).map(|walk| walk.steps.len()).sum();
    assert_eq!(page.matches("report.html").count(), steps);
    let svgs: Vec<&str> = page.split("<svg ").skip(1).collect();
    assert_eq!(svgs.len(), 4, "two systems, each for a desk and for a phone");
    for svg in svgs {
        let svg = format!("<svg {}</svg>", &svg[..svg.find("</svg>").expect("it ends")]);
        let drawn = Document::parse(&svg).expect("XML");
        assert!(
            drawn
                .descendants()
                .any(|node| node.has_tag_name("desc") && node.text().is_some_and(|text| !text.is_empty()))
        );
    }
    let again: Search = serde_json::from_str(&read("search.json")).expect("as it was written");
    assert_eq!(again, search);
}

#[test]
fn no_text_leaves_its_place() {
    let (search, folder) = (sample::search::search(sample::HOSTILE), tempfile::tempdir().expect("a folder"));
    write_search(&search, folder.path()).expect("written");
    for name in ["search.html", "search.md"] {
        let text = std::fs::read_to_string(folder.path().join(name)).expect("read");
        assert!(!text.contains("<script") && !text.contains('\u{1b}'), "{name}");
    }
    assert!(!console::search(&search, Style::Plain).contains('\u{1b}'));
}
