//! How often a regression is called where there is none, and how often where there is one: on simulated runs whose truth is known.

use super::interval::{Measured, Prior, estimate};
use super::{Change, CompareVerdict, Differing, RunComparison, compare};
use crate::facts::{ScenarioFacts, TrialFacts};
use crate::fingerprint::fingerprint;
use crate::judge::{Judged, judge_history};
use crate::measure::sample;
use crate::result::{Distribution, RESULT_SCHEMA, RunResult, ScenarioSummary, TrialResult, Verdict};
use crate::uncertainty::simulated::{autoregressive, normals, series};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a build's runs are like: every length of time is some factor, on average, of what it would be.
#[derive(Clone, Copy)]
pub(super) struct Build {
    pub(super) repeats: usize,
    /// Standard deviation of the logarithm of times from trial to trial.
    pub(super) between: f64,
    /// The same within a trial, from second to second, with a memory of 0.8.
    pub(super) within: f64,
    /// By how much slower than 1 ms at the median.
    pub(super) slower: f64,
    /// Standard deviation of the logarithm of times from run to run, whatever the trials of a run do.
    pub(super) hours: f64,
    /// What the scenario says of that.
    pub(super) run_to_run: Option<f64>,
}

pub(super) const STEADY: Build =
    Build { repeats: 5, between: 0.02, within: 0.05, slower: 0.0, hours: 0.0, run_to_run: None };

/// A run of one trial, of which nothing is doubtful.
pub(crate) fn steady_run() -> Judged {
    run(Build { repeats: 1, ..STEADY }, 1)
}

/// A run of a build. The same seed gives the same run.
pub(super) fn run(build: Build, seed: u64) -> Judged {
    static LIKE: LazyLock<(TrialResult, TrialFacts)> = LazyLock::new(|| {
        let rows = sample::healthy();
        (judge_history(&rows, "one").unwrap().result, rows.facts)
    });
    let (like, facts) = &*LIKE;
    let mut run = facts.run.clone();
    let given = BTreeMap::from([("workload.producers".to_owned(), "2".to_owned())]);
    run.scenario = ScenarioFacts { given, ..ScenarioFacts::default() };
    run.scenario.compare.run_to_run = build.run_to_run;
    let moods = normals(seed * 2 + 1, build.repeats + 1);
    let hour = moods[build.repeats] * build.hours;
    let each: Vec<_> = (0..build.repeats)
        .map(|repeat| {
            let seconds = autoregressive(seed * 1000 + repeat as u64, 30, 0.8);
            let seconds: Vec<f64> = seconds.iter().map(|second| second * build.within).collect();
            let level =
                moods[repeat] * build.between + build.slower.ln_1p() + hour + seconds.iter().sum::<f64>() / 30.0;
            (trial(like, repeat, level), series(&seconds.iter().map(|second| second * 10.0).collect::<Vec<_>>()))
        })
        .collect();
    let (trials, series): (Vec<_>, Vec<_>) = each.into_iter().unzip();
    let scenario =
        ScenarioSummary { name: facts.scenario.clone(), title: facts.title.clone(), workload: facts.workload.clone() };
    let result = RunResult {
        schema: RESULT_SCHEMA.to_owned(),
        scenario,
        fingerprint: fingerprint(&run, &trials),
        run,
        verdict: Verdict::Pass,
        trials,
        missing: Vec::new(),
        known: Vec::new(),
    };
    Judged { result, series }
}

fn trial(like: &TrialResult, repeat: usize, level: f64) -> TrialResult {
    let time = |millis: f64| (millis * 1e6 * level.exp()) as u64;
    let distribution =
        Distribution { count: 60_000, p50: time(1.0), p99: time(4.0), p99_9: time(9.0), ..Distribution::default() };
    let mut trial = TrialResult { repeat: repeat as u32 + 1, ..like.clone() };
    trial.latency_ns.response = distribution;
    trial.latency_ns.service = distribution;
    trial.latency_ns.end_to_end = distribution;
    trial
}

/// Pairs of runs.
const PAIRS: u64 = 80;

/// In how many of [`PAIRS`] a regression is called.
fn called(base: Build, run_of: Build) -> usize {
    let is_called = |seed: &u64| {
        let comparison = compare(&run(base, seed * 2 + 1), &run(run_of, seed * 2 + 2), Differing::Refuse);
        comparison.verdict == CompareVerdict::Regression
    };
    (0..PAIRS).filter(is_called).count()
}

#[test]
fn between_runs_of_one_build_no_more_than_one_in_forty_is_called() {
    for repeats in [2, 5] {
        for between in [0.02, 0.30] {
            // Of a machine that is the same at every hour, and that is said to be: then only the trials count.
            let build = Build { repeats, between, run_to_run: Some(0.0), ..STEADY };
            let called = called(build, build);
            // Half of the level of 5 % is for what gets better: 2 of 80 are expected at most, and 7 are very unlikely.
            assert!(called <= 6, "{called} of 80 with {repeats} repeats that differ by {between}");
        }
    }
}

/// Trials of one run agree, and those of the next agree on something else.
#[test]
fn a_machine_that_is_another_one_each_hour_is_no_regression() {
    let moody = Build { hours: 0.12, ..STEADY };
    let (ours, trusting) = (called(moody, moody), Build { run_to_run: Some(0.0), ..moody });
    let trusting = called(trusting, trusting);
    assert!(ours <= 6 && trusting > 24, "{ours} and {trusting} of 80");
}

#[test]
fn nothing_is_called_of_single_runs_however_they_look() {
    let build = Build { repeats: 1, between: 0.15, ..STEADY };
    assert_eq!(called(build, build), 0);
}

#[test]
fn a_tenth_slower_is_found_where_trials_differ_by_less() {
    let slower = |build: Build| Build { slower: 0.10, ..build };
    for (repeats, between, least) in [(5, 0.02, 76), (10, 0.05, 60)] {
        let build = Build { repeats, between, run_to_run: Some(0.0), ..STEADY };
        let called = called(build, slower(build));
        assert!(called >= least, "{called} of 80 with {repeats} repeats that differ by {between}");
    }
}

#[test]
fn a_change_below_the_threshold_is_called_none_however_certain_it_is() {
    let base = Build { repeats: 10, between: 0.005, within: 0.001, run_to_run: Some(0.0), ..STEADY };
    let comparison = compare(&run(base, 1), &run(Build { slower: 0.03, ..base }, 2), Differing::Refuse);
    let p50 = figure(&comparison, "response-p50");
    assert!(p50.chance.is_some_and(|chance| chance < 0.01), "{p50:?}");
    assert_eq!(p50.change, Change::NoChange, "{p50:?}");
    assert_eq!(comparison.verdict, CompareVerdict::NothingConfirmed, "{}", comparison.why);
}

#[test]
fn what_gets_faster_is_better_and_no_regression() {
    let base = Build { repeats: 5, between: 0.01, ..STEADY };
    let comparison = compare(&run(base, 1), &run(Build { slower: -0.75, ..base }, 2), Differing::Refuse);
    assert_eq!(figure(&comparison, "service-p99").change, Change::Better);
    assert_eq!(comparison.verdict, CompareVerdict::NothingConfirmed, "{}", comparison.why);
}

/// The seconds of all trials in one pot, as if each were a trial: what trials have in common is then taken for a change.
#[test]
fn who_takes_seconds_for_trials_cries_wolf() {
    let build = Build { repeats: 3, between: 0.10, within: 0.01, run_to_run: Some(0.0), ..STEADY };
    let seconds = |seed: u64| {
        let judged = run(build, seed);
        let trials = judged.result.trials.iter().zip(&judged.series);
        let each =
            trials.flat_map(|(trial, series)| vec![(trial.latency_ns.response.p50 as f64).ln(); series.blocks.len()]);
        each.map(|value| Measured { value, variance: 0.0, least: 0.0001 }).collect::<Vec<_>>()
    };
    let naive = (0..PAIRS)
        .filter(|seed| estimate(&seconds(seed * 2 + 1), &seconds(seed * 2 + 2), Prior::default()).chance() < 0.05);
    let (naive, ours) = (naive.count(), called(build, build));
    assert!(naive > 48 && ours <= 6, "{naive} and {ours} of 80");
}

pub(super) fn figure<'c>(comparison: &'c RunComparison, key: &str) -> &'c super::Difference {
    comparison.differences().map(|(_, found)| found).find(|found| found.figure == key).unwrap()
}
