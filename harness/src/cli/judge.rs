//! `harness judge`: measures and checks the saved history of a run again.

use super::{Exit, answer, exit};
use reports::judge::{JudgeError, Judged, judge_run};
use reports::matrix::MATRIX_FILE;
use reports::render::console::{self, Style};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// What it takes.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// A run's folder
    run: PathBuf,
    /// Print result.json instead of the summary
    #[arg(long)]
    json: bool,
}

pub(super) fn judge(options: &Options) -> Exit {
    match judge_and_write(&options.run) {
        Ok((judged, _)) => {
            let format = if options.json { Format::Json } else { Format::Summary };
            print(&judged, format).worse(Exit::of(judged.result.verdict))
        }
        Err(exit) => exit,
    }
}

/// How a result goes to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// For people.
    Summary,
    /// `result.json`.
    Json,
}

/// Judges a run and writes its reports anew; whether they could be written stands beside. Errors have been shown.
pub(super) fn judge_and_write(run: &Path) -> Result<(Judged, Exit), Exit> {
    let judged = judged_or(run, Exit::Environment)?;
    let written = match reports::render::write_reports(&judged, run) {
        Ok(()) => Exit::Pass,
        Err(error) => {
            let help = "what was found stands below all the same; copy the folder to where files can be written for its reports";
            exit::explain(&miette::diagnostic!(help = help, "{error}"), Exit::Environment)
        }
    };
    Ok((judged, written))
}

/// Judges a run without touching its folder. Errors have been shown: what is no run at all is a wrong command line, what is a
/// damaged one is unknown.
pub(super) fn judge_only(run: &Path) -> Result<Judged, Exit> {
    judged_or(run, Exit::Unknown)
}

/// Judges a run. `damaged`: the exit where it is a run that cannot be read.
fn judged_or(run: &Path, damaged: Exit) -> Result<Judged, Exit> {
    must_be_folder(run)?;
    judge_run(run).map_err(|error| {
        let exit = match error {
            JudgeError::NoTrials { .. } | JudgeError::List { .. } => Exit::Usage,
            JudgeError::Open { .. } | JudgeError::Measure { .. } => damaged,
        };
        exit::explain(&miette::diagnostic!("{error}"), exit)
    })
}

/// A run's folder is there. An error has been shown.
fn must_be_folder(run: &Path) -> Result<(), Exit> {
    if run.join(MATRIX_FILE).is_file() {
        let help = "name one of its cells, each of which is a run: they are the folders in it";
        let what = format!("{} is the folder of a matrix, not of a run", run.display());
        return Err(exit::explain(&miette::diagnostic!(help = help, "{what}"), Exit::Usage));
    }
    if run.is_dir() {
        return Ok(());
    }
    let what = if run.exists() { "is a file, not a run's folder" } else { "does not exist" };
    let help = "name a run's folder, as `harness run` prints it: runs/TIME-SCENARIO, or the one given with --out";
    Err(exit::explain(&miette::diagnostic!(help = help, "{} {what}", run.display()), Exit::Usage))
}

/// Prints a result to stdout; whether it could.
#[must_use]
pub(super) fn print(judged: &Judged, format: Format) -> Exit {
    let text = match format {
        Format::Summary => console::summary(judged, style()),
        Format::Json => serde_json::to_string_pretty(&judged.result).unwrap_or_default(),
    };
    answer::print(text.trim_end())
}

pub(super) fn style() -> Style {
    let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if std::io::stdout().is_terminal() && !forbidden { Style::Coloured } else { Style::Plain }
}
