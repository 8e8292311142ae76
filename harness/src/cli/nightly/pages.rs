//! What a night leaves for people and CI services: the index, the summary, JUnit, the figures.

use super::archive::{Archive, written};
use crate::cli::{Exit, exit};
use reports::night::Night;
use reports::render::metrics;
use reports::render::nights::{self, Links, ShownNight};
use reports::result::RunResult;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// The file to which GitHub's runner wants a job's summary appended.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Writes the night's summary and JUnit into its folder and, where CI services look for the newest, into the archive's. An error
/// has been shown.
pub(super) fn write(archive: &Archive, night: &Night, results: &[RunResult]) -> Result<(), Exit> {
    let junit = nights::junit(night, results)
        .map_err(|error| exit::explain(&miette::diagnostic!("{error}"), Exit::Environment))?;
    let summary = nights::summary(night);
    for folder in [&archive.night(&night.id), archive.folder()] {
        written(&folder.join("summary.md"), &summary)?;
        written(&folder.join("junit.xml"), &junit)?;
        written(&folder.join("metrics.prom"), &metrics::of_runs(results))?;
    }
    append_to_step_summary(&summary);
    Ok(())
}

/// Writes the page of all nights. After something was dropped: it links only to what is there. An error has been shown.
pub(super) fn write_index(archive: &Archive) -> Result<(), Exit> {
    let shown: Vec<ShownNight> = archive.nights().into_iter().rev().map(|night| shown(archive, night)).collect();
    written(&archive.folder().join("index.html"), &nights::index(&shown))
}

fn shown(archive: &Archive, night: Night) -> ShownNight {
    let links = night.scenarios.iter().map(|scenario| {
        let link = |page: &str| {
            let is_there = archive.run(&night.id, &scenario.name).join(page).is_file();
            is_there.then(|| nights::address(&Path::new(&night.id).join(&scenario.name).join(page)))
        };
        Links { report: link("report.html"), compare: link("compare/compare.html") }
    });
    let links = links.collect();
    ShownNight { night, links }
}

/// A summary that cannot be shown is no reason to fail the night.
fn append_to_step_summary(summary: &str) {
    let Some(path) = std::env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty()) else { return };
    let appended = OpenOptions::new().append(true).create(true).open(&path);
    if let Err(error) = appended.and_then(|mut file| file.write_all(format!("{summary}\n").as_bytes())) {
        exit::say(&format!("the summary cannot be appended to {STEP_SUMMARY}: {}: {error}", path.display()));
    }
}
