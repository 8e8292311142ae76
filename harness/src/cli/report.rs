//! `harness report`: writes the reports of a run again.

use super::{Exit, answer, judge};
use std::path::PathBuf;

/// What it takes.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Runs' folders
    #[arg(required = true)]
    runs: Vec<PathBuf>,
}

pub(super) fn report(options: &Options) -> Exit {
    let mut exit = Exit::Pass;
    for run in &options.runs {
        match judge::judge_and_write(run) {
            Ok((judged, written)) => {
                let verdict = judged.result.verdict.word();
                let said = answer::print(&format!("{verdict} {}", run.join("report.html").display()));
                exit = exit.worse(said).worse(written);
            }
            Err(error) => exit = exit.worse(error),
        }
    }
    exit
}
