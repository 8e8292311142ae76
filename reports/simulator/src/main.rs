//! Plays seeds until one disagrees with the judge.

use clap::Parser;
use simulator::plan::Allowed;
use simulator::seed::play;
use std::process::ExitCode;

/// Judges the judge: plays seeded trials whose truth is known, and compares every verdict and count.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds to play.
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Play this seed only, and print it in full.
    #[arg(long)]
    seed: Option<u64>,
    /// What is left of the seed, as a failing one printed it.
    #[arg(long, default_value = "0-1000")]
    allowed: String,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let allowed = Allowed::from_code(&arguments.allowed).unwrap_or_default();
    if let Some(seed) = arguments.seed {
        let outcome = play(seed, allowed);
        println!("{:#?}", outcome.plan);
        println!("{:#?}", outcome.wrong);
        return ExitCode::SUCCESS;
    }
    let mut kinds = std::collections::BTreeMap::new();
    for seed in arguments.from..arguments.from + arguments.seeds {
        for wrong in play(seed, allowed).wrong {
            let count = kinds.entry(wrong.about.clone()).or_insert((0, seed, wrong));
            count.0 += 1;
        }
    }
    for (about, (count, seed, wrong)) in kinds {
        println!("{about}: {count} times, first seed {seed}\n  truth {}\n  judge {}", wrong.truth, wrong.judge);
    }
    ExitCode::SUCCESS
}
