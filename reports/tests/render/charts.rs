//! The charts as files of their own.

use crate::sample;
use reports::judge::Judged;
use reports::render::chart::{CHARTS, file};
use roxmltree::{Document, Node};

/// The amber of fault bands.
const BAND: &str = "#E69F01";

fn drawn(judged: &Judged) -> Vec<(&'static str, String)> {
    let draw = |chart: &&'static dyn reports::render::chart::Chart| {
        Some((chart.name(), file(*chart, judged).expect("a chart can be drawn")?))
    };
    CHARTS.iter().filter_map(draw).collect()
}

fn chart(judged: &Judged, name: &str) -> String {
    let found = drawn(judged).into_iter().find(|(drawn, _)| *drawn == name);
    found.map(|(_, svg)| svg).unwrap_or_else(|| panic!("{name} has something to draw"))
}

fn texts(document: &Document<'_>) -> Vec<String> {
    let texts = document.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")));
    texts.filter_map(|node| node.text().map(|text| text.trim().to_owned())).collect()
}

fn numbers(node: Node<'_, '_>) -> Vec<f64> {
    let attributes = ["x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "points", "width", "height"];
    let values = attributes.iter().filter_map(|name| node.attribute(*name));
    values
        .flat_map(|value| value.split([' ', ',']))
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().expect("a coordinate is a number"))
        .collect()
}

#[test]
fn every_chart_of_every_run_is_well_formed_and_within_its_frame() {
    for judged in [sample::failover(), sample::interrupted(), sample::baseline(), sample::repeated(), sample::hostile()]
    {
        for (name, svg) in drawn(&judged) {
            let document = Document::parse(&svg).unwrap_or_else(|why| panic!("{name} is not XML: {why}"));
            let view: Vec<f64> = document
                .root_element()
                .attribute("viewBox")
                .expect("a view box")
                .split(' ')
                .map(|part| part.parse().expect("a number"))
                .collect();
            for node in document.root_element().descendants().skip(1) {
                for number in numbers(node) {
                    assert!((0.0..=view[2].max(view[3])).contains(&number), "{name}: {number} lies outside: {node:?}");
                }
            }
            assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{name}");
        }
    }
}

#[test]
fn charts_load_nothing_and_explain_themselves() {
    for (name, svg) in drawn(&sample::hostile()) {
        let document = Document::parse(&svg).unwrap_or_else(|why| panic!("{name} is not XML: {why}"));
        let root = document.root_element();
        assert_eq!(root.attribute("role"), Some("img"), "{name}");
        for tag in ["title", "desc"] {
            let told = root.children().find(|node| node.tag_name().name() == tag).and_then(|node| node.text());
            assert!(told.is_some_and(|text| !text.trim().is_empty()), "{name} has no {tag}");
        }
        for node in document.descendants() {
            assert!(
                !["script", "image", "use", "a", "style", "foreignObject"].contains(&node.tag_name().name()),
                "{name}"
            );
            assert!(
                node.attributes()
                    .all(|attribute| !attribute.name().contains("href") && !attribute.value().contains("url(")),
                "{name}"
            );
        }
    }
}

#[test]
fn faults_are_bands_with_their_names_on_every_chart_over_time() {
    for name in ["latency-over-time", "throughput-over-time", "reconnect-timeline", "backlog"] {
        let svg = chart(&sample::failover(), name);
        let document = Document::parse(&svg).expect("a chart is XML");
        let bands = document
            .descendants()
            .filter(|node| node.tag_name().name() == "rect" && node.attribute("fill") == Some(BAND));
        // One in the legend and one for each system.
        assert_eq!(bands.count(), 3, "{name}");
        assert_eq!(texts(&document).iter().filter(|text| *text == "down-1").count(), 2, "{name}");
    }
}

#[test]
fn without_a_fault_there_is_no_band_and_no_reconnect_timeline() {
    let judged = sample::baseline();
    assert!(drawn(&judged).iter().all(|(name, svg)| *name != "reconnect-timeline" && !svg.contains(BAND)));
}

#[test]
fn legends_units_and_scales_are_written() {
    let expected: [(&str, &[&str]); 6] = [
        (
            "latency-over-time",
            &["p50", "p99", "p99.9", "response time, log scale", "1 ms", "1 s", "10 s", "redis", "kafka"],
        ),
        ("throughput-over-time", &["offered", "acknowledged by kafka", "consumed", "msg/s", "0", "2,000"]),
        ("latency-by-percentile", &["response", "service", "end-to-end", "99.9 %", "max", "latency, log scale"]),
        (
            "reconnect-timeline",
            &["connection lost", "attempt failed", "connected", "producer-1", "consumer-0 · bootstrap", "10 s"],
        ),
        ("backlog", &["messages", "0", "lag: not yet delivered or committed"]),
        (
            "ack-recovery",
            &[
                "messages pending, by consumer",
                "consumer-2",
                "took over",
                "was given again",
                "crashed",
                "all recovered",
            ],
        ),
    ];
    for (name, words) in expected {
        let svg = chart(&sample::failover(), name);
        let found = texts(&Document::parse(&svg).expect("a chart is XML"));
        for word in words {
            assert!(found.iter().any(|text| text == word), "{name} does not say {word:?}: {found:?}");
        }
    }
}

#[test]
fn nothing_recorded_draws_nothing() {
    assert!(drawn(&sample::empty()).is_empty());
    assert!(drawn(&sample::nothing()).is_empty());
}

#[test]
fn a_trial_without_series_still_has_its_panel() {
    let mut judged = sample::failover();
    judged.series.truncate(1);
    let svg = chart(&judged, "latency-over-time");
    let found = texts(&Document::parse(&svg).expect("a chart is XML"));
    assert!(found.iter().any(|text| text == "no message was sent"), "{found:?}");
}

#[test]
fn where_nobody_consumes_no_chart_is_about_consumers() {
    let names = |judged: &Judged| drawn(judged).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let (with, without) = (names(&sample::failover()), names(&sample::unconsumed()));
    let left_out: Vec<_> = with.iter().filter(|name| !without.contains(*name)).collect();
    assert_eq!(left_out, [&"backlog", &"ack-recovery"]);
    let consumed =
        |judged: &Judged| drawn(judged).iter().any(|(_, svg)| svg.contains("consumed") || svg.contains("end-to-end"));
    assert!(consumed(&sample::failover()) && !consumed(&sample::unconsumed()));
}
