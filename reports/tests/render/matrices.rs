//! A matrix on the console, in Markdown, as JSON with its schema, on a page and in charts.

use crate::html::assert_balanced;
use crate::sample;
use reports::matrix::Matrix;
use reports::render::console::{self, Style};
use reports::render::matrices::schema;
use reports::render::write_matrix;
use roxmltree::Document;
use std::path::Path;

fn written(matrix: &Matrix) -> (tempfile::TempDir, impl Fn(&str) -> String + use<>) {
    let folder = tempfile::tempdir().expect("a folder");
    write_matrix(matrix, folder.path()).expect("written");
    let path = folder.path().to_owned();
    (folder, move |name: &str| std::fs::read_to_string(path.join(name)).expect("read"))
}

fn texts(svg: &str) -> Vec<String> {
    let drawn = Document::parse(svg).expect("XML");
    let texts = drawn.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")));
    texts.filter_map(|node| node.text().map(|text| text.trim().to_owned())).collect()
}

#[test]
fn a_matrix_on_the_console_and_in_markdown() {
    let matrix = sample::matrix::matrix("redis");
    let told = console::matrix(&matrix, Style::Plain);
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    insta::assert_snapshot!("a_matrix_on_the_console", told);
    let (_folder, read) = written(&matrix);
    insta::assert_snapshot!("a_matrix_in_markdown", read("matrix.md"));
}

#[test]
fn the_page_has_both_charts_for_a_desk_and_for_a_phone_and_a_row_for_each_cell_and_system() {
    let matrix = sample::matrix::matrix("redis");
    let (_folder, read) = written(&matrix);
    let page = read("index.html");
    assert_balanced(&page);
    assert_eq!(page.matches("<svg ").count(), 4);
    let rows = page.split("<tbody>").nth(1).and_then(|rest| rest.split("</tbody>").next()).expect("a table");
    assert_eq!(
        rows.matches("<tr>").count(),
        4 * 2 + 2,
        "two systems of four cells, and two cells of which nothing is known"
    );
    assert_eq!(page.matches("size%3D1KiB%2Cpartitions%3D6/report.html").count(), 2);
    assert!(!page.contains("size%3D10KiB%2Cpartitions%3D6/report.html"), "a cell that was not run has no report");
    for told in [
        "not run",
        "not carried out",
        "1 of 20 checks failed: lost on kafka",
        "the run was interrupted",
        "doubtful in 1 of 8 rows. In size=100B,partitions=6 on redis: the load generator",
    ] {
        assert!(page.contains(told), "{told}");
    }
    let again: Matrix = serde_json::from_str(&read("matrix.json")).expect("as it was written");
    assert_eq!(again, matrix);
}

#[test]
fn a_chart_names_its_systems_its_panels_and_its_scale_and_marks_what_failed() {
    let (_folder, read) = written(&sample::matrix::matrix("redis"));
    let expected: [(&str, &[&str]); 2] = [
        (
            "charts/throughput.svg",
            &[
                "redis",
                "kafka",
                "partitions = 1",
                "partitions = 6",
                "100B",
                "10KiB",
                "acknowledged, msg/s",
                "offered",
                "2k",
                "1.48k ✗",
                "2k ?",
                "not measured",
                "size (workload.message.size)",
                "✗ a check failed",
            ],
        ),
        (
            "charts/end-to-end-p99.svg",
            &["end-to-end p99, log scale", "95 % interval", "110 ms ✗", "10 ms", "partitions = 6"],
        ),
    ];
    for (file, words) in expected {
        let svg = read(file);
        let drawn = Document::parse(&svg).expect("XML");
        let desc = drawn.descendants().find(|node| node.tag_name().name() == "desc").and_then(|node| node.text());
        assert!(desc.is_some_and(|text| text.contains("redis") && text.contains("kafka")), "{file}: {desc:?}");
        let found = texts(&svg);
        for word in words {
            assert!(found.iter().any(|text| text == word), "{file} does not say {word:?}: {found:?}");
        }
        assert!(
            svg.contains("kafka: acknowledged 1,480 msg/s, offered 2,000 msg/s"),
            "{file} tells it where the pointer rests"
        );
        let view: Vec<f64> = drawn
            .root_element()
            .attribute("viewBox")
            .expect("a view box")
            .split(' ')
            .map(|part| part.parse().expect("a number"))
            .collect();
        for node in drawn.descendants().filter(|node| node.has_attribute("x")) {
            let x: f64 = node.attribute("x").and_then(|x| x.parse().ok()).expect("a number");
            assert!((0.0..=view[2]).contains(&x), "{file}: {node:?}");
        }
    }
}

#[test]
fn a_matrix_of_one_key_has_one_panel_and_one_of_three_names_all_others_in_its_panels() {
    let mut matrix = sample::matrix::matrix("redis");
    for cell in &mut matrix.cells {
        cell.choice.push(0);
    }
    matrix.keys.push(reports::matrix::MatrixKey {
        key: "systems.*.*.durability".to_owned(),
        name: "durability".to_owned(),
        values: vec!["fsync".to_owned()],
    });
    let (_folder, read) = written(&matrix);
    assert!(texts(&read("charts/throughput.svg")).contains(&"partitions = 6, durability = fsync".to_owned()));
    matrix.keys.truncate(1);
    matrix.cells.retain(|cell| cell.choice[1] == 0);
    matrix.cells.iter_mut().for_each(|cell| cell.choice.truncate(1));
    let (_folder, read) = written(&matrix);
    let texts = texts(&read("charts/throughput.svg"));
    assert!(texts.iter().filter(|text| *text == "acknowledged, msg/s").count() == 1, "{texts:?}");
}

#[test]
fn nothing_measured_draws_nothing_and_has_a_page_all_the_same() {
    let mut matrix = sample::matrix::matrix("redis");
    matrix.cells.iter_mut().for_each(|cell| cell.systems.clear());
    let (folder, read) = written(&matrix);
    assert!(read("index.html").contains("Nothing was measured so far.") && !folder.path().join("charts").exists());
}

#[test]
fn no_text_leaves_its_place() {
    let matrix = sample::matrix::matrix(sample::HOSTILE);
    let (_folder, read) = written(&matrix);
    for name in ["index.html", "matrix.md", "charts/throughput.svg", "charts/end-to-end-p99.svg"] {
        let text = read(name);
        assert!(!text.contains("<script") && !text.contains('\u{1b}'), "{name}");
    }
    assert!(!console::matrix(&matrix, Style::Plain).contains('\u{1b}'));
}

#[test]
fn the_committed_schema_is_the_generated_one_and_takes_what_is_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/matrix.schema.json");
    let generated = schema().expect("the schema can be written");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &generated).expect("the schema can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "docs/matrix.schema.json is not what reports/src/matrix/ says. If the change is meant, run\n\n    \
         UPDATE_SCHEMA=1 cargo test -p reports --test render schema\n\nand commit the file. A field that was renamed or \
         removed needs a new version in MATRIX_SCHEMA."
    );
    let schema: serde_json::Value = serde_json::from_str(&generated).expect("JSON");
    assert_eq!(schema["properties"]["schema"]["const"], "harness-matrix/1");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let mut written = serde_json::to_value(sample::matrix::matrix("redis")).expect("JSON");
    let wrong: Vec<String> = validator.iter_errors(&written).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    written["cells"][0]["outcome"] = "perhaps".into();
    assert!(!validator.is_valid(&written), "a schema that takes anything says nothing");
}
