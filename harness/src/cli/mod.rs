//! The command line: one file for each subcommand.
//! From here everything of the harness may be called; nothing calls back.
//! To add one: copy `judge.rs`, and add its variant to `Command` and its line to `dispatch`.

#![deny(clippy::print_stdout, clippy::print_stderr, reason = "they panic when their reader has gone: see `answer`")]

mod allocator;
mod answer;
mod cells;
pub mod clean;
mod compare;
pub mod doctor;
mod exit;
mod init;
mod judge;
pub mod list;
mod nightly;
mod overriding;
pub mod plan;
mod progress;
mod provenance;
mod reap;
mod report;
mod run;
mod scenario_files;
mod search;
mod table;
mod trend;
mod worker;

pub use exit::Exit;

use clap::{CommandFactory, Parser, Subcommand};

/// Benchmarks message brokers, breaks their network, and accounts for every message.
///
/// A scenario file describes the load, the brokers, the faults and the expectations. The harness runs it on real brokers
/// behind a real proxy, and answers with a verdict, charts and an exit code.
#[derive(Debug, Parser)]
#[command(name = "harness", version = provenance::VERSION, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 pass, 1 fail, 2 the scenario or the command line is wrong, 3 unknown, \
    4 the environment could not be prepared, 130 interrupted.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios on real brokers and report
    Run(run::Options),
    /// Show what a scenario would do, without starting anything
    Plan(plan::Options),
    /// Write a commented scenario to begin with
    Init(init::Options),
    /// Measure and check the saved history of a run again
    Judge(judge::Options),
    /// Write the reports of a run again
    Report(report::Options),
    /// Say what differs between two runs, and how sure that is
    Compare(compare::Options),
    /// Find the highest rate that each system sustains
    Search(search::Options),
    /// Show figures over many runs, and where they changed for good
    Trend(trend::Options),
    /// Run a folder of scenarios, compare each with its last good run, and keep an archive
    Nightly(nightly::Options),
    /// List scenarios, systems, faults and checks
    List(list::Options),
    /// Check this machine: what is installed, what is missing, and what to do about it
    Doctor(doctor::Options),
    /// Remove what killed runs have left behind
    Clean,
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Produce or consume for a run, which controls it over stdin and stdout
    #[command(hide = true)]
    Worker,
    /// Wait for the end of a run's process, and remove what it leaves
    #[command(hide = true)]
    Reap {
        /// The run's id
        run: String,
        /// The run's process
        harness: i32,
    },
}

/// Runs the command line; returns what the process exits with.
pub fn main() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(help_or_error) => {
            let printed = help_or_error.print();
            return if help_or_error.use_stderr() { Exit::Usage } else { answer::printed(printed) };
        }
    };
    let logging = tracing_subscriber::EnvFilter::try_from_env("HARNESS_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(logging).with_writer(std::io::stderr).with_ansi(false).init();
    if matches!(arguments.command, Command::Judge(_) | Command::Report(_) | Command::Compare(_)) {
        allocator::keep_little();
    }
    dispatch(arguments.command)
}

fn dispatch(command: Command) -> Exit {
    match command {
        Command::Run(options) => in_runtime(run::run(options)),
        Command::Plan(options) => plan::plan(&options),
        Command::Init(options) => init::init(&options),
        Command::Judge(options) => judge::judge(&options),
        Command::Report(options) => report::report(&options),
        Command::Compare(options) => in_runtime(compare::compare(options)),
        Command::Search(options) => in_runtime(search::search(options)),
        Command::Trend(options) => trend::trend(&options),
        Command::Nightly(options) => in_runtime(nightly::nightly(options)),
        Command::List(options) => list::list(&options),
        Command::Doctor(options) => in_runtime(doctor::run(options)),
        Command::Clean => in_runtime(clean::run()),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "harness", &mut script);
            answer::print_all(&script)
        }
        Command::Man => print_manual(),
        Command::Worker => worker::worker(),
        Command::Reap { run, harness } => in_runtime(reap::run(run, harness)),
    }
}

fn print_manual() -> Exit {
    let mut page = Vec::new();
    match clap_mangen::Man::new(Arguments::command()).render(&mut page) {
        Ok(()) => answer::print_all(&page),
        Err(error) => exit::explain(&miette::diagnostic!("cannot print the manual page: {error}"), Exit::Environment),
    }
}

fn in_runtime(work: impl Future<Output = Exit>) -> Exit {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            let exit = runtime.block_on(work);
            // A worker's thread that does not come to its end must not hold the process.
            runtime.shutdown_background();
            exit
        }
        Err(error) => exit::explain(&miette::diagnostic!("no runtime could be started: {error}"), Exit::Environment),
    }
}
