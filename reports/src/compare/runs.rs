//! Compares two judged runs.

use super::comparison::{
    COMPARE_SCHEMA, Change, CompareVerdict, ComparedRun, Refusal, RunComparison, SystemComparison,
};
use super::decide::Candidate;
use super::headline::Headline;
use super::refusal;
use super::samples::{Samples, Tried};
use super::together::adjusted;
use crate::facts::Thresholds;
use crate::judge::Judged;
use crate::plural::plural;
use crate::result::{RunResult, TrialResult};
use crate::uncertainty::Within;

/// What to do about runs that cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differing {
    /// Say why, and nothing of any figure.
    Refuse,
    /// Compare them all the same, and mark it.
    Anyway,
}

/// One system of both runs, before all figures are tested together.
struct Pair {
    system: String,
    trials: (usize, usize),
    candidates: Vec<Candidate>,
}

/// In which order the runs of two sides were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// First one side, then, at some other time, the other.
    Apart,
    /// In turns, trial by trial, so that every hour met both sides alike.
    InTurns,
}

/// Compares two runs, figure by figure. Thresholds are those of the run's scenario. The same runs give the same answer, to
/// the byte.
pub fn compare(base: &Judged, run: &Judged, differing: Differing) -> RunComparison {
    compare_sides(&[base], &[run], differing, Order::Apart)
}

/// As [`compare`], of sides of several runs each; the first run of each speaks for its side. Neither side is empty.
pub(super) fn compare_sides(base: &[&Judged], run: &[&Judged], differing: Differing, order: Order) -> RunComparison {
    let (was, is) = (&base[0].result, &run[0].result);
    let of_runs = refusal::of_runs(was, is);
    let mut refusals = of_runs.clone();
    let mut pairs = Vec::new();
    let mut notes = missing_trials(base, "base");
    notes.extend(missing_trials(run, "run"));
    for system in systems(is) {
        let (Some(first_was), Some(first_is)) = (first(was, system), first(is, system)) else {
            notes.push(format!("{system}: only the run has it"));
            continue;
        };
        let own = refusal::of_system((&was.run, first_was), (&is.run, first_is));
        let forbidding: Vec<&Refusal> = of_runs.iter().chain(&own).collect();
        let refused = forbidding.first().filter(|_| differing == Differing::Refuse).map(|refusal| refusal.why.as_str());
        let (pair, reasons) = pair(system, base, run, order, refused);
        notes.extend(left_out(&reasons));
        pairs.push(pair);
        refusals.extend(own);
    }
    let gone = systems(was).into_iter().filter(|system| first(is, system).is_none());
    notes.extend(gone.map(|system| format!("{system}: only the base has it")));
    let (systems, tested) = decide(pairs);
    let mut comparison = RunComparison {
        schema: COMPARE_SCHEMA.to_owned(),
        verdict: CompareVerdict::Unknown,
        why: String::new(),
        base: compared(was),
        run: compared(is),
        anyway: differing == Differing::Anyway && !refusals.is_empty(),
        versions: refusal::versions(was, is),
        refusals,
        systems,
        tested,
        notes,
        again: None,
    };
    (comparison.verdict, comparison.why) = verdict(&comparison);
    comparison
}

/// What a comparison comes to, and why.
pub(super) fn verdict(comparison: &RunComparison) -> (CompareVerdict, String) {
    let named = |change: Change| {
        let names = comparison.with(change).map(|(system, found)| format!("{} of {}", found.name, system.system));
        names.collect::<Vec<_>>()
    };
    let worse = named(Change::Worse);
    if !worse.is_empty() {
        return (CompareVerdict::Regression, format!("worse: {}", some(&worse)));
    }
    if !comparison.refusals.is_empty() && !comparison.anyway {
        let why = comparison.refusals.iter().map(|refusal| refusal.why.as_str()).collect::<Vec<_>>().join("; ");
        return (CompareVerdict::Unknown, format!("the runs cannot be compared: {why}"));
    }
    let refused = named(Change::CannotBeCompared);
    if !refused.is_empty() {
        return (CompareVerdict::Unknown, format!("cannot be compared: {}", some(&refused)));
    }
    if comparison.systems.is_empty() {
        return (CompareVerdict::Unknown, "the runs have no system in common".to_owned());
    }
    if let Some(system) = comparison.systems.iter().find(|system| is_undecided(system)) {
        let why = format!("nothing could be decided of {}: {}", system.system, undecided(system));
        return (CompareVerdict::Unknown, why);
    }
    let (same, open) = (named(Change::NoChange).len(), named(Change::NotEnoughData).len());
    let better = named(Change::Better);
    let mut why = format!("no regression: {} without a change", plural(same as u64, "figure"));
    if !better.is_empty() {
        why = format!("{why}, better: {}", some(&better));
    }
    if open > 0 {
        why = format!("{why}, {open} with not enough data to tell");
    }
    (CompareVerdict::NothingConfirmed, why)
}

/// Of a system of which speed and cost say nothing, the counts alone are no answer: a comparison that can find nothing must
/// not look like one that found nothing.
fn is_undecided(system: &SystemComparison) -> bool {
    let of_speed = || system.differences.iter().filter(|found| found.unit != crate::result::Unit::Messages);
    of_speed().all(|found| found.change == Change::NotEnoughData)
}

fn undecided(system: &SystemComparison) -> String {
    if system.base_trials.max(system.run_trials) == 1 {
        return "one trial on each side cannot tell how much its figures vary from run to run; repeat with --repeats 5"
            .to_owned();
    }
    format!("{} and {} trials are too few for how much its figures vary", system.base_trials, system.run_trials)
}

fn some(names: &[String]) -> String {
    const MOST: usize = 4;
    let shown = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > MOST { format!("{shown} and {} more", names.len() - MOST) } else { shown }
}

fn pair(system: &str, base: &[&Judged], run: &[&Judged], order: Order, refused: Option<&str>) -> (Pair, Vec<String>) {
    let thresholds = &run[0].result.run.scenario.compare;
    let (before, after) = (tried(base, system, 0), tried(run, system, 1));
    let trials = before.iter().chain(&after).map(|tried| tried.trial);
    let mut candidates = Vec::new();
    let mut left_out = Vec::new();
    let missing = [missing_of(base, system), missing_of(run, system)];
    for headline in Headline::all(trials) {
        let was = Samples::of(&headline, &before, &missing[0]);
        let is = Samples::of(&headline, &after, &missing[1]);
        if was.is_absent(&missing[0]) && is.is_absent(&missing[1]) {
            continue;
        }
        for (side, samples, missing) in [("base", &was, &missing[0]), ("run", &is, &missing[1])] {
            let own = samples.left_out.iter().skip(missing.len());
            left_out.extend(own.map(|why| format!("{system}, {side}, {why}")));
        }
        let threshold = thresholds.of(headline.threshold_name());
        let hours = hours(&headline, thresholds, (base.len(), run.len()), order);
        candidates.push(Candidate::new(headline, (was, is), threshold, hours, refused));
    }
    (Pair { system: system.to_owned(), trials: (before.len(), after.len()), candidates }, left_out)
}

/// What the hours are worth in which two sides of so many runs were made.
fn hours(headline: &Headline, thresholds: &Thresholds, runs: (usize, usize), order: Order) -> f64 {
    let one = thresholds.run_to_run.filter(|_| headline.is_of_speed()).unwrap_or(headline.of_hours());
    match order {
        Order::Apart => one * (1.0 / runs.0 as f64 + 1.0 / runs.1 as f64).sqrt(),
        Order::InTurns => 0.0,
    }
}

/// The trials of a system. `side` keeps the random numbers of the two sides apart.
fn tried<'j>(runs: &[&'j Judged], system: &str, side: u64) -> Vec<Tried<'j>> {
    let all = runs.iter().flat_map(|judged| judged.result.trials.iter().zip(&judged.series)).enumerate();
    let own = all.filter(|(_, (trial, _))| trial.system == system);
    own.map(|(index, (trial, series))| Tried { trial, within: Within::of(series, 2 * index as u64 + side) }).collect()
}

/// Tests all figures of all systems together.
fn decide(pairs: Vec<Pair>) -> (Vec<SystemComparison>, usize) {
    let chances: Vec<f64> = pairs.iter().flat_map(|pair| &pair.candidates).filter_map(Candidate::chance).collect();
    let mut together = adjusted(&chances).into_iter();
    let mut one = |candidate: Candidate| {
        let chance = candidate.chance().and_then(|_| together.next());
        candidate.decide(chance)
    };
    let systems = pairs.into_iter().map(|pair| SystemComparison {
        system: pair.system,
        base_trials: pair.trials.0,
        run_trials: pair.trials.1,
        differences: pair.candidates.into_iter().map(&mut one).collect(),
    });
    (systems.collect(), chances.len())
}

/// Why trials say nothing of some figures; each reason once.
fn left_out(reasons: &[String]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for reason in reasons {
        if !told.contains(reason) {
            told.push(reason.clone());
        }
    }
    told
}

fn missing_trials(runs: &[&Judged], side: &str) -> Vec<String> {
    let missing = runs.iter().flat_map(|judged| &judged.result.missing);
    missing.map(|missing| format!("{side}: trial {} is missing: {}", missing.trial, missing.why)).collect()
}

fn missing_of(runs: &[&Judged], system: &str) -> Vec<String> {
    let own = |name: &str| name.strip_prefix(system).and_then(|rest| rest.strip_prefix('-')).is_some_and(is_number);
    let missing = runs.iter().flat_map(|judged| &judged.result.missing).filter(|missing| own(&missing.trial));
    missing.map(|missing| format!("trial {} is missing: {}", missing.trial, missing.why)).collect()
}

fn is_number(text: &str) -> bool {
    text.parse::<u32>().is_ok()
}

/// The systems in the order of the trials.
fn systems(result: &RunResult) -> Vec<&str> {
    let mut systems: Vec<&str> = Vec::new();
    for trial in &result.trials {
        if !systems.contains(&trial.system.as_str()) {
            systems.push(&trial.system);
        }
    }
    systems
}

fn first<'r>(result: &'r RunResult, system: &str) -> Option<&'r TrialResult> {
    result.trials.iter().find(|trial| trial.system == system)
}

fn compared(result: &RunResult) -> ComparedRun {
    ComparedRun {
        id: result.run.id.clone(),
        started: result.run.started.clone(),
        scenario: result.scenario.name.clone(),
        fingerprint: result.fingerprint.clone(),
    }
}
