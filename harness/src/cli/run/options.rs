//! What `harness run` takes.

use crate::cli::exit;
use crate::cli::overriding::Overriding;
use crate::cli::progress::Audience;
use crate::environment::EnvironmentKind;
use crate::scenario::Scenario;
use std::path::PathBuf;

/// What it takes.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct Options {
    /// Scenario files, or folders of them
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(super) scenarios: Vec<PathBuf>,
    /// The run's folder; with several scenarios, or a matrix, the folder in which each run gets a folder [default: runs/<UTC time>-<scenario>]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Compare the run with this one when it is over; the worse of both exits counts. With several scenarios, or a
    /// matrix: the folder in which each has its run
    #[arg(long, value_name = "DIR")]
    pub(super) baseline: Option<PathBuf>,
    /// Where brokers run
    #[arg(long, value_enum, default_value_t = Where::Auto)]
    pub(super) environment: Where,
    /// Only scenarios that have this tag; given several times, those that have one of them
    #[arg(long = "tag", value_name = "NAME")]
    pub(super) tags: Vec<String>,
    #[command(flatten)]
    pub(super) overriding: Overriding,
    /// Leave brokers and proxy running, and say how to get at them; `harness clean` removes them
    #[arg(long)]
    pub(super) keep: bool,
    /// No progress on stderr; warnings and errors are told all the same
    #[arg(long)]
    pub(super) quiet: bool,
    /// Print result.json instead of the summary
    #[arg(long)]
    pub(super) json: bool,
    /// Print nothing on stdout: somebody else answers
    #[arg(skip)]
    pub(super) unanswered: bool,
}

/// Where brokers run, on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Where {
    /// In containers if an engine answers, else as processes
    Auto,
    /// In containers
    Containers,
    /// As processes of this machine; `make processes` gets the programs
    Processes,
    /// They run already, at the addresses in `external` of every system
    External,
}

impl From<Where> for EnvironmentKind {
    fn from(place: Where) -> Self {
        match place {
            // What the harness itself needs beside brokers of others is its proxy.
            Where::Auto | Where::External => Self::Auto,
            Where::Containers => Self::Containers,
            Where::Processes => Self::Processes,
        }
    }
}

impl Options {
    /// For a caller that prints an answer of its own, and says where each run goes.
    pub(in crate::cli) fn unanswered(
        scenarios: Vec<PathBuf>,
        environment: Where,
        tags: Vec<String>,
        overriding: Overriding,
        quiet: bool,
    ) -> Self {
        Self {
            scenarios,
            out: None,
            baseline: None,
            environment,
            tags,
            overriding,
            keep: false,
            quiet,
            json: false,
            unanswered: true,
        }
    }

    /// Whether a scenario is to be run, by its tags.
    pub(super) fn wants(&self, scenario: &Scenario) -> bool {
        self.tags.is_empty() || self.tags.iter().any(|tag| scenario.tags.contains(tag))
    }

    pub(super) fn audience(&self) -> Audience {
        if self.quiet { Audience::Nobody } else { Audience::at_stderr() }
    }

    /// Tells whoever wants to be told.
    pub(super) fn say(&self, words: &str) {
        if !self.quiet {
            exit::say(words);
        }
    }
}
