//! The page of a run of several scenarios: what came of each, with links to their reports.

use super::files::default_runs;
use super::options::Options;
use crate::cli::{Exit, answer, exit, provenance};
use crate::scenario::Cells;
use reports::compare::RunComparison;
use reports::judge::Judged;
use reports::matrix::Matrix;
use reports::night::{NIGHT_SCHEMA, Night, NightComparison, NightScenario};
use reports::render::console;
use reports::render::matrices;
use reports::render::nights::{self, Links, ShownNight};
use std::path::{Path, PathBuf};

/// The page while the scenarios are run. It is written anew after each, so that a crash leaves what there is.
pub(super) struct Several {
    file: PathBuf,
    shown: ShownNight,
    /// It has been said that the page cannot be written.
    failed: bool,
    /// Nobody reads where it is.
    is_silent: bool,
}

impl Several {
    /// `index.html` in the folder that was named, else a file of its own among the runs.
    pub(super) fn begin(options: &Options, loaded: &[Cells]) -> Self {
        let id = provenance::run_id("all");
        let file = match &options.out {
            Some(out) => out.join("index.html"),
            None => default_runs().join(format!("{id}.html")),
        };
        let scenarios: Vec<NightScenario> =
            loaded.iter().map(|one| NightScenario::planned(&one.name, &one.title)).collect();
        let links = vec![Links::default(); scenarios.len()];
        let night = Night {
            schema: NIGHT_SCHEMA.to_owned(),
            id,
            started: provenance::timestamp(),
            ended: None,
            interrupted: false,
            scenarios,
        };
        Self { file, shown: ShownNight { night, links }, failed: false, is_silent: options.json }
    }

    /// One scenario is over.
    pub(super) fn ended(
        &mut self,
        index: usize,
        folder: &Path,
        judged: Option<&Judged>,
        compared: Option<&RunComparison>,
    ) {
        if let Some(scenario) = self.shown.night.scenarios.get_mut(index) {
            scenario.ended(judged.map(|judged| (&judged.result, console::sentence(&judged.result))));
            scenario.compared = compared.map(|compared| NightComparison {
                base: compared.base.id.clone(),
                verdict: compared.verdict,
                why: compared.why.clone(),
            });
        }
        self.link(index, &folder.join("report.html"), Some(&folder.join("compare/compare.html")));
    }

    /// All cells of a matrix are over.
    pub(super) fn matrix_ended(&mut self, index: usize, folder: &Path, matrix: &Matrix) {
        if let Some(scenario) = self.shown.night.scenarios.get_mut(index) {
            scenario.came_to(matrix.verdict(), matrices::sentence(matrix));
        }
        self.link(index, &folder.join("index.html"), None);
    }

    /// A scenario's row leads to its pages, as far as they are there.
    fn link(&mut self, index: usize, report: &Path, compare: Option<&Path>) {
        let from = self.file.parent().unwrap_or(Path::new("")).to_owned();
        let link = |page: &Path| page.strip_prefix(&from).ok().filter(|_| page.is_file()).map(nights::address);
        if let Some(links) = self.shown.links.get_mut(index) {
            links.report = link(report);
            links.compare = compare.and_then(link);
        }
        self.write();
    }

    /// All are over, or nobody wants the others any more.
    pub(super) fn end(mut self, interrupted: bool) -> Exit {
        self.shown.night.interrupted = interrupted;
        self.shown.night.ended = Some(provenance::timestamp());
        self.write();
        match self.failed || self.is_silent {
            true => Exit::Pass,
            false => answer::print(&format!("\nall scenarios: {}", self.file.display())),
        }
    }

    /// The reports of the scenarios stand by themselves: without this page nothing is lost.
    fn write(&mut self) {
        // Where it cannot be made, writing says so.
        if let Some(folder) = self.file.parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        if let Err(error) = nights::write(&self.file, &nights::several(&self.shown))
            && !std::mem::replace(&mut self.failed, true)
        {
            exit::say(&format!("the page of all scenarios cannot be written: {error}"));
        }
    }
}
