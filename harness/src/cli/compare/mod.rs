//! `harness compare`: what differs between two runs. The statistics are in `reports/src/compare/`.
//! From here runs may be judged, compared and, to confirm, run again; what a run is, is not known here.
//! To add an option: add it to `Options`, and use it in `compare`.

mod again;

use super::judge::{judge_only, style};
use super::{Exit, answer, exit};
use reports::compare::{Differing, RunComparison, confirm, in_question};
use reports::judge::Judged;
use reports::render::{console, write_comparison};
use std::path::{Path, PathBuf};

/// What it takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 no regression is confirmed, 1 one is, 2 the command line is wrong or there is no run, \
    3 the runs cannot be compared, or nothing could be decided."
)]
pub(super) struct Options {
    /// The folder of the run to compare with
    base: PathBuf,
    /// The folder of the run that is compared
    run: PathBuf,
    /// Where compare.html, compare.md and compare.json go [default: RUN/compare]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Compare runs of different scenarios, settings or machines all the same
    #[arg(long)]
    anyway: bool,
    /// Print compare.json instead of the table
    #[arg(long)]
    json: bool,
    /// Run what looks worse again, and call a regression only if it does so twice
    #[arg(long)]
    confirm: bool,
    /// The base's build: it runs before and after this one, and the answer is unknown if it differs from itself
    #[arg(long, value_name = "PATH", requires = "confirm")]
    base_binary: Option<PathBuf>,
}

/// How a comparison goes to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// As a table.
    Table,
    /// As `compare.json`.
    Json,
    /// Not at all: something else is printed there.
    Nothing,
}

pub(super) async fn compare(options: Options) -> Exit {
    match compare_and_write(&options).await {
        Ok(exit) | Err(exit) => exit,
    }
}

async fn compare_and_write(options: &Options) -> Result<Exit, Exit> {
    let (base, run) = (judge_only(&options.base)?, judge_only(&options.run)?);
    let differing = if options.anyway { Differing::Anyway } else { Differing::Refuse };
    let out = options.out.clone().unwrap_or_else(|| default_out(&options.run));
    let mut comparison = reports::compare::compare(&base, &run, differing);
    if options.confirm {
        if in_question(&comparison) {
            let sides = Sides { base: &base, run: &run, folder: &options.run };
            comparison = sides.confirmed(comparison, differing, options.base_binary.as_deref(), &out).await?;
        } else {
            exit::say("nothing is in question, so nothing is run again");
        }
    }
    let shown = if options.json { Shown::Json } else { Shown::Table };
    Ok(tell(&comparison, &out, shown))
}

/// Two runs, and the folder of the second.
struct Sides<'a> {
    base: &'a Judged,
    run: &'a Judged,
    folder: &'a Path,
}

impl Sides<'_> {
    /// Runs again what is in question. Errors have been shown.
    async fn confirmed(
        &self,
        comparison: RunComparison,
        differing: Differing,
        base_binary: Option<&Path>,
        out: &Path,
    ) -> Result<RunComparison, Exit> {
        let scenario = self.folder.join("scenario.toml");
        let rerun = again::run(&self.run.result, &scenario, base_binary, out).await?;
        Ok(confirm(comparison, self.base, self.run, &rerun, differing))
    }
}

/// Compares the run in a folder with a base, runs again what is in question, and writes the comparison's files below the
/// folder. Errors have been shown.
pub(super) async fn confirmed(
    base: &Judged,
    run: &Judged,
    folder: &Path,
    base_binary: Option<&Path>,
) -> Result<RunComparison, Exit> {
    let (differing, out) = (Differing::Refuse, default_out(folder));
    let mut comparison = reports::compare::compare(base, run, differing);
    if in_question(&comparison) {
        let sides = Sides { base, run, folder };
        comparison = sides.confirmed(comparison, differing, base_binary, &out).await?;
    }
    write_comparison(&comparison, &out)
        .map_err(|error| exit::explain(&miette::diagnostic!("{error}"), Exit::Environment))?;
    Ok(comparison)
}

/// Compares the run in a folder with a baseline, for `harness run --baseline`. What came of it, where anything did.
pub(super) fn with_baseline(baseline: &Judged, run: &Path, shown: Shown) -> (Exit, Option<RunComparison>) {
    match judge_only(run) {
        Ok(judged) => {
            let comparison = reports::compare::compare(baseline, &judged, Differing::Refuse);
            (tell(&comparison, &default_out(run), shown), Some(comparison))
        }
        Err(exit) => (exit, None),
    }
}

fn default_out(run: &Path) -> PathBuf {
    run.join("compare")
}

/// Writes the reports and prints the answer; the exit is that of the comparison.
fn tell(comparison: &RunComparison, out: &Path, shown: Shown) -> Exit {
    let written = match write_comparison(comparison, out) {
        Ok(()) => Exit::Pass,
        Err(error) => exit::explain(&miette::diagnostic!("{error}"), Exit::Environment),
    };
    let printed = match shown {
        Shown::Table => {
            let page = out.join("compare.html");
            answer::print(&format!("{}\nreport: {}", console::differences(comparison, style()), page.display()))
        }
        Shown::Json => answer::print(&serde_json::to_string_pretty(comparison).unwrap_or_default()),
        Shown::Nothing => Exit::Pass,
    };
    written.worse(printed).worse(Exit::of_comparison(comparison.verdict))
}
