//! What `docs/history.md` says of recounting a history is tried as it stands there, and gives the digits of the result.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod binary;

use binary::{harness, real_is_required};
use reports::result::RunResult;
use std::path::{Path, PathBuf};
use std::process::Command;

const SCENARIO: &str = r#"
[workload]
rate       = { constant = { per-second = 400 } }
producers  = 2
consumers  = 2
partitions = 2

[phases]
warmup = "1s"
load   = "3s"
drain  = "10s"

[[systems]]
name   = "one"
memory = { lose-every = 97 }

[expect]
generator-lag = "1m"
"#;

/// Python with the libraries; `None`: it is not here, and nobody demands it.
fn python() -> Option<PathBuf> {
    let home = std::env::var_os("HARNESS_PYTHON")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python"), PathBuf::from);
    let python = home.join("bin/python");
    if !python.is_file() {
        assert!(
            !real_is_required(),
            "HARNESS_REQUIRE_REAL=1, but what recounts a history is missing: run docker/python.sh"
        );
        println!("SKIPPED: docker/python.sh gets what recounts a history");
        return None;
    }
    Some(python)
}

/// The blocks of Python in the document, in order.
fn blocks() -> Vec<String> {
    let text = include_str!("../../docs/history.md");
    let parts = text.split("```python\n").skip(1);
    parts.filter_map(|part| Some(part.split_once("```")?.0.to_owned())).collect()
}

/// The whole numbers of a text, in order.
fn numbers(text: &str) -> Vec<u64> {
    text.split(|one: char| !one.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[test]
fn the_documented_snippets_recount_a_history_and_agree_with_each_other_and_with_the_result() {
    let Some(python) = python() else { return };
    let folder = tempfile::Builder::new().prefix("harness-").tempdir().expect("a folder");
    let (file, run) = (folder.path().join("recounted.toml"), folder.path().join("run"));
    std::fs::write(&file, SCENARIO).expect("written");
    let output = harness().arg("run").arg(&file).arg("--quiet").arg("--out").arg(&run).output().expect("run");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let result: RunResult =
        serde_json::from_str(&std::fs::read_to_string(run.join("result.json")).expect("read")).expect("a result");
    let (counts, response) = (&result.trials[0].counts, &result.trials[0].latency_ns.response);
    assert!(counts.lost > 0, "{counts:?}");

    let trial = run.join("one-1");
    let told = |block: &str| -> Vec<u64> {
        let output = Command::new(&python).arg("-c").arg(block).current_dir(&trial).output().expect("run");
        assert!(output.status.success(), "{block}\n{}", String::from_utf8_lossy(&output.stderr));
        numbers(&String::from_utf8_lossy(&output.stdout))
    };
    let blocks = blocks();
    assert_eq!(blocks.len(), 4, "pandas, DuckDB, Polars, and what reads a cut file");
    let ends = |found: &[u64], figures: &[u64]| found.windows(figures.len()).any(|window| window == figures);
    let polars = told(&blocks[2]);
    // Messages, three quantiles and the maximum; then what was lost.
    let [judged, p50, p99, p999, max, lost] = polars[..] else { panic!("{polars:?}") };
    assert_eq!((judged, lost), (response.count, counts.lost));
    for (exact, shown) in [(p50, response.p50), (p99, response.p99), (p999, response.p99_9), (max, response.max)] {
        assert!(exact.abs_diff(shown) <= 1 + exact / 500, "{exact} {shown}");
    }
    let pandas = told(&blocks[0]);
    assert!(ends(&pandas, &[judged, p50, p99, p999, max]), "{pandas:?} {polars:?}");
    assert!(pandas.contains(&counts.acknowledged) && pandas.contains(&lost), "{pandas:?} {counts:?}");
    let duckdb = told(&blocks[1]);
    assert!(ends(&duckdb, &[judged, p50, p99, p999, max]), "{duckdb:?} {polars:?}");
    assert!(duckdb.contains(&counts.acknowledged) && duckdb.last() == Some(&lost), "{duckdb:?} {counts:?}");
    told(&format!("import pyarrow as pa\n{}\nassert sends.num_rows > 0", blocks[3]));
}
