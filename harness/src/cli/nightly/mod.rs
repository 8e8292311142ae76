//! `harness nightly`: a folder of scenarios, each compared with its last good run, kept in an archive.
//! From here scenarios are run as `harness run` does it and compared as `harness compare --confirm` does it.
//! To tell one more thing of a night: fill it in in `evening.rs`, and show it in `reports/src/render/nights/`.

mod archive;
mod evening;
mod keep;
mod options;
mod pages;

pub(super) use options::Options;

use super::table::TextTable;
use super::{Exit, answer, exit, provenance, run};
use crate::model::size;
use crate::scenario::Loaded;
use crate::trial::{Interrupt, Urgency};
use archive::Archive;
use evening::Evening;
use keep::Limits;
use reports::night::Night;
use reports::result::RunResult;
use std::path::{Path, PathBuf};

pub(super) async fn nightly(options: Options) -> Exit {
    match through_the_night(&options).await {
        Ok(exit) | Err(exit) => exit,
    }
}

async fn through_the_night(options: &Options) -> Result<Exit, Exit> {
    let of_runs = options.of_runs(scenarios(&options.scenarios, &options.archive)?);
    // Each cell of a matrix is a scenario of its own name, with a last good run of its own.
    let loaded: Vec<Loaded> = run::load_all(&of_runs)?.into_iter().flat_map(|cells| cells.scenarios).collect();
    let names: Vec<&str> = loaded.iter().map(|loaded| loaded.scenario.name.as_str()).collect();
    run::distinct(&options.archive, names.iter().copied(), "or name a folder that holds only one of them")?;
    must_be_scenarios(&options.accepted, &names)?;
    let interrupt = Interrupt::listen()
        .map_err(|error| exit::explain(&miette::diagnostic!("cannot listen to signals: {error}"), Exit::Environment))?;
    let archive = Archive::open(&options.archive)?;
    let mut night = archive.begin(&loaded, &options.accepted)?;
    let base_binary = options.base_binary.as_deref();
    let evening = Evening { archive: &archive, options: &of_runs, base_binary, interrupt: &interrupt };
    let (results, stopped) = all(&evening, &loaded, &mut night).await?;
    night.ended = Some(provenance::timestamp());
    archive.save(&night)?;
    pages::write(&archive, &night, &results)?;
    let kept = keep(&archive, options);
    pages::write_index(&archive)?;
    let told = answer::print(told(&archive, &night).trim_end());
    let found = Exit::of(night.answer());
    Ok(stopped.worse(found).worse(kept).worse(told))
}

/// Every scenario, one after the other, each written down as soon as it is over. What stopped any of them.
async fn all(evening: &Evening<'_>, loaded: &[Loaded], night: &mut Night) -> Result<(Vec<RunResult>, Exit), Exit> {
    let mut results = Vec::new();
    let mut stopped = Exit::Pass;
    for (index, one) in loaded.iter().enumerate() {
        let Some(planned) = night.scenarios.get(index) else { break };
        let came = evening.carry_out(one, &night.id, planned).await;
        if let Some(place) = night.scenarios.get_mut(index) {
            *place = came.scenario;
        }
        results.extend(came.result);
        stopped = stopped.worse(came.stopped.unwrap_or(Exit::Pass));
        night.interrupted = evening.interrupt.urgency() > Urgency::No || came.stopped == Some(Exit::Interrupted);
        evening.archive.save(night)?;
        if night.interrupted {
            return Ok((results, Exit::Interrupted));
        }
    }
    Ok((results, stopped))
}

/// The scenarios of a folder, without those that an archive below it keeps.
fn scenarios(folder: &Path, archive: &Path) -> Result<Vec<PathBuf>, Exit> {
    if folder.is_file() {
        let help = "name its folder; `harness run` runs a single scenario";
        let what = format!("{} is a file, and a night is of a folder of scenarios", folder.display());
        return Err(exit::explain(&miette::diagnostic!(help = help, "{what}"), Exit::Usage));
    }
    if !folder.exists() {
        let help = "name the folder of the scenarios, as in `harness nightly scenarios`";
        let what = format!("{} does not exist", folder.display());
        return Err(exit::explain(&miette::diagnostic!(help = help, "{what}"), Exit::Usage));
    }
    let archive = archive.canonicalize().ok();
    let is_kept = |file: &PathBuf| {
        let file = file.canonicalize().ok();
        archive.as_ref().zip(file).is_some_and(|(archive, file)| file.starts_with(archive))
    };
    let mut files = run::scenario_files(&[folder.to_owned()])?;
    files.retain(|file| !is_kept(file));
    Ok(files)
}

fn must_be_scenarios(accepted: &[String], names: &[&str]) -> Result<(), Exit> {
    let unknown: Vec<&String> = accepted.iter().filter(|name| !names.contains(&name.as_str())).collect();
    for name in &unknown {
        let help = format!("the scenarios of this night are {}", names.join(", "));
        exit::show(&miette::diagnostic!(help = help, "--accept {name}: no scenario of this name is run"));
    }
    if unknown.is_empty() { Ok(()) } else { Err(Exit::Usage) }
}

/// Keeps the archive's limits. What cannot be removed, or is too much all the same, is said.
fn keep(archive: &Archive, options: &Options) -> Exit {
    let limits = Limits { bytes: options.keep_size, nights: options.keep_nights };
    match keep::keep(archive, limits) {
        Ok(held) if held > limits.bytes => {
            let (held, most) = (size::show(held), size::show(limits.bytes));
            exit::say(&format!(
                "the archive holds {held}, more than the {most} of --keep-size: the last good run of each scenario and the \
                 newest night's reports are kept all the same"
            ));
            Exit::Pass
        }
        Ok(_) => Exit::Pass,
        Err(error) => {
            let what = format!("cannot remove what is too old in {}: {error}", archive.folder().display());
            exit::explain(&miette::diagnostic!("{what}"), Exit::Environment)
        }
    }
}

/// The night as a table.
fn told(archive: &Archive, night: &Night) -> String {
    let mut table =
        TextTable::new(["verdict", "scenario", "what came of it", "comparison"].map(str::to_owned).to_vec());
    for scenario in &night.scenarios {
        let told = reports::render::nights::told(scenario);
        table.row(vec![told.sign, scenario.name.clone(), told.why, told.compared]);
    }
    let index = archive.folder().join("index.html");
    let headline = reports::render::nights::sentence(night);
    format!("{headline}.\n\n{}\nindex: {}", table.render(), index.display())
}
