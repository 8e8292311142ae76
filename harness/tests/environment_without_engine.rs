//! What happens where no engine answers. Each test runs one of these functions again, in a process with another DOCKER_HOST.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod real;

use harness::cli::doctor::{Health, doctor};
use harness::environment::{Environment, EnvironmentError, EnvironmentKind};
use miette::Diagnostic;
use real::{require_engine, start_redis};
use std::path::Path;
use std::process::{Command, Output};

/// Nobody listens on port 1.
const NO_ENGINE: &str = "tcp://127.0.0.1:1";

fn run(test: &str, require: &str) -> Output {
    Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", test, "--ignored"])
        .env("DOCKER_HOST", NO_ENGINE)
        .env("HARNESS_HOME", "/nonexistent")
        .env("HARNESS_REQUIRE_REAL", require)
        .output()
        .expect("run")
}

/// Whoever runs all ignored tests runs these with an engine, where they say nothing.
fn engine_is_there() -> bool {
    std::env::var("DOCKER_HOST").as_deref() != Ok(NO_ENGINE)
}

#[tokio::test]
#[ignore = "run by the tests below, without an engine"]
async fn opening() {
    if engine_is_there() {
        return;
    }
    let error = Environment::open(EnvironmentKind::Containers, "run").await.expect_err("no engine");
    assert!(matches!(error, EnvironmentError::NoEngine { .. }), "{error}");
    assert!(error.to_string().contains(NO_ENGINE), "{error}");
    let help = error.help().expect("a way out").to_string();
    assert!(help.contains("make setup") && help.contains("docker/setup.sh"), "{help}");
}

#[tokio::test]
#[ignore = "run by the tests below, without an engine"]
async fn doctoring() {
    if engine_is_there() {
        return;
    }
    let mut text = Vec::new();
    assert_eq!(doctor(Path::new("runs"), &mut text).await.expect("written"), Health::Incomplete);
    let text = String::from_utf8(text).expect("text");
    assert!(text.starts_with("missing  container engine"), "{text}");
    assert!(text.contains("make setup") && !text.contains("image redis"), "{text}");
    assert!(text.contains("make processes") && text.contains("/nonexistent/kafka/libs"), "{text}");
}

#[tokio::test]
#[ignore = "run by the tests below, without an engine"]
async fn needing_an_engine() {
    let Some(environment) = require_engine("needing").await else { return };
    start_redis(&environment, &std::env::temp_dir()).await;
}

#[test]
fn opening_says_where_it_looked_and_what_to_do() {
    let output = run("opening", "0");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn doctor_says_that_the_engine_is_missing() {
    let output = run("doctoring", "0");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_test_that_needs_an_engine_is_skipped_aloud() {
    let output = run("needing_an_engine", "0");
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find(|line| line.starts_with("SKIPPED needing")).expect("one line");
    assert!(line.contains("make setup") && line.contains("HARNESS_REQUIRE_REAL=1"), "{line}");
}

#[test]
fn a_test_that_needs_an_engine_fails_where_one_is_required() {
    assert!(!run("needing_an_engine", "1").status.success());
}
