//! `result.json` and its schema.

use crate::sample;
use reports::judge::Judged;
use reports::render::Renderer as _;
use reports::render::json::{Json, schema};
use reports::result::RunResult;
use std::path::Path;

fn rendered(judged: &Judged) -> String {
    Json.render(judged).expect("a result can be written as JSON")
}

#[test]
fn a_baseline_in_json() {
    let mut judged = sample::baseline();
    judged.result.trials.truncate(1);
    insta::assert_snapshot!(rendered(&judged));
}

#[test]
fn what_was_written_reads_back_as_it_was() {
    for judged in [sample::failover(), sample::interrupted(), sample::empty(), sample::hostile(), sample::nothing()] {
        let read: RunResult = serde_json::from_str(&rendered(&judged)).expect("the file is a result");
        assert_eq!(read, judged.result);
    }
}

#[test]
fn the_committed_schema_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/result.schema.json");
    let generated = schema().expect("the schema can be written");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::create_dir_all(path.parent().expect("the schema has a folder")).expect("docs/ can be made");
        std::fs::write(&path, &generated).expect("the schema can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "docs/result.schema.json is not what reports/src/result.rs says. If the change is meant, run\n\n    \
         UPDATE_SCHEMA=1 cargo test -p reports --test render schema\n\nand commit the file. A field that was renamed or \
         removed needs a new version in RESULT_SCHEMA."
    );
}

#[test]
fn the_schema_names_the_version_and_every_field_that_is_written() {
    let schema: serde_json::Value =
        serde_json::from_str(&schema().expect("the schema can be written")).expect("it is JSON");
    assert_eq!(schema["properties"]["schema"]["const"], "harness-result/1");
    let written: serde_json::Value = serde_json::from_str(&rendered(&sample::failover())).expect("the result is JSON");
    for field in written.as_object().expect("a result is an object").keys() {
        assert!(schema["properties"].get(field).is_some(), "{field} is written but not in the schema");
    }
    let trial = schema["$defs"]["TrialResult"]["properties"].as_object().expect("trials are described");
    for field in written["trials"][0].as_object().expect("a trial is an object").keys() {
        assert!(trial.contains_key(field), "trials[].{field} is written but not in the schema");
    }
}

#[test]
fn a_validator_finds_every_result_as_the_schema_says() {
    let schema = serde_json::from_str(&schema().expect("the schema can be written")).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let sample = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/sample/result.json"));
    let judged = [
        sample::failover(),
        sample::interrupted(),
        sample::baseline(),
        sample::hostile(),
        sample::nothing(),
        sample::empty(),
    ];
    for text in judged.iter().map(rendered).chain([sample.expect("there is a sample")]) {
        let result = serde_json::from_str(&text).expect("a result is JSON");
        let wrong: Vec<String> = validator.iter_errors(&result).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
    let mut broken: serde_json::Value = serde_json::from_str(&rendered(&sample::failover())).expect("JSON");
    broken["trials"][0]["counts"]["lost"] = "none".into();
    assert!(!validator.is_valid(&broken), "a schema that takes anything says nothing");
}

#[test]
fn the_sample_is_of_the_scenario_beside_it_and_of_this_version() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/sample");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("it is there");
    let result: RunResult = serde_json::from_str(&read("result.json")).expect("a result");
    let question = read("scenario.toml").lines().next().map(|line| line.trim_start_matches(['#', ' ']).to_owned());
    assert_eq!(Some(&result.run.scenario.question), question.as_ref());
    assert!(read("report.html").contains(&result.run.scenario.question));
}
