//! What `harness nightly` takes.

use crate::cli::overriding::Overriding;
use crate::cli::run::{self, Where};
use crate::model::size;
use std::path::PathBuf;

/// What it takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 everything passed and nothing has become worse, 1 something failed or a regression is confirmed, \
    2 the command line or a scenario is wrong, 3 unknown, 4 the environment could not be prepared, 130 interrupted.\n\n\
    Examples:\n  harness nightly scenarios --tag quick --repeats 5\n  \
    harness nightly scenarios --archive /var/lib/harness --keep-size 20GiB --keep-nights 30"
)]
pub(in crate::cli) struct Options {
    /// The folder of the scenarios
    #[arg(value_name = "DIR")]
    pub(super) scenarios: PathBuf,
    /// Where nights are kept: each in a folder of its own, with index.html above them
    #[arg(long, value_name = "DIR", default_value = "nightly")]
    pub(super) archive: PathBuf,
    /// How much the archive may hold. Histories are dropped first, then whole nights; never the last good run of a scenario
    #[arg(long, value_name = "SIZE", default_value = "5GiB", value_parser = size_of)]
    pub(super) keep_size: u64,
    /// How many nights are kept, beside the last good run of each scenario [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) keep_nights: Option<u32>,
    /// Take this scenario's run as its new base if it passes, although it is worse than the one before; may be given several
    /// times
    #[arg(long = "accept", value_name = "NAME")]
    pub(super) accepted: Vec<String>,
    /// The base's build: what looks worse is run again with it before and after this one
    #[arg(long, value_name = "PATH")]
    pub(super) base_binary: Option<PathBuf>,
    /// Where brokers run
    #[arg(long, value_enum, default_value_t = Where::Auto)]
    environment: Where,
    /// Only scenarios that have this tag; given several times, those that have one of them
    #[arg(long = "tag", value_name = "NAME")]
    tags: Vec<String>,
    #[command(flatten)]
    overriding: Overriding,
    /// No progress on stderr
    #[arg(long)]
    pub(super) quiet: bool,
}

fn size_of(text: &str) -> Result<u64, String> {
    size::parse(text).map_err(|error| format!("{error}; write it as in 5GiB"))
}

impl Options {
    /// How each of these scenarios is run.
    pub(super) fn of_runs(&self, scenarios: Vec<PathBuf>) -> run::Options {
        let (tags, overriding) = (self.tags.clone(), self.overriding.clone());
        run::Options::unanswered(scenarios, self.environment, tags, overriding, self.quiet)
    }
}
