//! `harness run`: scenarios → trials → histories → verdicts and reports.
//! From here the environment is opened, trials are carried through, and judging is called after each.
//! To add an option: add it to `options.rs`, and use it where its part of a run is: `files.rs`, `job.rs`.

mod files;
mod job;
mod matrix;
mod options;
mod several;

pub(super) use files::{distinct, scenario_files};
pub(super) use job::Ended;
pub(super) use options::{Options, Where};

use super::compare::{Shown, with_baseline};
use super::judge::judge_only;
use super::{Exit, exit, provenance};
use crate::broker;
use crate::scenario::{self, Cells, Loaded, Scenario, System};
use crate::trial::{Interrupt, Urgency};
use files::default_runs;
use job::Job;
use matrix::Sweep;
use reports::judge::Judged;
use several::Several;
use std::collections::BTreeSet;
use std::path::Path;

/// Runs every scenario, one after the other; the worst exit wins.
pub(super) async fn run(options: Options) -> Exit {
    let loaded = match load_all(&options) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let interrupt = match Interrupt::listen() {
        Ok(interrupt) => interrupt,
        Err(error) => {
            return exit::explain(&miette::diagnostic!("cannot listen to signals: {error}"), Exit::Environment);
        }
    };
    if let Some(out) = &options.out
        && let Err(exit) = distinct(
            out,
            loaded.iter().map(|loaded| loaded.name.as_str()),
            "or leave --out away: then each run has a folder of its own",
        )
    {
        return exit;
    }
    let several = loaded.len() > 1;
    let baselines = match baselines(&options, &loaded) {
        Ok(baselines) => baselines,
        Err(exit) => return exit,
    };
    let mut page = several.then(|| Several::begin(&options, &loaded));
    let mut worst = Exit::Pass;
    for (index, (cells, baselines)) in loaded.iter().zip(baselines).enumerate() {
        let id = provenance::run_id(&cells.name);
        let folder = match &options.out {
            Some(out) if several => out.join(&cells.name),
            Some(out) => out.clone(),
            None => default_runs().join(&id),
        };
        let going_on = Going { options: &options, interrupt: &interrupt, folder: &folder, index };
        worst = worst.worse(match cells.is_matrix() {
            true => going_on.matrix(cells, baselines, page.as_mut()).await,
            false => going_on.single(cells, baselines, id, page.as_mut()).await,
        });
        if interrupt.urgency() > Urgency::No {
            break;
        }
    }
    if let Some(page) = page {
        worst = worst.worse(page.end(interrupt.urgency() > Urgency::No));
    }
    worst
}

/// What is run now.
struct Going<'a> {
    options: &'a Options,
    interrupt: &'a Interrupt,
    folder: &'a Path,
    /// Its place among the scenarios.
    index: usize,
}

impl Going<'_> {
    /// One scenario.
    async fn single(
        &self,
        cells: &Cells,
        baselines: Vec<Option<Judged>>,
        id: String,
        page: Option<&mut Several>,
    ) -> Exit {
        let Some(one) = cells.scenarios.first() else { return Exit::Pass };
        let ended = Job::of(self.options, one, self.folder, self.interrupt).run(id).await;
        let mut worst = ended.exit;
        let mut compared = None;
        let is_there = self.folder.join("result.json").is_file();
        if let Some(baseline) = baselines.into_iter().flatten().next().filter(|_| is_there) {
            let shown = if self.options.json { Shown::Nothing } else { Shown::Table };
            let exit;
            (exit, compared) = with_baseline(&baseline, self.folder, shown);
            worst = worst.worse(exit);
        }
        if let Some(page) = page {
            page.ended(self.index, self.folder, ended.judged.as_ref(), compared.as_ref());
        }
        worst
    }

    /// Every cell of a matrix.
    async fn matrix(&self, cells: &Cells, baselines: Vec<Option<Judged>>, page: Option<&mut Several>) -> Exit {
        let mut sweep = match Sweep::begin(self.options, cells, self.folder) {
            Ok(sweep) => sweep,
            Err(exit) => return exit,
        };
        let exit = sweep.all(baselines, self.interrupt).await;
        if let Some(page) = page {
            page.matrix_ended(self.index, self.folder, sweep.matrix());
        }
        exit
    }
}

/// Runs one scenario into a folder, for a caller that asks for many. Errors have been shown.
pub(super) async fn one(options: &Options, loaded: &Loaded, folder: &Path, interrupt: Interrupt) -> Ended {
    Job::of(options, loaded, folder, &interrupt).run(provenance::run_id(&loaded.scenario.name)).await
}

/// What the run of each scenario of each file is to be compared with, which must be there before anything is started.
fn baselines(options: &Options, loaded: &[Cells]) -> Result<Vec<Vec<Option<Judged>>>, Exit> {
    let of_cells = |cells: &Cells| {
        let Some(baseline) = &options.baseline else { return Ok(cells.scenarios.iter().map(|_| None).collect()) };
        let own = if loaded.len() > 1 { baseline.join(&cells.name) } else { baseline.clone() };
        let of = |one: &Loaded| one.cell.as_ref().map_or_else(|| own.clone(), |cell| own.join(&cell.name));
        cells.scenarios.iter().map(|one| judge_only(&of(one)).map(Some)).collect()
    };
    loaded.iter().map(of_cells).collect()
}

/// Whether somebody else runs every broker of a scenario; says which ones nobody does.
fn is_external(scenario: &Scenario, path: &Path) -> bool {
    let started = |system: &&System| system.spec.external.is_none() && !system.broker.is_in_process();
    let names: Vec<&str> = scenario.systems.iter().filter(started).map(|system| system.spec.name.as_str()).collect();
    for name in &names {
        let help = format!(
            "say where it is: `external = {{ address = \"HOST:PORT\" }}` beside its name, or --set 'systems.{name}.external.address=\"HOST:PORT\"'"
        );
        let what = format!("{}: --environment external, but the system `{name}` has no address", path.display());
        exit::show(&miette::diagnostic!(help = help, "{what}"));
    }
    names.is_empty()
}

fn nobody_has(wanted: &[String], known: &BTreeSet<String>) -> miette::MietteDiagnostic {
    let help = match known.is_empty() {
        true => "give it some: tags = [\"quick\"] at the top of a scenario".to_owned(),
        false => format!("they have: {}", known.iter().map(|tag| format!("`{tag}`")).collect::<Vec<_>>().join(", ")),
    };
    miette::diagnostic!(help = help, "none of the scenarios has the tag `{}`", wanted.join("` or `"))
}

/// Loads all files before anything is started; shows all errors of all of them.
pub(super) fn load_all(options: &Options) -> Result<Vec<Cells>, Exit> {
    let mut loaded = Vec::new();
    let mut wrong = false;
    let mut tags = BTreeSet::new();
    for path in scenario_files(&options.scenarios)? {
        match scenario::load_cells(&path, &options.overriding.overrides(), &broker::REGISTRY) {
            Ok(cells) => {
                let scenarios = || cells.scenarios.iter().map(|loaded| &loaded.scenario);
                tags.extend(scenarios().flat_map(|scenario| scenario.tags.iter().cloned()));
                if !scenarios().any(|scenario| options.wants(scenario)) {
                    continue;
                }
                // What one cell lacks, all may lack: it is said once.
                wrong |=
                    options.environment == Where::External && !scenarios().all(|scenario| is_external(scenario, &path));
                warn(&cells);
                for replaced in &cells.replaced {
                    options.say(&format!("note: {} comes before the matrix's values of {}", replaced.by, replaced.key));
                }
                loaded.push(cells);
            }
            Err(errors) => {
                wrong = true;
                exit::show(&errors);
            }
        }
    }
    if !wrong && loaded.is_empty() {
        exit::show(&nobody_has(&options.tags, &tags));
        wrong = true;
    }
    if wrong { Err(Exit::Usage) } else { Ok(loaded) }
}

/// Shows each warning once, with the first cell of a matrix that it is about. Quiet drops what is only on the way; a warning is
/// about the result.
pub(super) fn warn(cells: &Cells) {
    let mut told = BTreeSet::new();
    for one in &cells.scenarios {
        let mut is_new = one.warnings.iter().filter(|warning| told.insert(warning.fact().words)).peekable();
        if let (Some(cell), Some(_)) = (&one.cell, is_new.peek()) {
            exit::say(&format!("of the cell {}:", cell.name));
        }
        is_new.for_each(|warning| exit::show(warning));
    }
}
