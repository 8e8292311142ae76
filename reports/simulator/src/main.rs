//! Plays seeds until one disagrees with the judge.

use clap::Parser;
use simulator::plan::Allowed;
use simulator::seed::play;
use simulator::survey::KnownSeeds;
use simulator::{shrink, survey};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Judges the judge: plays seeded trials whose truth is known, and compares every verdict and every count.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds to play
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Play this seed only, and print it in full
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// What is left of the seed, as a shrunk one names it
    #[arg(long, requires = "seed", value_parser = allowed, default_value = "0-1000")]
    allowed: Allowed,
    /// Threads [default: one for each core]
    #[arg(long)]
    threads: Option<usize>,
    /// Print every seed that disagrees and what about, a line each, and nothing else
    #[arg(long)]
    list: bool,
    /// Stop at the first disagreement that this file, made by `--list`, does not hold
    #[arg(long, conflicts_with = "list")]
    known: Option<PathBuf>,
}

fn allowed(code: &str) -> Result<Allowed, String> {
    Allowed::from_code(code).ok_or_else(|| "not what a shrunk seed prints: `1f-250`".to_owned())
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(seed) = arguments.seed {
        let outcome = play(seed, arguments.allowed);
        println!("{}", shrink::in_full(&outcome));
        return code(outcome.wrong.is_empty());
    }
    let threads = arguments.threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    let seeds = (arguments.from, arguments.seeds);
    if let Some(path) = &arguments.known {
        return until_unknown(seeds, threads, path);
    }
    if arguments.list {
        return list(seeds, threads);
    }
    let started = std::time::Instant::now();
    let found = survey::survey(arguments.from, arguments.seeds, threads, |played| {
        eprintln!(
            "{played} of {} seeds, {:.0} a second",
            arguments.seeds,
            played as f64 / started.elapsed().as_secs_f64()
        );
    });
    for finding in found.values() {
        println!("{finding}");
    }
    if let Some(first) = found.values().min_by_key(|finding| finding.seed) {
        println!("{}", shrink::shrunk(first.seed, &first.wrong.about));
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{} seeds in {seconds:.1} s: {} kinds of disagreement", arguments.seeds, found.len());
    code(found.is_empty())
}

/// Prints a line for each seed and what it disagrees about.
fn list((from, seeds): (u64, u64), threads: usize) -> ExitCode {
    let all = survey::all(from, seeds, threads);
    for (seed, about) in &all {
        println!("{seed}\t{about}");
    }
    ExitCode::SUCCESS
}

/// Says which seed is the first to disagree about something that is not known of it.
fn until_unknown((from, seeds): (u64, u64), threads: usize, path: &Path) -> ExitCode {
    let known = match std::fs::read_to_string(path) {
        Ok(text) => text.lines().filter_map(known).collect::<KnownSeeds>(),
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            return ExitCode::from(2);
        }
    };
    let found = survey::unknown(from, seeds, threads, &known);
    let Some((seed, _)) = found.first() else {
        println!("not found within {seeds} seeds");
        return ExitCode::SUCCESS;
    };
    let about: Vec<_> = found.iter().filter(|(one, _)| one == seed).map(|(_, about)| about.as_str()).collect();
    println!("seed {seed}: {}", about.join(", "));
    ExitCode::FAILURE
}

fn known(line: &str) -> Option<(u64, String)> {
    let (seed, about) = line.split_once('\t')?;
    Some((seed.parse().ok()?, about.to_owned()))
}

fn code(agrees: bool) -> ExitCode {
    if agrees { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
