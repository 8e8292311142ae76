//! `harness trend`: figures over many runs, with where they changed for good. What a change is, is in `reports/src/trend/`.

use super::judge::style;
use super::{Exit, answer, exit};
use reports::render::{console, write_trend};
use reports::result::{RESULT_SCHEMA, RunResult};
use reports::trend::trend as over;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// What it takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Each folder is a run, or holds runs at any depth: runs/, or the archive of `harness nightly`. Runs of one scenario \
    with the same load on the same machine stand in one line, in the order of their begin.\n\nExit codes: 0 the trends were written, \
    2 the command line is wrong or there is no run, 4 a file could not be written."
)]
pub(super) struct Options {
    /// Folders of runs
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Where trend.html, trend.md and trend.json go
    #[arg(long, value_name = "DIR", default_value = "trend")]
    out: PathBuf,
    /// Print trend.json instead of the summary
    #[arg(long)]
    json: bool,
}

pub(super) fn trend(options: &Options) -> Exit {
    let mut runs = Vec::new();
    let mut notes = Vec::new();
    for folder in &options.folders {
        if let Err(exit) = read_all(folder, &mut runs, &mut notes) {
            return exit;
        }
    }
    if runs.is_empty() {
        notes.iter().for_each(|note| exit::say(note));
        let help = "results of other versions are read after `harness report RUN`, which judges the history anew";
        return exit::explain(&miette::diagnostic!(help = help, "no run could be read"), Exit::Usage);
    }
    let trend = over(&runs, notes);
    let written = match write_trend(&trend, &options.out) {
        Ok(()) => Exit::Pass,
        Err(error) => exit::explain(&miette::diagnostic!("{error}"), Exit::Environment),
    };
    let printed = if options.json {
        answer::print(&serde_json::to_string_pretty(&trend).unwrap_or_default())
    } else {
        let page = options.out.join("trend.html");
        answer::print(&format!("{}\nreport: {}", console::trend(&trend, style()), page.display()))
    };
    written.worse(printed)
}

/// Reads the results of all runs in a folder. Errors have been shown: a folder without any run is a wrong command line.
fn read_all(folder: &Path, runs: &mut Vec<RunResult>, notes: &mut Vec<String>) -> Result<(), Exit> {
    if !folder.is_dir() {
        let what = if folder.exists() { "is a file, not a folder of runs" } else { "does not exist" };
        let help = "name runs' folders, or a folder that holds them: runs, or the archive of `harness nightly`";
        return Err(exit::explain(&miette::diagnostic!(help = help, "{} {what}", folder.display()), Exit::Usage));
    }
    let before = runs.len() + notes.len();
    for file in results_in(folder) {
        match read(&file) {
            Ok(run) => runs.push(run),
            Err(why) => notes.push(format!("{}: {why}", file.display())),
        }
    }
    if runs.len() + notes.len() == before {
        let help = "a run's folder has a result.json, which `harness run` and `harness judge` write";
        let what = format!("{} holds no run", folder.display());
        return Err(exit::explain(&miette::diagnostic!(help = help, "{what}"), Exit::Usage));
    }
    Ok(())
}

/// Results of runs, in a fixed order. What was run again to confirm a comparison belongs to that: it lies beside a result.
fn results_in(folder: &Path) -> Vec<PathBuf> {
    let is_of_comparison = |entry: &DirEntry| {
        entry.file_name() == "compare" && entry.path().parent().is_some_and(|run| run.join("result.json").is_file())
    };
    let is_wanted = |entry: &DirEntry| entry.depth() == 0 || !is_of_comparison(entry);
    let walk = WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(is_wanted).filter_map(Result::ok);
    walk.filter(|entry| entry.file_name() == "result.json").map(DirEntry::into_path).collect()
}

fn read(file: &Path) -> Result<RunResult, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let run: RunResult =
        serde_json::from_str(&text).map_err(|error| format!("it cannot be read as a result: {error}"))?;
    if run.schema != RESULT_SCHEMA {
        return Err(format!("it is of the schema {:?}, and {RESULT_SCHEMA} is read", run.schema));
    }
    if run.run.scenario.is_empty() {
        return Err("it does not say what its scenario was: it is of an older build".to_owned());
    }
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_at_any_depth_and_what_a_comparison_ran_again_is_not_one() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["a/result.json", "night/compare/result.json", "a/compare/again/result.json"] {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().expect("a parent")).expect("made");
            std::fs::write(file, "{}").expect("written");
        }
        let found = results_in(folder.path());
        let found: Vec<&Path> = found.iter().map(|file| file.strip_prefix(folder.path()).expect("within")).collect();
        assert_eq!(found, [Path::new("a/result.json"), Path::new("night/compare/result.json")]);
    }
}
