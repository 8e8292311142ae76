//! `report.html`.

use crate::sample;
use reports::judge::Judged;
use reports::render::Renderer as _;
use reports::render::html::Html;
use reports::result::Verdict;
use reports::units::Nanos;
use roxmltree::Document;

fn rendered(judged: &Judged) -> String {
    Html.render(judged).expect("a page can be made")
}

fn svgs(page: &str) -> Vec<&str> {
    let begins = page.match_indices("<svg ").map(|(begin, _)| begin);
    begins.map(|begin| &page[begin..begin + page[begin..].find("</svg>").expect("an svg ends") + 6]).collect()
}

/// Tags that are opened must be closed in order; `br` and `meta` have no end.
pub(crate) fn assert_balanced(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    let body = &page[page.find("<html").expect("a page has html")..];
    for tag in body.split('<').skip(1).filter_map(|part| part.split_once('>')).map(|(tag, _)| tag) {
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "a wrong tag is closed");
        } else if !tag.ends_with('/') && !["br", "meta"].contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

#[test]
fn a_figure_stands_above_where_it_lies() {
    let page = rendered(&sample::failover());
    assert!(page.contains("class=\"interval\"") && page.contains("lies with 95 % confidence"));
    let mut plain = sample::failover();
    plain.result.trials.iter_mut().for_each(|trial| trial.intervals.clear());
    let page = rendered(&plain);
    assert!(!page.contains("class=\"interval\"") && !page.contains("lies with 95 %"));
}

#[test]
fn the_page_answers_first_and_explains_later() {
    let page = rendered(&sample::failover());
    let order = [
        "fail</span>",
        "Who recovers faster",
        "1 of 18 checks failed: reconnected on kafka",
        "Side by side",
        "heal → steady",
        "latency-over-time-title",
        "reconnect-timeline-title",
        "way back",
        "its backoff allowed between",
        "Fairness",
        "before down-1",
        "CPU per million messages",
        "librdkafka 2.12.1",
        "What the words mean",
    ];
    let mut from = 0;
    for words in order {
        from += page[from..].find(words).unwrap_or_else(|| panic!("{words:?} does not follow in its place"));
    }
}

#[test]
fn the_page_needs_nothing_else() {
    for judged in [sample::failover(), sample::baseline(), sample::hostile()] {
        let page = rendered(&judged);
        for foreign in ["<script", "<link", "<img", "<iframe", "@import", "url(", " src=\"h"] {
            let found = page.find(foreign).map(|at| &page[at..(at + 80).min(page.len())]);
            assert!(found.is_none(), "{foreign} in the page: {found:?}");
        }
        let leads = page.split(" href=\"").skip(1);
        assert!(leads.into_iter().all(|place| place.starts_with('#')), "a link leads out of the page");
        assert!(page.contains("default-src 'none'"));
    }
}

#[test]
fn every_tag_is_closed_whatever_texts_hold() {
    for judged in [
        sample::failover(),
        sample::interrupted(),
        sample::baseline(),
        sample::hostile(),
        sample::empty(),
        sample::nothing(),
    ] {
        assert_balanced(&rendered(&judged));
    }
}

#[test]
fn charts_are_inlined_with_ids_of_their_own() {
    let page = rendered(&sample::failover());
    let svgs = svgs(&page);
    assert_eq!(svgs.len(), 16, "each chart is drawn for a wide page and for a phone");
    let mut ids: Vec<String> = Vec::new();
    for svg in svgs {
        let document = Document::parse(svg).expect("an inlined chart is XML");
        ids.extend(document.descendants().filter_map(|node| node.attribute("id")).map(str::to_owned));
    }
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id stands twice");
}

#[test]
fn a_chart_without_data_says_so() {
    let page = rendered(&sample::baseline());
    assert!(page.contains("No connection was lost and no attempt failed."));
    assert!(page.contains("No fault was injected."));
}

#[test]
fn the_winner_is_marked_only_where_speed_can_be_judged() {
    assert!(rendered(&sample::failover()).contains("class=\"best\""));
    let interrupted = rendered(&sample::interrupted());
    assert!(!interrupted.contains("class=\"best\""), "one of two systems cannot be judged, so nobody wins");
    assert!(interrupted.contains("class=\"doubtful\""));
}

#[test]
fn what_did_not_hold_is_told_at_the_top_with_why_and_leads_to_its_row() {
    let page = rendered(&sample::failover());
    let top = &page[..page.find("Side by side").expect("the comparison")];
    let failed = sample::failover();
    let check = failed.result.trials[1].checks.iter().find(|check| check.name == "reconnected").expect("it is there");
    assert!(top.contains("<a href=\"#checks\">reconnected on kafka</a>"), "{top}");
    assert!(top.contains(&check.observed) && top.contains(check.why.split(':').next().expect("a begin")), "{top}");
    assert!(page.contains("id=\"checks\""));
    let mut all = sample::failover();
    for check in all.result.trials.iter_mut().flat_map(|trial| &mut trial.checks) {
        check.verdict = Verdict::Unknown;
        check.why = "the trial was interrupted, ".repeat(50);
    }
    let page = rendered(&all);
    let top = &page[..page.find("Side by side").expect("the comparison")];
    assert_eq!(top.matches("#checks").count(), 5, "four, and how many more");
    assert!(top.contains(" more</a>") && top.contains('…'), "{top}");
}

#[test]
fn nobody_wins_a_figure_of_which_the_intervals_overlap() {
    let bold = |judged: &Judged| rendered(judged).matches("class=\"best\"").count();
    let mut judged = sample::failover();
    let apart = bold(&judged);
    for interval in judged.result.trials.iter_mut().flat_map(|trial| trial.intervals.values_mut()) {
        (interval.low, interval.high) = (1.0, 1e18);
    }
    assert!(bold(&judged) < apart, "{apart}");
}

#[test]
fn a_system_wins_only_if_every_repeat_of_it_does() {
    let mut judged = sample::repeated();
    assert!(rendered(&judged).contains("class=\"best\""));
    for trial in &mut judged.result.trials {
        let worst = trial.system == "redis" && trial.repeat == 2;
        trial.intervals.clear();
        for latency in [&mut trial.latency_ns.response, &mut trial.latency_ns.service, &mut trial.latency_ns.end_to_end]
        {
            if worst {
                (latency.p50, latency.p99, latency.p99_9, latency.max) = (u64::MAX, u64::MAX, u64::MAX, u64::MAX);
            }
        }
        if worst {
            let never = Some(Nanos(u64::MAX));
            trial.recovery.longest_gap_ns = Nanos(u64::MAX);
            for fault in &mut trial.recovery.faults {
                (fault.sending_steady_ns, fault.consuming_steady_ns, fault.steady_ns) = (never, never, never);
            }
            for reconnect in trial.clients.iter_mut().flat_map(|client| &mut client.reconnects) {
                (reconnect.connected_ns, reconnect.first_success_ns) = (never, never);
            }
        }
    }
    assert!(!rendered(&judged).contains("class=\"best\""));
}

#[test]
fn every_data_cell_has_a_heading() {
    let page = rendered(&sample::failover());
    assert!(page.matches("<table").count() >= 8);
    for table in page.split("<table").skip(1) {
        let table = &table[..table.find("</table>").expect("a table ends")];
        assert!(table.contains("scope=\"col\"") && table.contains("scope=\"row\""), "{table}");
    }
}

#[test]
fn where_nobody_consumes_the_page_does_not_speak_of_consumers() {
    let of_consumers = [
        "consuming steady",
        "consumed",
        "end-to-end p50",
        "End-to-end p99",
        "redelivered",
        "resurrected",
        "out of order",
        "pending at the end",
        "never read from the log",
        "backlog-title",
        "ack-recovery-title",
        "until a consumer received",
    ];
    let consumed = sample::failover();
    let page = rendered(&consumed);
    let without = of_consumers.iter().filter(|words| !page.contains(*words));
    assert_eq!(without.collect::<Vec<_>>(), Vec::<&&str>::new(), "the sample shows all that is to be left out");
    let page = rendered(&sample::unconsumed());
    let left = of_consumers.iter().filter(|words| page.contains(*words));
    assert_eq!(left.collect::<Vec<_>>(), Vec::<&&str>::new());
    assert!(page.contains("Acknowledged and missing from the broker's log"));
    assert_balanced(&page);
}

#[test]
fn beside_a_system_with_consumers_one_without_has_dashes() {
    let mut judged = sample::failover();
    judged.result.trials[1].has_consumers = false;
    let page = rendered(&judged);
    let row = &page[page.find("consuming steady").expect("one of them consumes")..];
    let cells: Vec<&str> = row[..row.find("</tr>").expect("a row ends")].split("<td").skip(1).collect();
    assert_eq!((cells.len(), cells[0].contains('–'), cells[1].contains('–')), (2, false, true), "{cells:?}");
}
