//! `harness search`: the highest rate that each system sustains. Which rate is tried next is decided in `reports/src/search/`.

use super::judge::style;
use super::overriding::Overriding;
use super::run::{self, Ended, Where};
use super::{Exit, answer, exit, provenance};
use crate::broker;
use crate::model::Curve;
use crate::scenario::{self, Loaded, Overrides, Scenario};
use crate::trial::{Interrupt, Urgency};
use humantime::format_duration;
use reports::facts::Limits;
use reports::render::{console, write_search};
use reports::search::{NextRate, Purpose, Range, SEARCH_SCHEMA, Search, SearchStep, SystemSearch, Walk, next};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What it takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Rates double until one does not hold, then the middle is tried until the answer is known to the precision; what is found \
    must hold for longer twice, and more often than it fails. A rate holds where everything that the scenario expects held, and \
    nothing piled up. Each step is a run of its own, on brokers that are started anew, and keeps its reports.\n\n\
    Exit codes: 0 the highest rate of every system is known, 2 the scenario or the command line is wrong, 3 it is not known (no rate \
    held, no rate failed, the load generator was the limit, the machine's speed changed, or the broker was cold when the load began), \
    4 the environment could not be prepared, 130 interrupted.\n\n\
    Examples:\n  harness search scenarios/baseline.toml --system redis-direct\n  \
    harness search limit.toml --set 'expect.latency.end-to-end-p99=\"20ms\"' --from 10000 --searches 3"
)]
pub(super) struct Options {
    /// The scenario, without faults. Its rate is left out; all else is as it says
    #[arg(value_name = "FILE")]
    scenario: PathBuf,
    /// The first rate, in messages a second [default: the scenario's, on average; 1000 where it is unlimited]
    #[arg(long, value_name = "RATE", value_parser = rate)]
    from: Option<f64>,
    /// No rate above this is tried
    #[arg(long, value_name = "RATE", value_parser = rate)]
    to: Option<f64>,
    /// How close the rates must be between which the answer lies: 0.05 is 5 %
    #[arg(long, value_name = "SHARE", default_value_t = 0.05, value_parser = precision)]
    precision: f64,
    /// How long the load of each step is
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = humantime::parse_duration)]
    step: Duration,
    /// How long the load is that must hold twice to be the answer
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    hold: Duration,
    /// How often it is searched from the beginning: with more than once, the answer has an interval
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    searches: u32,
    /// Where search.html and the steps' runs go [default: runs/<UTC time>-search-<scenario>]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Where brokers run
    #[arg(long, value_enum, default_value_t = Where::Auto)]
    environment: Where,
    #[command(flatten)]
    overriding: Overriding,
    /// No progress on stderr
    #[arg(long)]
    quiet: bool,
    /// Print search.json instead of the summary
    #[arg(long)]
    json: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "write messages a second, as in 5000".to_owned())?;
    if rate.is_finite() && rate >= 1.0 { Ok(rate) } else { Err("write 1 or more messages a second".to_owned()) }
}

fn precision(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "write a share, as in 0.05 for 5 %".to_owned())?;
    if (0.001..=0.5).contains(&share) { Ok(share) } else { Err("write a share between 0.001 and 0.5".to_owned()) }
}

pub(super) async fn search(options: Options) -> Exit {
    match through(&options).await {
        Ok(exit) | Err(exit) => exit,
    }
}

async fn through(options: &Options) -> Result<Exit, Exit> {
    let loaded = load_whole(options)?;
    loaded.warnings.iter().for_each(|warning| exit::show(warning));
    let scenario = &loaded.scenario;
    let from = options.from.unwrap_or_else(|| first_rate(scenario));
    let range = Range { from, to: options.to, precision: options.precision };
    let interrupt = Interrupt::listen()
        .map_err(|error| exit::explain(&miette::diagnostic!("cannot listen to signals: {error}"), Exit::Environment))?;
    let name = scenario.name.clone();
    let out = options
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from("runs").join(provenance::run_id(&format!("search-{name}"))));
    must_be_empty(&out)?;
    let mut search = Search {
        schema: SEARCH_SCHEMA.to_owned(),
        scenario: name,
        title: scenario.title.clone(),
        started: provenance::timestamp(),
        limits: limits(&scenario.expect),
        precision: options.precision,
        systems: Vec::new(),
    };
    let searching = Searching { options, range, out: &out, interrupt: &interrupt };
    let names: Vec<String> = scenario.systems.iter().map(|system| system.spec.name.clone()).collect();
    for system in names {
        search.systems.push(SystemSearch { system, walks: Vec::new() });
    }
    let stopped = searching.all(&mut search).await;
    let written = write(&search, &out);
    let printed = if options.json {
        answer::print(&serde_json::to_string_pretty(&search).unwrap_or_default())
    } else {
        let page = out.join("search.html");
        answer::print(&format!("{}\nreport: {}", console::search(&search, style()), page.display()))
    };
    let found = Exit::of(search.verdict());
    Ok(stopped.unwrap_or(Exit::Pass).worse(found).worse(written).worse(printed))
}

/// The scenario's mean rate; where it has none, one that every broker takes.
fn first_rate(scenario: &Scenario) -> f64 {
    const ANY_BROKER: f64 = 1000.0;
    match scenario.workload.rate.is_closed() {
        true => ANY_BROKER,
        false => Curve::of(&scenario.workload.rate, &scenario.phases).mean().max(1.0),
    }
}

/// The scenario with what the command line, or a step, changes. Errors have been shown.
fn changed(options: &Options, overrides: &Overrides) -> Result<Loaded, Exit> {
    scenario::load(&options.scenario, overrides, &broker::REGISTRY).map_err(|errors| {
        exit::show(&errors);
        Exit::Usage
    })
}

/// The scenario as it is searched, which has no faults. Errors have been shown.
fn load_whole(options: &Options) -> Result<Loaded, Exit> {
    let loaded = changed(options, &options.overriding.overrides())?;
    if !loaded.scenario.faults.is_empty() {
        let help = "search a scenario without faults; a copy of this one without its [[faults]] and [chaos] will do";
        let what = format!(
            "{} has faults, and what a system sustains is searched while nothing is broken",
            options.scenario.display()
        );
        return Err(exit::explain(&miette::diagnostic!(help = help, "{what}"), Exit::Usage));
    }
    Ok(loaded)
}

/// A search is never written over. An error has been shown.
fn must_be_empty(out: &Path) -> Result<(), Exit> {
    let taken = out.is_file() || std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if !taken {
        return Ok(());
    }
    let help = "name another folder with --out, or none for a new one under runs/";
    let what = format!("{} is there already, and a search is never written over", out.display());
    Err(exit::explain(&miette::diagnostic!(help = help, "{what}"), Exit::Usage))
}

/// What has to hold of speed, in words.
fn limits(expect: &Limits) -> Vec<String> {
    let latencies = expect.latency.iter();
    let latencies = latencies.map(|limit| format!("{} {} ≤ {}", limit.kind.name(), limit.statistic, limit.limit));
    let rates = expect.throughput.iter().map(|limit| format!("{} ≥ {}/s", limit.kind.name(), limit.limit));
    latencies.chain(rates).collect()
}

/// Writes what is known so far. An error has been shown.
fn write(search: &Search, out: &Path) -> Exit {
    match write_search(search, out) {
        Ok(()) => Exit::Pass,
        Err(error) => exit::explain(&miette::diagnostic!("{error}"), Exit::Environment),
    }
}

struct Searching<'a> {
    options: &'a Options,
    range: Range,
    out: &'a Path,
    interrupt: &'a Interrupt,
}

impl Searching<'_> {
    /// Every system as often as is asked for, in turns: the first search of each, then the second of each. What stopped it.
    async fn all(&self, search: &mut Search) -> Option<Exit> {
        for _ in 0..self.options.searches {
            for index in 0..search.systems.len() {
                if let Err(stopped) = self.walk(search, index).await {
                    return Some(stopped);
                }
            }
        }
        None
    }

    /// Searches one system from the beginning. What is known is written after each step.
    async fn walk(&self, search: &mut Search, index: usize) -> Result<(), Exit> {
        let name = search.systems[index].system.clone();
        let before: usize = search.systems[index].walks.iter().map(|walk| walk.steps.len()).sum();
        let mut walk = Walk::default();
        search.systems[index].walks.push(walk.clone());
        while walk.found.is_none() {
            match next(self.range, &walk.steps) {
                NextRate::Over(found) => walk.found = Some(found),
                NextRate::Try(rate, purpose) => {
                    let number = before + walk.steps.len() + 1;
                    walk.steps.push(self.step(&name, number, rate, purpose).await?);
                }
            }
            if let Some(kept) = search.systems[index].walks.last_mut() {
                kept.clone_from(&walk);
            }
            let _ = write(search, self.out);
        }
        Ok(())
    }

    /// Tries one rate. What stopped it has been shown.
    async fn step(&self, system: &str, number: usize, rate: f64, purpose: Purpose) -> Result<SearchStep, Exit> {
        let load = if purpose == Purpose::Hold { self.options.hold } else { self.options.step };
        let folder = format!("{system}-{number:02}-{rate:.0}");
        self.say(&format!("{system}: step {number}, {rate:.0} msg/s for {}", format_duration(load)));
        let mut overrides = self.options.overriding.overrides();
        overrides.systems = vec![system.to_owned()];
        overrides.flags.push(("--step", format!("phases.load={load:?}", load = format_duration(load).to_string())));
        overrides.flags.push(("--from", format!("workload.rate={{ constant = {{ per-second = {rate} }} }}")));
        overrides.flags.push(("--searches", "repeats=1".to_owned()));
        let loaded = changed(self.options, &overrides)?;
        let runs = run::Options::unanswered(
            vec![self.options.scenario.clone()],
            self.options.environment,
            Vec::new(),
            self.options.overriding.clone(),
            true,
        );
        let Ended { exit, judged } = run::one(&runs, &loaded, &self.out.join(&folder), self.interrupt.clone()).await;
        if self.interrupt.urgency() > Urgency::No {
            return Err(Exit::Interrupted);
        }
        if judged.is_none() {
            return Err(exit);
        }
        let step = SearchStep::of(judged.as_ref(), rate, purpose, &folder, &loaded.scenario.expect.latency);
        self.say(&format!("{system}: step {number}, {rate:.0} msg/s: {}", step.why));
        Ok(step)
    }

    fn say(&self, words: &str) {
        if !self.options.quiet {
            exit::say(words);
        }
    }
}
