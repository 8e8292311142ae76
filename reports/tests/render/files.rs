//! The reports on disk.

use crate::sample;
use reports::render::{RENDERERS, RenderError, write_reports};
use std::fs;
use std::path::Path;

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("the folder can be read");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry can be read").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_run_gets_every_report_and_no_temporary_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = folder.path().join("a/run");
    write_reports(&sample::failover(), &run).expect("reports can be written");
    assert_eq!(names(&run), ["charts", "junit.xml", "metrics.prom", "report.html", "result.json", "summary.md"]);
    let charts = names(&run.join("charts"));
    assert_eq!(
        charts,
        [
            "ack-recovery.svg",
            "backlog.svg",
            "latency-by-percentile.svg",
            "latency-distribution.svg",
            "latency-over-time.svg",
            "outcomes-by-send.svg",
            "reconnect-timeline.svg",
            "throughput-over-time.svg"
        ]
    );
}

#[test]
fn a_chart_that_is_no_more_is_removed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_reports(&sample::failover(), folder.path()).expect("reports can be written");
    write_reports(&sample::baseline(), folder.path()).expect("reports can be written again");
    assert!(!folder.path().join("charts/reconnect-timeline.svg").exists());
    assert!(folder.path().join("charts/backlog.svg").exists());
}

#[test]
fn an_error_names_the_path_and_what_to_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("summary.md")).expect("a folder can stand in the way");
    fs::write(folder.path().join("summary.md/file"), "").expect("the folder can be filled");
    let error = write_reports(&sample::failover(), folder.path()).expect_err("a folder is in the way");
    assert!(matches!(&error, RenderError::Write { path, .. } if path.ends_with("summary.md")), "{error:?}");
    let told = error.to_string();
    assert!(told.contains("summary.md") && told.contains("harness report"), "{told}");
    assert!(!folder.path().join("summary.md.tmp").exists());
}

#[test]
fn every_renderer_has_a_file_of_its_own_and_says_for_whom_it_is() {
    let mut files: Vec<&str> = RENDERERS.iter().map(|renderer| renderer.file_name()).collect();
    assert!(RENDERERS.iter().all(|renderer| !renderer.about().is_empty()));
    files.sort_unstable();
    files.dedup();
    assert_eq!(files.len(), RENDERERS.len());
}
