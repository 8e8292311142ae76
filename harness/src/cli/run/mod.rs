//! `harness run`: scenarios → trials → histories → verdicts and reports.
//! From here the environment is opened, trials are carried through, and judging is called after each.
//! To add an option: add it to `options.rs`, and use it where its part of a run is: `files.rs`, `job.rs`.

mod files;
mod job;
mod options;
mod several;

pub(super) use files::{distinct, scenario_files};
pub(super) use job::Ended;
pub(super) use options::{Options, Where};

use super::compare::{Shown, with_baseline};
use super::judge::judge_only;
use super::{Exit, exit, provenance};
use crate::broker;
use crate::scenario::{self, Loaded, Scenario, System};
use crate::trial::{Interrupt, Urgency};
use files::default_runs;
use job::Job;
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
            loaded.iter().map(|loaded| loaded.scenario.name.as_str()),
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
    for (index, (one, baseline)) in loaded.iter().zip(baselines).enumerate() {
        let scenario = &one.scenario;
        let id = provenance::run_id(&scenario.name);
        let folder = match &options.out {
            Some(out) if several => out.join(&scenario.name),
            Some(out) => out.clone(),
            None => default_runs().join(&id),
        };
        let ended = job(&options, one, &folder, &interrupt).run(id).await;
        worst = worst.worse(ended.exit);
        let mut compared = None;
        if let Some(baseline) = baseline.filter(|_| folder.join("result.json").is_file()) {
            let shown = if options.json { Shown::Nothing } else { Shown::Table };
            let exit;
            (exit, compared) = with_baseline(&baseline, &folder, shown);
            worst = worst.worse(exit);
        }
        if let Some(page) = &mut page {
            page.ended(index, &folder, ended.judged.as_ref(), compared.as_ref());
        }
        if interrupt.urgency() > Urgency::No {
            break;
        }
    }
    if let Some(page) = page {
        worst = worst.worse(page.end(interrupt.urgency() > Urgency::No));
    }
    worst
}

fn job<'a>(options: &'a Options, loaded: &'a Loaded, folder: &'a Path, interrupt: &Interrupt) -> Job<'a> {
    let Loaded { scenario, secrets, .. } = loaded;
    Job { options, scenario, secrets, facts: loaded.facts(), folder, interrupt: interrupt.clone() }
}

/// Runs one scenario into a folder, for a caller that asks for many. Errors have been shown.
pub(super) async fn one(options: &Options, loaded: &Loaded, folder: &Path, interrupt: Interrupt) -> Ended {
    job(options, loaded, folder, &interrupt).run(provenance::run_id(&loaded.scenario.name)).await
}

/// What each scenario's run is to be compared with, which must be there before anything is started.
fn baselines(options: &Options, loaded: &[Loaded]) -> Result<Vec<Option<Judged>>, Exit> {
    let Some(baseline) = &options.baseline else { return Ok(loaded.iter().map(|_| None).collect()) };
    let of = |one: &Loaded| if loaded.len() > 1 { baseline.join(&one.scenario.name) } else { baseline.clone() };
    loaded.iter().map(|one| judge_only(&of(one)).map(Some)).collect()
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
pub(super) fn load_all(options: &Options) -> Result<Vec<Loaded>, Exit> {
    let mut loaded = Vec::new();
    let mut wrong = false;
    let mut tags = BTreeSet::new();
    for path in scenario_files(&options.scenarios)? {
        match scenario::load(&path, &options.overriding.overrides(), &broker::REGISTRY) {
            Ok(scenario) => {
                tags.extend(scenario.scenario.tags.iter().cloned());
                if !options.wants(&scenario.scenario) {
                    continue;
                }
                wrong |= options.environment == Where::External && !is_external(&scenario.scenario, &path);
                // Quiet drops what is only on the way; a warning is about the result.
                scenario.warnings.iter().for_each(|warning| exit::show(warning));
                loaded.push(scenario);
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
