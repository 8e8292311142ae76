//! `harness report`: writes the reports of a run again, or the page of a matrix.

use super::{Exit, answer, exit, judge};
use reports::matrix::{MATRIX_FILE, Matrix};
use reports::render::write_matrix;
use std::path::{Path, PathBuf};

/// What it takes.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Runs' folders, or those of matrices
    #[arg(required = true)]
    runs: Vec<PathBuf>,
}

pub(super) fn report(options: &Options) -> Exit {
    let mut exit = Exit::Pass;
    for run in &options.runs {
        if let Some(again) = matrix_again(run) {
            exit = exit.worse(again);
            continue;
        }
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

/// Writes the files of a matrix again, from its `matrix.json`. `None`: the folder is no matrix's. Errors have been shown.
fn matrix_again(folder: &Path) -> Option<Exit> {
    let file = folder.join(MATRIX_FILE);
    let text = file.is_file().then(|| std::fs::read_to_string(&file))?;
    let matrix: Result<Matrix, String> = text
        .map_err(|error| error.to_string())
        .and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
    let written = match matrix {
        Ok(matrix) => {
            write_matrix(&matrix, folder).map(|()| matrix.verdict().word()).map_err(|error| error.to_string())
        }
        Err(error) => Err(format!("{} cannot be read: {error}", file.display())),
    };
    Some(match written {
        Ok(verdict) => answer::print(&format!("{verdict} {}", folder.join("index.html").display())),
        Err(error) => exit::explain(&miette::diagnostic!("{error}"), Exit::Environment),
    })
}
