//! Runs a scenario again, to confirm: the present build alone, or between two runs of the base's build.

use crate::cli::judge::judge_only;
use crate::cli::{Exit, exit};
use crate::trial::Interrupt;
use reports::compare::Rerun;
use reports::result::RunResult;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Fewer rounds of both builds in turns could not confirm anything.
const FEWEST_ROUNDS: u32 = 3;

/// What of a run's command line decides what is run. Each takes a value; repeats are given apart.
const KEPT: [&str; 4] = ["--profile", "--set", "--system", "--environment"];

/// Runs a run's scenario again as it was run, below `out`. Errors have been shown.
pub(super) async fn run(run: &RunResult, scenario: &Path, base: Option<&Path>, out: &Path) -> Result<Rerun, Exit> {
    // Whoever interrupts, interrupts the run that is going on; it ends in order, and then so does this.
    let _interrupt = Interrupt::listen().ok();
    let folder = new_folder(out);
    let copy = folder.join(format!("{}.toml", run.scenario.name));
    let copied = std::fs::create_dir_all(&folder).and_then(|()| std::fs::copy(scenario, &copy));
    copied.map_err(|error| {
        let words = format!("cannot copy {} to {}: {error}", scenario.display(), copy.display());
        exit::explain(&miette::diagnostic!("{words}"), Exit::Environment)
    })?;
    let own = std::env::current_exe().map_err(|error| {
        exit::explain(&miette::diagnostic!("cannot find this program to run it again: {error}"), Exit::Environment)
    })?;
    let arguments = kept(&run.run.command);
    let go = async |binary: &Path, repeats: u32, name: String| {
        one(binary, &copy, &arguments, repeats, &folder.join(&name)).await
    };
    let repeats = repeats(run);
    let Some(base) = base else {
        return Ok(Rerun { controls: Vec::new(), candidates: vec![go(&own, repeats, "candidate".to_owned()).await?] });
    };
    let mut rerun = Rerun { controls: vec![go(base, 1, "baseline-0".to_owned()).await?], candidates: Vec::new() };
    for round in 1..=repeats.max(FEWEST_ROUNDS) {
        rerun.candidates.push(go(&own, 1, format!("candidate-{round}")).await?);
        rerun.controls.push(go(base, 1, format!("baseline-{round}")).await?);
    }
    Ok(rerun)
}

/// How often each system was tried.
fn repeats(run: &RunResult) -> u32 {
    run.trials.iter().map(|trial| trial.repeat).max().unwrap_or(1)
}

async fn one(
    binary: &Path,
    scenario: &Path,
    arguments: &[String],
    repeats: u32,
    out: &Path,
) -> Result<reports::judge::Judged, Exit> {
    exit::say(&format!("running again, into {}", out.display()));
    let mut command = Command::new(binary);
    command
        .arg("run")
        .arg(scenario)
        .args(arguments)
        .arg("--repeats")
        .arg(repeats.to_string())
        .arg("--out")
        .arg(out)
        .arg("--quiet");
    let ended = command.stdout(std::process::Stdio::null()).status().await;
    let code = ended.as_ref().map_or(None, std::process::ExitStatus::code);
    match (ended, code) {
        // What the run found is no matter here; that it was carried out is.
        (Ok(_), Some(0 | 1 | 3)) => judge_only(out),
        (Ok(_), Some(130)) => Err(Exit::Interrupted),
        (Ok(status), _) => {
            let words = format!("{} could not run the scenario again: {status}", binary.display());
            Err(exit::explain(&miette::diagnostic!("{words}"), Exit::Environment))
        }
        (Err(error), _) => {
            let help = "name the program of the base's build: --base-binary target/base/harness";
            let words = format!("{} cannot be started: {error}", binary.display());
            Err(exit::explain(&miette::diagnostic!(help = help, "{words}"), Exit::Environment))
        }
    }
}

/// `again-1`, or the next that is free: a run is never written over.
fn new_folder(out: &Path) -> PathBuf {
    (1..).map(|number: u32| out.join(format!("again-{number}"))).find(|folder| !folder.exists()).unwrap_or_default()
}

/// The arguments of a run's command line that decide what is run.
fn kept(command: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = command.iter();
    while let Some(word) = words.next() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        if KEPT.contains(&name)
            && let Some(value) = value.or_else(|| words.next().cloned())
        {
            kept.extend([name.to_owned(), value]);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_a_run_is_kept_and_its_files_and_looks_are_not() {
        let command = "harness run a.toml --set workload.producers=4 --out runs/a --system=redis --quiet --repeats 3";
        let command: Vec<String> = command.split(' ').map(str::to_owned).collect();
        assert_eq!(kept(&command), ["--set", "workload.producers=4", "--system", "redis"]);
    }
}
